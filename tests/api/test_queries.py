"""Queries: a misspelt parameter is a fault, not silence."""

import pytest

from tests.api.house import House


async def test_a_misspelt_parameter_is_told_with_the_nearest(house: House) -> None:
    async with house.owner() as client:
        answer = await client.get("/api/alerts", params={"symbl": "BTC", "limit": 5})

    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert fault["path"] == "query.symbl"
    assert "did you mean 'symbol'" in fault["problem"]
    assert answer.json()["remedy"]


@pytest.mark.parametrize("path", ["/api/alerts?symbol=%00", "/api/symbols?q=a%00b", "/health?a=1"])
async def test_what_no_route_can_use_is_refused(house: House, path: str) -> None:
    async with house.owner() as client:
        answer = await client.get(path)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/api/alerts?limit=5",
        "/api/deliveries?state=dead&state=delivered",
        "/?utm=1",
        "/static/index.html?v=1",
    ],
)
async def test_what_is_known_passes_and_pages_take_anything(house: House, path: str) -> None:
    async with house.owner() as client:
        answer = await client.get(path)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/alerts/%00",
        "/api/alerts/a%00b",
        "/api/firings/" + "x" * 300,
        "/api/silences/%ff",
        "/api/channels/%20",
        "/api/market/%00/levels",
        "/api/market/" + "0" * 60 + "/levels",
        "/api/market/" + "x" * 100,
        "/api/watchlists/%0a",
        "/%00",
    ],
)
async def test_what_cannot_be_spelled_does_not_exist(house: House, path: str) -> None:
    async with house.owner() as client:
        answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.json()["remedy"]
