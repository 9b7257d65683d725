"""Coinbase Exchange (the former Coinbase Pro): https://docs.cdp.coinbase.com/exchange/websocket-feed/channels."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from msgspec import json

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import SECOND
from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookSnapshot,
    Fact,
    Instrument,
    RejectReason,
    Ticker,
)
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
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.coinbase import wire
from crypto_portfolio_analyzer.exchanges.coinbase.decode import CoinbaseDecoder, canonical, trade_of

GRANULARITIES = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "6h": 21_600, "1d": 86_400}
"""Seconds by timeframe."""
MAX_CANDLES = 300
MAX_TRADES = 1000

_CHANNELS = {Channel.TRADES: "matches", Channel.TICKER: "ticker", Channel.BOOK: "level2_batch"}
"""`level2` itself asks for a key since 2023; the batches of 50 ms have the same messages."""


@EXCHANGES("coinbase")
class Coinbase:
    """Trades are matches; a heartbeat per product proves that a quiet one is alive."""

    name: ClassVar[str] = "coinbase"
    label: ClassVar[str] = "Coinbase"
    ws_url: ClassVar[str] = "wss://ws-feed.exchange.coinbase.com"
    rest_url: ClassVar[str] = "https://api.exchange.coinbase.com"
    default_quote: ClassVar[str] = "USD"
    channels: ClassVar[frozenset[Channel]] = frozenset(_CHANNELS)
    numbered_trades: ClassVar[bool] = True
    simulated: ClassVar[bool] = False
    limits: ClassVar[Limits] = Limits(
        subscriptions_per_connection=400,
        subscriptions_per_message=100,
        messages_per_second=8.0,
        connections=8,
        connections_window=1.0,
        lifetime=None,
        subscribe_deadline=5.0,
        silence=10.0,
        rest_weight=10,
        rest_window=1.0,
    )

    def venue_symbol(self, symbol: str) -> str:
        """Return `BTC-USD` for `BTC/USD`; raises InvalidSymbol for contracts."""
        asked = parse_symbol(symbol)
        if asked.settle:
            raise InvalidSymbol(symbol, "Coinbase lists spot markets only here, like BTC/USD")
        return f"{asked.base}-{asked.quote or self.default_quote}"

    def decoder(self, instruments: Mapping[str, str] | None = None, *, books: bool = True) -> Decoder:
        """Return a decoder; see `core.venues.Exchange.decoder`."""
        return CoinbaseDecoder(instruments, books=books)

    def url(self, base: str, subscriptions: Sequence[Subscription]) -> str:
        """Return `base`: subscriptions are messages here."""
        return base

    def in_url(self, subscriptions: Sequence[Subscription]) -> int:
        """Return 0."""
        return 0

    def subscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return messages of many channels each, with their products' heartbeats; ids are not echoed."""
        return [
            self._message("subscribe", chunk, {wish.symbol for wish in chunk})
            for chunk in gate.chunks(subscriptions, self.limits.subscriptions_per_message)
        ]

    def unsubscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return the messages; a product's heartbeat ends with its trades."""
        return [
            self._message("unsubscribe", chunk, {w.symbol for w in chunk if w.channel is Channel.TRADES})
            for chunk in gate.chunks(subscriptions, self.limits.subscriptions_per_message)
        ]

    def ping(self, request_id: int) -> str | None:
        """Return None: the venue pings."""
        return None

    def trades_request(
        self, symbol: str, *, from_id: int | None = None, start: int | None = None, end: int | None = None
    ) -> Request | None:
        """Ask for the 1000 trades from an id, or for the newest; spans of time the venue does not know."""
        query: dict[str, str | int] = {"limit": MAX_TRADES}
        if from_id is not None:
            query["after"] = from_id + MAX_TRADES  # a cursor: trades *before* this id, newest first
        elif start is not None or end is not None:
            return None
        return Request(f"/products/{self.venue_symbol(symbol)}/trades", query)

    def decode_trades(self, symbol: str, body: bytes, received_at: int) -> list[Fact]:
        """Return the trades, oldest first; the venue sends the newest first."""

        def build(row: wire.PastTrade) -> Fact | None:
            return trade_of(symbol, row, gate.nanoseconds(row.time), received_at)

        return wire.PAST_TRADE.read(body, build, received_at)[::-1]

    def bars_request(self, symbol: str, timeframe: str, start: int, end: int) -> Request | None:
        """Ask for at most 300 candles from `start`; None for a timeframe the venue has not."""
        seconds = GRANULARITIES.get(timeframe)
        if seconds is None:
            return None
        last = min(end, start + MAX_CANDLES * seconds * SECOND) - 1
        query: dict[str, str | int] = {
            "granularity": seconds,
            "start": gate.iso(start),
            "end": gate.iso(last),  # the venue counts the candle that opens there
        }
        return Request(f"/products/{self.venue_symbol(symbol)}/candles", query)

    def decode_bars(self, symbol: str, timeframe: str, body: bytes, received_at: int) -> list[Bar | Fact]:
        """Return the candles, oldest first; minutes without a trade are absent."""
        length = GRANULARITIES.get(timeframe, 0) * SECOND

        def build(row: wire.Candle) -> Fact | None:
            open_at = row.time * SECOND
            if not gate.is_instant(open_at, received_at):
                return None
            close_at = open_at + length
            return Bar(
                self.name,
                symbol,
                timeframe,
                open_at,
                close_at,
                row.open,
                row.high,
                row.low,
                row.close,
                row.volume,
                closed=close_at <= received_at,
                received_at=received_at,
            )

        return list(wire.CANDLE.read(body, build, received_at)[::-1])

    def tickers_request(self, symbols: Sequence[str]) -> Request | None:
        """Ask for one product's statistics, or for those of all."""
        if len(symbols) == 1:
            return Request(f"/products/{self.venue_symbol(symbols[0])}/stats")
        return Request("/products/stats")

    def decode_tickers(self, symbols: Sequence[str], body: bytes, received_at: int) -> list[Fact]:
        """Return the statistics as polled tickers; they tell no instant but that of their receipt."""
        if len(symbols) == 1:
            return [wire.STATS.read_one(body, partial(self._ticker, symbols[0], received_at), received_at)]
        try:
            told = gate.as_text(body)
        except ValueError as error:
            return [wire.STATS.reject(RejectReason.JSON, gate.shown(str(error)), received_at)]
        if not isinstance(told, dict):
            return [wire.STATS.reject(RejectReason.SHAPE, gate.shown(told), received_at)]
        return [
            wire.STATS.judge(
                entry.get("stats_24hour"), partial(self._ticker, symbol, received_at), received_at
            )
            for symbol, entry in _of_interest(told, symbols)
            if isinstance(entry, dict)
        ]

    def instruments_request(self) -> Request | None:
        """Ask for all products."""
        return Request("/products")

    def decode_instruments(self, body: bytes) -> list[Instrument]:
        """Return the products; unreadable ones are left out."""
        try:
            products = gate.read_each(json.decode(body), wire.Product)
        except gate.UNREADABLE:
            return []
        return [
            Instrument(
                self.name,
                f"{product.base_currency}/{product.quote_currency}",
                product.id,
                product.base_currency,
                product.quote_currency,
                tick_size=product.quote_increment,
                active=product.status == "online" and not product.trading_disabled,
            )
            for product in products
        ]

    def book_request(self, symbol: str) -> Request | None:
        """Return None: the stream itself sends a snapshot."""
        return None

    def decode_book(self, symbol: str, body: bytes, received_at: int) -> BookSnapshot | Fact:
        """Return the book of a `/products/<id>/book?level=2` answer, as recordings hold them."""

        def build(told: wire.BookBody) -> Fact | None:
            bids = tuple([(level.price, level.size) for level in told.bids])
            asks = tuple([(level.price, level.size) for level in told.asks])
            event_at = received_at if told.time is None else gate.nanoseconds(told.time)
            return BookSnapshot(self.name, symbol, bids, asks, told.sequence, event_at, received_at)

        return wire.BOOK.read_one(body, build, received_at)

    def _message(self, verb: str, chunk: Sequence[Subscription], beating: Iterable[str]) -> Message:
        products: dict[str, list[str]] = {}
        for subscription in chunk:
            name = _CHANNELS[subscription.channel]
            products.setdefault(name, []).append(self.venue_symbol(subscription.symbol))
        if beats := sorted(map(self.venue_symbol, beating)):
            products["heartbeat"] = beats
        channels = [{"name": name, "product_ids": ids} for name, ids in products.items()]
        return Message(json.encode({"type": verb, "channels": channels}).decode(), tuple(chunk))

    def _ticker(self, symbol: str, received_at: int, told: wire.Stats) -> Ticker:
        change, percent = gate.change_since(told.last, told.open)
        return Ticker(
            self.name,
            symbol,
            told.last,
            received_at,
            received_at,
            open_24h=gate.known(told.open),
            high_24h=gate.known(told.high),
            low_24h=gate.known(told.low),
            volume_24h=told.volume,
            change_24h=change,
            change_percent_24h=percent,
            polled=True,
        )


def _of_interest(told: Mapping[str, object], symbols: Sequence[str]) -> list[tuple[str, object]]:
    wanted, found = frozenset(symbols), []
    for product, entry in told.items():
        try:
            symbol = canonical(product)
        except InvalidSymbol:
            continue
        if not wanted or symbol in wanted:
            found.append((symbol, entry))
    return found
