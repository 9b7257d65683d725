"""Wire forms of Coinbase Exchange: its feed's messages and its REST answers."""

from typing import Any, Literal

from msgspec import Struct

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import (
    Amount,
    Field,
    Instant,
    Kind,
    Levels,
    Price,
    Quantity,
    Whole,
)
from crypto_portfolio_analyzer.core.market import RejectReason

VENUE = "coinbase"


class Match(Struct, gc=False, tag_field="type", tag="match"):
    """`{"type":"match","trade_id":10,"side":"sell","size":"5.2","price":"400.2","product_id":"BTC-USD",…}`."""

    trade_id: Whole
    side: Literal["buy", "sell"]
    size: Quantity
    price: Price
    product_id: str
    time: Instant


class LastMatch(Match, tag="last_match"):
    """The newest trade before the subscription; as a match."""


class TickerMessage(Struct, gc=False, tag_field="type", tag="ticker"):
    """`{"type":"ticker","product_id":"BTC-USD","price":"…","open_24h":"…","best_bid":"…","time":"…",…}`."""

    product_id: str
    price: Price
    time: Instant | None = None
    open_24h: Amount | None = None
    high_24h: Amount | None = None
    low_24h: Amount | None = None
    volume_24h: Amount | None = None
    best_bid: Amount | None = None
    best_ask: Amount | None = None
    trade_id: Whole | None = None


class Heartbeat(Struct, gc=False, tag_field="type", tag="heartbeat"):
    """`{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"…"}`."""

    product_id: str
    sequence: Whole
    last_trade_id: Whole = 0


class ChannelList(Struct, gc=False):
    """A channel and its products, as the feed names them in an acknowledgement."""

    name: str
    product_ids: list[str] = []


class Subscriptions(Struct, gc=False, tag_field="type", tag="subscriptions"):
    """`{"type":"subscriptions","channels":[{"name":"matches","product_ids":["BTC-USD"]}]}`."""

    channels: list[ChannelList] = []


class ErrorMessage(Struct, gc=False, tag_field="type", tag="error"):
    """`{"type":"error","message":"Failed to subscribe","reason":"XX-USD is not a valid product"}`."""

    message: str = ""
    reason: str = ""


class Snapshot(Struct, gc=False, tag_field="type", tag="snapshot"):
    """`{"type":"snapshot","product_id":"BTC-USD","asks":[["400.3","1.5"]],"bids":[["400.1","2"]]}`."""

    product_id: str
    asks: Levels
    bids: Levels
    time: Instant | None = None


class LevelUpdate(Struct, gc=False, tag_field="type", tag="l2update"):
    """`{"type":"l2update","product_id":"BTC-USD","changes":[["sell","400.3","0.0"]],"time":"…"}`."""

    product_id: str
    changes: list[tuple[Literal["buy", "sell"], Price, Amount]]
    time: Instant | None = None


class SkippedSnapshot(Struct, gc=False, tag_field="type", tag="snapshot"):
    """A snapshot nobody wants: the parser passes over it and builds nothing."""


class SkippedUpdate(Struct, gc=False, tag_field="type", tag="l2update"):
    """An update nobody wants."""


class PastTrade(Struct, gc=False):
    """`{"time":"…","trade_id":74,"price":"10.0","size":"0.01","side":"buy"}`; `side` is the maker's, too."""

    trade_id: Whole
    side: Literal["buy", "sell"]
    size: Quantity
    price: Price
    time: Instant


class Candle(Struct, gc=False, array_like=True):
    """`[1786320000, 63733.03, 65341.83, 64848.68, 63911.88, 6197.02]`: low before high, open before close."""

    time: Whole
    low: Price
    high: Price
    open: Price
    close: Price
    volume: Amount


class Stats(Struct, gc=False):
    """`{"open":"…","high":"…","low":"…","last":"…","volume":"…"}`: the last 24 h, without any instant."""

    last: Price
    open: Amount | None = None
    high: Amount | None = None
    low: Amount | None = None
    volume: Amount | None = None


class BookLevel(Struct, gc=False, array_like=True):
    """`["400.3", "1.5", 3]`: price, size and number of orders."""

    price: Price
    size: Amount


class BookBody(Struct, gc=False):
    """The answer of `/products/<id>/book?level=2`."""

    bids: list[BookLevel]
    asks: list[BookLevel]
    sequence: Whole = 0
    time: Instant | None = None


class Product(Struct, gc=False):
    """An entry of `/products`."""

    id: str
    base_currency: str
    quote_currency: str
    quote_increment: float | None = None
    status: str = "online"
    trading_disabled: bool = False


def _changes(value: object, received_at: int) -> RejectReason | None:
    """Judge `[["sell", "400.3", "0.0"]]`."""
    if not isinstance(value, list) or not all(isinstance(change, list) for change in value):
        return RejectReason.SHAPE
    return gate.levels([change[1:] for change in value], received_at)


_SIDE = Field("side", gate.one_of("buy", "sell"))
_TRADE = (
    Field("trade_id", gate.whole),
    Field("price", gate.price),
    Field("size", gate.quantity),
    _SIDE,
    Field("time", gate.instant),
)
_PRODUCT = Field("product_id", gate.text)
_TIME = Field("time", gate.instant, optional=True)
_BOOK = (Field("bids", gate.levels), Field("asks", gate.levels), _TIME)

MATCH = Kind(VENUE, "match", Match, (*_TRADE, _PRODUCT))
LAST_MATCH = Kind(VENUE, "last_match", LastMatch, (*_TRADE, _PRODUCT))
TICKER = Kind(
    VENUE,
    "ticker",
    TickerMessage,
    (
        _PRODUCT,
        Field("price", gate.price),
        _TIME,
        *(
            Field(key, gate.amount, optional=True)
            for key in ("open_24h", "high_24h", "low_24h", "volume_24h", "best_bid", "best_ask")
        ),
        Field("trade_id", gate.whole, optional=True),
    ),
)
HEARTBEAT = Kind(
    VENUE,
    "heartbeat",
    Heartbeat,
    (_PRODUCT, Field("sequence", gate.whole), Field("last_trade_id", gate.whole, optional=True)),
)
SUBSCRIPTIONS = Kind(VENUE, "subscriptions", Subscriptions)
ERROR = Kind(VENUE, "error", ErrorMessage)
SNAPSHOT = Kind(VENUE, "snapshot", Snapshot, (_PRODUCT, *_BOOK))
LEVEL_UPDATE = Kind(VENUE, "l2update", LevelUpdate, (_PRODUCT, Field("changes", _changes), _TIME))
_ALL: tuple[Kind[Any], ...] = (
    MATCH,
    LAST_MATCH,
    TICKER,
    HEARTBEAT,
    SUBSCRIPTIONS,
    ERROR,
    SNAPSHOT,
    LEVEL_UPDATE,
)
MESSAGES = {kind.name: kind for kind in _ALL}

_Plain = Match | LastMatch | TickerMessage | Heartbeat | Subscriptions | ErrorMessage
Message = _Plain | Snapshot | LevelUpdate
BooklessMessage = _Plain | SkippedSnapshot | SkippedUpdate

PAST_TRADE = Kind(VENUE, "trade", PastTrade, _TRADE)
CANDLE = Kind(
    VENUE,
    "candle",
    Candle,
    (
        Field(0, gate.seconds),
        *(Field(index, gate.price) for index in (1, 2, 3, 4)),
        Field(5, gate.amount),
    ),
)
STATS = Kind(
    VENUE,
    "stats",
    Stats,
    (
        Field("last", gate.price),
        *(Field(key, gate.amount, optional=True) for key in ("open", "high", "low", "volume")),
    ),
)
BOOK = Kind(VENUE, "book", BookBody, _BOOK)
