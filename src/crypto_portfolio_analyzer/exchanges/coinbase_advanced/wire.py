"""Wire forms of Coinbase Advanced Trade: its feed's messages and its REST answers.

Every message is `{"channel":"…","timestamp":"…","sequence_num":7,"events":[{…}]}`; the sequence counts all
messages of a connection.
"""

from typing import Literal

from msgspec import Struct

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

VENUE = "coinbase_advanced"


class MarketTrade(Struct, gc=False):
    """`{"product_id":"BTC-USD","trade_id":"1068","price":"65083.67","size":"0.002","time":"…","side":"SELL"}`."""

    product_id: str
    trade_id: Whole
    price: Price
    size: Quantity
    time: Instant
    side: Literal["BUY", "SELL"]


class TradesEvent(Struct, gc=False):
    """`snapshot` (the last 100, on subscribing) or `update`; trades of either come newest first."""

    trades: list[MarketTrade]


class TickerEntry(Struct, gc=False):
    """`{"product_id":"BTC-USD","price":"…","volume_24_h":"…","price_percent_chg_24_h":"0.096","best_bid":"…",…}`."""

    product_id: str
    price: Price
    volume_24_h: Amount | None = None
    low_24_h: Amount | None = None
    high_24_h: Amount | None = None
    price_percent_chg_24_h: Signed | None = None
    best_bid: Amount | None = None
    best_ask: Amount | None = None


class TickersEvent(Struct, gc=False):
    """A snapshot or an update."""

    tickers: list[TickerEntry]


class Candle(Struct, gc=False):
    """`{"start":"1786279500","high":"…","low":"…","open":"…","close":"…","volume":"…","product_id":"ETH-USD"}`."""

    start: Whole
    high: Price
    low: Price
    open: Price
    close: Price
    volume: Amount
    product_id: str = ""


class CandlesEvent(Struct, gc=False):
    """A snapshot (the last 100) or an update of the forming one; the feed knows bars of 5 m only."""

    candles: list[Candle]


class HeartbeatEvent(Struct, gc=False):
    """`{"current_time":"…","heartbeat_counter":41691}`."""

    heartbeat_counter: Whole


class SubscriptionsEvent(Struct, gc=False):
    """`{"subscriptions":{"market_trades":["BTC-USD","ETH-USD"]}}`."""

    subscriptions: dict[str, list[str]]


class LevelChange(Struct, gc=False):
    """`{"side":"bid","event_time":"…","price_level":"65083.66","new_quantity":"0.2"}`."""

    side: Literal["bid", "offer"]
    price_level: Price
    new_quantity: Amount


class LevelsEvent(Struct, gc=False):
    """One product's snapshot or update."""

    type: Literal["snapshot", "update"]
    product_id: str
    updates: list[LevelChange]


class Trades(Struct, gc=False, tag_field="channel", tag="market_trades"):
    """Trades of the last 250 ms."""

    sequence_num: Whole
    events: list[TradesEvent]


class Tickers(Struct, gc=False, tag_field="channel", tag="ticker"):
    """Statistics, on every match."""

    sequence_num: Whole
    timestamp: Instant
    events: list[TickersEvent]


class TickerBatch(Tickers, tag="ticker_batch"):
    """Statistics, every 5 s."""


class Candles(Struct, gc=False, tag_field="channel", tag="candles"):
    """Bars of 5 m, every second."""

    sequence_num: Whole
    timestamp: Instant
    events: list[CandlesEvent]


class Heartbeats(Struct, gc=False, tag_field="channel", tag="heartbeats"):
    """Every second; keeps quiet subscriptions open."""

    sequence_num: Whole
    events: list[HeartbeatEvent]


class Subscriptions(Struct, gc=False, tag_field="channel", tag="subscriptions"):
    """What the connection is subscribed to, after each request."""

    sequence_num: Whole
    events: list[SubscriptionsEvent]


class Levels(Struct, gc=False, tag_field="channel", tag="l2_data"):
    """Book levels; asked for as `level2`."""

    sequence_num: Whole
    timestamp: Instant
    events: list[LevelsEvent]


class SkippedLevels(Struct, gc=False, tag_field="channel", tag="l2_data"):
    """Book levels nobody wants: the parser passes over them and builds nothing."""

    sequence_num: Whole


_Plain = Trades | Tickers | TickerBatch | Candles | Heartbeats | Subscriptions
Message = _Plain | Levels
BooklessMessage = _Plain | SkippedLevels


class Product(Struct, gc=False):
    """An entry of `/market/products`; a missing price is an empty text."""

    product_id: str
    base_currency_id: str = ""
    quote_currency_id: str = ""
    price_increment: float | None = None
    status: str = "online"
    trading_disabled: bool = False
    is_disabled: bool = False
    product_type: str = "SPOT"


class ProductStatistics(Struct, gc=False):
    """The same entry, for its statistics."""

    product_id: str
    price: Price
    price_percentage_change_24h: Signed | None = None
    volume_24h: Amount | None = None
    approximate_quote_24h_volume: Amount | None = None
    high_24h: Amount | None = None
    low_24h: Amount | None = None


_PRODUCT = Field("product_id", gate.text)
TRADE = Kind(
    VENUE,
    "market_trades",
    MarketTrade,
    (
        _PRODUCT,
        Field("trade_id", gate.whole),
        Field("price", gate.price),
        Field("size", gate.quantity),
        Field("time", gate.instant),
        Field("side", gate.one_of("BUY", "SELL")),
    ),
)
TICKER = Kind(
    VENUE,
    "ticker",
    TickerEntry,
    (
        _PRODUCT,
        Field("price", gate.price),
        *(
            Field(key, gate.amount, optional=True)
            for key in ("volume_24_h", "low_24_h", "high_24_h", "best_bid", "best_ask")
        ),
        Field("price_percent_chg_24_h", gate.signed, optional=True),
    ),
)
CANDLE = Kind(
    VENUE,
    "candles",
    Candle,
    (
        Field("start", gate.seconds),
        *(Field(key, gate.price) for key in ("high", "low", "open", "close")),
        Field("volume", gate.amount),
        Field("product_id", gate.text, optional=True),
    ),
)
LEVEL = Kind(
    VENUE,
    "l2_data",
    LevelChange,
    (
        Field("side", gate.one_of("bid", "offer")),
        Field("price_level", gate.price),
        Field("new_quantity", gate.amount),
    ),
)
STATISTICS = Kind(
    VENUE,
    "product",
    ProductStatistics,
    (
        _PRODUCT,
        Field("price", gate.price),
        *(
            Field(key, gate.amount, optional=True)
            for key in ("volume_24h", "approximate_quote_24h_volume", "high_24h", "low_24h")
        ),
        Field("price_percentage_change_24h", gate.signed, optional=True),
    ),
)
