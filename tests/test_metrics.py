"""Metrics: declared once, at 0 from the start, with closed labels."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from crypto_portfolio_analyzer import metrics
from crypto_portfolio_analyzer.core.market import RejectReason
from crypto_portfolio_analyzer.metrics import ALL, OTHER, PREFIX, Buckets, Counter, Latency, Metrics
from crypto_portfolio_analyzer.streaming.streams import StreamStatus
from crypto_portfolio_analyzer.streaming.views import WatchState


def samples(page):
    """Return the numbers of a page by name and labels."""
    families = text_string_to_metric_families(page.decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def shown():
    return Metrics(["kraken", "binance"], version="9.9", started_at=5.0)


def test_every_metric_exists_at_zero_before_anything_happened(shown):
    page = samples(shown.render())

    for metric in ALL:
        suffix = {Counter: "_total", Latency: "_count"}.get(type(metric), "")
        values = [value for (name, _), value in page.items() if name == PREFIX + metric.name + suffix]
        assert values, metric.name
        if metric not in (metrics.BUILD, metrics.STARTED_AT):
            assert set(values) == {0.0}, metric.name


def test_every_value_of_a_closed_label_set_is_shown(shown):
    page = samples(shown.render())

    rejects = [dict(labels) for name, labels in page if name == PREFIX + "rejects_total"]
    assert {each["reason"] for each in rejects} == set(RejectReason)
    assert {each["venue"] for each in rejects} == {"binance", "kraken", OTHER}


def test_owners_of_one_metric_add_up(shown):
    shown.read(metrics.FACTS, lambda: {("binance", "trade"): 2})
    shown.read(metrics.FACTS, lambda: {("binance", "trade"): 3, ("kraken", "quote"): 1})
    shown.read(metrics.BUS_DEPTH, lambda: 7)

    page = samples(shown.render())

    assert page[PREFIX + "facts_total", frozenset({("venue", "binance"), ("kind", "trade")})] == 5
    assert page[PREFIX + "facts_total", frozenset({("venue", "kraken"), ("kind", "quote")})] == 1
    assert page[PREFIX + "bus_queue_depth", frozenset()] == 7


def test_labels_outside_the_closed_set_are_counted_as_other(shown):
    shown.read(metrics.FRAMES, lambda: {"0xdeadbeef": 4, "another": 1})

    page = samples(shown.render())

    assert page[PREFIX + "frames_total", frozenset({("venue", OTHER)})] == 5
    assert "0xdeadbeef" not in shown.render().decode()


def test_latencies_become_a_histogram_in_seconds(shown):
    buckets = Buckets()
    for milliseconds in (0.5, 20, 20, 400_000):
        buckets.observe(int(milliseconds * 1e6))
    shown.read_latency(lambda: {"binance": buckets})

    page = samples(shown.render())

    name, venue = PREFIX + "event_latency_seconds", ("venue", "binance")
    assert page[name + "_bucket", frozenset({venue, ("le", "0.001")})] == 1
    assert page[name + "_bucket", frozenset({venue, ("le", "0.025")})] == 3
    assert page[name + "_bucket", frozenset({venue, ("le", "+Inf")})] == 4
    assert page[name + "_sum", frozenset({venue})] == pytest.approx(400.0405)


def test_a_venues_clock_ahead_of_ours_counts_as_no_latency():
    buckets = Buckets()

    buckets.observe(-5)

    assert (buckets.counts[0], buckets.total) == (1, 0)


@given(st.lists(st.integers(0, 4 * 10**11), min_size=1))
def test_a_quantile_lies_within_its_bucket(durations):
    buckets = Buckets()
    for each in durations:
        buckets.observe(each)

    median = buckets.quantile(0.5)

    exact = sorted(durations)[(len(durations) - 1) // 2] / 1e9
    bounds = metrics.BOUNDS_SECONDS
    lower = max((bound for bound in bounds if bound < exact), default=0.0)
    upper = min((bound for bound in bounds if bound >= exact), default=bounds[-1])
    assert median is not None
    assert lower <= median <= upper


def test_no_durations_have_no_quantile():
    assert Buckets().quantile(0.5) is None


def test_build_and_start_are_told(shown):
    page = samples(shown.render())

    assert page[PREFIX + "build_info", frozenset({("version", "9.9")})] == 1
    assert page[PREFIX + "start_time_seconds", frozenset()] == 5


def test_names_follow_the_rules():
    names = [metric.name for metric in ALL]

    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z_]+", name) for name in names)
    assert not any(name.endswith("_total") or "milli" in name for name in names)


def test_label_sets_equal_those_of_their_owners():
    assert set(metrics.STATES) == set(StreamStatus)
    assert set(metrics.WATCH_STATES) == set(WatchState)
