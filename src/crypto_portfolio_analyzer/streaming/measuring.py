"""Measuring: tell the metrics page where the numbers of feeds and bus are."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from crypto_portfolio_analyzer import metrics as m
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.venue import VenueFeed


def measure(feeds: PriceFeedManager, metrics: m.Metrics) -> None:
    """Hand in every number that is read at a scrape; the hot path only counts in plain ints."""
    for metric, number in _BY_VENUE.items():
        metrics.read(metric, _by_venue(feeds, number))
    metrics.read(m.FACTS, _by_pair(feeds, VenueFeed.counts))
    metrics.read(m.REJECTS, _by_pair(feeds, lambda feed: feed.rejects))
    metrics.read(m.CONNECTIONS, _by_pair(feeds, lambda feed: feed.plan.statuses()))
    metrics.read(m.REST_REQUESTS, _by_pair(feeds, lambda feed: feed.rest.outcomes))
    metrics.read(m.FEED_AGE, lambda: {view.venue: view.age_seconds or 0.0 for view in feeds.health()})
    metrics.read(m.WATCHES, lambda: Counter(str(view.state) for view in feeds.watches()))
    metrics.read_latency(lambda: {name: feed.latency for name, feed in feeds.feeds.items()})
    for metric, key in _OF_BUS.items():
        metrics.read(metric, _of_bus(feeds, key))


_BY_VENUE: dict[m.Declared, Callable[[VenueFeed], float]] = {
    m.FRAMES: lambda feed: feed.plan.frames(),
    m.RECONNECTS: lambda feed: feed.plan.reconnects(),
    m.SUBSCRIPTIONS: lambda feed: feed.plan.size,
    m.GAPS: lambda feed: feed.gaps,
    m.GAPS_OPEN: lambda feed: sum(seat.gaps_open for seat in feed.seats.values()),
    m.BACKFILLED: lambda feed: feed.backfilled,
    m.REST_WEIGHT: lambda feed: feed.rest.weight,
}

_OF_BUS: dict[m.Declared, tuple[str, ...]] = {
    m.BUS_PUBLISHED: ("events_published",),
    m.BUS_PROCESSED: ("events_processed",),
    m.BUS_DROPPED: ("events_dropped", "events_conflated"),
    m.BUS_DEPTH: ("queue_size",),
}


def _by_venue(
    feeds: PriceFeedManager, number: Callable[[VenueFeed], float]
) -> Callable[[], dict[str, float]]:
    return lambda: {name: float(number(feed)) for name, feed in feeds.feeds.items()}


def _by_pair(
    feeds: PriceFeedManager, counts: Callable[[VenueFeed], Counter[Any]]
) -> Callable[[], dict[tuple[str, ...], float]]:
    return lambda: {
        (name, str(key)): float(count)
        for name, feed in feeds.feeds.items()
        for key, count in counts(feed).items()
    }


def _of_bus(feeds: PriceFeedManager, keys: tuple[str, ...]) -> Callable[[], float]:
    return lambda: float(sum(feeds.bus.get_bus_stats()[key] for key in keys))
