"""When the simulated Kraken says what."""

from itertools import pairwise
from typing import Any
from zlib import crc32

import msgspec
import pytest

from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.fakes import FakeClock
from tests.simulation.client import client, get, pass_time, say, told


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("kraken", tape, clock=clock, keep_frames=True) as server:
        yield server
        assert server.failed is None


async def listen(
    server: VenueServer, clock: FakeClock, params: dict[str, object], *, steps: int, step: float
) -> list[Any]:
    async with client(server, "/v2") as ws:
        await say(ws, {"method": "subscribe", "params": {"symbol": ["BTC/USD"], **params}})
        first = await told(ws)
        for _ in range(steps):
            await pass_time(server, clock, step)
        heard = [*first, *await told(ws)]
        return [event for event in heard if event.get("channel") == params["channel"]]


async def test_trades_follow_the_snapshot_without_a_gap(server, clock):
    heard = await listen(server, clock, {"channel": "trade", "snapshot": True}, steps=5, step=2.0)
    trades = [trade for message in heard for trade in message["data"]]

    assert [message["type"] for message in heard] == ["snapshot"] + ["update"] * 5
    assert len(heard[0]["data"]) == 50
    assert len(heard[1]["data"]) > 1
    assert {b["trade_id"] - a["trade_id"] for a, b in pairwise(trades)} == {1}


async def test_tickers_come_with_trades(server, clock):
    heard = await listen(server, clock, {"channel": "ticker"}, steps=10, step=1.0)
    ticker = heard[-1]["data"][0]

    assert len(heard) == 11
    assert ticker["low"] <= ticker["last"] <= ticker["high"]
    assert ticker["bid"] < ticker["ask"]


async def test_tickers_on_the_best_prices_come_when_those_change(server, clock):
    heard = await listen(server, clock, {"channel": "ticker", "event_trigger": "bbo"}, steps=20, step=0.1)
    best = [
        tuple(message["data"][0][name] for name in ("bid", "bid_qty", "ask", "ask_qty")) for message in heard
    ]

    assert 10 <= len(heard) <= 21
    assert all(a != b for a, b in pairwise(best))


async def test_the_last_word_on_a_bar_is_what_rest_says_of_it(server, clock):
    heard = await listen(server, clock, {"channel": "ohlc"}, steps=75, step=1.0)
    minute = [
        bar
        for message in heard
        for bar in message["data"]
        if bar["interval_begin"].startswith("2026-11-20T12:00")
    ]
    rows = (await get(server, "/0/public/OHLC", pair="XBTUSD"))["result"]["XXBTZUSD"]
    row = next(row for row in rows if row[-1] and minute[-1]["open"] == float(row[1]) and row == rows[-2])

    assert len(minute) > 30
    last = minute[-1]
    assert [last[name] for name in ("open", "high", "low", "close", "vwap", "volume")] == [
        float(x) for x in row[1:7]
    ]
    assert last["trades"] == row[7]


@pytest.mark.parametrize("depth", [10, 25, 100])
async def test_the_book_and_its_checksum_hold_after_every_update(server, clock, depth):
    await listen(server, clock, {"channel": "book", "depth": depth}, steps=30, step=0.3)
    [connection] = server.past
    bids: dict[str, str] = {}
    asks: dict[str, str] = {}
    for frame in connection.log:
        message = msgspec.json.decode(frame, type=Message)
        if message.channel != "book":
            continue
        book = message.data[0]
        for side, levels in ((bids, book.bids), (asks, book.asks)):
            side.update((bytes(level.price).decode(), bytes(level.qty).decode()) for level in levels)
        bids = best({p: q for p, q in bids.items() if float(q)}, depth, reverse=True)
        asks = best({p: q for p, q in asks.items() if float(q)}, depth, reverse=False)
        assert checksum(asks, bids) == book.checksum
    assert len(bids) == len(asks) == depth


class Level(msgspec.Struct):
    price: msgspec.Raw
    qty: msgspec.Raw


class Book(msgspec.Struct):
    bids: list[Level] = []
    asks: list[Level] = []
    checksum: int = 0


class Message(msgspec.Struct):
    channel: str = ""
    data: list[Book] = []


def best(side: dict[str, str], depth: int, *, reverse: bool) -> dict[str, str]:
    return dict(sorted(side.items(), key=lambda level: float(level[0]), reverse=reverse)[:depth])


def checksum(asks: dict[str, str], bids: dict[str, str]) -> int:
    top = [*list(asks.items())[:10], *list(bids.items())[:10]]
    return crc32("".join(part.replace(".", "").lstrip("0") for level in top for part in level).encode())


async def test_a_muted_pair_is_acknowledged_and_silent(server, clock):
    server.dialect.mute("trade:BTC/USD", lasting=True)
    assert await listen(server, clock, {"channel": "trade", "snapshot": True}, steps=5, step=1.0) == []

    server.dialect.unmute("trade:BTC/USD")
    assert await listen(server, clock, {"channel": "trade"}, steps=5, step=1.0)
