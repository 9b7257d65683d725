"""Frames of one Binance connection to facts: one typed parse for the usual ones, an exact reading for the rest.

The parser refuses wrong numbers by itself (`binance.wire`), but cannot see how long a number's text was. So the
length of the frame is looked at: what trades, and what each symbol's other frames usually measure is learned from the
frames that the exact way has read; the first and any longer one is read by it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import Raw, Struct
from msgspec.json import Decoder

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.market import (
    Control,
    ControlKind,
    Fact,
    Other,
    Reject,
    RejectReason,
    Side,
    Trade,
)
from crypto_portfolio_analyzer.core.numbers import AHEAD_NANOSECONDS
from crypto_portfolio_analyzer.core.venues import MAX_FRAME_BYTES
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.binance import careful
from crypto_portfolio_analyzer.exchanges.binance.facts import BUILDERS, book_snapshot
from crypto_portfolio_analyzer.exchanges.binance.symbols import infer
from crypto_portfolio_analyzer.exchanges.binance.wire import (
    MILLISECOND,
    AggregateTrade,
    BooklessEnvelope,
    BookTicker,
    DepthSnapshot,
    DepthUpdate,
    Element,
    Envelope,
    PlainElement,
    QuoteEnvelope,
    SkippedDepth,
)

_UNREADABLE = (ValueError, RecursionError)
"""What the parser raises: bad JSON or bytes, a wrong type or bound, brackets without end."""
_SLACK = 4
"""Bytes a frame may be longer than any of its symbol before; less than a hostile number needs."""
_LONGEST_TRADE = 288
"""Bytes beyond which a trade frame is never usual."""
_MAX_KNOWN = 20_000
_MAX_ELEMENTS = 10_000
_QUOTE_MARK: Final = ord('"')
_MINUS: Final = ord("-")
_WRAPPED: Final = b'{"stream"'
_LEVEL_MARKS = len('["",""],')
_SHOWN = 200

Parse = Callable[[bytes], Any]
Decode = Callable[[bytes, int], Sequence[Fact]]


def _parser(form: Any) -> Parse:
    return Decoder(form, strict=False).decode


_parse_quote = _parser(QuoteEnvelope)
_PARSERS: Final[Mapping[bool, tuple[Parse, Parse]]] = {
    True: (_parser(Envelope), _parser(Element | list[Raw])),
    False: (_parser(BooklessEnvelope), _parser(PlainElement | SkippedDepth | list[Raw])),
}

_KINDS: Final[Mapping[str, type[Struct]]] = {
    str(kind.__struct_config__.tag): kind for kind in BUILDERS if issubclass(kind, Struct)
}
_OURS = ("aggTrade", "trade", "ticker", "miniTicker", "bookTicker", "kline", "depth")
_UNUSED: Final = frozenset(
    "markPriceUpdate forceOrder indexPriceUpdate compositeIndex contractInfo assetIndexUpdate continuous_kline "
    "referencePrice blockTrade avgPrice 1hTicker 4hTicker 1dTicker ticker_all "
    "executionReport outboundAccountPosition balanceUpdate listStatus listenKeyExpired externalLockUpdate "
    "eventStreamTerminated ORDER_TRADE_UPDATE ACCOUNT_UPDATE MARGIN_CALL ACCOUNT_CONFIG_UPDATE TRADE_LITE".split()
)


class BinanceDecoder:
    """Decodes the frames of one connection; remembers symbols and how long their frames are."""

    def __init__(
        self, venue: str, instruments: Mapping[str, str] | None, quotes: Sequence[str], *, books: bool
    ) -> None:
        self._venue = venue
        self._books = books
        self._names = gate.Names(instruments, lambda name: infer(name, quotes))
        self._known: dict[type, dict[str, tuple[str, int]]] = {kind: {} for kind in _KINDS.values()}
        self._level_bytes: dict[str, int] = {}
        # one for all symbols: looking it up by symbol costs 30 ns a trade
        self._usual_trade = 0
        self._parse, self._parse_plain = _PARSERS[books]
        self._has_quotes = False
        self.decode: Decode = self._hot()
        """Return the facts, controls and rejects one received message holds, in wire order."""

    def _hot(self) -> Decode:
        """Return the function that reads the usual frame; all it needs is at hand in it, which saves a tenth."""
        parse, names, venue = self._parse, self._names, self._venue

        def decode(frame: bytes, received_at: int) -> Sequence[Fact]:
            try:
                if self._has_quotes and frame[-3] == _QUOTE_MARK:
                    message: Any = _parse_quote(frame).data
                else:
                    message = parse(frame).data
                if type(message) is AggregateTrade:
                    at = message.T * MILLISECOND
                    # two comparisons where one would do: the first is enough for nearly all, and saves an addition
                    if len(frame) <= self._usual_trade and (
                        at < received_at or at < received_at + AHEAD_NANOSECONDS
                    ):
                        side: Side = "sell" if message.m else "buy"
                        symbol = names[message.s]
                        return (
                            Trade(venue, symbol, message.p, message.q, side, message.number, at, received_at),
                        )
                    return self._carefully(frame, received_at)
            except (LookupError, InvalidSymbol):  # two bytes at most, or a name that is none
                return self._carefully(frame, received_at)
            except _UNREADABLE:
                return self._otherwise(frame, received_at)
            fact = self._usual(message, frame, received_at)
            return (fact,) if fact is not None else self._unusual(message, frame, received_at)

        return decode

    def _otherwise(self, frame: bytes, received_at: int) -> Sequence[Fact]:
        """Try the rarer forms: a combined spot quote, which has no event name, and frames without an envelope."""
        wrapped = (_parse_quote, self._parse)
        for parse in wrapped if frame.startswith(_WRAPPED) else (self._parse_plain,):
            try:
                message = parse(frame)
            except _UNREADABLE:
                continue
            if isinstance(message, QuoteEnvelope):
                self._has_quotes = True
            message = getattr(message, "data", message)
            fact = self._usual(message, frame, received_at)
            return (fact,) if fact is not None else self._unusual(message, frame, received_at)
        return self._carefully(frame, received_at)

    def _usual(self, message: Any, text: bytes, received_at: int) -> Fact | None:
        """Return the fact of a typed message; None if anything about it is unusual."""
        kind = type(message)
        known = self._known.get(kind)
        entry = None if known is None else known.get(message.s)
        if entry is None:
            return None
        symbol, limit = entry
        if kind is DepthUpdate:
            limit += self._level_bytes[message.s] * (len(message.b) + len(message.a))
        if len(text) > limit or (_MINUS in text and careful.hides_exponent(text)):
            return None
        return BUILDERS[kind](self._venue, symbol, message, received_at)

    def _unusual(self, message: Any, frame: bytes, received_at: int) -> Sequence[Fact]:
        if len(frame) <= MAX_FRAME_BYTES:
            if type(message) is SkippedDepth:
                return (Other(self._venue, "depthUpdate", received_at),)
            if type(message) is list and not message:
                return (Other(self._venue, "empty array", received_at),)
            if type(message) is list:
                facts = [self._element(bytes(raw), received_at) for raw in message[:_MAX_ELEMENTS]]
                return facts if len(facts) == len(message) else [*facts, self._too_many(message, received_at)]
        return self._carefully(frame, received_at)

    def _element(self, text: bytes, received_at: int) -> Fact:
        """Return the fact of one element of an array; a bad one spoils only itself."""
        try:
            fact = self._usual(self._parse_plain(text), text, received_at)
        except _UNREADABLE:
            fact = None
        if fact is not None:
            return fact
        try:
            return self._judge(gate.as_text(text), "", len(text), received_at)
        except ValueError as error:
            return self._reject(RejectReason.JSON, gate.shown(str(error)), received_at)

    def _carefully(self, frame: bytes, received_at: int) -> Sequence[Fact]:
        if len(frame) > MAX_FRAME_BYTES:
            return (self._reject(RejectReason.TOO_LARGE, f"{len(frame)} bytes", received_at),)
        try:
            message = gate.as_text(frame)
        except ValueError as error:
            return (self._reject(RejectReason.JSON, gate.shown(str(error)), received_at),)
        stream = ""
        if isinstance(message, dict) and "stream" in message and "data" in message:
            stream, message = str(message["stream"]), message["data"]
        if isinstance(message, list):
            facts = [
                self._judge(element, stream, len(frame), received_at) for element in message[:_MAX_ELEMENTS]
            ]
            return facts if len(facts) == len(message) else [*facts, self._too_many(message, received_at)]
        return (self._judge(message, stream, len(frame), received_at),)

    def _judge(self, message: object, stream: str, size: int, received_at: int) -> Fact:
        """Return the fact of one message whose numbers are text."""
        if not isinstance(message, dict):
            return self._reject(RejectReason.SHAPE, f"no object: {gate.shown(message)}", received_at)
        event = message.get("e")
        if event is None:
            return self._unnamed(message, stream, size, received_at)
        if not isinstance(event, str):
            return self._reject(RejectReason.SHAPE, f"e {gate.shown(event)}", received_at)
        if event == "serverShutdown":
            return Control(self._venue, ControlKind.SHUTDOWN, received_at, "the server is about to shut down")
        kind = _KINDS.get(event)
        if kind is None:
            return Other(self._venue, event if event in _UNUSED else "unknown", received_at)
        if kind is DepthUpdate and not self._books:
            return Other(self._venue, "depthUpdate", received_at)
        return self._read(kind, message, size, received_at)

    def _unnamed(self, message: dict[str, Any], stream: str, size: int, received_at: int) -> Fact:
        """Return the fact of a message without an event name, told by its members."""
        if "result" in message or "error" in message or message.keys() >= {"code", "msg"}:
            return self._answer(message, received_at)
        if message.keys() >= {"s", "b", "B", "a", "A"}:
            return self._read(BookTicker, message, size, received_at)
        name, _, channel = stream.partition("@")
        if "lastUpdateId" in message and (channel or not stream):
            return self._top(message, name, received_at)
        if channel.startswith(_OURS):
            return self._reject(RejectReason.SHAPE, "no e", received_at)
        return Other(self._venue, "unknown", received_at)

    def _top(self, message: dict[str, Any], name: str, received_at: int) -> Fact:
        """Return the top of a book; only the stream's name tells of which symbol."""
        if not self._books or not name:
            return Other(self._venue, "depth", received_at)
        wire = careful.read(DepthSnapshot, message, received_at)
        if isinstance(wire, careful.Fault):
            return self._reject(wire.reason, f"depth: {wire.detail}", received_at)
        try:
            symbol = self._names[name.upper()]
        except InvalidSymbol as error:
            return self._reject(RejectReason.SYMBOL, gate.shown(error.text), received_at)
        snapshot = book_snapshot(self._venue, symbol, wire, received_at)
        return snapshot or self._reject(RejectReason.RANGE, "depth contradicts itself", received_at)

    def _answer(self, message: dict[str, Any], received_at: int) -> Control:
        """Return what the venue says to a request.

        `{"result":null,"id":1}`, `{"result":["btcusdt@trade"],"id":3}`, `{"code":2,"msg":"Invalid request…"}` or
        `{"error":{"code":2,"msg":"…"},"id":1}`.
        """
        number = message.get("id")
        request_id = (
            int(number) if isinstance(number, str) and number.isdecimal() and len(number) < 19 else None
        )
        problem = message if "msg" in message else message.get("error")
        if problem is not None:
            text = (
                f"{problem.get('code')} {problem.get('msg')}" if isinstance(problem, dict) else str(problem)
            )
            return Control(self._venue, ControlKind.REFUSED, received_at, _printable(text), request_id)
        result = message.get("result")
        names = tuple(_printable(name) for name in result[:1024]) if isinstance(result, list) else ()
        return Control(self._venue, ControlKind.ACK, received_at, "", request_id, names)

    def _read(self, kind: type[Struct], message: dict[str, Any], size: int, received_at: int) -> Fact:
        wire: Any = careful.read(kind, message, received_at)
        tag = kind.__struct_config__.tag
        if isinstance(wire, careful.Fault):
            if kind is BookTicker and _is_one_sided(message):
                return Other(self._venue, "one-sided bookTicker", received_at)
            return self._reject(wire.reason, f"{tag}: {wire.detail}", received_at)
        try:
            symbol = self._names[wire.s]
        except InvalidSymbol as error:
            return self._reject(RejectReason.SYMBOL, f"{tag}: {gate.shown(error.text)}", received_at)
        fact = BUILDERS[kind](self._venue, symbol, wire, received_at)
        if fact is None:
            return self._reject(RejectReason.RANGE, f"{tag} contradicts itself", received_at)
        self._learn(kind, wire.s, symbol, message, size)
        return fact

    def _learn(self, kind: type[Struct], name: str, symbol: str, message: dict[str, Any], size: int) -> None:
        known = self._known[kind]
        if name not in known and len(known) >= _MAX_KNOWN:
            return
        if kind is DepthUpdate:
            levels = [
                len(level[0]) + len(level[1]) + _LEVEL_MARKS for level in (*message["b"], *message["a"])
            ]
            size -= sum(levels)
            self._level_bytes[name] = max(*levels, self._level_bytes.get(name, 0), 0)
        known[name] = symbol, max(size + _SLACK, known.get(name, ("", 0))[1])
        if kind is AggregateTrade:
            self._usual_trade = min(_LONGEST_TRADE, max(self._usual_trade, known[name][1]))

    def _too_many(self, elements: Sequence[object], received_at: int) -> Reject:
        return self._reject(RejectReason.TOO_LARGE, f"array of {len(elements)}", received_at)

    def _reject(self, reason: RejectReason, detail: str, received_at: int) -> Reject:
        return Reject(self._venue, reason, detail, received_at)


def _is_one_sided(message: dict[str, Any]) -> bool:
    """Tell whether a quote says that nobody bids or asks: price and quantity both 0."""
    return any(
        _is_zero(message.get(price)) and _is_zero(message.get(size))
        for price, size in (("b", "B"), ("a", "A"))
    )


def _is_zero(text: object) -> bool:
    return isinstance(text, str) and text.strip("0") in ("", ".") and text != "."


def _printable(text: object) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in str(text)[:_SHOWN])
