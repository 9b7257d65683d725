"""Requests that may come twice: whoever sends `Idempotency-Key` makes one thing, however often it is sent.

A key belongs to its user for 24 hours. The same request again is answered as before, marked by `Idempotency-Replayed`;
another request with the key is refused, and so is the same one while it is still being worked on. What failed made
nothing: its key is free again. A secret is told once: a repeat of what made one is answered 409, with what was made.
Alerts keep their keys themselves, in the transaction that makes them (`storage/alerts.py`).
"""

import hashlib
import json
import logging
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any, get_args

from fastapi import Depends, Header, Request
from msgspec import Struct
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crypto_portfolio_analyzer.api.auth import Trader
from crypto_portfolio_analyzer.api.doors import Doors
from crypto_portfolio_analyzer.api.identity import Identity
from crypto_portfolio_analyzer.api.problems import Problem, answer
from crypto_portfolio_analyzer.errors import AnalyzerError, InvalidInput
from crypto_portfolio_analyzer.storage.idempotency import Answer, Reserved

logger = logging.getLogger(__name__)

HEADER = "idempotency-key"
MARK = "Idempotency-Replayed"
LONGEST_KEY = 128
KEPT_HEADERS = ("content-type", "etag", "location")

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=r"^[\x21-\x7e]+$",
        description="a second request with it makes nothing and is answered like the first, for 24 hours",
    ),
]


class Repeated(Exception):
    """The request came before; this is its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Reservation(Struct, frozen=True):
    """A key that this request holds until it leaves its answer; the fields `secrets` of that are told once."""

    house: Doors
    owner: str
    key: str
    secrets: tuple[str, ...]

    async def settle(self, status: int, headers: Headers, body: bytes) -> None:
        """Leave the answer, or let the key go if nothing was made."""
        store = self.house.answers
        try:
            if 200 <= status < 300:
                await store.settle(self.owner, self.key, self._kept(status, headers, body))
            else:
                await store.release(self.owner, self.key)
        except AnalyzerError as error:  # what was made is made, and its maker is told
            logger.warning("an answer cannot be kept for a repeat", extra={"why": str(error)})

    def _kept(self, status: int, headers: Headers, body: bytes) -> Answer:
        told = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        found = json.loads(body) if body and self.secrets else {}
        if not any(found.get(name) is not None for name in self.secrets):
            return Answer(status, body.decode(), told)
        made = {name: found[name] for name in ("id", "name") if name in found}
        return Answer(status, json.dumps(made), told, is_secret=True)


def once(identity: Any, *secrets: str) -> Any:
    """Return the dependency of a route that makes something for an `identity` (of `api/auth.py`).

    `secrets` are the fields of its answer that are told once.
    """
    policy = get_args(identity)[1]

    async def reserve(
        request: Request, who: Annotated[Identity, policy], idempotency_key: IdempotencyKey = None
    ) -> None:
        if idempotency_key is None or who.name is None:
            return
        house: Doors = request.app.state.doors
        now, asked = house.clock.now(), await _digest(request)
        try:
            before = await house.answers.reserve(who.name, idempotency_key, asked, now)
        except Reserved as error:
            raise Problem(
                HTTPStatus.CONFLICT, str(error), remedy="send it again", headers={"Retry-After": "1"}
            ) from error
        except InvalidInput as error:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, str(error), remedy="use a new key for every request"
            ) from error
        if before is not None:
            raise Repeated(before)
        request.scope["state"]["reservation"] = Reservation(house, who.name, idempotency_key, secrets)

    return Depends(reserve)


ONCE = once(Trader)
"""For what a trader makes and nothing of it is secret."""


async def on_repeated(request: Request, error: Exception) -> Response:
    """Answer as before; what told a secret tells where it is instead."""
    assert isinstance(error, Repeated)
    before = error.answer
    if before.is_secret:
        return answer(
            request.url.path,
            HTTPStatus.CONFLICT,
            "this was made before, and its secret was told then",
            {MARK: "true"},
            remedy="make a new secret there, or delete what was made and make it anew with a new key",
            made=json.loads(before.body),
            location=before.headers.get("location"),
        )
    return Response(before.body, before.status, {**before.headers, MARK: "true"})


class Remembering:
    """ASGI middleware that keeps the answers of requests that hold a key, before anybody hears them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold an answer back until it is kept."""
        if scope["type"] != "http" or HEADER not in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def hold(message: Message) -> None:
            held.append(message)

        try:
            await self._app(scope, receive, hold)
            status = held[0]["status"] if held else status
        finally:
            reservation: Reservation | None = scope["state"].get("reservation")
            if reservation is not None:
                body = b"".join(message.get("body", b"") for message in held)
                headers = Headers(raw=held[0]["headers"]) if held else Headers()
                await reservation.settle(status, headers, body)
        for message in held:
            await send(message)


async def _digest(request: Request) -> str:
    """Return what a request asks for, however its JSON is spaced and its query sorted."""
    body = await request.body()
    with suppress(ValueError):  # what is not JSON counts as it is
        body = json.dumps(json.loads(body), sort_keys=True).encode()
    parts = (request.method, request.url.path, repr(sorted(request.query_params.multi_items())))
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + body).hexdigest()
