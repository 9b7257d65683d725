"""The room of prices: one frame per symbol and spelling, one write per audience."""

import json
from typing import Any

import pytest

from crypto_portfolio_analyzer.api.clients import Client
from crypto_portfolio_analyzer.api.identity import Identity
from crypto_portfolio_analyzer.api.prices import PER_FRAME, Form, Prices
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.market import Market
from tests.api.test_clients import FakeWire
from tests.fakes import FakeClock, ticker, trade

SINGLY = Form(None, batch=False, every=0.0)
BATCHED = Form(None, batch=True, every=0.0)


class Room:
    """The room over a real market, with clients that hear everything."""

    def __init__(self, *symbols: str) -> None:
        self.clock = FakeClock()
        self.bus = StreamEventBus(clock=self.clock)
        self.market = Market(clock=self.clock, bus=self.bus)
        self.feeds = PriceFeedManager(clock=self.clock, bus=self.bus, market=self.market)
        self.feeds.add_provider("binance", is_primary=True)
        for symbol in symbols:
            self.feeds.want(symbol)
        self.prices = Prices(
            market=self.market, feeds=self.feeds, watches=self.feeds.watches, bus=self.bus, clock=self.clock
        )

    def tick(self, symbol: str, price: float) -> None:
        fact = trade(None, price, symbol=symbol, at=self.clock.now())
        self.market.entry(symbol).trade(fact)
        self.bus.emit(fact)

    def flush(self, now: float) -> int:
        """Tell what changed; return the number of prices handed over."""
        return sum(self.prices.flush(now))

    def client(self) -> tuple[Client, FakeWire]:
        wire = FakeWire()
        return Client("c", Identity(None, None), wire, 0.0), wire


def heard(wire: FakeWire) -> list[dict[str, Any]]:
    """Decode every frame a wire was given, and forget them."""
    data, messages = b"".join(wire.frames), []
    wire.frames.clear()
    while data:
        length, at = data[1] & 0x7F, 2
        if length == 126:
            length, at = int.from_bytes(data[2:4], "big"), 4
        elif length == 127:
            length, at = int.from_bytes(data[2:10], "big"), 10
        messages.append(json.loads(data[at : at + length]))
        data = data[at + length :]
    return messages


def test_everybody_in_an_audience_gets_the_very_same_bytes() -> None:
    room = Room("BTC")
    (one, wire), (other, wire_2) = room.client(), room.client()
    room.prices.join(one, SINGLY)
    room.prices.join(other, SINGLY)
    room.tick("BTC/USDT", 1.5)
    handed = room.flush(1.0)

    assert handed == 2
    assert wire.frames[-1] is wire_2.frames[-1]


def test_only_the_latest_of_many_changes_is_told() -> None:
    room = Room("BTC")
    client, wire = room.client()
    room.prices.join(client, SINGLY)
    for price in range(1, 100):
        room.tick("BTC/USDT", float(price))
    room.flush(1.0)

    assert [message["data"]["price"] for message in heard(wire)] == [99.0]


def test_nothing_is_told_twice() -> None:
    room = Room("BTC")
    client, wire = room.client()
    room.prices.join(client, SINGLY)
    room.tick("BTC/USDT", 1.0)
    room.flush(1.0)
    heard(wire)

    assert room.flush(2.0) == 0
    assert heard(wire) == []


def test_a_late_comer_sees_what_changed_while_nobody_listened() -> None:
    room = Room("BTC")
    first, _ = room.client()
    room.prices.join(first, SINGLY)
    room.tick("BTC/USDT", 1.0)
    room.flush(1.0)
    room.prices.leave(first, SINGLY)
    room.tick("BTC/USDT", 2.0)
    late, wire = room.client()
    room.prices.join(late, SINGLY)

    assert heard(wire)[0]["data"]["price"] == 2.0


def test_the_bus_is_left_alone_while_nobody_listens() -> None:
    from crypto_portfolio_analyzer.core.market import Trade

    room = Room("BTC")
    client, _ = room.client()
    calls = room.bus.calls(Trade)
    before = len(calls)
    room.prices.join(client, SINGLY)
    during = len(calls)
    room.prices.leave(client, SINGLY)

    assert (before, during, len(calls)) == (0, 1, 0)


def test_a_snapshot_of_many_symbols_comes_in_parts() -> None:
    symbols = [f"S{number}/USDT" for number in range(PER_FRAME * 2 + 5)]
    room = Room(*symbols)
    for symbol in symbols:
        room.tick(symbol, 1.0)
    client, wire = room.client()
    room.prices.join(client, BATCHED)
    parts = heard(wire)

    assert [len(part["data"]) for part in parts] == [PER_FRAME, PER_FRAME, 5]
    assert all(part["snapshot"] for part in parts)


def test_an_empty_house_has_an_empty_snapshot() -> None:
    room = Room()
    client, wire = room.client()
    room.prices.join(client, BATCHED)

    assert [message["data"] for message in heard(wire)] == [[]]


def test_slower_audiences_wait_their_time() -> None:
    room = Room("BTC")
    client, wire = room.client()
    room.prices.join(client, Form(None, batch=True, every=1.0), snapshot=False)
    told = []
    for step in range(40):
        room.tick("BTC/USDT", float(step + 1))
        room.flush(step * 0.05)
        told += heard(wire)

    assert len(told) == 2


def test_a_new_watch_is_told_at_the_next_look() -> None:
    room = Room("BTC")
    client, wire = room.client()
    room.prices.join(client, SINGLY)
    room.feeds.want("ETH")
    room.tick("ETH/USDT", 3.0)
    room.flush(1.0)
    before = heard(wire)
    room.prices.look_again()
    room.flush(2.0)

    assert before == []
    assert [message["data"]["symbol"] for message in heard(wire)] == ["ETH"]


async def test_a_price_that_went_stale_is_told_once() -> None:
    room = Room("BTC")
    client, wire = room.client()
    room.tick("BTC/USDT", 1.0)
    room.prices.join(client, SINGLY)
    room.prices.look_again()
    heard(wire)
    await room.clock.advance(200)
    for _ in range(3):
        room.prices.look_again()
        room.flush(room.clock.monotonic())

    assert [message["data"]["stale"] for message in heard(wire)] == [True]


def test_statistics_count_as_a_change() -> None:
    room = Room("BTC")
    client, wire = room.client()
    room.prices.join(client, SINGLY)
    fact = ticker(5.0, at=room.clock.now(), volume_24h=7.0)
    room.market.entry("BTC/USDT").ticker(fact)
    room.bus.emit(fact)
    room.flush(1.0)

    assert heard(wire)[0]["data"]["volume_24h"] == 7.0


@pytest.mark.parametrize("asked", ["BTC", "BTC/USDT", "BTC-USDT"])
def test_everything_is_spelled_as_it_was_first_asked_for(asked: str) -> None:
    room = Room(asked)
    room.tick("BTC/USDT", 1.0)
    client, wire = room.client()
    room.prices.join(client, SINGLY)

    assert heard(wire)[0]["data"]["symbol"] == asked


def test_forms_of_a_client_are_known() -> None:
    room = Room("BTC")
    client, _ = room.client()
    other = Form(("BTC",), batch=False, every=0.0)
    room.prices.join(client, SINGLY)
    room.prices.join(client, other)

    assert room.prices.forms(client) == [SINGLY, other]
