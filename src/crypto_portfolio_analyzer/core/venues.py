"""What an exchange plugin is: a codec without a socket.

A plugin turns wishes into URLs and messages, and frames into facts. It never waits, logs or reads a clock;
sockets, pacing and reconnecting live in `streaming`. Put one file into `exchanges/`, decorate the class with
`@EXCHANGES("name")`, and the command line, the settings, the docs and the conformance suite know it.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, Protocol

from msgspec import Struct

from crypto_portfolio_analyzer.core.market import Bar, BookSnapshot, Fact, Instrument
from crypto_portfolio_analyzer.registry import Registry

MAX_FRAME_BYTES = 16 << 20
"""A larger frame is refused unread. Coinbase Advanced opens a BTC-USD book with one frame of 5 MB."""


class Channel(StrEnum):
    """What can be subscribed for a symbol."""

    TRADES = "trades"
    TICKER = "ticker"
    QUOTES = "quotes"
    BARS = "bars"
    BOOK = "book"


class Subscription(Struct, frozen=True, order=True, gc=False):
    """One wanted channel of one canonical symbol; bars are 1 m bars."""

    symbol: str
    channel: Channel


class Limits(Struct, frozen=True):
    """What a venue allows; seconds unless said. Streams keep these, simulators punish breaking them."""

    subscriptions_per_connection: int
    subscriptions_per_message: int
    messages_per_second: float
    connections: int
    connections_window: float
    lifetime: float | None
    subscribe_deadline: float | None
    silence: float
    """No frame of any kind for this long: the connection is dead."""
    rest_weight: int
    rest_window: float
    ping_every: float | None = None
    """How often the client must ping by itself; None where the venue pings."""


class Message(Struct, frozen=True):
    """A text to send, the subscriptions it asks for or ends, and its request id if the venue echoes one."""

    text: str
    subscriptions: tuple[Subscription, ...]
    request_id: int | None = None


class Request(Struct, frozen=True):
    """A public GET: path below the venue's REST base, query, and its weight in the venue's budget."""

    path: str
    query: Mapping[str, str | int] = {}
    weight: int = 1


class Decoder(Protocol):
    """Frames of one connection to facts. Never raises: what cannot be read comes back as a Reject."""

    def decode(self, frame: bytes, received_at: int) -> Sequence[Fact]:
        """Return the facts, controls and rejects one received message holds, in wire order."""
        ...


class Exchange(Protocol):
    """One venue's dialect. All members are pure."""

    name: ClassVar[str]
    label: ClassVar[str]
    ws_url: ClassVar[str]
    rest_url: ClassVar[str]
    limits: ClassVar[Limits]
    default_quote: ClassVar[str]
    """What a lone `BTC` is priced in here."""
    channels: ClassVar[frozenset[Channel]]
    numbered_trades: ClassVar[bool]
    """Trade ids count up by one per symbol, so a jump proves a loss."""
    simulated: ClassVar[bool]

    def venue_symbol(self, symbol: str) -> str:
        """Return the venue's own spelling of a canonical symbol; raises InvalidSymbol if it can have none."""
        ...

    def decoder(self, instruments: Mapping[str, str] | None = None, *, books: bool = True) -> Decoder:
        """Return a decoder.

        `instruments` maps venue symbols to canonical ones where they are known; others are inferred.
        Without `books`, order-book frames are recognised by a cheap look and returned as Other.
        """
        ...

    def url(self, base: str, subscriptions: Sequence[Subscription]) -> str:
        """Return the address to open, `base` being the configured or default `ws_url`.

        Subscriptions that fit into the address are put there; `subscribe` is then sent for the others only.
        """
        ...

    def in_url(self, subscriptions: Sequence[Subscription]) -> int:
        """Return how many of `subscriptions`, from the first, `url` carries."""
        ...

    def subscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return the messages that open `subscriptions`; ids count up from `request_id`."""
        ...

    def unsubscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return the messages that end `subscriptions`."""
        ...

    def ping(self, request_id: int) -> str | None:
        """Return the application-level ping, for venues that want one."""
        ...

    def trades_request(
        self, symbol: str, *, from_id: int | None = None, start: int | None = None, end: int | None = None
    ) -> Request | None:
        """Ask for past trades from an id (inclusive) or a span of ns; None if the venue has no such call.

        Without any bound: the newest trades.
        """
        ...

    def decode_trades(self, symbol: str, body: bytes, received_at: int) -> list[Fact]:
        """Return the trades of a `trades_request`, oldest first, rejects included."""
        ...

    def bars_request(self, symbol: str, timeframe: str, start: int, end: int) -> Request | None:
        """Ask for closed bars with `start <= open_at < end` (ns); the venue may cut the answer short."""
        ...

    def decode_bars(self, symbol: str, timeframe: str, body: bytes, received_at: int) -> list[Bar | Fact]:
        """Return the bars of a `bars_request`, oldest first, rejects included."""
        ...

    def tickers_request(self, symbols: Sequence[str]) -> Request | None:
        """Ask for the 24 h statistics of `symbols` (empty: of all)."""
        ...

    def decode_tickers(self, symbols: Sequence[str], body: bytes, received_at: int) -> list[Fact]:
        """Return the tickers of a `tickers_request`, marked `polled`."""
        ...

    def instruments_request(self) -> Request | None:
        """Ask for the list of markets."""
        ...

    def decode_instruments(self, body: bytes) -> list[Instrument]:
        """Return the markets of an `instruments_request`; unreadable entries are left out."""
        ...

    def book_request(self, symbol: str) -> Request | None:
        """Ask for an order-book snapshot; None where the stream itself sends one."""
        ...

    def decode_book(self, symbol: str, body: bytes, received_at: int) -> BookSnapshot | Fact:
        """Return the snapshot of a `book_request`, or a Reject."""
        ...


EXCHANGES: Registry[type[Exchange]] = Registry("exchange", "crypto_portfolio_analyzer.exchanges")
