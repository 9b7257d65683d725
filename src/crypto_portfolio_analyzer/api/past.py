"""Bars of the past: what the market remembers, and what lies before it in the store."""

from contextlib import suppress

from msgspec import Struct

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.errors import StorageError
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.views import WatchView


class Span(Struct, frozen=True):
    """Which bars are asked for; instants in ns, from `start` the first `limit`, without it the last."""

    timeframe: str
    start: int | None
    end: int | None
    limit: int


async def bars_of(market: Market, store: BarStore, view: WatchView, span: Span) -> list[Bar]:
    """Return bars of a watched symbol, oldest first; the last may still be forming."""
    found = market.bars(view.symbol, span.timeframe, start=span.start, end=span.end, limit=span.limit)
    begin = found[0].open_at if found else span.end
    is_whole = found and (begin == span.start or (span.start is None and len(found) >= span.limit))
    if is_whole or view.source is None:
        return found
    missing = span.limit if span.start is not None else span.limit - len(found)
    with suppress(StorageError):  # a dead database costs the past, never the present
        older = await store.load(
            view.source, view.symbol, span.timeframe, start=span.start, end=begin, limit=missing
        )
        found = [*older, *found]
    return found[: span.limit] if span.start is not None else found
