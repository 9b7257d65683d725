"""`/api/symbols`."""

import asyncio

import pytest

from tests.api.house import House


async def test_symbols_lists_what_is_watched_in_its_order(house: House) -> None:
    house.lists("BTC/USDT", 0.01)
    house.tick("BTC/USDT", 50_000.0)
    async with house.owner() as client:
        answer = (await client.get("/api/symbols")).json()

    first, second = answer["symbols"]
    assert (first["asked"], first["symbol"], first["tick_size"]) == ("BTC", "BTC/USDT", "0.01")
    assert second["asked"] == "ETH/USDT"
    assert second["tick_size"] is None
    assert first["closes"] == [50_000.0]
    assert first["watched"] is True
    assert "expected_interval" in first
    assert answer["next_cursor"] is None


async def test_symbols_are_handed_out_in_pages(house: House) -> None:
    async with house.owner() as client:
        first = (await client.get("/api/symbols?limit=1")).json()
        second = (await client.get(f"/api/symbols?limit=1&cursor={first['next_cursor']}")).json()

    assert [each["asked"] for each in first["symbols"] + second["symbols"]] == ["BTC", "ETH/USDT"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("eth", ["ETH/BTC", "ETH/USDT", "WETH/USDT"]),
        ("ethb", ["ETH/BTC"]),
        ("ETH/USDT", ["ETH/USDT", "WETH/USDT"]),
        ("xyz", []),
        ("eu", []),
    ],
)
async def test_search_ranks_exact_before_prefix_before_anywhere(
    house: House, text: str, found: list[str]
) -> None:
    for symbol in ("WETH/USDT", "ETH/BTC", "ETH/USDT"):
        house.lists(symbol)
    async with house.owner() as client:
        answer = (await client.get("/api/symbols", params={"q": text})).json()

    assert [each["symbol"] for each in answer["symbols"]] == found


async def test_a_symbol_is_watched_and_let_go(house: House) -> None:
    async with house.owner() as client:
        created = await client.put("/api/symbols/SOL-USDT/watch")
        again = await client.put("/api/symbols/SOL-USDT/watch")
        watched = [each.asked for each in house.app.feeds.watches()]
        gone = await client.delete("/api/symbols/SOLUSDT/watch")

    assert (created.status_code, again.status_code, gone.status_code) == (201, 200, 204)
    assert "SOL-USDT" in watched
    assert house.app.feeds.find("SOL/USDT") is None


async def test_letting_go_what_is_not_watched_is_404(house: House) -> None:
    async with house.owner() as client:
        answer = await client.delete("/api/symbols/ETHUSDC/watch")

    assert answer.status_code == 404
    assert answer.json()["nearest"] == "ETH/USDT"


async def test_a_symbol_only_a_client_watches_is_not_taken_from_it(house: House) -> None:
    async with house.owner() as client, house.owner_socket() as socket:
        await socket.say(type="subscribe", data={"room": "prices", "symbols": ["SOL"]})
        await asyncio.sleep(0.1)
        answer = await client.delete("/api/symbols/SOL/watch")

    assert answer.status_code == 409


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=-1", "cursor=x"])
async def test_symbols_refuse_what_they_cannot_use(house: House, query: str) -> None:
    async with house.owner() as client:
        answer = await client.get(f"/api/symbols?{query}")

    assert answer.status_code == 422
