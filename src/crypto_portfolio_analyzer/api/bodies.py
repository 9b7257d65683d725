"""The body of a request: whole before any route sees it, not too large, not too slow, and JSON without surprises."""

import asyncio
import json
import re
from collections import Counter
from http import HTTPStatus
from math import isfinite
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from crypto_portfolio_analyzer.api.problems import Problem

MOST_BODY_BYTES = 64 * 1024
BODY_SECONDS = 10.0
MOST_DEPTH = 32
LARGEST_INTEGER = 2**63 - 1

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


async def read_body(headers: Headers, receive: Receive, *, is_free: bool = False) -> bytes:
    """Return the body of a request; a free one may be anything, whatever it says it is.

    Raises:
        Problem: 413 it is too large, 408 it does not come, 400 it is not JSON though it says so, 422 it cannot be used.
        ClientDisconnect: nobody waits for an answer any more.

    """
    stated = headers.get("content-length", "0")
    if not stated.isdigit() or int(stated) > MOST_BODY_BYTES:
        raise _too_large()
    if stated == "0" and "transfer-encoding" not in headers:
        return b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _collect(receive)
    except TimeoutError:
        raise Problem(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the body did not come within {BODY_SECONDS:g} s",
            remedy="send it at once",
            headers={"Connection": "close"},
        ) from None
    if body and not is_free and is_json(headers):
        check_json(body)
    return body


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once, and then whatever else comes."""
    held: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return held.pop() if held else await receive()

    return give


def is_json(headers: Headers) -> bool:
    """Tell whether a body says that it is JSON."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def check_json(body: bytes) -> None:
    """Let JSON pass that every reader reads alike: no NaN, no repeated name, numbers and texts that can be kept.

    Raises Problem: 400 with the place for what is no such JSON, 422 for what cannot be used.
    """
    if _is_deep(body):
        raise _unusable(f"the body is nested more than {MOST_DEPTH} deep", "send it flatter")
    try:
        value = json.loads(
            body.decode(),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise _unreadable(f"the body is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _unreadable(f"the body is not JSON: {error.msg}, at {place}") from None
    if b"\\u" in body:  # only so can a text hold what no database keeps
        _check_texts(value)


async def _collect(receive: Receive) -> bytes:
    parts, size, is_whole = [], 0, False
    while not is_whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > MOST_BODY_BYTES:
            raise _too_large()
        parts.append(part)
        is_whole = not message.get("more_body", False)
    return b"".join(parts)


def _is_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= MOST_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MOST_DEPTH:
            return True
    return False


def _refuse_constant(text: str) -> None:
    raise _unreadable(f"the body is not JSON: {text} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise _unusable(f"{text[:40]} is too large a number", "send one below 1.8e308")
    return value


def _bounded(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > LARGEST_INTEGER:
        raise _unusable(f"{text[:40]} is too large a number", f"send one up to {LARGEST_INTEGER}")
    return int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise _unreadable(f"the body names {twice[:40]!r} twice")
    return found


def _check_texts(value: Any) -> None:
    waiting: list[tuple[str, Any]] = [("body", value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, dict):
            waiting += [(path, name) for name in each]
            waiting += [(f"{path}.{name}", inner) for name, inner in each.items()]
        elif isinstance(each, list):
            waiting += [(f"{path}.{place}", inner) for place, inner in enumerate(each)]
        elif isinstance(each, str) and not is_storable(each):
            path, problem = path.encode(errors="replace").decode()[:200], "holds a character that no text has"
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"{path}: {problem}",
                remedy="leave out \\u0000 and half surrogates",
                errors=[{"path": path, "problem": problem}],
            )


def is_storable(text: str) -> bool:
    """Tell whether every database keeps a text: no zero byte, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _too_large() -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"a body has at most {MOST_BODY_BYTES} bytes",
        remedy="send less at once",
    )


def _unreadable(detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, detail, remedy="send one JSON document in UTF-8")


def _unusable(detail: str, remedy: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, remedy=remedy)
