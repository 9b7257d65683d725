"""Tests of core/series/feed.py."""

import math

from crypto_portfolio_analyzer.core.series.catalog import SERIES, TickState


def read(name, state, now=0):
    kind = SERIES[name]
    assert kind.read is not None
    return kind.read(state, now)


def test_age_grows_with_time_alone():
    state = TickState(heard_at=5 * 10**9)

    assert read("feed.age", state, now=8 * 10**9) == 3.0
    assert SERIES["feed.age"].by_time


def test_age_is_unknown_before_anything_came():
    assert math.isnan(read("feed.age", TickState(), now=10**9))


def test_a_gap_is_a_flag_and_sources_are_counted():
    assert (read("feed.gap", TickState(gap=True)), read("feed.gap", TickState())) == (1.0, 0.0)
    assert read("feed.source_count", TickState(sources=2)) == 2.0
    assert not SERIES["feed.gap"].by_time
