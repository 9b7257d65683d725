"""`/api/firings`: what fired, newest first, in pages, of one's own alerts."""

from typing import Any

import httpx2
import pytest

from tests.api.house import House
from tests.api.routes.test_alerts import fired, make

OFTEN = {"trigger": "every_time", "condition": "price crosses above 60000"}


async def fire(
    house: House, client: httpx2.AsyncClient, count: int, symbol: str = "BTC/USDT"
) -> list[dict[str, Any]]:
    """Let a symbol cross so many times; return its firings, newest first."""
    for number in range(count):
        house.tick(symbol, 59_000.0)
        house.tick(symbol, 60_001.0 + number)
    return await fired(client, count, symbol=symbol)


async def test_a_firing_tells_everything(house: House) -> None:
    async with house.owner() as client:
        made = await make(client, **OFTEN, message="look")
        [firing] = await fire(house, client, 1)
        one = (await client.get(f"/api/firings/{firing['id']}")).json()

    assert one == firing
    assert (firing["alert_id"], firing["alert_name"], firing["message"]) == (made["id"], "btc above", "look")
    assert (firing["price"], firing["cause"], firing["late"]) == ("60001", "live", False)
    assert (firing["seq"], firing["revision"], firing["deliveries"]) == (1, 1, [])
    stamps = [firing[name] for name in ("event_at", "received_at", "detected_at", "stored_at")]
    assert stamps == sorted(stamps)
    evidence = firing["evidence"]
    assert (evidence["values"]["price"], evidence["before"]["price"]) == (60_001.0, 59_000.0)
    assert evidence["venue"] == "binance"
    assert evidence["sentence"]


async def test_firings_come_newest_first_in_pages(house: House) -> None:
    async with house.owner() as client:
        await make(client, **OFTEN)
        every = await fire(house, client, 5)
        first = (await client.get("/api/firings?limit=3")).json()
        second = (await client.get(f"/api/firings?limit=3&cursor={first['next_cursor']}")).json()

    assert [each["seq"] for each in every] == [5, 4, 3, 2, 1]
    assert first["firings"] + second["firings"] == every
    assert second["next_cursor"] is None


async def test_firings_are_found_by_alert_symbol_and_time(house: House) -> None:
    async with house.owner() as client:
        btc = await make(client, **OFTEN)
        await make(client, **OFTEN, name="eth", symbol="ETH/USDT")
        await fire(house, client, 2)
        [eth] = await fire(house, client, 1, "ETH/USDT")

        async def prices(**query: str) -> list[str]:
            found = (await client.get("/api/firings", params=query)).json()["firings"]
            return [each["symbol"] for each in found]

        assert await prices(alert_id=btc["id"]) == ["BTC/USDT", "BTC/USDT"]
        assert await prices(symbol="ethusdt") == ["ETH/USDT"]
        assert await prices(since=eth["event_at"]) == ["ETH/USDT"]
        assert await prices(until="2001-01-01T00:00:00") == []
        assert len(await prices(since="0001-01-01T00:00:00Z", until="9999-12-31T00:00:00Z")) == 3
        assert await prices(alert_id="unknown") == []


async def test_a_firing_outlives_its_alert(house: House) -> None:
    async with house.owner() as client:
        made = await make(client, **OFTEN)
        [firing] = await fire(house, client, 1)
        await client.delete(f"/api/alerts/{made['id']}")
        after = (await client.get(f"/api/firings/{firing['id']}")).json()

    assert after == {**firing, "alert_name": None, "message": None, "severity": None}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "cursor=-1", "cursor=x", "since=soon", "symbol=%3F"]
)
async def test_questions_that_cannot_be_meant_are_refused(house: House, query: str) -> None:
    async with house.owner() as client:
        answer = await client.get(f"/api/firings?{query}")

    assert answer.status_code == 422


@pytest.mark.parametrize("firing_id", ["x", "%00", "a" * 300])
async def test_ids_that_are_none_are_404(house: House, firing_id: str) -> None:
    async with house.owner() as client:
        answer = await client.get(f"/api/firings/{firing_id}")

    assert answer.status_code == 404
