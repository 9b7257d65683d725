"""The headers of every answer."""

import pytest

from crypto_portfolio_analyzer.api.headers import HEADERS
from tests.api.house import House

PATHS = [
    "/",
    "/static/js/main.js",
    "/status",
    "/api/symbols",
    "/nowhere",
    "/openapi.json",
    "/api/market/BTC/bars?limit=x",
]


def test_the_content_policy_allows_nothing_but_our_own() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_them(house: House, path: str) -> None:
    async with house.client() as client:
        answer = await client.get(path)

    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] or path.startswith("/static")


async def test_a_bug_carries_them_too_and_tells_nothing(house: House) -> None:
    def broken(_accepted: str) -> tuple[bytes, str]:
        raise ZeroDivisionError("secret detail")

    house.server.doors.metrics = broken
    async with house.owner() as client:
        answer = await client.get("/metrics")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["code"]
    assert answer.headers["content-security-policy"]
