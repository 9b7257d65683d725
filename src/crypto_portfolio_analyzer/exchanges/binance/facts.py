"""From Binance's wire forms to facts: which field means what.

A builder returns None when a message contradicts itself or the clock. Volumes are in base units (`v`) and quote
units (`q`); of the two changes `p` is in quote units and `P` in percent points.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from crypto_portfolio_analyzer.core.market import (
    Arrival,
    Bar,
    BarKind,
    BookDelta,
    BookSnapshot,
    Fact,
    Quote,
    Side,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.core.numbers import AHEAD_NANOSECONDS
from crypto_portfolio_analyzer.exchanges.binance.wire import (
    MILLISECOND,
    AggregateTrade,
    BookTicker,
    DayTicker,
    DepthSnapshot,
    DepthUpdate,
    Kline,
    MiniTicker,
    RestKline,
    RestTicker,
    SingleTrade,
    TradeForm,
)


def trade(
    venue: str, symbol: str, wire: TradeForm, received_at: int, arrival: Arrival = Arrival.LIVE
) -> Trade | None:
    """Return the trade: aggregate or single, streamed or of a REST answer; `arrival` says which of the two."""
    event_at = wire.T * MILLISECOND
    if event_at >= received_at + AHEAD_NANOSECONDS:
        return None
    side: Side = "sell" if wire.m else "buy"
    return Trade(venue, symbol, wire.p, wire.q, side, wire.number, event_at, received_at, arrival)


def day_ticker(venue: str, symbol: str, wire: DayTicker, received_at: int) -> Ticker | None:
    """Return the statistics; a market without bids, asks or trades states 0 or -1, which we leave out."""
    event_at = wire.E * MILLISECOND
    if event_at >= received_at + AHEAD_NANOSECONDS:
        return None
    return Ticker(
        venue,
        symbol,
        wire.c,
        event_at,
        received_at,
        wire.b or None,
        wire.a or None,
        wire.o or None,
        wire.h or None,
        wire.l or None,
        wire.v,
        wire.q,
        wire.p,
        wire.P,
        None if wire.L == -1 else wire.L,
    )


def mini_ticker(venue: str, symbol: str, wire: MiniTicker, received_at: int) -> Ticker | None:
    """Return the statistics a mini ticker tells."""
    event_at = wire.E * MILLISECOND
    if event_at >= received_at + AHEAD_NANOSECONDS:
        return None
    return Ticker(
        venue,
        symbol,
        wire.c,
        event_at,
        received_at,
        None,
        None,
        wire.o or None,
        wire.h or None,
        wire.l or None,
        wire.v,
        wire.q,
    )


def polled_ticker(venue: str, symbol: str, wire: RestTicker, received_at: int) -> Ticker | None:
    """Return the polled statistics; their instant is the end of the window."""
    event_at = wire.close_time * MILLISECOND
    if event_at >= received_at + AHEAD_NANOSECONDS:
        return None
    return Ticker(
        venue,
        symbol,
        wire.last_price,
        event_at,
        received_at,
        bid=wire.bid_price or None,
        ask=wire.ask_price or None,
        open_24h=wire.open_price or None,
        high_24h=wire.high_price or None,
        low_24h=wire.low_price or None,
        volume_24h=wire.volume,
        quote_volume_24h=wire.quote_volume,
        change_24h=wire.price_change,
        change_percent_24h=wire.price_change_percent,
        last_trade_id=None if wire.last_id == -1 else wire.last_id,
        polled=True,
    )


def quote(venue: str, symbol: str, wire: BookTicker, received_at: int) -> Quote | None:
    """Return the quote; spot tells no time, so it happened when it arrived."""
    event_at = received_at if wire.E is None else wire.E * MILLISECOND
    if event_at >= received_at + AHEAD_NANOSECONDS:
        return None
    return Quote(venue, symbol, wire.b, wire.B, wire.a, wire.A, event_at, received_at)


def live_bar(venue: str, symbol: str, wire: Kline, received_at: int) -> Bar | None:
    """Return the forming or just closed bar."""
    candle = wire.k
    open_at, latest = candle.t * MILLISECOND, received_at + AHEAD_NANOSECONDS
    event_at = wire.E * MILLISECOND
    if open_at >= latest or event_at >= latest or not _is_bar(candle):
        return None
    return Bar(
        venue,
        symbol,
        candle.i,
        open_at,
        (candle.T + 1) * MILLISECOND,
        candle.o,
        candle.h,
        candle.l,
        candle.c,
        candle.v,
        candle.x,
        received_at,
        candle.q,
        candle.V,
        candle.n,
    )


def past_bar(venue: str, symbol: str, timeframe: str, wire: RestKline, received_at: int) -> Bar | None:
    """Return the bar of a REST answer; the newest one may still be forming."""
    open_at = wire.t * MILLISECOND
    if open_at >= received_at + AHEAD_NANOSECONDS or not _is_bar(wire):
        return None
    close_at = (wire.T + 1) * MILLISECOND
    return Bar(
        venue,
        symbol,
        timeframe,
        open_at,
        close_at,
        wire.o,
        wire.h,
        wire.l,
        wire.c,
        wire.v,
        close_at <= received_at,
        received_at,
        quote_volume=wire.q,
        buy_volume=wire.V,
        trades=wire.n,
        kind=BarKind.BACKFILLED,
    )


def _is_bar(wire: Any) -> bool:
    """Tell whether high and low enclose open and close, and the end follows the start."""
    low, high = wire.l, wire.h
    return bool(low <= wire.o <= high and low <= wire.c <= high and wire.t < wire.T)


def book_delta(venue: str, symbol: str, wire: DepthUpdate, received_at: int) -> BookDelta | None:
    """Return the changed levels."""
    event_at = wire.E * MILLISECOND
    first_id, last_id = wire.U, wire.u
    if event_at >= received_at + AHEAD_NANOSECONDS or first_id > last_id:
        return None
    return BookDelta(venue, symbol, wire.b, wire.a, first_id, last_id, event_at, received_at, wire.pu)


def book_snapshot(venue: str, symbol: str, wire: DepthSnapshot, received_at: int) -> BookSnapshot | None:
    """Return the whole book, or the top of it; spot tells no time."""
    event_at = received_at if wire.E is None else wire.E * MILLISECOND
    if event_at >= received_at + AHEAD_NANOSECONDS:
        return None
    return BookSnapshot(venue, symbol, wire.bids, wire.asks, wire.last_update_id, event_at, received_at)


Builder = Callable[[str, str, Any, int], Fact | None]
BUILDERS: Final[Mapping[type, Builder]] = {
    AggregateTrade: trade,
    SingleTrade: trade,
    DayTicker: day_ticker,
    MiniTicker: mini_ticker,
    BookTicker: quote,
    Kline: live_bar,
    DepthUpdate: book_delta,
}
