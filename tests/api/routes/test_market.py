"""`/api/market/{symbol}` and its bars."""

import asyncio
from typing import Any

import pytest

from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.core.market import Bar
from tests.api.house import House

MINUTE = 60 * 10**9


async def test_market_has_the_documented_fields_as_decimal_strings(house: House) -> None:
    house.ticker("BTC/USDT", 65012.4, bid=65012.0, ask=65013.5, open_24h=64000.0, volume_24h=28.5)
    house.lists("BTC/USDT", 0.01)
    async with house.owner() as client:
        answer = (await client.get("/api/market/BTCUSDT")).json()

    assert answer["symbol"] == "BTCUSDT"
    assert answer["market"] == "BTC/USDT"
    assert answer["price"] == "65012.4"
    assert (answer["bid"], answer["ask"]) == ("65012", "65013.5")
    assert answer["change_24h"] == "1012.4"
    assert answer["volume_24h"] == "28.5"
    assert answer["tick_size"] == "0.01"
    assert answer["event_at"].endswith("Z")
    assert answer["received_at"].endswith("Z")
    assert answer["source"] == "binance"
    assert answer["stale"] is False
    assert 0 <= answer["age_seconds"] < 5
    assert answer["simulated"] is False


async def test_market_tells_unknown_statistics_as_null(house: House) -> None:
    house.tick("BTC/USDT", 50_000.0)
    async with house.owner() as client:
        answer = (await client.get("/api/market/BTC-USDT")).json()

    assert answer["symbol"] == "BTC-USDT"
    assert (
        answer["bid"] is answer["change_24h"] is answer["change_percent_24h"] is answer["volume_24h"] is None
    )


@pytest.mark.parametrize("spelling", ["BTC", "BTCUSDT", "BTC-USDT", "btcusdt"])
async def test_market_answers_in_the_spelling_asked(house: House, spelling: str) -> None:
    house.tick("BTC/USDT", 50_000.0)
    async with house.owner() as client:
        answer = (await client.get(f"/api/market/{spelling}")).json()

    assert answer["symbol"] == spelling


@pytest.mark.parametrize("symbol", ["..", "a b", "%00", "BTC'--", "x" * 49])
async def test_malformed_symbols_are_404_problems(house: House, symbol: str) -> None:
    async with house.owner() as client:
        answer = await client.get(f"/api/market/{symbol.replace(' ', '%20')}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_market_nobody_watches_is_asked_for_and_answered(house: House) -> None:
    async def trade_soon() -> None:
        await asyncio.sleep(0.2)
        house.tick("SOL/USDT", 150.0)

    async with house.owner() as client, asyncio.TaskGroup() as group:
        group.create_task(trade_soon())
        answer = await client.get("/api/market/SOLUSDT")

    assert answer.status_code == 200
    assert answer.json()["price"] == "150"


async def test_market_without_any_price_is_404_with_the_nearest_known(house: House) -> None:
    async with house.owner() as client:
        answer = await client.get("/api/market/ETHUSDC")

    assert answer.status_code == 404
    assert answer.json()["nearest"] == "ETH/USDT"
    assert "did you mean" in answer.json()["remedy"]


async def test_listed_market_that_stays_silent_is_503(house: House) -> None:
    house.lists("SOL/USDT")
    async with house.owner() as client:
        answer = await client.get("/api/market/SOLUSDT")

    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_bars_are_oldest_first_and_end_with_the_forming_one(house: House) -> None:
    start = house.app.clock.now() // MINUTE * MINUTE - 2 * MINUTE
    for index, price in enumerate((100.0, 110.0, 105.5)):
        house.tick("BTC/USDT", price, 2.0, at=start + index * MINUTE)
    async with house.owner() as client:
        answer = (await client.get("/api/market/BTCUSDT/bars?timeframe=1m")).json()

    assert [bar["close"] for bar in answer["bars"]] == ["100", "110", "105.5"]
    assert [bar["closed"] for bar in answer["bars"]] == [True, True, False]
    assert answer["bars"][-1]["volume"] == "2"
    assert answer["timeframe"] == "1m"
    assert set(answer["bars"][0]) >= {"open_at", "open", "high", "low", "close", "volume", "closed"}


async def test_bars_obey_start_end_and_limit(house: House) -> None:
    start = house.app.clock.now() // MINUTE * MINUTE - 4 * MINUTE
    for index in range(4):
        house.tick("BTC/USDT", 100.0 + index, at=start + index * MINUTE)
    async with house.owner() as client:
        every = (await client.get("/api/market/BTC/bars")).json()["bars"]
        window = {"start": every[1]["open_at"], "end": every[3]["open_at"]}
        middle = (await client.get("/api/market/BTC/bars", params=window)).json()["bars"]
        newest = (await client.get("/api/market/BTC/bars?limit=1")).json()["bars"]

    assert middle == every[1:3]
    assert newest == every[-1:]


async def test_bars_before_memory_come_from_the_store(house: House) -> None:
    now = house.app.clock.now() // MINUTE * MINUTE
    await house.app.bars.save([stored(now - age * MINUTE, float(age)) for age in range(5, 15)])
    house.tick("BTC/USDT", 100.0, at=now)
    async with house.owner() as client:
        newest = (await client.get("/api/market/BTC/bars?limit=4")).json()["bars"]
        start = iso(now - 14 * MINUTE)
        oldest = (await client.get("/api/market/BTC/bars", params={"start": start, "limit": 3})).json()[
            "bars"
        ]

    assert [bar["close"] for bar in newest] == ["7", "6", "5", "100"]
    assert [bar["close"] for bar in oldest] == ["14", "13", "12"]


async def test_without_a_database_bars_still_come_from_memory(house: House) -> None:
    house.tick("BTC/USDT", 100.0)
    async with house.owner() as client:
        await house.app.database.stop()
        answer = await client.get("/api/market/BTC/bars")
        await house.app.database.start()

    assert [bar["close"] for bar in answer.json()["bars"]] == ["100"]


def stored(open_at: int, close: float) -> Bar:
    """Return a closed bar as storage keeps it."""
    prices = (close, close, close, close, 1.0)
    return Bar(
        "binance", "BTC/USDT", "1m", open_at, open_at + MINUTE, *prices, closed=True, received_at=open_at
    )


@pytest.mark.parametrize(
    "query", ["timeframe=7m", "timeframe=1M", "limit=0", "limit=1001", "start=yesterday"]
)
async def test_bars_refuse_what_they_cannot_use(house: House, query: str) -> None:
    async with house.owner() as client:
        answer = await client.get(f"/api/market/BTC/bars?{query}")

    assert answer.status_code == 422
    assert answer.json()["detail"]


async def test_indicators_have_the_documented_shape(house: House) -> None:
    now = house.app.clock.now() // MINUTE * MINUTE
    for age in range(60, -1, -1):
        house.tick("BTC/USDT", 100.0 + age % 7, at=now - age * MINUTE)
    query: dict[str, Any] = {"timeframe": "1m", "limit": 5, "series": ["rsi(14)", "bollinger(20,2)"]}
    async with house.owner() as client:
        answer = (await client.get("/api/market/BTC-USDT/indicators", params=query)).json()
        bars = (await client.get("/api/market/BTC-USDT/bars?limit=5")).json()["bars"]

    rsi, bands = answer["series"]
    assert (answer["symbol"], answer["timeframe"], answer["bars"]) == ("BTC/USDT", "1m", 5)
    assert (rsi["expression"], rsi["pane"], rsi["levels"]) == ("rsi(14)", "own", [30, 70])
    assert [at for at, _value in rsi["lines"][0]["points"]] == [bar["open_at"] for bar in bars]
    assert all(0 <= value <= 100 for _at, value in rsi["lines"][0]["points"])
    assert (bands["spelling"], bands["pane"]) == ("bollinger(20, 2)", "price")
    assert [line["name"] for line in bands["lines"]] == ["upper", "middle", "lower"]


@pytest.mark.parametrize(
    ("series", "place"), [("rsi(", [4, 4]), ("closee", [0, 6]), ("price", [0, 5]), ("5", [0, 1])]
)
async def test_a_series_that_cannot_be_drawn_is_told_with_its_place(
    house: House, series: str, place: list[int]
) -> None:
    query = {"series": ["close", series]}
    async with house.owner() as client:
        answer = await client.get("/api/market/BTC/indicators", params=query)

    fault = answer.json()["errors"][0]
    assert answer.status_code == 422
    assert (fault["path"], [fault["start"], fault["end"]]) == ("series[1]", place)


@pytest.mark.parametrize(
    "query", ["", "series=close&limit=1001", "&".join(["series=close"] * 9), "series=close&timeframe=7m"]
)
async def test_indicators_refuse_too_much_and_too_little(house: House, query: str) -> None:
    async with house.owner() as client:
        answer = await client.get(f"/api/market/BTC/indicators?{query}")

    assert answer.status_code == 422


async def test_levels_are_those_of_ones_own_alerts(house: House) -> None:
    body = {"name": "high", "symbol": "BTC", "condition": "price crosses above 70000 and rsi(14) > 70"}
    async with house.owner() as client, await house.member("anna") as other:
        made = (await client.post("/api/alerts", json=body)).json()
        mine = (await client.get("/api/market/BTC-USDT/levels")).json()["levels"]
        elsewhere = (await client.get("/api/market/ETH-USDT/levels")).json()["levels"]
        theirs = (await other.get("/api/market/BTC-USDT/levels")).json()["levels"]

    assert elsewhere == theirs == []
    assert mine == [
        {
            "alert_id": made["id"],
            "revision": 1,
            "value": "70000",
            "series": "price",
            "relation": "above",
            "before": "price crosses above ",
            "after": " and rsi(14) > 70",
        }
    ]


async def test_bars_tell_what_is_missing_between_them(house: House) -> None:
    now = house.app.clock.now() // MINUTE * MINUTE
    await house.app.bars.save([stored(now - age * MINUTE, 1.0) for age in (9, 8, 5)])
    async with house.owner() as client:
        answer = (await client.get("/api/market/BTC/bars?limit=9")).json()

    assert answer["gaps"][0] == {
        "from_at": iso(now - 7 * MINUTE),
        "until_at": iso(now - 5 * MINUTE),
        "status": "missing",
    }


async def test_a_series_is_checked_without_a_refusal(house: House) -> None:
    async with house.owner() as client:
        right = (await client.get("/api/market/BTC/indicators/check?series=macd")).json()
        wrong = (await client.get("/api/market/BTC/indicators/check?series=closee")).json()

    assert right == {"valid": True, "spelling": "macd(12, 26, 9)", "pane": "own", "errors": []}
    assert wrong["valid"] is False
    assert [wrong["errors"][0][key] for key in ("path", "start", "end", "fix")] == ["series", 0, 6, "close"]
