"""The newest price of a symbol, and its bars."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from crypto_portfolio_analyzer.api.auth import READ
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.past import Span, bars_of
from crypto_portfolio_analyzer.api.schemas import (
    BarsView,
    BarView,
    MarketView,
    decimal_or_none,
    decimal_text,
    given_instant,
    iso,
)
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe

router = APIRouter(prefix="/api/market", tags=["market"], dependencies=[READ])

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
    found = await bars_of(
        house.market, house.bars, view, Span(frame, given_instant(start), given_instant(end), limit)
    )
    return BarsView(
        symbol=symbol,
        market=view.symbol,
        timeframe=frame,
        source=found[-1].venue if found else (view.source or ""),
        simulated=house.simulated,
        bars=[_bar(bar) for bar in found],
    )


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
