"""Coinbase Advanced Trade: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from msgspec.json import encode

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import SECOND
from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookSnapshot,
    Fact,
    Instrument,
    Reject,
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
from crypto_portfolio_analyzer.exchanges.coinbase_advanced import wire
from crypto_portfolio_analyzer.exchanges.coinbase_advanced.decode import (
    AdvancedDecoder,
    bar_of,
    canonical,
    trade_of,
)

GRANULARITIES = {
    "1m": ("ONE_MINUTE", 60),
    "5m": ("FIVE_MINUTE", 300),
    "15m": ("FIFTEEN_MINUTE", 900),
    "30m": ("THIRTY_MINUTE", 1800),
    "1h": ("ONE_HOUR", 3600),
    "2h": ("TWO_HOUR", 7200),
    "6h": ("SIX_HOUR", 21_600),
    "1d": ("ONE_DAY", 86_400),
}
"""The venue's name and the seconds, by timeframe."""
MAX_CANDLES = 350
MAX_TRADES = 1000

_CHANNELS = {Channel.TRADES: "market_trades", Channel.TICKER: "ticker", Channel.BOOK: "level2"}
_PRODUCTS = "/api/v3/brokerage/market/products"


@EXCHANGES("coinbase_advanced")
class CoinbaseAdvanced:
    """The retail venue's feed. It answers a subscription to `BTC-USDC` with the one book it shares with `BTC-USD`."""

    name: ClassVar[str] = "coinbase_advanced"
    label: ClassVar[str] = "Coinbase Advanced"
    ws_url: ClassVar[str] = "wss://advanced-trade-ws.coinbase.com"
    rest_url: ClassVar[str] = "https://api.coinbase.com"
    default_quote: ClassVar[str] = "USD"
    channels: ClassVar[frozenset[Channel]] = frozenset(_CHANNELS)
    numbered_trades: ClassVar[bool] = True
    simulated: ClassVar[bool] = False
    limits: ClassVar[Limits] = Limits(
        subscriptions_per_connection=300,
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
        """Return a decoder that also watches the connection's sequence; see `AdvancedDecoder`."""
        return AdvancedDecoder(instruments, books=books)

    def url(self, base: str, subscriptions: Sequence[Subscription]) -> str:
        """Return `base`: subscriptions are messages here."""
        return base

    def in_url(self, subscriptions: Sequence[Subscription]) -> int:
        """Return 0."""
        return 0

    def subscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return one message per channel, and one for the heartbeats that keep quiet ones open."""
        beat = Message(encode({"type": "subscribe", "channel": "heartbeats"}).decode(), ())
        return [*self._messages("subscribe", subscriptions), beat]

    def unsubscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return one message per channel; the heartbeats go on."""
        return list(self._messages("unsubscribe", subscriptions))

    def ping(self, request_id: int) -> str | None:
        """Return None: the venue pings."""
        return None

    def trades_request(
        self, symbol: str, *, from_id: int | None = None, start: int | None = None, end: int | None = None
    ) -> Request | None:
        """Ask for the newest trades of a span, or of all; the venue does not find trades by id."""
        query: dict[str, str | int] = {"limit": MAX_TRADES}
        if from_id is not None and start is None:
            return None
        if start is not None:
            query["start"] = start // SECOND
        if end is not None:
            query["end"] = -(-end // SECOND)
        return Request(f"{_PRODUCTS}/{self.venue_symbol(symbol)}/ticker", query)

    def decode_trades(self, symbol: str, body: bytes, received_at: int) -> list[Fact]:
        """Return the trades, oldest first; the venue sends the newest first."""

        def build(told: wire.MarketTrade) -> Fact | None:
            return trade_of(symbol, told, received_at)

        rows = _member(body, "trades", received_at)
        return [rows] if isinstance(rows, Reject) else wire.TRADE.sift(rows, build, received_at)[::-1]

    def bars_request(self, symbol: str, timeframe: str, start: int, end: int) -> Request | None:
        """Ask for at most 350 candles from `start`; None for a timeframe the venue has not."""
        granularity = GRANULARITIES.get(timeframe)
        if granularity is None:
            return None
        name, seconds = granularity
        last = min(end, start + MAX_CANDLES * seconds * SECOND) - 1
        query: dict[str, str | int] = {
            "granularity": name,
            "start": start // SECOND,
            "end": last // SECOND,  # the venue counts the candle that opens there
            "limit": MAX_CANDLES,
        }
        return Request(f"{_PRODUCTS}/{self.venue_symbol(symbol)}/candles", query)

    def decode_bars(self, symbol: str, timeframe: str, body: bytes, received_at: int) -> list[Bar | Fact]:
        """Return the candles, oldest first."""
        length = GRANULARITIES.get(timeframe, ("", 0))[1] * SECOND

        def build(candle: wire.Candle) -> Fact | None:
            return bar_of(symbol, timeframe, length, candle, received_at, received_at)

        rows = _member(body, "candles", received_at)
        return [rows] if isinstance(rows, Reject) else list(wire.CANDLE.sift(rows, build, received_at)[::-1])

    def tickers_request(self, symbols: Sequence[str]) -> Request | None:
        """Ask for one product, or for all."""
        return Request(f"{_PRODUCTS}/{self.venue_symbol(symbols[0])}" if len(symbols) == 1 else _PRODUCTS)

    def decode_tickers(self, symbols: Sequence[str], body: bytes, received_at: int) -> list[Fact]:
        """Return the statistics as polled tickers; they tell no instant but that of their receipt."""
        rows = _member(body, "products", received_at, lone="product_id")
        if isinstance(rows, Reject):
            return [rows]
        wanted = frozenset(symbols) or None
        told = [row for row in rows if not isinstance(row, dict) or (row.get("price") and _fits(row, wanted))]

        def build(product: wire.ProductStatistics) -> Fact | None:
            percent = product.price_percentage_change_24h
            return Ticker(
                self.name,
                canonical(product.product_id),
                product.price,
                received_at,
                received_at,
                high_24h=gate.known(product.high_24h),
                low_24h=gate.known(product.low_24h),
                volume_24h=product.volume_24h,
                quote_volume_24h=product.approximate_quote_24h_volume,
                change_24h=gate.change_of(product.price, percent),
                change_percent_24h=percent,
                polled=True,
            )

        return wire.STATISTICS.sift(told, build, received_at)

    def instruments_request(self) -> Request | None:
        """Ask for all products."""
        return Request(_PRODUCTS)

    def decode_instruments(self, body: bytes) -> list[Instrument]:
        """Return the spot products; unreadable ones are left out."""
        rows = _member(body, "products", 0)
        products = [] if isinstance(rows, Reject) else gate.read_each(list(map(_told, rows)), wire.Product)
        return [
            Instrument(
                self.name,
                f"{product.base_currency_id}/{product.quote_currency_id}",
                product.product_id,
                product.base_currency_id,
                product.quote_currency_id,
                tick_size=product.price_increment,
                active=product.status == "online" and not (product.trading_disabled or product.is_disabled),
            )
            for product in products
            if product.product_type == "SPOT" and product.base_currency_id and product.quote_currency_id
        ]

    def book_request(self, symbol: str) -> Request | None:
        """Return None: the stream itself sends a snapshot."""
        return None

    def decode_book(self, symbol: str, body: bytes, received_at: int) -> BookSnapshot | Fact:
        """Refuse: there is no request to answer."""
        return Reject(self.name, RejectReason.SHAPE, "book: the stream sends its snapshots", received_at)

    def _messages(self, verb: str, subscriptions: Sequence[Subscription]) -> Iterator[Message]:
        for channel, name in _CHANNELS.items():
            wishes = [wish for wish in subscriptions if wish.channel is channel]
            for chunk in gate.chunks(wishes, self.limits.subscriptions_per_message):
                products = [self.venue_symbol(wish.symbol) for wish in chunk]
                text = encode({"type": verb, "product_ids": products, "channel": name}).decode()
                yield Message(text, tuple(chunk))


def _member(body: bytes, name: str, received_at: int, lone: str = "") -> list[object] | Reject:
    """Return the list a REST answer holds under `name`, or the answer itself if it has the key `lone`."""
    try:
        told = gate.as_text(body)
    except ValueError as error:
        return Reject(wire.VENUE, RejectReason.JSON, gate.shown(str(error)), received_at)
    rows = told.get(name) if isinstance(told, dict) else None
    if isinstance(rows, list):
        return rows
    if lone and isinstance(told, dict) and lone in told:
        return [told]
    said = told.get("message") or told.get("error") if isinstance(told, dict) else told
    return Reject(wire.VENUE, RejectReason.SHAPE, f"no {name}: {gate.shown(said)}", received_at)


def _fits(row: Mapping[str, object], wanted: frozenset[str] | None) -> bool:
    return wanted is None or str(row.get("product_id", "")).replace("-", "/", 1) in wanted


def _told(row: object) -> object:
    """Return a product without its empty texts, by which the venue leaves members out."""
    return {key: value for key, value in row.items() if value != ""} if isinstance(row, dict) else row
