"""Who listens to what."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.feeds import Feeds, Rota, TradePump
from crypto_portfolio_analyzer.simulation.tape import Tape
from tests.fakes import NOON, SECOND

Key = tuple[str, int]
TAPE = Tape(seed=5, symbols=("BTC", "ETH", "ADA"), start_at=NOON).venue("binance", ("USDT",))


def listener() -> Connection:
    return cast("Connection", SimpleNamespace(subscriptions={}))


@pytest.fixture
def feeds() -> Feeds[Key]:
    return Feeds()


def test_a_listener_hears_until_it_is_dropped(feeds):
    one = listener()
    feeds.add(("trade", 1), ("btc",), one)

    assert feeds.get(("trade", 1)) == [one]
    assert list(one.subscriptions) == [("trade", 1)]
    feeds.drop(("trade", 1), one)
    assert ("trade", 1) not in feeds
    assert one.subscriptions == {}


def test_a_gone_connection_leaves_nothing_behind(feeds):
    one, other = listener(), listener()
    for key in (("trade", 1), ("trade", 2)):
        feeds.add(key, (), one)
    feeds.add(("trade", 2), (), other)

    feeds.forget(one)

    assert [key for key, _ in feeds] == [("trade", 2)]


def test_a_muted_listener_stays_subscribed_and_a_new_one_hears(feeds):
    one, other = listener(), listener()
    feeds.add(("trade", 1), ("btc",), one)

    assert feeds.mute([("trade", 1)], "btc", lasting=False) == 1
    feeds.add(("trade", 1), ("btc",), other)

    assert feeds.get(("trade", 1)) == [other]
    assert feeds.is_known(("trade", 1))
    assert list(one.subscriptions) == [("trade", 1)]


def test_a_lasting_mute_reaches_later_listeners_until_it_ends(feeds):
    feeds.mute([], "btc", lasting=True)
    one = listener()
    feeds.add(("trade", 1), ("btc",), one)

    assert feeds.get(("trade", 1)) == []
    assert [connections for _, connections in feeds.everyone()] == [[one]]
    feeds.unmute(feeds.muted_keys(), "btc")
    assert feeds.get(("trade", 1)) == [one]


@given(st.lists(st.integers(0, 5 * SECOND), min_size=1, max_size=8))
def test_each_trade_is_told_once_whatever_the_steps(steps):
    pump = TradePump(TAPE)
    pump.want(0, NOON)
    pump.want(2, NOON)
    now, told = NOON, []
    for step in steps:
        now += step
        for trades in pump.due(now):
            told += list(zip(trades.at.tolist(), trades.which.tolist(), trades.number.tolist(), strict=True))

    both = np.array([0, 2])
    starts, stops = TAPE.count_at(NOON, both).tolist(), TAPE.count_at(now, both).tolist()
    expected = {(i, k) for i, a, b in zip((0, 2), starts, stops, strict=True) for k in range(a, b)}
    assert {(which, number) for _, which, number in told} == expected
    assert len(told) == len(expected)
    assert told == sorted(told)


def test_a_clock_that_stands_tells_nothing():
    pump = TradePump(TAPE)
    pump.want(0, NOON)

    assert list(pump.due(NOON)) == []


def test_listings_nobody_wants_any_more_fall_silent():
    pump = TradePump(TAPE)
    pump.want(0, NOON)
    pump.want(1, NOON)
    pump.keep({1})

    assert {int(which) for trades in pump.due(NOON + 5 * SECOND) for which in trades.which} == {1}


def test_a_rota_calls_each_key_once_a_period():
    rota: Rota[str] = Rota(SECOND, most=10)
    for key in "abc":
        rota.add(key, NOON)
    rota.add("a", NOON)

    assert list(rota.due(NOON, lambda _: True)) == ["a", "b", "c"]
    assert list(rota.due(NOON + SECOND - 1, lambda _: True)) == []
    assert list(rota.due(NOON + SECOND, lambda key: key != "b")) == ["a", "c"]
    assert list(rota.due(NOON + 2 * SECOND, lambda _: True)) == ["a", "c"]


def test_a_full_rota_lets_nobody_starve():
    rota: Rota[int] = Rota(SECOND, most=3)
    for key in range(10):
        rota.add(key, NOON)

    called = [key for turn in range(4) for key in rota.due(NOON + turn, lambda _: True)]

    assert called == list(range(10))
