"""Wire forms of Kraken's WebSocket v2 and of its REST answers; numbers come as JSON numbers.

A v2 message is `{"channel":"…","type":"snapshot|update","data":[{…}]}`.
"""

from typing import Literal

from msgspec import Raw, Struct

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import (
    Amount,
    Field,
    Instant,
    Kind,
    Price,
    Quantity,
    Signed,
    Whole,
)
from crypto_portfolio_analyzer.core.market import RejectReason

VENUE = "kraken"

INTERVALS = {
    1: "1m",
    5: "5m",
    15: "15m",
    30: "30m",
    60: "1h",
    240: "4h",
    1440: "1d",
    10_080: "1w",
    21_600: "15d",
}
"""Timeframes by minutes."""


class TradeEntry(Struct, gc=False):
    """`{"symbol":"BTC/USD","side":"sell","price":0.5117,"qty":40.0,"trade_id":4665906,"timestamp":"…"}`."""

    symbol: str
    side: Literal["buy", "sell"]
    price: Price
    qty: Quantity
    timestamp: Instant
    trade_id: Whole | None = None


class TickerEntry(Struct, gc=False):
    """`{"symbol":"…","bid":0.1,"ask":0.2,"last":0.1,"volume":9.0,"vwap":0.1,"change":-0.02,"change_pct":-7.4,…}`."""

    symbol: str
    last: Price
    bid: Amount | None = None
    ask: Amount | None = None
    volume: Amount | None = None
    vwap: Amount | None = None
    low: Amount | None = None
    high: Amount | None = None
    change: Signed | None = None
    change_pct: Signed | None = None
    timestamp: Instant | None = None


class Candle(Struct, gc=False):
    """`{"symbol":"…","open":0.1,…,"trades":13,"vwap":0.1,"interval_begin":"…","interval":5}`."""

    symbol: str
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Amount
    interval_begin: Instant
    interval: Whole
    trades: Whole = 0
    vwap: Amount = 0.0


class BookLevel(Struct, gc=False):
    """`{"price":45285.2,"qty":0.00100000}`, kept as written: the checksum is made of the digits."""

    price: Raw
    qty: Raw


class BookEntry(Struct, gc=False):
    """`{"symbol":"…","bids":[…],"asks":[…],"checksum":3310070434,"timestamp":"…"}`."""

    symbol: str
    bids: list[BookLevel]
    asks: list[BookLevel]
    checksum: int | None = None
    timestamp: Instant | None = None


class StatusEntry(Struct, gc=False):
    """`{"system":"online","api_version":"v2","connection_id":13834774380200032777,"version":"2.0.0"}`."""

    system: str = ""


class Trades(Struct, gc=False, tag_field="channel", tag="trade"):
    """A snapshot (the last 50) or an update; `side` is the taker's."""

    data: list[TradeEntry]


class Tickers(Struct, gc=False, tag_field="channel", tag="ticker"):
    """A snapshot or an update."""

    data: list[TickerEntry]


class Candles(Struct, gc=False, tag_field="channel", tag="ohlc"):
    """A snapshot of past candles or an update of the forming one."""

    data: list[Candle]
    timestamp: Instant | None = None


class Books(Struct, gc=False, tag_field="channel", tag="book"):
    """A snapshot or an update of one symbol."""

    type: Literal["snapshot", "update"]
    data: list[BookEntry]


class SkippedBooks(Struct, gc=False, tag_field="channel", tag="book"):
    """A book message nobody wants: the parser passes over it and builds nothing."""


class Heartbeat(Struct, gc=False, tag_field="channel", tag="heartbeat"):
    """About once a second while nothing else is sent."""


class Status(Struct, gc=False, tag_field="channel", tag="status"):
    """The state of the trading engine, on connecting and when it changes."""

    data: list[StatusEntry] = []


_Plain = Trades | Tickers | Candles | Heartbeat | Status
Message = _Plain | Books
BooklessMessage = _Plain | SkippedBooks

_SYMBOL = Field("symbol", gate.text)
TRADE = Kind(
    VENUE,
    "trade",
    TradeEntry,
    (
        _SYMBOL,
        Field("side", gate.one_of("buy", "sell")),
        Field("price", gate.price),
        Field("qty", gate.quantity),
        Field("timestamp", gate.instant),
        Field("trade_id", gate.whole, optional=True),
    ),
)
TICKER = Kind(
    VENUE,
    "ticker",
    TickerEntry,
    (
        _SYMBOL,
        Field("last", gate.price),
        *(Field(key, gate.amount, optional=True) for key in ("bid", "ask", "volume", "vwap", "low", "high")),
        *(Field(key, gate.signed, optional=True) for key in ("change", "change_pct")),
        Field("timestamp", gate.instant, optional=True),
    ),
)
CANDLE = Kind(
    VENUE,
    "ohlc",
    Candle,
    (
        _SYMBOL,
        *(Field(key, gate.price) for key in ("open", "high", "low", "close")),
        Field("volume", gate.amount),
        Field("interval_begin", gate.instant),
        Field("interval", gate.whole),
        Field("trades", gate.whole, optional=True),
        Field("vwap", gate.amount, optional=True),
    ),
)


class PastTrade(Struct, gc=False, array_like=True):
    """`["30243.4","0.34507674",1688669597.8277369,"b","m","",61044952]`; `b`: the taker bought."""

    price: Price
    volume: Quantity
    time: str
    side: Literal["b", "s"]
    order: str = ""
    misc: str = ""
    trade_id: Whole | None = None


class PastCandle(Struct, gc=False, array_like=True):
    """`[1688671200,"30306.1","30306.2","30305.7","30305.7","30306.1","3.39243896",23]`."""

    time: Whole
    open: Price
    high: Price
    low: Price
    close: Price
    vwap: Amount
    volume: Amount
    trades: Whole = 0


class DayTicker(Struct, gc=False):
    """Arrays of [today, last 24 h], or of price and volumes: the form of REST and of v1."""

    c: tuple[Price, Amount]
    a: list[Amount] = []
    b: list[Amount] = []
    v: list[Amount] = []
    p: list[Amount] = []
    l: list[Amount] = []  # noqa: E741  # the venue's own name
    h: list[Amount] = []


class AssetPair(Struct, gc=False):
    """An entry of `AssetPairs`; dark pools have no `wsname`."""

    wsname: str
    tick_size: float | None = None
    status: str = "online"


PAST_TRADE = Kind(
    VENUE,
    "trade",
    PastTrade,
    (
        Field(0, gate.price),
        Field(1, gate.quantity),
        Field(2, gate.seconds),
        Field(3, gate.one_of("b", "s")),
    ),
)
PAST_CANDLE = Kind(
    VENUE,
    "ohlc",
    PastCandle,
    (
        Field(0, gate.seconds),
        *(Field(index, gate.price) for index in (1, 2, 3, 4)),
        Field(5, gate.amount),
        Field(6, gate.amount),
    ),
)


def amounts(value: object, received_at: int) -> RejectReason | None:
    """Judge a list of numbers."""
    if not isinstance(value, list):
        return RejectReason.SHAPE
    return next(filter(None, (gate.amount(each, received_at) for each in value)), None)


def _last(value: object, received_at: int) -> RejectReason | None:
    """Judge `["5525.1","0.0039"]`: the last price and its quantity."""
    if not isinstance(value, list) or not value:
        return RejectReason.SHAPE
    return gate.price(value[0], received_at) or amounts(value, received_at)


DAY_TICKER = Kind(
    VENUE,
    "ticker",
    DayTicker,
    (Field("c", _last), *(Field(key, amounts, optional=True) for key in "abvplh")),
)
