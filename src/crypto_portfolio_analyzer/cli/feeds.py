"""Prices without a server: feeds in this process, for commands that look and keep nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from difflib import get_close_matches

from crypto_portfolio_analyzer.app import ask, feeds_of
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.errors import ConnectionLost, UnknownName
from crypto_portfolio_analyzer.settings import Settings, clock_of
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.venue import VenueFeed
from crypto_portfolio_analyzer.streaming.views import WatchView

LOOK_EVERY = 0.05
LISTS_WITHIN = 3.0
"""Seconds in which the venues' lists of markets usually arrive."""


def interval_url(seconds: float | None) -> str | None:
    """Return the address of the mock provider that speaks every so many seconds; None for the usual one."""
    return None if seconds is None else f"mock:?interval={seconds:g}"


@asynccontextmanager
async def opened(settings: Settings, clock: Clock | None = None) -> AsyncIterator[PriceFeedManager]:
    """Run feeds that want the configured symbols; they are stopped at the end."""
    feeds = feeds_of(settings, clock or clock_of(settings))
    ask(feeds, settings)
    await feeds.start()
    try:
        yield feeds
    finally:
        await feeds.stop()


def unknown_symbol(feeds: PriceFeedManager, *, since: float) -> UnknownName | None:
    """Return the first watched symbol that no venue has; None while one may have it.

    The lists of markets, from which the nearest one is named, get a moment from `since` (monotonic) on.
    """
    awaited = any(feeds.market.is_listed(name, "") is None for name in feeds.feeds)
    if awaited and feeds.clock.monotonic() - since < LISTS_WITHIN:
        return None
    for watch in feeds.watches():
        if all(_has_not(feed, watch, feeds.market) for feed in feeds.feeds.values()):
            known = {each.symbol for each in feeds.market.instruments()}
            return UnknownName("symbol", watch.asked, _spelled_like(watch.asked, known))
    return None


async def priced(feeds: PriceFeedManager, seconds: float) -> list[WatchView]:
    """Wait until every watched symbol has a price or `seconds` are over; return those without one.

    Raises:
        UnknownName: no venue has a symbol.
        ConnectionLost: no venue can be reached.

    """
    began = feeds.clock.monotonic()
    while True:
        missing = [watch for watch in feeds.watches() if feeds.market.latest(watch.symbol) is None]
        unknown = unknown_symbol(feeds, since=began) if missing else None
        if unknown is not None:
            raise unknown
        if not missing or feeds.clock.monotonic() - began >= seconds:
            break
        await feeds.clock.sleep(LOOK_EVERY)
    health = feeds.health()
    if missing and not any(feed.status in ("connected", "idle") for feed in health):
        raise ConnectionLost(health[0].label, health[0].last_error or "no connection")
    return missing


def _has_not(feed: VenueFeed, watch: WatchView, market: Market) -> bool:
    symbol = parse_symbol(watch.asked).canonical(feed.exchange.default_quote)
    return feed.refusal(symbol) is not None or market.is_listed(feed.exchange.name, symbol) is False


def _spelled_like(asked: str, known: set[str]) -> list[str]:
    """Return what is most like the text, as lone assets for a lone asset."""
    names = {symbol.partition("/")[0] for symbol in known} if parse_symbol(asked).quote is None else known
    return get_close_matches(asked.upper(), sorted(names), n=5, cutoff=0.5)
