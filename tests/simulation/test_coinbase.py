"""What the simulated Coinbase Exchange lets clients say."""

import pytest

from crypto_portfolio_analyzer.simulation.limits import Violation
from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.simulation.client import client, close_code, pass_time, say, told


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("coinbase", tape, clock=clock) as server:
        yield server
        assert server.failed is None


async def test_whoever_does_not_subscribe_within_five_seconds_is_cut(server, clock):
    async with client(server) as late, client(server) as punctual:
        await say(punctual, {"type": "subscribe", "product_ids": ["BTC-USD"], "channels": ["heartbeat"]})
        await told(punctual)
        await pass_time(server, clock, 4.9)
        assert len(server.connections) == 2
        await pass_time(server, clock, 0.2)

        assert await close_code(late) == 1008
        assert len(server.connections) == 1
    assert server.violations == {Violation.SUBSCRIBE_DEADLINE: 1}


async def test_the_answer_lists_all_subscriptions_of_the_connection(server):
    async with client(server) as ws:
        await say(ws, {"type": "subscribe", "product_ids": ["BTC-USD", "ETH-USD"], "channels": ["heartbeat"]})
        await say(
            ws, {"type": "subscribe", "channels": [{"name": "ticker_batch", "product_ids": ["ADA-USD"]}]}
        )
        await say(ws, {"type": "unsubscribe", "product_ids": ["BTC-USD"], "channels": ["heartbeat"]})
        first, second, third = await told(ws)

    assert first == {
        "type": "subscriptions",
        "channels": [{"name": "heartbeat", "product_ids": ["BTC-USD", "ETH-USD"]}],
    }
    assert second["channels"][1] == {"name": "ticker_batch", "product_ids": ["ADA-USD"]}
    assert third["channels"][0] == {"name": "heartbeat", "product_ids": ["ETH-USD"]}


async def test_channels_begin_with_how_things_stand(server):
    async with client(server) as ws:
        await say(
            ws, {"type": "subscribe", "product_ids": ["BTC-USD"], "channels": ["ticker", "matches", "level2"]}
        )

        assert [event["type"] for event in await told(ws)] == [
            "subscriptions",
            "ticker",
            "last_match",
            "snapshot",
        ]


@pytest.mark.parametrize(
    ("products", "channels", "reason"),
    [
        (["XYZ-USD"], ["ticker"], "XYZ-USD is not a valid product"),
        (["BTC-USD"], ["tickr"], "tickr is not a valid channel"),
        (["BTC-USD"], [], "no channels provided"),
        ([], ["heartbeat"], "You need to specify at least one product ID for channel heartbeat"),
    ],
)
async def test_impossible_subscriptions_get_an_error_with_the_reason(server, products, channels, reason):
    async with client(server) as ws:
        await say(ws, {"type": "subscribe", "product_ids": products, "channels": channels})

        assert await told(ws) == [{"type": "error", "message": "Failed to subscribe", "reason": reason}]
    assert server.violations.total() == 1


@pytest.mark.parametrize("unreadable", [{"type": "hello"}, [1]])
async def test_other_requests_get_an_error(server, unreadable):
    async with client(server) as ws:
        await say(ws, unreadable)

        assert await told(ws) == [
            {"type": "error", "message": "Type has to be either subscribe or unsubscribe"}
        ]


async def test_broken_json_is_said_to_be_malformed(server):
    async with client(server) as ws:
        await ws.send("{")

        assert await told(ws) == [{"type": "error", "message": "Malformed JSON"}]


async def test_the_eleventh_listener_of_a_channel_is_refused(server):
    request = {"type": "subscribe", "product_ids": ["BTC-USD"], "channels": ["heartbeat"]}
    async with client(server) as first:
        others = [client(server) for _ in range(10)]
        await say(first, request)
        sockets = [await other.__aenter__() for other in others]
        for socket in sockets:
            await say(socket, request)
        [answer] = await told(sockets[-1])
        for other in others:
            await other.__aexit__(None, None, None)

    assert answer["type"] == "error"
    assert server.violations == {Violation.STREAMS: 1}


async def test_connections_come_eight_a_second_in_bursts_of_twenty(server):
    limits = server.dialect.limits

    assert limits.connections / limits.connections_window == 8


def test_the_venue_announces_no_shutdown_and_tells_trades_apart(server):
    assert server.dialect.shutdown_notice(None, 0) is None
    assert server.dialect.is_trade(b'{"type":"match","trade_id":1')
    assert not server.dialect.is_trade(b'{"type":"last_match","trade_id":1')
