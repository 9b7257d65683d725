"""The simulated venue: a seeded market, and a session that speaks its tiny wire format (see `mock.decode`)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal

from msgspec import Struct, json

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.market import Bar, BookSnapshot, Fact, Instrument, Reject, RejectReason
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import (
    EXCHANGES,
    Channel,
    Decoder,
    Limits,
    Message,
    Request,
    Subscription,
)
from crypto_portfolio_analyzer.exchanges.mock.decode import VENUE, MockDecoder, canonical
from crypto_portfolio_analyzer.exchanges.mock.walk import SECOND, Wanderer

DEFAULT_SEED = 7
CATCH_UP = 600 * SECOND
"""Whoever does not ask for longer has lost the trades in between, as with a real venue."""

_CHANNELS = frozenset({Channel.TRADES, Channel.TICKER})


@EXCHANGES("mock")
class Mock:
    """A venue without a network: streaming asks a `MockSession` in the same process."""

    name: ClassVar[str] = VENUE
    label: ClassVar[str] = "Simulated market"
    ws_url: ClassVar[str] = "mock:"
    rest_url: ClassVar[str] = "mock:"
    default_quote: ClassVar[str] = "USDT"
    channels: ClassVar[frozenset[Channel]] = _CHANNELS
    numbered_trades: ClassVar[bool] = True
    simulated: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits(
        subscriptions_per_connection=1000,
        subscriptions_per_message=1000,
        messages_per_second=100.0,
        connections=100,
        connections_window=1.0,
        lifetime=None,
        subscribe_deadline=None,
        silence=30.0,
        rest_weight=1,
        rest_window=1.0,
    )

    def venue_symbol(self, symbol: str) -> str:
        """Return the canonical spelling, which is the venue's own."""
        return parse_symbol(symbol).canonical(self.default_quote)

    def decoder(self, instruments: Mapping[str, str] | None = None, *, books: bool = True) -> Decoder:
        """Return a decoder; there are no books."""
        return MockDecoder(instruments)

    def url(self, base: str, subscriptions: Sequence[Subscription]) -> str:
        """Return `base`: subscriptions are messages here."""
        return base

    def in_url(self, subscriptions: Sequence[Subscription]) -> int:
        """Return 0."""
        return 0

    def subscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return one message for all."""
        return self._messages("subscribe", subscriptions, request_id)

    def unsubscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return one message for all."""
        return self._messages("unsubscribe", subscriptions, request_id)

    def ping(self, request_id: int) -> str | None:
        """Return None: nothing can be lost on the way."""
        return None

    def trades_request(
        self, symbol: str, *, from_id: int | None = None, start: int | None = None, end: int | None = None
    ) -> Request | None:
        """Return None: there is no REST."""
        return None

    def decode_trades(self, symbol: str, body: bytes, received_at: int) -> list[Fact]:
        """Refuse: there is no request to answer."""
        return [_no_rest(received_at)]

    def bars_request(self, symbol: str, timeframe: str, start: int, end: int) -> Request | None:
        """Return None: there is no REST."""
        return None

    def decode_bars(self, symbol: str, timeframe: str, body: bytes, received_at: int) -> list[Bar | Fact]:
        """Refuse: there is no request to answer."""
        return [_no_rest(received_at)]

    def tickers_request(self, symbols: Sequence[str]) -> Request | None:
        """Return None: there is no REST."""
        return None

    def decode_tickers(self, symbols: Sequence[str], body: bytes, received_at: int) -> list[Fact]:
        """Refuse: there is no request to answer."""
        return [_no_rest(received_at)]

    def instruments_request(self) -> Request | None:
        """Return None: every symbol is traded here."""
        return None

    def decode_instruments(self, body: bytes) -> list[Instrument]:
        """Return nothing."""
        return []

    def book_request(self, symbol: str) -> Request | None:
        """Return None: there is no REST."""
        return None

    def decode_book(self, symbol: str, body: bytes, received_at: int) -> BookSnapshot | Fact:
        """Refuse: there is no request to answer."""
        return _no_rest(received_at)

    def _messages(self, op: str, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        messages = []
        for number, chunk in enumerate(
            gate.chunks(subscriptions, self.limits.subscriptions_per_message), request_id
        ):
            names = [f"{wish.channel}:{self.venue_symbol(wish.symbol)}" for wish in chunk]
            text = json.encode({"op": op, "id": number, "names": names}).decode()
            messages.append(Message(text, tuple(chunk), number))
        return messages


def _no_rest(received_at: int) -> Reject:
    return Reject(VENUE, RejectReason.SHAPE, "the mock venue has no REST", received_at)


class _Told:
    """What a listener was told of one symbol: the next trade, and which channels it wants."""

    def __init__(self, wanderer: Wanderer, instant: int) -> None:
        self.wanderer = wanderer
        self.channels: set[str] = set()
        self.next_number = wanderer.number_after(instant)


class MockMarket:
    """Frames of some symbols' trades and tickers from `start_ns` on; the same for the same seed, always."""

    def __init__(self, seed: int = DEFAULT_SEED, symbols: Iterable[str] = (), start_ns: int = 0) -> None:
        self._seed, self._now = seed, start_ns
        self._told: dict[str, _Told] = {}
        for symbol in symbols:
            for channel in _CHANNELS:
                self.want(symbol, channel)

    def want(self, symbol: str, channel: str) -> None:
        """Begin with a channel (`trades`, `ticker`) of a canonical symbol."""
        if symbol not in self._told:
            self._told[symbol] = _Told(Wanderer(self._seed, symbol), self._now)
        self._told[symbol].channels.add(str(channel))

    def unwant(self, symbol: str, channel: str) -> None:
        """End with a channel of a symbol."""
        told = self._told.get(symbol)
        if told is None:
            return
        told.channels.discard(str(channel))
        if not told.channels:
            del self._told[symbol]

    def frames(self, now_ns: int) -> list[bytes]:
        """Return everything since the last call up to `now_ns`, in order of time: trades, tickers each second."""
        if now_ns <= self._now:
            return []
        since = max(self._now, now_ns - CATCH_UP)
        dated: list[tuple[int, bytes]] = []
        for symbol, told in self._told.items():
            told.next_number = max(told.next_number, told.wanderer.number_after(since))
            for second in range(since // SECOND + 1, now_ns // SECOND + 1):
                dated += self._trades(symbol, told, second * SECOND)
                if Channel.TICKER in told.channels:
                    dated.append((second * SECOND, self.ticker(symbol, second * SECOND)))
            dated += self._trades(symbol, told, now_ns)
        self._now = now_ns
        return [frame for _, frame in sorted(dated, key=lambda each: each[0])]

    def ticker(self, symbol: str, instant: int) -> bytes:
        """Return the ticker of a wanted symbol at `instant` (ns)."""
        wanderer = self._told[symbol].wanderer
        number, price = wanderer.last_price(instant)
        day = wanderer.day(instant, price)
        return (
            f'{{"e":"ticker","s":"{symbol}","p":"{price}","o":"{day.open}","h":"{day.high}","l":"{day.low}",'
            f'"v":"{day.volume}","w":"{day.quote_volume}","b":"{day.bid}","a":"{day.ask}",'
            f'"i":{number},"t":{instant}}}'
        ).encode()

    def _trades(self, symbol: str, told: _Told, until: int) -> list[tuple[int, bytes]]:
        dated: list[tuple[int, bytes]] = []
        if Channel.TRADES not in told.channels:
            return dated
        for each in told.wanderer.trades(told.next_number, until):
            told.next_number = each.number + 1
            frame = (
                f'{{"e":"trade","s":"{symbol}","p":"{each.price}","q":"{each.quantity}","d":"{each.side}",'
                f'"i":{each.number},"t":{each.at}}}'
            )
            dated.append((each.at, frame.encode()))
        return dated


class _Asked(Struct):
    op: Literal["subscribe", "unsubscribe"]
    names: list[str]
    id: int = 0


class MockSession:
    """One connection to the mock venue, without a socket; `start` is the instant it opens (ns)."""

    def __init__(self, seed: int = DEFAULT_SEED, start: int = 0) -> None:
        self._market = MockMarket(seed, (), start)
        self._now = start

    def receive(self, text: str) -> list[bytes]:
        """Take a client's message; return the answer, and at once the ticker of each symbol it asks for."""
        try:
            asked = json.decode(text, type=_Asked)
            wishes = [_wish(name) for name in asked.names]
        except gate.UNREADABLE as error:
            return [json.encode({"e": "error", "text": str(error)[:200]})]
        change = self._market.want if asked.op == "subscribe" else self._market.unwant
        for symbol, channel in wishes:
            change(symbol, channel)
        frames = [json.encode({"e": "ack", "id": asked.id, "names": asked.names})]
        if asked.op == "subscribe":
            frames += [
                self._market.ticker(symbol, self._now) for symbol, wish in wishes if wish == Channel.TICKER
            ]
        return frames

    def frames(self, now: int) -> list[bytes]:
        """Return what the venue sends up to `now` (ns), a heartbeat last."""
        if now <= self._now:
            return []
        self._now = now
        return [*self._market.frames(now), json.encode({"e": "heartbeat", "t": now})]


def _wish(name: str) -> tuple[str, str]:
    """Read `trades:BTC/USDT`; raises ValueError or InvalidSymbol."""
    channel, _, symbol = name.partition(":")
    if channel not in _CHANNELS:
        raise ValueError(f"unknown channel {channel[:20]!r}; known: ticker, trades")
    return canonical(symbol), channel
