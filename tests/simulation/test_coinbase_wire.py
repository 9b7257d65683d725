"""Coinbase Exchange's wire format, compared with what the venue really sent."""

import re
from typing import Any

import pytest

from crypto_portfolio_analyzer.simulation.coinbase_wire import Wire
from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.simulation.captures import received
from tests.simulation.client import client, pass_time, say, told

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
async def spoken(tape, clock) -> dict[str, dict[str, Any]]:
    """The newest message of each type."""
    async with VenueServer("coinbase", tape, clock=clock) as server, client(server) as ws:
        channels = ["level2", "ticker", "matches", "heartbeat"]
        await say(ws, {"type": "subscribe", "product_ids": ["BTC-USD"], "channels": channels})
        await told_soon(ws)
        first = [*await told(ws)]
        await pass_time(server, clock, 2)
        return {event["type"]: event for event in [*first, *await told(ws)]}


async def told_soon(ws) -> None:
    """Give the server a moment to hear."""
    await (await ws.ping())


@pytest.mark.parametrize("kind", ["ticker", "match", "last_match", "l2update", "snapshot", "subscriptions"])
def test_messages_have_the_fields_of_the_captured_ones(spoken, recorded_data, kind):
    capture = recorded_data / "ws" / "coinbase" / "exchange_2021-04-17.cf1.gz"
    captured = next(message for message in received(capture) if message["type"] == kind)

    assert [(name, type(value)) for name, value in spoken[kind].items()] == [
        (name, type(value)) for name, value in captured.items()
    ]


def test_a_heartbeat_has_the_documented_fields(spoken):
    assert list(spoken["heartbeat"]) == ["type", "last_trade_id", "product_id", "sequence", "time"]


def test_sizes_have_no_idle_zeros_and_volumes_have_eight_decimals(tape):
    wire = Wire(tape.venue("coinbase", ("USD",)).listings[0])

    assert wire.size(45_000) == "0.45"
    assert wire.volume(45_000) == "0.45000000"
    assert wire.price(6_400_010) == "64000.10"


def test_orders_have_names_of_their_own(spoken):
    match = spoken["match"]

    assert UUID.fullmatch(match["maker_order_id"])
    assert match["maker_order_id"] != match["taker_order_id"]


def test_times_have_microseconds(spoken):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", spoken["match"]["time"])
