"""Pages of other origins: those that were named, exactly; nobody else, and never with a cookie."""

from pathlib import Path

import httpx2
import pytest
from starlette.datastructures import Headers

from crypto_portfolio_analyzer.api.cors import Cors
from tests.api.house import open_house

FRONT = "https://front.example"
NEAR = [
    "http://front.example",
    "https://front.example:8443",
    "https://front.example.evil",
    "https://evil.front.example",
    "https://front.example/",
    "null",
    "*",
]


async def preflight(client: httpx2.AsyncClient, origin: str) -> httpx2.Response:
    asked = {"origin": origin, "access-control-request-method": "POST"}
    return await client.options("/api/alerts", headers=asked)


async def test_a_named_origin_may_ask_and_read(tmp_path: Path) -> None:
    async with open_house(tmp_path, origins=FRONT) as house, house.owner() as client:
        first = await preflight(client, FRONT)
        asked = {"name": "x", "symbol": "BTC", "condition": "price > 1"}
        then = await client.post("/api/alerts", json=asked, headers={"origin": FRONT})
        fault = await client.get("/nowhere", headers={"origin": FRONT})

    assert (first.status_code, then.status_code, fault.status_code) == (204, 201, 404)
    assert "POST" in first.headers["access-control-allow-methods"]
    assert "Authorization" in first.headers["access-control-allow-headers"]
    for answer in (first, then, fault):
        assert answer.headers["access-control-allow-origin"] == FRONT
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers
    assert "RateLimit-Remaining" in then.headers["access-control-expose-headers"]


@pytest.mark.parametrize("origin", NEAR)
async def test_nobody_else_is_answered(tmp_path: Path, origin: str) -> None:
    async with open_house(tmp_path, origins=FRONT) as house, house.owner() as client:
        first = await preflight(client, origin)
        read = await client.get("/api/alerts", headers={"origin": origin})
        change = await client.post("/api/alerts", json={}, headers={"origin": origin})

    assert (first.status_code, read.status_code, change.status_code) == (405, 200, 403)
    for answer in (first, read, change):
        assert not any(name.startswith("access-control") for name in answer.headers)
        assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origins", ["*", "front.example", "https://front.example/path", "ftp://front.example"]
)
async def test_what_is_no_origin_is_no_setting(tmp_path: Path, origins: str) -> None:
    with pytest.raises(ValueError, match="origins"):
        async with open_house(tmp_path, origins=origins):
            pass


def test_without_origins_nothing_is_told() -> None:
    cors = Cors(())
    asked = Headers({"origin": FRONT, "access-control-request-method": "GET"})

    assert cors.headers(FRONT) == {}
    assert cors.preflight("OPTIONS", asked) is None
    assert Cors([FRONT]).preflight("GET", asked) is None
