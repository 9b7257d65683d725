"""Before an alert is made: validate, back-test, complete."""

from typing import Any

import httpx2
import pytest

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from tests.api.house import House
from tests.api.routes.test_alerts import fired, make


async def validate(client: httpx2.AsyncClient, condition: str, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/alerts/validate", json={"condition": condition, **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_condition_is_told_as_a_sentence_in_both_languages(house: House) -> None:
    async with house.owner() as client:
        told = await validate(
            client, "RSI(14) on 1h<30 and price crosses  above ema(50) on 15m", symbol="BTC"
        )

    assert told["valid"] is True
    assert told["condition"] == "rsi(14) on 1h < 30 and price crosses above ema(50) on 15m"
    assert told["sentence"] == {
        "en": "BTC/USDT: RSI(14) on 1h is below 30, at the moment when the price crosses above the EMA(50) on 15m",
        "de": "BTC/USDT: RSI(14) im 1h-Chart liegt unter 30, in dem Augenblick, in dem der Preis den EMA(50) "
        "im 15m-Chart nach oben kreuzt",
    }
    assert told["errors"] == []


@pytest.mark.parametrize(
    ("price", "holds", "distance"), [(50_001.0, True, 1.0), (49_000.0, False, 1000.0), (None, None, None)]
)
async def test_truth_now_is_told_where_the_symbol_is_watched(
    house: House, price: float | None, holds: bool | None, distance: float | None
) -> None:
    if price is not None:
        house.tick("BTC/USDT", price)
    async with house.owner() as client:
        told = await validate(client, "price > 50000", symbol="BTCUSDT")

    [leaf] = told["leaves"]
    assert told["holds_now"] is holds
    assert (leaf["value"], leaf["need"], leaf["holds"]) == (price, 50_000.0, holds)
    assert (abs(leaf["distance"]) if distance else leaf["distance"]) == distance
    assert bool(told["unknown"]) is (holds is None)


async def test_an_indicator_is_known_from_the_bars_there_are(house: House) -> None:
    await past(house, [100.0 + number for number in range(30)])
    house.tick("BTC/USDT", 200.0)
    async with house.owner() as client:
        told = await validate(client, "sma(3) > 100", symbol="BTC/USDT")
        warming = await validate(client, "sma(200) > 100", symbol="BTC/USDT")

    assert told["holds_now"] is True
    assert told["leaves"][0]["value"] == pytest.approx(128.0)
    assert warming["holds_now"] is None
    assert warming["unknown"]


async def test_a_symbol_nobody_watches_is_said(house: House) -> None:
    async with house.owner() as client:
        told = await validate(client, "price > 1", symbol="SOLUSDT")
        nameless = await validate(client, "price > 1")

    assert (told["valid"], told["holds_now"], told["leaves"]) == (True, None, [])
    assert "SOLUSDT" in told["unknown"]
    assert nameless["valid"] is True


@pytest.mark.parametrize(
    ("condition", "more", "path", "place"),
    [
        ("price crosses abov 50000", {}, "condition", (14, 18)),
        ("rsi(14) > 50000", {}, "condition", (10, 15)),
        ("", {}, "condition", None),
        ("price > 1", {"timeframe": "7m"}, "timeframe", None),
        ("price > 1", {"symbol": "?!"}, "symbol", None),
        ("price > " + "(" * 5000, {}, "condition", None),
    ],
)
async def test_faults_are_told_with_their_place(
    house: House, condition: str, more: dict[str, str], path: str, place: tuple[int, int] | None
) -> None:
    async with house.owner() as client:
        told = await validate(client, condition, **more)

    fault = told["errors"][0]
    assert told["valid"] is False
    assert fault["path"] == path
    assert fault["message"] == fault["problem"] != ""
    assert fault["column"] == fault["start"]
    if place is not None:
        assert (fault["start"], fault["end"]) == place


async def test_what_is_probably_not_meant_is_said(house: House) -> None:
    async with house.owner() as client:
        told = await validate(client, "price crosses above 5 and price crosses above 6")

    assert told["valid"] is True
    assert "within" in told["cautions"][0]["remedy"] + told["cautions"][0]["message"]


async def test_looking_arms_and_fires_nothing(house: House) -> None:
    house.tick("BTC/USDT", 50_001.0)
    async with house.owner() as client:
        await validate(client, "price > 50000", symbol="BTC/USDT")
        alerts = (await client.get("/api/alerts")).json()["alerts"]
        firings = (await client.get("/api/firings")).json()["firings"]

    assert (alerts, firings) == ([], [])


async def past(house: House, closes: list[float]) -> None:
    """Let minutes have closed at these prices, the last one a minute ago."""
    now = house.app.clock.now() // MINUTE * MINUTE
    begin = now - len(closes) * MINUTE
    bars = [
        Bar(
            "binance",
            "BTC/USDT",
            "1m",
            begin + number * MINUTE,
            begin + (number + 1) * MINUTE,
            close,
            close,
            close,
            close,
            1.0,
            closed=True,
            received_at=now,
        )
        for number, close in enumerate(closes)
    ]
    await house.app.bars.save(bars)


async def backtest(client: httpx2.AsyncClient, **asked: Any) -> httpx2.Response:
    return await client.post("/api/alerts/backtest", json={"symbol": "BTCUSDT", "days": 1, **asked})


async def test_a_backtest_tells_what_would_have_fired(house: House) -> None:
    await past(house, [9.0, 11.0, 9.0, 12.0, 13.0, 9.0, 11.0])
    async with house.owner() as client:
        told = (await backtest(client, condition="close crosses above 10")).json()

    assert (told["symbol"], told["condition"]) == ("BTC/USDT", "close crosses above 10")
    assert (told["bars"], told["count"], told["trigger"]) == (7, 3, "once_per_bar_close")
    assert [each["price"] for each in told["firings"]] == ["11", "12", "11"]
    assert [list(each["values"].values()) for each in told["firings"]] == [[11.0], [12.0], [11.0]]
    assert told["firings"][0]["event_at"] > told["firings"][0]["bar_open_at"]
    assert set(told["after"]) == {"1h", "24h"}
    assert (told["approximated"], told["sweep"]) == (False, [])


async def test_a_backtest_over_the_price_says_that_it_is_approximated(house: House) -> None:
    await past(house, [9.0, 11.0, 9.0, 12.0])
    async with house.owner() as client:
        told = (await backtest(client, condition="price crosses above 10")).json()

    assert (told["trigger"], told["count"], told["approximated"]) == ("every_time", 2, True)


async def test_cooldown_and_trigger_are_heeded(house: House) -> None:
    await past(house, [9.0, 11.0, 9.0, 12.0, 9.0, 13.0])
    asked = {"condition": "price crosses above 10"}
    async with house.owner() as client:
        once = (await backtest(client, **asked, trigger="once")).json()
        cooled = (await backtest(client, **asked, cooldown_seconds=3600)).json()

    assert once["count"] == 1
    assert (cooled["count"], cooled["suppressed"]) == (1, 2)


async def test_a_sweep_tries_thresholds(house: House) -> None:
    await past(house, [9.0, 11.0, 9.0, 13.0, 9.0, 15.0])
    sweep = {"from": 10, "to": 14, "steps": 3}
    async with house.owner() as client:
        told = (await backtest(client, condition="close crosses above 10", sweep=sweep)).json()

    assert [(each["value"], each["count"]) for each in told["sweep"]] == [(10, 3), (12, 2), (14, 1)]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"condition": "price crosses abov 1"}, "condition"),
        ({"condition": "price > 1", "trigger": "x"}, "trigger"),
        ({"condition": "price > 1", "timeframe": "7m"}, "timeframe"),
        ({"condition": "price > 1", "days": 0}, "body.days"),
        ({"condition": "price > 1", "days": 1e9}, "body.days"),
        ({"condition": "price > 1", "bars": 10**9}, "body.bars"),
        ({"condition": "price > 1", "sweep": {"from": 1, "to": 2, "steps": 10_000}}, "body.sweep.steps"),
        ({"condition": "price > 1", "symbol": "?!"}, "symbol"),
    ],
)
async def test_backtests_that_cannot_be_meant_are_refused(
    house: House, asked: dict[str, Any], path: str
) -> None:
    async with house.owner() as client:
        answer = await backtest(client, **asked)

    assert answer.status_code == 422
    assert path in [fault["path"] for fault in answer.json()["errors"]]


async def test_more_than_one_request_may_cost_is_refused(house: House) -> None:
    sweep = {"from": 1, "to": 2, "steps": 41}
    async with house.owner() as client:
        answer = await backtest(client, condition="price > 1", days=60, sweep=sweep)

    assert answer.status_code == 422
    assert "fewer" in answer.json()["remedy"]


async def test_without_bars_that_is_said(house: House) -> None:
    async with house.owner() as client:
        answer = await backtest(client, condition="price > 1")

    assert answer.status_code == 422
    assert "bars" in answer.json()["detail"]


async def test_the_back_test_counts_what_fires_live(house: House) -> None:
    closes = [9.0, 11.0, 9.0, 12.0, 13.0, 9.0, 11.0]
    await past(house, closes)
    asked = {"condition": "price crosses above 10", "trigger": "every_time"}
    async with house.owner() as client:
        told = (await backtest(client, **asked)).json()
        await make(client, cooldown_seconds=0, **asked)
        for price in closes:
            house.tick("BTC/USDT", price)
        firings = await fired(client, told["count"])

    assert len(firings) == told["count"] == 3


async def test_every_series_is_described(house: House) -> None:
    async with house.owner() as client:
        told = (await client.get("/api/alerts/series")).json()["series"]

    by_name = {each["name"]: each for each in told}
    assert {"price", "rsi", "bollinger", "candle", "feed.age"} <= set(by_name)
    assert set(by_name["rsi"]["about"]) == {"en", "de"}
    assert by_name["rsi"]["outputs"][0] == {"name": "", "unit": "index", "low": 0.0, "high": 100.0}


async def complete(client: httpx2.AsyncClient, text: str, **more: Any) -> dict[str, Any]:
    body = {"text": text, "cursor": len(text), **more}
    answer = await client.post("/api/alerts/complete", json=body)
    told: dict[str, Any] = answer.json()
    return told


async def test_what_may_be_written_is_told(house: House) -> None:
    async with house.owner() as client:
        begun = await complete(client, "price crosses ab")
        inside = await complete(client, "bollinger(20, ", language="de")
        beyond = await complete(client, "pri", cursor=10**9)

    assert [
        (each["text"], each["start"], each["end"]) for each in begun["completions"] if each["text"] == "above"
    ] == [("above", 14, 16)]
    assert begun["signature"] is None
    assert inside["signature"]["label"].startswith("bollinger(")
    assert inside["signature"]["active"] is not None
    assert "price" in [each["text"] for each in beyond["completions"]]


async def test_texts_too_long_to_be_conditions_are_not_completed(house: House) -> None:
    async with house.owner() as client:
        answer = await client.post("/api/alerts/complete", json={"text": "(" * 2001, "cursor": 1})

    assert answer.status_code == 422
