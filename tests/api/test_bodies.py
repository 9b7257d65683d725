"""Bodies: whole, bounded, in time, and JSON that every reader reads alike."""

import json
from typing import Any

import pytest
from starlette.datastructures import Headers

from crypto_portfolio_analyzer.api.bodies import (
    LARGEST_INTEGER,
    MOST_DEPTH,
    check_json,
    is_json,
    is_storable,
    read_body,
    replayed,
)
from crypto_portfolio_analyzer.api.problems import Problem
from tests.api.house import House

JSON = {"content-type": "application/json"}


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


RIGHT = [
    b'{"a": [1, 2.5, "x", null, true]}',
    nested(MOST_DEPTH),
    b'"' + b"[" * 100 + b'"',
    b'["\\"[", ' + b'"[", ' * 50 + b"1]",
    str(LARGEST_INTEGER).encode(),
    f"-{LARGEST_INTEGER}".encode(),
    b"1e308",
    '"\U0001f680 ä"'.encode(),
    b'"\\ud83d\\ude80"',
]
WRONG = [
    (b"{", 400, "line 1, column 2"),
    (b'{\n "a": 1,\n}', 400, "line 3, column 1"),
    (b'{"a": NaN}', 400, "NaN"),
    (b"[-Infinity]", 400, "-Infinity"),
    (b'{"a": 1, "b": 2, "a": 3}', 400, "'a' twice"),
    (b'"\xff"', 400, "UTF-8 at byte 1"),
    (b'"\xed\xa0\x80"', 400, "UTF-8 at byte 1"),
    ('{"a": 1}'.encode("utf-16"), 400, "UTF-8"),
    (b"1e309", 422, "1e309"),
    (b"9" * 5000, 422, "too large a number"),
    (str(LARGEST_INTEGER + 1).encode(), 422, "too large a number"),
    (nested(MOST_DEPTH + 1), 422, f"more than {MOST_DEPTH}"),
    (b"[" * 60_000, 422, f"more than {MOST_DEPTH}"),
    (b'{"a":' * 10_000, 422, f"more than {MOST_DEPTH}"),
    (b'{"a": ["b", "\\u0000"]}', 422, "body.a.1"),
    (b'{"a": {"\\udc00": 1}}', 422, "body.a"),
    (b'["\\ud800"]', 422, "body.0"),
]


@pytest.mark.parametrize("body", RIGHT)
def test_json_that_everybody_reads_alike_passes(body: bytes) -> None:
    check_json(body)


@pytest.mark.parametrize(("body", "status", "place"), WRONG)
def test_other_json_is_refused_with_its_place_and_a_remedy(body: bytes, status: int, place: str) -> None:
    with pytest.raises(Problem) as refused:
        check_json(body)

    assert refused.value.status == status
    assert place in refused.value.detail
    assert refused.value.more["remedy"]


@pytest.mark.parametrize(("body", "status", "_place"), WRONG)
async def test_no_such_body_meets_a_route(house: House, body: bytes, status: int, _place: str) -> None:
    async with house.owner() as client:
        answer = await client.post("/api/alerts", content=body, headers=JSON)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["remedy"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 422),
        ("application/JSON; charset=utf-8", 422),
        ("application/merge-patch+json", 422),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/xml", 415),
        ("", 415),
    ],
)
async def test_bodies_say_that_they_are_json(house: House, kind: str, status: int) -> None:
    async with house.owner() as client:
        answer = await client.post(
            "/api/silences", content=b'{"matchers": {}}', headers={"content-type": kind}
        )

    assert answer.status_code == status
    assert answer.json()["remedy"]


STRANGE: list[Any] = [True, "1", [], {}, None, 1.5]


@pytest.mark.parametrize("value", STRANGE)
async def test_values_are_of_their_own_type(house: House, value: Any) -> None:
    async with house.owner() as client:
        answer = await client.post("/api/alerts/complete", json={"text": "rsi(", "cursor": value})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "body.cursor"


async def test_fields_that_nobody_knows_are_refused(house: House) -> None:
    hour = {"matchers": {"symbol": "*"}, "duration_seconds": 3600}
    async with house.owner() as client:
        answer = await client.post("/api/silences", json={**hour, "colour": "red"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "body.colour"


async def parts(*bodies: bytes) -> bytes:
    """Read a body that comes in parts of unstated length."""
    messages = [{"type": "http.request", "body": each, "more_body": True} for each in bodies]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    return await read_body(Headers({"transfer-encoding": "chunked"}), receive)


async def test_a_body_is_put_together_and_given_once() -> None:
    body = await parts(b"ab", b"", b"c")

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    give = replayed(body, gone)
    assert await give() == {"type": "http.request", "body": b"abc", "more_body": False}
    assert await give() == {"type": "http.disconnect"}


def test_what_is_json_and_what_can_be_kept() -> None:
    assert is_json(Headers({"content-type": "Application/Problem+JSON ; x=y"}))
    assert not is_json(Headers({"content-type": "text/json"}))
    assert is_storable("ä\U0001f680\n")
    assert not is_storable("\0")
    assert not is_storable(json.loads('"\\ud800"'))
