"""Facts: frozen, typed, two-times-stamped truths from outside.

Instants are integer nanoseconds UTC: `event_at` is the venue's, `received_at` ours. Prices are in units of
the quote asset, quantities in units of the base asset, both float64 parsed once from the wire text.
Symbols are canonical (`BTC/USDT`, see `core.symbols`).
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

Side = Literal["buy", "sell"]
Level = tuple[float, float]


class Arrival(StrEnum):
    """How a trade reached us: with the stream, fetched after a gap, or after its place in the order had passed."""

    LIVE = "live"
    BACKFILLED = "backfilled"
    LATE = "late"


class Trade(Struct, frozen=True, gc=False, tag="trade"):
    """One print. `side` is the taker's; `trade_id` counts up by one per symbol where a venue numbers trades."""

    venue: str
    symbol: str
    price: float
    quantity: float
    side: Side
    trade_id: int | None
    event_at: int
    received_at: int
    arrival: Arrival = Arrival.LIVE


class Ticker(Struct, frozen=True, gc=False, tag="ticker"):
    """Rolling 24 h statistics with the last price; what a venue does not tell is None.

    `volume_24h` is in base units, `change_percent_24h` in percent points. `last_trade_id` is the newest trade
    the statistics include. `polled` marks a ticker fetched by REST because no live stream delivers it.
    """

    venue: str
    symbol: str
    price: float
    event_at: int
    received_at: int
    bid: float | None = None
    ask: float | None = None
    open_24h: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None
    volume_24h: float | None = None
    quote_volume_24h: float | None = None
    change_24h: float | None = None
    change_percent_24h: float | None = None
    last_trade_id: int | None = None
    polled: bool = False


class Quote(Struct, frozen=True, gc=False, tag="quote"):
    """Best bid and ask with their quantities."""

    venue: str
    symbol: str
    bid: float
    bid_quantity: float
    ask: float
    ask_quantity: float
    event_at: int
    received_at: int


class BarKind(StrEnum):
    """How a bar came to be."""

    LIVE = "live"
    BACKFILLED = "backfilled"
    APPROXIMATED = "approximated"
    EMPTY = "empty"


class Bar(Struct, frozen=True, gc=False, tag="bar"):
    """Open, high, low, close, volume of `[open_at, close_at)`; `closed` or still forming.

    `volume` and `buy_volume` (taker buys) are in base units, `quote_volume` in quote units.
    `corrected` marks a closed bar that is told again because a late trade changed it.
    """

    venue: str
    symbol: str
    timeframe: str
    open_at: int
    close_at: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    closed: bool
    received_at: int
    quote_volume: float = 0.0
    buy_volume: float = 0.0
    trades: int = 0
    kind: BarKind = BarKind.LIVE
    corrected: bool = False


class BookSnapshot(Struct, frozen=True, gc=False, tag="book_snapshot"):
    """A whole order book (or its top); `last_id` is the newest update it includes (0 where a venue has no ids)."""

    venue: str
    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    last_id: int
    event_at: int
    received_at: int


class BookDelta(Struct, frozen=True, gc=False, tag="book"):
    """Changed levels; quantity 0 removes one. `first_id..last_id` is the span of updates (0 where unnumbered).

    `previous_id` is the last id of the update before, where a venue tells it.
    """

    venue: str
    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    first_id: int
    last_id: int
    event_at: int
    received_at: int
    previous_id: int | None = None


class GapCause(StrEnum):
    """Why facts may be missing."""

    DISCONNECT = "disconnect"
    SEQUENCE = "sequence"
    SILENCE = "silence"
    START = "start"


class Gap(Struct, frozen=True, gc=False, tag="gap"):
    """A stretch `[from_at, until_at]` of one symbol at one venue in which facts may be missing.

    `first_id..last_id` are the missing trade ids where they are known.
    """

    venue: str
    symbol: str
    cause: GapCause
    from_at: int
    until_at: int
    received_at: int
    first_id: int | None = None
    last_id: int | None = None


class SourceChange(Struct, frozen=True, gc=False, tag="source_change"):
    """Another venue serves a symbol from now on; references such as "the last price" begin anew."""

    symbol: str
    old: str | None
    new: str
    reason: str
    received_at: int


class ControlKind(StrEnum):
    """What a venue says about the connection itself."""

    ACK = "ack"
    REFUSED = "refused"
    HEARTBEAT = "heartbeat"
    STATUS = "status"
    SHUTDOWN = "shutdown"


class Control(Struct, frozen=True, gc=False, tag="control"):
    """A venue's message about the connection or a subscription, not about the market.

    `names` are venue stream or product names it speaks of, `request_id` the request it answers,
    `sequence` and `last_trade_id` what a heartbeat states.
    """

    venue: str
    kind: ControlKind
    received_at: int
    text: str = ""
    request_id: int | None = None
    names: tuple[str, ...] = ()
    symbol: str | None = None
    sequence: int | None = None
    last_trade_id: int | None = None


class Other(Struct, frozen=True, gc=False, tag="other"):
    """A well-formed message of a kind we do not use."""

    venue: str
    kind: str
    received_at: int


class RejectReason(StrEnum):
    """Why a message or an element of it was refused; a closed set, used as a metric label."""

    JSON = "json"
    SHAPE = "shape"
    TYPE = "type"
    NAN = "nan"
    INFINITE = "inf"
    NEGATIVE = "neg"
    ZERO = "zero"
    TOO_LONG = "too_long"
    EXPONENT = "exp"
    RANGE = "range"
    TIME = "time"
    SYMBOL = "symbol"
    TOO_LARGE = "too_large"


class Reject(Struct, frozen=True, gc=False, tag="reject"):
    """A message, or one element of it, that was refused; `detail` is short and safe to log."""

    venue: str
    reason: RejectReason
    detail: str
    received_at: int


MarketFact = Trade | Ticker | Quote | Bar | BookSnapshot | BookDelta
Fact = MarketFact | Gap | SourceChange | Control | Other | Reject


class Instrument(Struct, frozen=True, gc=False):
    """One tradable market of a venue; `tick_size` is the smallest price step, where known."""

    venue: str
    symbol: str
    venue_symbol: str
    base: str
    quote: str
    tick_size: float | None = None
    active: bool = True
