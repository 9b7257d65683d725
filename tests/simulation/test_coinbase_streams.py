"""When the simulated Coinbase Exchange says what."""

from itertools import pairwise
from typing import Any

import pytest

from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.fakes import FakeClock
from tests.simulation.client import client, get, pass_time, say, told


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("coinbase", tape, clock=clock) as server:
        yield server
        assert server.failed is None


async def listen(server: VenueServer, clock: FakeClock, *channels: str, steps: int, step: float) -> list[Any]:
    async with client(server) as ws:
        await say(ws, {"type": "subscribe", "product_ids": ["BTC-USD"], "channels": channels})
        first = await told(ws)
        for _ in range(steps):
            await pass_time(server, clock, step)
        return first + await told(ws)


async def test_matches_follow_the_last_match_without_a_gap(server, clock):
    heard = await listen(server, clock, "matches", steps=10, step=0.7)
    trades = [event for event in heard if event["type"] in ("last_match", "match")]

    assert trades[0]["type"] == "last_match"
    assert {b["trade_id"] - a["trade_id"] for a, b in pairwise(trades)} == {1}
    assert all(a["sequence"] < b["sequence"] and a["time"] < b["time"] for a, b in pairwise(trades))


async def test_each_match_has_its_ticker_with_the_takers_side(server, clock):
    heard = await listen(server, clock, "matches", "ticker", steps=5, step=1.0)
    matches = {event["trade_id"]: event for event in heard if event["type"] == "match"}
    tickers = [event for event in heard if event["type"] == "ticker" and event["trade_id"] in matches]

    assert len(tickers) == len(matches) > 10
    for ticker in tickers:
        match = matches[ticker["trade_id"]]
        assert {ticker["side"], match["side"]} == {"buy", "sell"}
        assert (ticker["price"], ticker["last_size"]) == (match["price"], match["size"])
        assert float(ticker["low_24h"]) <= float(ticker["price"]) <= float(ticker["high_24h"])


async def test_heartbeats_come_each_second_with_the_last_trade(server, clock):
    heard = await listen(server, clock, "heartbeat", "matches", steps=40, step=0.1)
    beats = [event for event in heard if event["type"] == "heartbeat"]
    before = [event for event in heard[: heard.index(beats[-1])] if event["type"] == "match"]

    assert len(beats) in (4, 5)
    assert beats[-1]["last_trade_id"] == before[-1]["trade_id"]
    assert beats[-1]["sequence"] > before[-1]["sequence"]


async def test_batched_tickers_come_every_five_seconds(server, clock):
    heard = await listen(server, clock, "ticker_batch", steps=20, step=1.0)

    assert 3 <= len([event for event in heard if event["type"] == "ticker"]) <= 5


@pytest.mark.parametrize("channel", ["level2", "level2_batch"])
async def test_the_book_of_snapshot_and_updates_is_the_venues(server, clock, channel):
    heard = await listen(server, clock, channel, steps=20, step=0.3)
    whole = await get(server, "/products/BTC-USD/book", level=2)
    snapshot = next(event for event in heard if event["type"] == "snapshot")

    sides = {"buy": dict(snapshot["bids"]), "sell": dict(snapshot["asks"])}
    for event in heard:
        for side, price, size in event.get("changes", []):
            sides[side][price] = size
    for side, name in (("buy", "bids"), ("sell", "asks")):
        left = {price: size for price, size in sides[side].items() if float(size)}
        assert left == {price: size for price, size, _ in whole[name]}


async def test_a_muted_product_is_acknowledged_and_silent(server, clock):
    server.dialect.mute("BTC-USD", lasting=True)

    heard = await listen(server, clock, "matches", "ticker", steps=5, step=1.0)

    assert [event["type"] for event in heard] == ["subscriptions"]


async def test_one_channel_of_a_product_can_be_muted_and_comes_back(server, clock):
    async with client(server) as ws:
        await say(ws, {"type": "subscribe", "product_ids": ["BTC-USD"], "channels": ["matches", "heartbeat"]})
        await told(ws)
        assert server.dialect.mute("matches:BTC-USD", lasting=False) == 1
        await pass_time(server, clock, 3)
        assert {event["type"] for event in await told(ws)} == {"heartbeat"}

        server.dialect.unmute("matches:BTC-USD")
        await pass_time(server, clock, 3)
        assert "match" in {event["type"] for event in await told(ws)}
