"""Wire forms of Binance: messages whose field types are the gate, so that the parser itself refuses bad numbers.

The bounds are a little tighter than those of `core.numbers`; what they refuse is read once more, slowly and exactly,
by `binance.careful`. So the quick way needs no second look at a number, and no good one is lost.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Raw, Struct, field

from crypto_portfolio_analyzer.core.numbers import EARLIEST, MAX_PRICE, MAX_QUANTITY

MILLISECOND: Final = 1_000_000
_TINY = 1e-9
"""No venue tick is smaller; below it a scientific notation may hide, so the text itself must be looked at."""
_LATEST = 1 << 43

Price = Annotated[float, Meta(gt=_TINY, lt=MAX_PRICE)]
OptionalPrice = Annotated[float, Meta(ge=0, lt=MAX_PRICE)] | None
"""A price that an idle market states as 0."""
Quantity = Annotated[float, Meta(gt=_TINY, lt=MAX_QUANTITY)]
Amount = Annotated[float, Meta(ge=0, lt=MAX_QUANTITY)]
"""A quantity that may be 0."""
OptionalAmount = Amount | None
Change = Annotated[float, Meta(gt=-MAX_PRICE, lt=MAX_PRICE)] | None
Identifier = Annotated[int, Meta(ge=0, lt=1 << 62)]
OptionalIdentifier = Annotated[int, Meta(ge=-1, lt=1 << 62)] | None
"""-1 where there is none."""
Milliseconds = Annotated[int, Meta(gt=EARLIEST // MILLISECOND, lt=_LATEST)]
OptionalMilliseconds = Milliseconds | None
LastMillisecond = Annotated[int, Meta(gt=0, lt=_LATEST)]
"""The end of a bar, which may lie ahead of us."""
Levels = tuple[tuple[Price, Amount], ...]
Interval = Literal[
    "1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"
]


class AggregateTrade(Struct, gc=False, tag_field="e", tag="aggTrade"):
    """All fills of one taker order at one price.

    `{"e":"aggTrade","E":1672515782136,"s":"BNBBTC","a":12345,"p":"0.001","q":"100","f":100,"l":105,
    "T":1672515782136,"m":true,"M":true}`; `m`: the buyer was the maker, so the taker sold.
    """

    s: str
    number: Identifier = field(name="a")
    p: Price
    q: Quantity
    T: Milliseconds
    m: bool


class SingleTrade(Struct, gc=False, tag_field="e", tag="trade"):
    """`{"e":"trade","E":…,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":…,"m":true,"M":true}`."""

    s: str
    number: Identifier = field(name="t")
    p: Price
    q: Quantity
    T: Milliseconds
    m: bool


class DayTicker(Struct, gc=False, kw_only=True, tag_field="e", tag="24hrTicker"):
    """Rolling 24 h statistics; `p` is the change, `P` the same in percent, `L` the newest single trade.

    `{"e":"24hrTicker","E":…,"s":"BNBBTC","p":"0.0015","P":"250.00","w":…,"c":"0.0025","Q":…,"b":"0.0024","B":…,
    "a":"0.0026","A":…,"o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18","O":…,"C":…,"F":0,"L":18150,…}`
    """

    E: Milliseconds
    s: str
    p: Change = None
    P: Change = None
    c: Price
    b: OptionalPrice = None
    a: OptionalPrice = None
    o: OptionalPrice = None
    h: OptionalPrice = None
    l: OptionalPrice = None  # noqa: E741  # the venue's own name
    v: OptionalAmount = None
    q: OptionalAmount = None
    L: OptionalIdentifier = None


class MiniTicker(Struct, gc=False, tag_field="e", tag="24hrMiniTicker"):
    """`{"e":"24hrMiniTicker","E":…,"s":"BNBBTC","c":"0.0025","o":"0.0010","h":…,"l":…,"v":"10000","q":"18"}`."""

    E: Milliseconds
    s: str
    c: Price
    o: OptionalPrice = None
    h: OptionalPrice = None
    l: OptionalPrice = None  # noqa: E741  # the venue's own name
    v: OptionalAmount = None
    q: OptionalAmount = None


class BookTicker(Struct, gc=False, tag_field="e", tag="bookTicker"):
    """Best bid and ask; spot sends neither `e` nor a time, futures both.

    `{"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}`
    """

    s: str
    b: Price
    B: Quantity
    a: Price
    A: Quantity
    E: OptionalMilliseconds = None


class Candle(Struct, gc=False):
    """`{"t":…,"T":…,"s":"BNBBTC","i":"1m","o":…,"c":…,"h":…,"l":…,"v":…,"n":100,"x":false,"q":…,"V":…,…}`.

    `T` is the last millisecond of the bar; `V` the taker buys within `v`; `x` whether it is closed.
    """

    t: Milliseconds
    T: LastMillisecond
    i: Interval
    o: Price
    c: Price
    h: Price
    l: Price  # noqa: E741  # the venue's own name
    v: Amount
    n: Identifier
    x: bool
    q: Amount
    V: Amount


class Kline(Struct, gc=False, tag_field="e", tag="kline"):
    """`{"e":"kline","E":1672515782136,"s":"BNBBTC","k":{…}}`."""

    E: Milliseconds
    s: str
    k: Candle


class DepthUpdate(Struct, gc=False, tag_field="e", tag="depthUpdate"):
    """Changed levels: `{"e":"depthUpdate","E":…,"s":"BNBBTC","U":157,"u":160,"b":[["0.0024","10"]],"a":[]}`.

    `U` to `u` are the first and last update within; futures add `pu`, the last one before.
    """

    E: Milliseconds
    s: str
    U: Identifier
    u: Identifier
    b: Levels
    a: Levels
    pu: OptionalIdentifier = None


class SkippedDepth(Struct, gc=False, tag_field="e", tag="depthUpdate"):
    """Changed levels that nobody wants: the parser passes over them and builds nothing."""


class DepthSnapshot(Struct, gc=False, rename={"last_update_id": "lastUpdateId"}):
    """`{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[]}`; also what `/api/v3/depth` answers.

    Futures add `E`.
    """

    last_update_id: Identifier
    bids: Levels
    asks: Levels
    E: OptionalMilliseconds = None


class RestAggregateTrade(Struct, gc=False):
    """`{"a":26129,"p":"0.01633102","q":"4.70443515","f":27781,"l":27781,"T":1498793709153,"m":true,"M":true}`."""

    number: Identifier = field(name="a")
    p: Price
    q: Quantity
    T: Milliseconds
    m: bool


class RestTrade(Struct, gc=False):
    """`{"id":28457,"price":"4.0","qty":"12.0","quoteQty":"48.0","time":1499865549590,"isBuyerMaker":true,…}`."""

    number: Identifier = field(name="id")
    p: Price = field(name="price")
    q: Quantity = field(name="qty")
    T: Milliseconds = field(name="time")
    m: bool = field(name="isBuyerMaker")


class RestKline(Struct, gc=False, array_like=True):
    """`[1499040000000,"0.0163","0.8","0.0157","0.0157","148976.1",1499644799999,"2434.1",308,"1756.8","28.4","0"]`."""

    t: Milliseconds
    o: Price
    h: Price
    l: Price  # noqa: E741  # the venue's own name
    c: Price
    v: Amount
    T: LastMillisecond
    q: Amount
    n: Identifier
    V: Amount


class RestTicker(Struct, gc=False, rename="camel"):
    """`{"symbol":"BNBBTC","priceChange":"-94.9","priceChangePercent":"-95.96","lastPrice":"4.0",…,"lastId":28460}`."""

    symbol: str
    last_price: Price
    close_time: Milliseconds
    price_change: Change = None
    price_change_percent: Change = None
    bid_price: OptionalPrice = None
    ask_price: OptionalPrice = None
    open_price: OptionalPrice = None
    high_price: OptionalPrice = None
    low_price: OptionalPrice = None
    volume: OptionalAmount = None
    quote_volume: OptionalAmount = None
    last_id: OptionalIdentifier = None


class Filter(Struct, gc=False, rename="camel"):
    """One trading rule of a market; only the one that holds the price step is of use."""

    tick_size: float | None = None


class Market(Struct, gc=False, rename="camel"):
    """An entry of `exchangeInfo.symbols`."""

    symbol: str
    base_asset: str
    quote_asset: str
    status: str = "TRADING"
    filters: list[Filter] = []


class ExchangeInfo(Struct, gc=False):
    """The answer of `/api/v3/exchangeInfo`."""

    symbols: list[Raw]


TradeForm = AggregateTrade | SingleTrade | RestAggregateTrade | RestTrade
Element = AggregateTrade | SingleTrade | DayTicker | MiniTicker | BookTicker | Kline | DepthUpdate
PlainElement = AggregateTrade | SingleTrade | DayTicker | MiniTicker | BookTicker | Kline


class Envelope(Struct, gc=False):
    """`{"stream":"bnbbtc@aggTrade","data":{…}}`; all-market streams carry an array."""

    data: Element | list[Raw]


class BooklessEnvelope(Struct, gc=False):
    """An envelope whose order-book updates are passed over."""

    data: PlainElement | SkippedDepth | list[Raw]


class QuoteEnvelope(Struct, gc=False):
    """A combined spot `bookTicker`, which tells no event name."""

    data: BookTicker
