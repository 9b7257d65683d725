"""What the simulated Kraken lets clients say."""

import pytest

from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.simulation.client import client, pass_time, say, told


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("kraken", tape, clock=clock) as server:
        yield server
        assert server.failed is None


def subscribe(channel: str, *symbols: str, **more: object) -> dict[str, object]:
    return {"method": "subscribe", "params": {"channel": channel, "symbol": symbols, **more}, "req_id": 5}


async def test_the_status_comes_first(server):
    async with client(server, "/v2") as ws:
        [status] = await told(ws)

    assert list(status) == ["channel", "data", "type"]
    assert list(status["data"][0]) == ["api_version", "connection_id", "system", "version"]
    assert status["data"][0]["system"] == "online"


async def test_each_symbol_is_acknowledged(server):
    async with client(server, "/v2") as ws:
        await told(ws)
        await say(ws, subscribe("trade", "BTC/USD", "ETH/USD"))
        first, second = await told(ws)

    assert list(first) == ["method", "req_id", "result", "success", "time_in", "time_out"]
    assert first["result"] == {"channel": "trade", "snapshot": False, "symbol": "BTC/USD"}
    assert (second["result"]["symbol"], second["req_id"]) == ("ETH/USD", 5)


@pytest.mark.parametrize(
    ("channel", "more", "told_"),
    [
        ("book", {}, {"depth": 10}),
        ("book", {"depth": 25}, {"depth": 25}),
        ("ohlc", {"interval": 5}, {"interval": 5}),
        ("ticker", {"event_trigger": "bbo"}, {"event_trigger": "bbo"}),
    ],
)
async def test_options_are_echoed_and_a_snapshot_follows(server, channel, more, told_):
    async with client(server, "/v2") as ws:
        await told(ws)
        await say(ws, subscribe(channel, "BTC/USD", **more))
        acknowledged, snapshot = await told(ws)

    assert acknowledged["result"] == {"channel": channel, "snapshot": True, "symbol": "BTC/USD", **told_}
    assert (snapshot["channel"], snapshot["type"]) == (channel, "snapshot")


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (subscribe("trade", "BTC/USDX"), "Currency pair not supported BTC/USDX"),
        (subscribe("trades", "BTC/USD"), "Channel not supported trades"),
        (subscribe("trade"), "Missing field: symbol"),
        ({"method": "subscribe", "params": {}}, "Missing field: channel"),
        ({"method": "subscribe"}, "Missing field: channel"),
        (subscribe("book", "BTC/USD", depth=11), "Depth not supported 11"),
        ({"method": "unsubscribe", "params": {"channel": "trade", "symbol": ["BTC/USD"]}}, "Subscription Not Found"),
        ({"method": "hello"}, "Unsupported method"),
        ([], "Unsupported method"),
    ],
)  # fmt: skip
async def test_bad_requests_are_answered_with_success_false(server, request_, words):
    async with client(server, "/v2") as ws:
        await told(ws)
        await say(ws, request_)
        [error] = await told(ws)

    assert (error["error"], error["success"]) == (words, False)
    await server.turn()
    assert server.violations.total() == 1


async def test_a_good_symbol_is_taken_although_its_neighbour_is_bad(server):
    async with client(server, "/v2") as ws:
        await told(ws)
        await say(ws, subscribe("trade", "NO/PE", "BTC/USD"))
        bad, good = await told(ws)

    assert (bad["success"], bad["symbol"], good["success"]) == (False, "NO/PE", True)


async def test_a_second_subscription_is_refused_and_an_ended_one_is_silent(server, clock):
    async with client(server, "/v2") as ws:
        await told(ws)
        for _ in range(2):
            await say(ws, subscribe("trade", "BTC/USD"))
        await say(ws, {"method": "unsubscribe", "params": {"channel": "trade", "symbol": ["BTC/USD"]}})
        _, again, ended = await told(ws)
        await pass_time(server, clock, 3)

        assert again["error"] == "Already subscribed"
        assert (ended["method"], ended["success"]) == ("unsubscribe", True)
        assert await told(ws) == []


async def test_pings_are_answered(server):
    async with client(server, "/v2") as ws:
        await told(ws)
        await say(ws, {"method": "ping", "req_id": 101})
        [pong] = await told(ws)

    assert list(pong) == ["method", "req_id", "time_in", "time_out"]
    assert (pong["method"], pong["req_id"]) == ("pong", 101)


async def test_broken_json_is_refused(server):
    async with client(server, "/v2") as ws:
        await told(ws)
        await ws.send("{")

        assert [event["error"] for event in await told(ws)] == ["Malformed request"]


async def test_heartbeats_come_each_second_once_something_is_subscribed(server, clock):
    async with client(server, "/v2") as idle, client(server, "/v2") as busy:
        await say(busy, subscribe("trade", "BTC/USD"))
        await told(busy)
        await told(idle)
        server.dialect.mute("BTC/USD", lasting=False)
        for _ in range(5):
            await pass_time(server, clock, 1)

        assert await told(busy) == [{"channel": "heartbeat"}] * 5
        assert await told(idle) == []


def test_maintenance_is_announced_and_trades_are_told_apart(server):
    assert b'"system":"maintenance"' in server.dialect.shutdown_notice(None, 0)
    assert server.dialect.is_trade(b'{"channel":"trade","type":"update","data":[')
    assert not server.dialect.is_trade(b'{"channel":"ticker","type":"update","data":[')
