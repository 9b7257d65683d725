"""The newest price of a symbol, and its bars."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from msgspec import Struct

from crypto_portfolio_analyzer.api.auth import USER
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.schemas import (
    BarsView,
    BarView,
    MarketView,
    decimal_or_none,
    decimal_text,
    instant,
    iso,
)
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.errors import StorageError
from crypto_portfolio_analyzer.streaming.views import WatchView

router = APIRouter(prefix="/api/market", tags=["market"], dependencies=[USER])

SymbolText = Annotated[str, Path(description="`BTCUSDT` or `BTC-USDT`", max_length=64)]


@router.get("/{symbol}")
async def market(house: House, symbol: SymbolText) -> MarketView:
    """Return the newest known state of a symbol; one nobody watches is asked for and answered in 3 s."""
    latest = await house.watching.latest(symbol)
    instrument = house.market.instrument(latest.symbol)
    return MarketView(
        symbol=symbol,
        market=latest.symbol,
        price=decimal_text(latest.price),
        bid=decimal_or_none(latest.bid),
        ask=decimal_or_none(latest.ask),
        change_24h=decimal_or_none(latest.change_24h),
        change_percent_24h=decimal_or_none(latest.change_percent_24h),
        volume_24h=decimal_or_none(latest.volume_24h),
        high_24h=decimal_or_none(latest.high_24h),
        low_24h=decimal_or_none(latest.low_24h),
        event_at=iso(latest.event_at),
        received_at=iso(latest.received_at),
        source=latest.source,
        kind=latest.kind,
        age_seconds=round(max(0, house.clock.now() - latest.event_at) / 1e9, 3),
        stale=house.market.is_stale(latest.symbol),
        simulated=latest.simulated,
        tick_size=decimal_or_none(instrument.tick_size) if instrument else None,
    )


@router.get("/{symbol}/bars")
async def bars(
    house: House,
    symbol: SymbolText,
    timeframe: Annotated[str, Query(examples=["1h"])] = "1m",
    start: Annotated[datetime | None, Query(description="first open_at; a zone-less time is UTC")] = None,
    end: Annotated[datetime | None, Query(description="open_at below this")] = None,
    limit: Annotated[
        int, Query(ge=1, le=1000, description="newest bars win; up to 1000, since bars are small")
    ] = 200,
) -> BarsView:
    """Return bars, oldest first; the last may still be forming."""
    frame = parse_timeframe(timeframe).name
    view = await house.watching.visit(symbol)
    found = await _bars(house, view, Span(frame, _at(start), _at(end), limit))
    return BarsView(
        symbol=symbol,
        market=view.symbol,
        timeframe=frame,
        source=found[-1].venue if found else (view.source or ""),
        simulated=house.simulated,
        bars=[_bar(bar) for bar in found],
    )


class Span(Struct, frozen=True):
    """Which bars are asked for; instants in ns."""

    timeframe: str
    start: int | None
    end: int | None
    limit: int


async def _bars(house: Doors, view: WatchView, span: Span) -> list[Bar]:
    """Return bars from memory, and what lies before them from the store."""
    found = house.market.bars(view.symbol, span.timeframe, start=span.start, end=span.end, limit=span.limit)
    begin = found[0].open_at if found else span.end
    is_whole = found and (begin == span.start or (span.start is None and len(found) >= span.limit))
    if is_whole or view.source is None:
        return found
    missing = span.limit if span.start is not None else span.limit - len(found)
    with suppress(StorageError):  # a dead database costs the past, never the present
        older = await house.bars.load(
            view.source, view.symbol, span.timeframe, start=span.start, end=begin, limit=missing
        )
        found = [*older, *found]
    return found[: span.limit] if span.start is not None else found


def _at(given: datetime | None) -> int | None:
    if given is None:
        return None
    return instant(given if given.tzinfo else given.replace(tzinfo=UTC))


def _bar(bar: Bar) -> BarView:
    return BarView(
        open_at=iso(bar.open_at),
        open=decimal_text(bar.open),
        high=decimal_text(bar.high),
        low=decimal_text(bar.low),
        close=decimal_text(bar.close),
        volume=decimal_text(bar.volume),
        closed=bar.closed,
        kind=bar.kind,
    )
