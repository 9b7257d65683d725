"""`/api/portfolio`: one's own holdings, exact, at marked prices."""

from pathlib import Path

import pytest

from crypto_portfolio_analyzer.api.identity import Role
from tests.api.house import House, open_house

PATH = "/api/portfolio/holdings"


async def test_holdings_are_worth_what_the_market_says(house: House) -> None:
    house.ticker("BTC/USDT", 60_000.0, open_24h=58_500.0)
    house.ticker("ETH/USDT", 2_000.0, open_24h=2_000.0)
    async with house.owner() as client:
        await client.put(f"{PATH}/btc", json={"quantity": "0.5"})
        told = (await client.put(f"{PATH}/ETH-USDT", json={"quantity": "5.10"})).json()
        read = (await client.get("/api/portfolio")).json()

    btc, eth = told["holdings"]
    assert told == read
    assert (btc["symbol"], btc["market"], btc["quantity"]) == ("BTC", "BTC/USDT", "0.5")
    assert (btc["price"], btc["market_value"]) == ("60000", "30000")
    assert (btc["change_24h"], btc["weight"]) == ("750", "0.746269")
    assert float(btc["change_percent_24h"]) == pytest.approx(2.5641, abs=1e-4)
    assert (eth["symbol"], eth["quantity"], eth["market_value"]) == ("ETH/USDT", "5.1", "10200")
    assert (told["total_value"], told["total_change_24h"]) == ("40200", "750")
    assert told["total_change_percent_24h"] == "1.901141"
    assert (told["complete"], told["stale"], told["simulated"]) == (True, False, False)
    assert (btc["source"], btc["stale"], btc["simulated"]) == ("binance", False, False)


async def test_what_has_no_price_is_held_all_the_same(house: House) -> None:
    async with house.owner() as client:
        await client.put(f"{PATH}/SOL", json={"quantity": "3"})
        told = (await client.get("/api/portfolio")).json()

    [sol] = told["holdings"]
    unknown = {"price", "market_value", "change_24h", "change_percent_24h", "weight", "market", "source"}
    assert {name for name, value in sol.items() if value is None} == unknown | {"received_at"}
    assert (told["total_value"], told["total_change_percent_24h"], told["complete"]) == ("0", None, False)


async def test_nobody_holds_anything_at_first(house: House) -> None:
    async with house.owner() as client:
        told = (await client.get("/api/portfolio")).json()

    assert (told["holdings"], told["total_value"], told["complete"]) == ([], "0", True)


async def test_stale_and_simulated_prices_say_so(tmp_path: Path) -> None:
    async with open_house(tmp_path, simulated=True) as house, house.owner() as client:
        house.tick("BTC/USDT", 1.0)
        entry = house.app.market.entry("BTC/USDT")
        assert entry.forming is not None
        entry.forming.last_at -= 10**13
        told = (await client.put(f"{PATH}/BTC", json={"quantity": "1"})).json()

    assert (told["stale"], told["simulated"]) == (True, True)
    assert (told["holdings"][0]["stale"], told["holdings"][0]["simulated"]) == (True, True)


@pytest.mark.parametrize(
    "quantity",
    ["0", "0.0", "-1", "1e3", "NaN", "Infinity", "", "1,5", "٣", "0.0000000000000000001", 1.5, None],
)
async def test_what_is_no_quantity_is_refused(house: House, quantity: object) -> None:
    async with house.owner() as client:
        answer = await client.put(f"{PATH}/BTC", json={"quantity": quantity})
        held = (await client.get("/api/portfolio")).json()["holdings"]

    assert answer.status_code == 422
    assert held == []


@pytest.mark.parametrize("symbol", ["BTC-EUR", "ETHBTC", "%3F!"])
async def test_what_adds_up_with_nothing_is_refused(house: House, symbol: str) -> None:
    async with house.owner() as client:
        answer = await client.put(f"{PATH}/{symbol}", json={"quantity": "1"})

    assert answer.status_code in (404, 422)
    assert answer.json()["detail"]


async def test_a_holding_is_dropped_once_and_its_wish_goes(house: House) -> None:
    async with house.owner() as client:
        await client.put(f"{PATH}/SOL", json={"quantity": "1"})
        wanted = house.app.feeds.find("SOL")
        answers = [await client.delete(f"{PATH}/sol") for _ in range(2)]

    assert wanted is not None
    assert [each.status_code for each in answers] == [204, 404]
    assert house.app.feeds.find("SOL") is None


async def test_two_owners_know_nothing_of_each_other(house: House) -> None:
    async with await house.member("anna") as anna, await house.member("ben") as ben:
        await anna.put(f"{PATH}/SOL", json={"quantity": "1"})
        await ben.put(f"{PATH}/SOL", json={"quantity": "2"})
        gone = await ben.delete(f"{PATH}/SOL")
        hers, his = [(await each.get("/api/portfolio")).json()["holdings"] for each in (anna, ben)]

    assert gone.status_code == 204
    assert ([each["quantity"] for each in hers], his) == (["1"], [])
    assert house.app.feeds.find("SOL") is not None


async def test_a_reader_looks_and_changes_nothing(house: House) -> None:
    async with await house.member("ria", Role.READER) as ria:
        answers = [
            await ria.get("/api/portfolio"),
            await ria.put(f"{PATH}/BTC", json={"quantity": "1"}),
            await ria.delete(f"{PATH}/BTC"),
        ]

    assert [each.status_code for each in answers] == [200, 403, 403]


async def test_holdings_outlive_the_server_and_are_bounded(tmp_path: Path) -> None:
    async with open_house(tmp_path, holdings_per_owner=1) as house, await house.member("anna") as anna:
        await anna.put(f"{PATH}/BTC", json={"quantity": "1.25"})
        refused = await anna.put(f"{PATH}/SOL", json={"quantity": "1"})
        unwanted = house.app.feeds.find("SOL")
    async with open_house(tmp_path, symbols=()) as again, await again.member("anna") as anna:
        told = (await anna.get("/api/portfolio")).json()
        wanted = again.app.feeds.find("BTC")

    assert (refused.status_code, unwanted) == (422, None)
    assert [each["quantity"] for each in told["holdings"]] == ["1.25"]
    assert wanted is not None
