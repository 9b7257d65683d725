"""Tests of core/series/price.py; the bar series stand in test_kinds.py."""

import math

import pytest

from crypto_portfolio_analyzer.core.series.catalog import SERIES, Domain, TickState

STATE = TickState(
    price=110.0, bid=99.0, ask=101.0, open_24h=100.0, high_24h=120.0, low_24h=90.0, volume_24h=7.0
)
VALUES = {
    "price": 110.0,
    "bid": 99.0,
    "ask": 101.0,
    "mid": 100.0,
    "spread": 2.0,
    "spread_bps": 200.0,
    "change_24h": 10.0,
    "change_percent_24h": 10.0,
    "high_24h": 120.0,
    "low_24h": 90.0,
    "volume_24h": 7.0,
}


def read(name, state):
    kind = SERIES[name]
    assert kind.read is not None
    assert kind.domain is Domain.TICK
    return kind.read(state, 0)


@pytest.mark.parametrize("name", VALUES)
def test_tick_series_read_the_newest_state(name):
    assert read(name, STATE) == pytest.approx(VALUES[name])


@pytest.mark.parametrize("name", VALUES)
def test_what_no_venue_has_told_is_unknown(name):
    assert math.isnan(read(name, TickState()))


def test_a_change_from_nothing_is_unknown():
    assert math.isnan(read("change_percent_24h", TickState(price=1.0, open_24h=0.0)))


def test_german_sentences_have_their_accusative():
    assert SERIES["price"].summary["de_acc"] == "den Preis"
    assert SERIES["ema"].summary["de_acc"].format(length=50) == "den EMA(50)"
