"""The mock venue's wire format and its decoder.

Frames: `{"e":"trade","s":"BTC/USDT","p":"50012.30","q":"0.0121","d":"buy","i":7000000001,"t":1700000000000000000}`,
`{"e":"ticker","s":…,"p":…,"o":…,"h":…,"l":…,"v":…,"w":…,"b":…,"a":…,"i":…,"t":…}` (open, high, low, volume, volume
in the quote asset, bid, ask, last trade), `{"e":"heartbeat","t":…}`, `{"e":"ack","id":1,"names":["trades:BTC/USDT"]}`
and `{"e":"error","id":1,"text":"…"}`; requests `{"op":"subscribe","id":1,"names":["trades:BTC/USDT"]}`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct
from msgspec.json import Decoder

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import Amount, Field, Kind, Names, Price, Quantity, Whole
from crypto_portfolio_analyzer.core.market import (
    Control,
    ControlKind,
    Fact,
    Other,
    Reject,
    RejectReason,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.core.numbers import refuse_time
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import MAX_FRAME_BYTES
from crypto_portfolio_analyzer.errors import InvalidSymbol

VENUE = "mock"


class TradeFrame(Struct, gc=False, tag_field="e", tag="trade"):
    """One trade; `d` is the taker's side."""

    s: str
    p: Price
    q: Quantity
    d: Literal["buy", "sell"]
    i: Whole
    t: Whole


class TickerFrame(Struct, gc=False, tag_field="e", tag="ticker"):
    """Statistics of the last 24 h."""

    s: str
    p: Price
    o: Price
    h: Price
    l: Price  # noqa: E741  # as on the wire
    v: Amount
    w: Amount
    b: Price
    a: Price
    i: Whole
    t: Whole


class HeartbeatFrame(Struct, gc=False, tag_field="e", tag="heartbeat"):
    """Every second."""

    t: Whole


class AckFrame(Struct, gc=False, tag_field="e", tag="ack"):
    """The answer to a request that was understood."""

    id: Whole
    names: list[str]


class ErrorFrame(Struct, gc=False, tag_field="e", tag="error"):
    """The answer to one that was not."""

    text: str
    id: Whole | None = None


def _nanoseconds(value: object, received_at: int) -> RejectReason | None:
    """Judge an instant of ns."""
    reason = gate.whole(value, received_at) if not isinstance(value, str) or len(value) > 19 else None
    if reason:
        return reason
    is_number = isinstance(value, str) and value.isascii() and value.isdigit()
    return refuse_time(int(str(value)), received_at) if is_number else RejectReason.TYPE


_SYMBOL, _TIME = Field("s", gate.text), Field("t", _nanoseconds)
TRADE = Kind(
    VENUE,
    "trade",
    TradeFrame,
    (
        _SYMBOL,
        Field("p", gate.price),
        Field("q", gate.quantity),
        Field("d", gate.one_of("buy", "sell")),
        Field("i", gate.whole),
        _TIME,
    ),
)
TICKER = Kind(
    VENUE,
    "ticker",
    TickerFrame,
    (
        _SYMBOL,
        *(Field(key, gate.price) for key in "pohlba"),
        *(Field(key, gate.amount) for key in "vw"),
        Field("i", gate.whole),
        _TIME,
    ),
)
_ALL: tuple[Kind[Any], ...] = (
    TRADE,
    TICKER,
    Kind(VENUE, "heartbeat", HeartbeatFrame),
    Kind(VENUE, "ack", AckFrame),
    Kind(VENUE, "error", ErrorFrame),
)
KINDS = {kind.name: kind for kind in _ALL}

_TradeFrame = TradeFrame
_read = Decoder(TradeFrame | TickerFrame | HeartbeatFrame | AckFrame | ErrorFrame, strict=False).decode


def canonical(name: str) -> str:
    """Return the symbol, which the mock venue spells canonically; raises InvalidSymbol."""
    symbol = parse_symbol(name)
    if symbol.quote is None or symbol.canonical() != name:
        raise InvalidSymbol(name)
    return name


class MockDecoder:
    """Decoder of one session; see `core.venues.Decoder`."""

    def __init__(self, instruments: Mapping[str, str] | None) -> None:
        self._names = Names(instruments, canonical)
        self._builders: dict[type[Any], Callable[[Any, int], Fact | None]] = {
            TradeFrame: self._trade,
            TickerFrame: self._ticker,
            HeartbeatFrame: lambda _frame, at: Control(VENUE, ControlKind.HEARTBEAT, at),
            AckFrame: _acknowledgement,
            ErrorFrame: _refusal,
        }

    def decode(self, frame: bytes, received_at: int) -> Sequence[Fact]:
        """Return the one fact, control or reject of a frame."""
        try:
            message = _read(frame)
            is_unusual = len(frame) > MAX_FRAME_BYTES or gate.has_odd_number(frame)
            fact = None if is_unusual else self._builders[type(message)](message, received_at)
        except gate.UNREADABLE:
            fact = None
        return (self._reread(frame, received_at),) if fact is None else (fact,)

    def _trade(self, told: TradeFrame, received_at: int) -> Trade | None:
        if not gate.is_instant(told.t, received_at):
            return None
        return Trade(VENUE, self._names[told.s], told.p, told.q, told.d, told.i, told.t, received_at)

    def _ticker(self, told: TickerFrame, received_at: int) -> Ticker | None:
        if not gate.is_instant(told.t, received_at):
            return None
        change, percent = gate.change_since(told.p, told.o)
        return Ticker(
            VENUE,
            self._names[told.s],
            told.p,
            told.t,
            received_at,
            bid=told.b,
            ask=told.a,
            open_24h=told.o,
            high_24h=told.h,
            low_24h=told.l,
            volume_24h=told.v,
            quote_volume_24h=told.w,
            change_24h=change,
            change_percent_24h=percent,
            last_trade_id=told.i,
        )

    def _reread(self, frame: bytes, received_at: int) -> Fact:
        if len(frame) > MAX_FRAME_BYTES:
            return Reject(VENUE, RejectReason.TOO_LARGE, f"{len(frame)} bytes", received_at)
        try:
            message = gate.as_text(frame)
        except ValueError as error:
            return Reject(VENUE, RejectReason.JSON, gate.shown(str(error)), received_at)
        name = message.get("e") if isinstance(message, dict) else None
        if not isinstance(name, str):
            return Reject(VENUE, RejectReason.SHAPE, f"no kind: {gate.shown(message)}", received_at)
        kind = KINDS.get(name)
        if kind is None:
            return Other(VENUE, gate.shown(name).strip("'"), received_at)
        build = self._builders[kind.wire]
        return kind.judge(message, lambda element: build(element, received_at), received_at)


def _acknowledgement(told: AckFrame, received_at: int) -> Control:
    names = dict.fromkeys(name.partition(":")[2] for name in told.names)
    return Control(VENUE, ControlKind.ACK, received_at, request_id=told.id, names=tuple(names))


def _refusal(told: ErrorFrame, received_at: int) -> Control:
    return Control(VENUE, ControlKind.REFUSED, received_at, text=told.text[:200], request_id=told.id)
