"""Breadth: every exchange that ccxt streams, as `ccxt:<exchange>`, through the same port.

ccxt does its own networking, so its client sits behind a transport (`streaming.transports.ccxt_transport`) that
speaks this family's small wire format: `{"op":"subscribe","id":1,"wishes":[["trades","BTC/USDT"]]}` one way,
`{"ack":1}`, `{"refused":"BTC/USDT","text":"…"}` and `{"channel":"trades","symbol":"BTC/USDT","answer":[…]}`, with
ccxt's unified structures as the answer, the other way.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec import MsgspecError, json

from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookSnapshot,
    Control,
    ControlKind,
    Fact,
    Instrument,
    Reject,
    RejectReason,
)
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import (
    EXCHANGES,
    Channel,
    Decoder,
    Exchange,
    Limits,
    Message,
    Request,
    Subscription,
)
from crypto_portfolio_analyzer.exchanges.ccxt_exchange.dialect import (
    PREFIX,
    WATCH,
    CcxtDialect,
    connect_class,
    exchange_id,
)

_SHOWN = 200


@EXCHANGES.family("ccxt")
def ccxt_class(name: str) -> type[Exchange]:
    """Return the exchange class of `ccxt:kucoin`.

    Raises:
        InvalidInput: the name has another form, or ccxt is not installed.
        UnknownName: ccxt has no such exchange.

    """
    identifier = exchange_id(name)
    connect_class(identifier)
    return named(name)


def named(name: str) -> type[Exchange]:
    """Return the class of a name that was checked."""
    identifier = exchange_id(name)
    members = {"name": name, "label": f"{identifier} (ccxt)", "ws_url": f"{PREFIX}{identifier}"}
    return type("Ccxt", (CcxtExchange,), members)


class CcxtDecoder:
    """Frames of the ccxt transport to facts."""

    def __init__(self, name: str) -> None:
        self._name, self._dialect = name, CcxtDialect(name)

    def decode(self, frame: bytes, received_at: int) -> Sequence[Fact]:
        """Return what one frame holds; never raises."""
        try:
            told: Any = json.decode(frame)
        except (MsgspecError, RecursionError, ValueError) as error:
            return (Reject(self._name, RejectReason.JSON, str(error)[:_SHOWN], received_at),)
        if not isinstance(told, dict):
            return (Reject(self._name, RejectReason.SHAPE, "no object", received_at),)
        if "ack" in told and isinstance(told["ack"], int):
            return (Control(self._name, ControlKind.ACK, received_at, request_id=told["ack"]),)
        if "refused" in told:
            names, text = (str(told["refused"]),), str(told.get("text", ""))[:_SHOWN]
            return (Control(self._name, ControlKind.REFUSED, received_at, text, names=names),)
        channel, symbol = told.get("channel"), told.get("symbol")
        if not isinstance(channel, str) or channel not in WATCH or not isinstance(symbol, str):
            return (Reject(self._name, RejectReason.SHAPE, "neither channel nor symbol", received_at),)
        return self._dialect.facts(Channel(channel), symbol, told.get("answer"), received_at)


class CcxtExchange:
    """What every member of the family shares. Nothing can be fetched, so gaps are marked, not filled."""

    name: ClassVar[str] = "ccxt"
    label: ClassVar[str] = "ccxt"
    ws_url: ClassVar[str] = PREFIX
    rest_url: ClassVar[str] = ""
    default_quote: ClassVar[str] = CcxtDialect.default_quote
    channels: ClassVar[frozenset[Channel]] = frozenset({Channel.TRADES, Channel.TICKER})
    numbered_trades: ClassVar[bool] = False
    simulated: ClassVar[bool] = False
    limits: ClassVar[Limits] = Limits(
        subscriptions_per_connection=200,
        subscriptions_per_message=50,
        messages_per_second=10.0,
        connections=10,
        connections_window=60.0,
        lifetime=None,
        subscribe_deadline=None,
        silence=300.0,
        rest_weight=1,
        rest_window=1.0,
    )

    def venue_symbol(self, symbol: str) -> str:
        """Return the symbol: ccxt's unified spelling is the canonical one; raises InvalidSymbol."""
        return parse_symbol(symbol).canonical(self.default_quote)

    def decoder(self, instruments: Mapping[str, str] | None = None, *, books: bool = True) -> Decoder:
        """Return a decoder."""
        return CcxtDecoder(self.name)

    def url(self, base: str, subscriptions: Sequence[Subscription]) -> str:
        """Return the address of the client: `ccxt:kucoin`."""
        return base

    def in_url(self, subscriptions: Sequence[Subscription]) -> int:
        """Return 0."""
        return 0

    def subscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return one message."""
        return [self._message("subscribe", subscriptions, request_id)]

    def unsubscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return one message."""
        return [self._message("unsubscribe", subscriptions, request_id)]

    @staticmethod
    def _message(op: str, subscriptions: Sequence[Subscription], request_id: int) -> Message:
        wishes = [[each.channel, each.symbol] for each in subscriptions]
        text = json.encode({"op": op, "id": request_id, "wishes": wishes}).decode()
        return Message(text, tuple(subscriptions), request_id)

    def ping(self, request_id: int) -> str | None:
        """Return None: the client keeps its connections alive."""
        return None

    def trades_request(
        self, symbol: str, *, from_id: int | None = None, start: int | None = None, end: int | None = None
    ) -> Request | None:
        """Return None."""
        return None

    def decode_trades(self, symbol: str, body: bytes, received_at: int) -> list[Fact]:
        """Return nothing: no request is made."""
        return []

    def bars_request(self, symbol: str, timeframe: str, start: int, end: int) -> Request | None:
        """Return None."""
        return None

    def decode_bars(self, symbol: str, timeframe: str, body: bytes, received_at: int) -> list[Bar | Fact]:
        """Return nothing: no request is made."""
        return []

    def tickers_request(self, symbols: Sequence[str]) -> Request | None:
        """Return None."""
        return None

    def decode_tickers(self, symbols: Sequence[str], body: bytes, received_at: int) -> list[Fact]:
        """Return nothing: no request is made."""
        return []

    def instruments_request(self) -> Request | None:
        """Return None."""
        return None

    def decode_instruments(self, body: bytes) -> list[Instrument]:
        """Return nothing: no request is made."""
        return []

    def book_request(self, symbol: str) -> Request | None:
        """Return None."""
        return None

    def decode_book(self, symbol: str, body: bytes, received_at: int) -> BookSnapshot | Fact:
        """Refuse: no request is made."""
        return Reject(self.name, RejectReason.SHAPE, "no book is asked for", received_at)
