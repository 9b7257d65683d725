"""When the simulated Binance says what."""

from itertools import pairwise
from typing import Any

import pytest

from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.fakes import NOON, FakeClock
from tests.simulation.client import client, get, pass_time, told

NOON_MS = NOON // 10**6


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("binance", tape, clock=clock) as server:
        yield server
        assert server.failed is None


async def listen(server: VenueServer, clock: FakeClock, path: str, *, steps: int, step: float) -> list[Any]:
    async with client(server, path) as ws:
        for _ in range(steps):
            await pass_time(server, clock, step)
        return await told(ws)


async def test_no_trade_is_missing_or_told_twice(server, clock):
    heard = await listen(server, clock, "/ws/btcusdt@aggTrade", steps=20, step=0.7)

    assert {b["a"] - a["a"] for a, b in pairwise(heard)} == {1}
    assert {b["f"] - a["l"] for a, b in pairwise(heard)} == {1}


async def test_fills_add_up_to_the_taker_orders(server, clock):
    heard = await listen(server, clock, "/ws/btcusdt@aggTrade/btcusdt@trade", steps=5, step=2.0)
    orders = [event for event in heard if event["e"] == "aggTrade"]
    fills = {event["t"]: event for event in heard if event["e"] == "trade"}

    for order in orders:
        parts = [fills[number] for number in range(order["f"], order["l"] + 1)]
        assert sum(round(float(part["q"]) * 1e8) for part in parts) == round(float(order["q"]) * 1e8)
        assert {(part["p"], part["m"], part["T"]) for part in parts} == {(order["p"], order["m"], order["T"])}
    assert len(fills) == orders[-1]["l"] - orders[0]["f"] + 1


async def test_tickers_come_once_a_second_while_there_is_trade(server, clock):
    heard = await listen(server, clock, "/ws/btcusdt@ticker/btcusdt@miniTicker", steps=50, step=0.2)

    by_kind = {
        kind: [event for event in heard if event["e"] == kind] for kind in ("24hrTicker", "24hrMiniTicker")
    }
    assert all(9 <= len(events) <= 11 for events in by_kind.values())
    ticker = by_kind["24hrTicker"][-1]
    assert float(ticker["l"]) <= float(ticker["c"]) <= float(ticker["h"])
    assert float(ticker["b"]) < float(ticker["a"])
    assert float(ticker["p"]) == pytest.approx(float(ticker["c"]) - float(ticker["o"]))
    assert float(ticker["P"]) == pytest.approx(100 * float(ticker["p"]) / float(ticker["o"]), abs=0.0006)
    assert ticker["n"] == ticker["L"] - ticker["F"] + 1


async def test_the_whole_market_comes_in_one_array(server, clock):
    heard = await listen(server, clock, "/ws/!miniTicker@arr", steps=3, step=1.0)

    assert len(heard) >= 2
    assert {event["s"] for event in heard[0]} >= {"BTCUSDT", "ETHUSDT", "ADAUSDT"}


async def test_forming_bars_come_every_two_seconds_and_closed_ones_once(server, clock):
    heard = await listen(server, clock, "/ws/btcusdt@kline_1m/btcusdt@kline_5m", steps=122, step=1.0)
    minutes = [event["k"] for event in heard if event["k"]["i"] == "1m"]
    closed = [bar for bar in minutes if bar["x"]]

    assert [bar["t"] for bar in closed] == [NOON_MS, NOON_MS + 60_000]
    assert [bar["T"] for bar in closed] == [NOON_MS + 59_999, NOON_MS + 119_999]
    assert 58 <= len(minutes) - len(closed) <= 64
    assert not any(bar["x"] for event in heard if (bar := event["k"])["i"] == "5m")


async def test_closed_bars_equal_rest_bars_and_the_streamed_trades(server, clock):
    heard = await listen(server, clock, "/ws/btcusdt@kline_1m/btcusdt@aggTrade", steps=70, step=1.0)
    [closed] = [event["k"] for event in heard if event["e"] == "kline" and event["k"]["x"]]
    prices = [e["p"] for e in heard if e["e"] == "aggTrade" and closed["t"] <= e["T"] <= closed["T"]]
    [row] = await get(server, "/api/v3/klines", symbol="BTCUSDT", interval="1m", startTime=NOON_MS, limit=1)

    assert [closed[name] for name in "tohlcvTqnVQB"] == row
    assert (closed["o"], closed["c"]) == (prices[0], prices[-1])
    assert (float(closed["h"]), float(closed["l"])) == (max(map(float, prices)), min(map(float, prices)))


async def test_quotes_come_when_they_change(server, clock):
    heard = await listen(server, clock, "/ws/btcusdt@bookTicker", steps=30, step=0.1)

    assert 15 <= len(heard) <= 31
    assert all(
        a["u"] < b["u"] and (a["b"], a["B"], a["a"], a["A"]) != (b["b"], b["B"], b["a"], b["A"])
        for a, b in pairwise(heard)
    )


@pytest.mark.parametrize("step", [0.1, 0.9, 7.0])
async def test_a_book_rebuilt_from_snapshot_and_updates_is_the_venues(server, clock, step):
    async with client(server, "/ws/btcusdt@depth@100ms") as ws:
        await pass_time(server, clock, 0.35)
        snapshot = await get(server, "/api/v3/depth", symbol="BTCUSDT", limit=1000)
        for _ in range(8):
            await pass_time(server, clock, step)
        events = [event for event in await told(ws) if event["u"] > snapshot["lastUpdateId"]]
    now = await get(server, "/api/v3/depth", symbol="BTCUSDT", limit=1000)

    assert events[0]["U"] <= snapshot["lastUpdateId"] + 1 <= events[0]["u"]
    assert all(b["U"] == a["u"] + 1 for a, b in pairwise(events))
    for side, changes in (("bids", "b"), ("asks", "a")):
        book = dict(snapshot[side])
        for event in events:
            book |= dict(event[changes])
        assert {price: size for price, size in book.items() if float(size)} == dict(now[side])


async def test_the_slow_depth_stream_tells_once_a_second(server, clock):
    assert len(await listen(server, clock, "/ws/btcusdt@depth", steps=30, step=0.1)) in (2, 3)


async def test_partial_books_are_whole_each_time(server, clock):
    heard = await listen(server, clock, "/ws/btcusdt@depth5@100ms", steps=3, step=0.1)

    assert all(len(event["bids"]) == len(event["asks"]) == 5 for event in heard)


async def test_a_muted_stream_is_silent_while_others_go_on(server, clock):
    async with client(server, "/stream?streams=btcusdt@aggTrade/ethusdt@aggTrade") as ws:
        assert server.dialect.mute("btcusdt@aggTrade", lasting=True) == 1
        await pass_time(server, clock, 5)
        assert {event["stream"] for event in await told(ws)} == {"ethusdt@aggTrade"}

        server.dialect.unmute("btcusdt@aggTrade")
        await pass_time(server, clock, 5)
        assert {event["stream"] for event in await told(ws)} == {"btcusdt@aggTrade", "ethusdt@aggTrade"}


@pytest.mark.parametrize("name", ["BTCUSDT", "BTC/USDT"])
async def test_a_symbol_is_muted_by_any_spelling(server, name):
    async with client(server, "/ws/btcusdt@trade/btcusdt@ticker/ethusdt@trade"):
        assert server.dialect.mute(name, lasting=False) == 2
