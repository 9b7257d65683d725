"""How the feeds do: numbers, and the one sentence that comes before them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.views import FeedView, WatchState, WatchView

WELL = frozenset({WatchState.LIVE, WatchState.WAITING})
MOST_TROUBLED = 50
_CONNECTED = "connected"


def overview(feeds: PriceFeedManager, now: int, *, simulated: bool) -> dict[str, Any]:
    """Return the state of all feeds and watches, with the sentence that sums it up."""
    health, watches = feeds.health(), feeds.watches()
    troubled = [watch for watch in watches if watch.state not in WELL or (watch.reason and not watch.source)]
    worst = sentence(health, watches)
    return {
        "status": "degraded" if _is_degraded(health, watches) else "running",
        "verdict": worst,
        "feeds": [msgspec.to_builtins(feed) for feed in health],
        "watches": dict(Counter(str(watch.state) for watch in watches)),
        "troubled": [msgspec.to_builtins(watch) for watch in troubled[:MOST_TROUBLED]],
        "simulated": simulated,
        "server_time": iso(now),
    }


def sentence(feeds: Sequence[FeedView], watches: Sequence[WatchView]) -> str:
    """Say the worst thing first, or that all is well."""
    down = [feed for feed in feeds if feed.subscriptions and feed.status != _CONNECTED]
    if down:
        why = f" ({down[0].last_error})" if down[0].last_error else ""
        who = f"{down[0].label} is" if len(down) == 1 else f"{', '.join(feed.label for feed in down)} are"
        return f"{who} not connected{why}. {'It keeps' if len(down) == 1 else 'They keep'} trying; {_effect(watches)}."
    for state, words in (
        (WatchState.STALE, "no fresh price"),
        (WatchState.REFUSED, "refused by every venue"),
        (WatchState.FALLBACK, "served by a fallback venue"),
        (WatchState.POLLED, "polled, since no live stream delivers it"),
    ):
        hit = [watch for watch in watches if watch.state is state]
        if hit:
            more = f" and {len(hit) - 1} more" if len(hit) > 1 else ""
            return f"{hit[0].asked}{more}: {hit[0].reason or words}."
    return _all_well(feeds, watches)


def _effect(watches: Sequence[WatchView]) -> str:
    """Say what a lost connection does to prices: those that wait for their first one have none."""
    if all(watch.state is WatchState.LIVE for watch in watches):
        return "prices are not affected"
    if all(watch.state is WatchState.WAITING for watch in watches):
        return "there are no prices until then"
    return "prices may stand still"


def _all_well(feeds: Sequence[FeedView], watches: Sequence[WatchView]) -> str:
    live = sum(feed.status == _CONNECTED for feed in feeds)
    gaps = sum(feed.gaps_open for feed in feeds)
    waiting = sum(watch.state is WatchState.WAITING for watch in watches)
    first = f"{waiting} symbols wait for their first price" if waiting else "All well"
    return f"{first}. {live} {'feed' if live == 1 else 'feeds'} live, {gaps} open gaps."


def _is_degraded(feeds: Sequence[FeedView], watches: Sequence[WatchView]) -> bool:
    return any(feed.subscriptions and feed.status != _CONNECTED for feed in feeds) or any(
        watch.state not in WELL for watch in watches
    )
