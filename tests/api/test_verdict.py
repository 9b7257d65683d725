"""The one sentence about the feeds."""

from typing import Any

import pytest

from crypto_portfolio_analyzer.api.verdict import sentence
from crypto_portfolio_analyzer.streaming.views import FeedView, WatchState, WatchView


def feed(venue: str = "binance", status: str = "connected", **changes: Any) -> FeedView:
    values: dict[str, Any] = {
        "venue": venue,
        "label": venue.title(),
        "status": status,
        "simulated": False,
        "connections": 1,
        "subscriptions": 2,
        "facts": 10,
        "rejects": {},
        "reconnects": 0,
        "gaps": 0,
        "gaps_open": 0,
        "backfilled": 0,
        "latency_ms": 5.0,
        "age_seconds": 0.1,
    }
    return FeedView(**{**values, **changes})


def watch(asked: str = "BTC", state: WatchState = WatchState.LIVE, reason: str = "") -> WatchView:
    return WatchView(asked, "BTC/USDT", "binance", state, 1, 0.1, 0.5, reason)


def test_all_well_is_said_first_when_it_is() -> None:
    assert sentence([feed()], [watch()]) == "All well. 1 feed live, 0 open gaps."


def test_a_feed_that_is_down_comes_before_everything() -> None:
    down = feed(status="error", last_error="refused")

    told = sentence([down, feed("kraken")], [watch(state=WatchState.STALE)])

    assert told == "Binance is not connected (refused). It keeps trying; prices may stand still."


def test_a_spare_feed_that_is_down_does_no_harm() -> None:
    told = sentence([feed(), feed("kraken", "reconnecting")], [watch()])

    assert told.endswith("prices are not affected.")


def test_a_feed_nobody_needs_is_not_down() -> None:
    assert sentence([feed(), feed("kraken", "idle", subscriptions=0)], [watch()]).startswith("All well")


@pytest.mark.parametrize(
    "state", [WatchState.STALE, WatchState.REFUSED, WatchState.FALLBACK, WatchState.POLLED]
)
def test_a_symbol_in_trouble_is_named_with_its_reason(state: WatchState) -> None:
    told = sentence([feed()], [watch("ETH"), watch("SOL", state, "binance is silent"), watch("ADA", state)])

    assert told == "SOL and 1 more: binance is silent."


def test_symbols_that_wait_are_counted() -> None:
    assert sentence([feed()], [watch(state=WatchState.WAITING)]).startswith(
        "1 symbols wait for their first price."
    )


def test_when_every_venue_is_down_from_the_start_nobody_says_that_prices_are_fine() -> None:
    down = [feed("binance", "error", last_error="no route"), feed("kraken", "reconnecting")]

    told = sentence(down, [watch(state=WatchState.WAITING)])

    assert told == (
        "Binance, Kraken are not connected (no route). They keep trying; there are no prices until then."
    )
