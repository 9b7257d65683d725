"""Binance spot and Binance.US: streams, messages and REST calls of one dialect.

Streams: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, get_args
from urllib.parse import quote

from msgspec import json, structs

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.market import Arrival, Bar, BookSnapshot, Fact, Instrument
from crypto_portfolio_analyzer.core.symbols import QUOTES
from crypto_portfolio_analyzer.core.venues import (
    EXCHANGES,
    Channel,
    Limits,
    Message,
    Request,
    Subscription,
)
from crypto_portfolio_analyzer.exchanges.binance import rest
from crypto_portfolio_analyzer.exchanges.binance.decode import BinanceDecoder
from crypto_portfolio_analyzer.exchanges.binance.facts import (
    past_bar,
    polled_ticker,
    trade,
)
from crypto_portfolio_analyzer.exchanges.binance.symbols import infer, join
from crypto_portfolio_analyzer.exchanges.binance.wire import (
    Interval,
    RestAggregateTrade,
    RestKline,
    RestTicker,
    RestTrade,
    TradeForm,
)

ALL_TICKERS = "!miniTicker@arr"
"""One stream with the changed tickers of every market, each second: for thousands of symbols."""

_NAMES_IN_URL = 100
_LIMITS = Limits(
    subscriptions_per_connection=1024,
    subscriptions_per_message=200,
    messages_per_second=5,
    connections=300,
    connections_window=300,
    lifetime=24 * 3600,
    subscribe_deadline=None,
    silence=45,  # the venue pings every 20 s
    rest_weight=6000,
    rest_window=60,
)
_STREAMS: Mapping[Channel, str] = {
    Channel.TICKER: "ticker",
    Channel.QUOTES: "bookTicker",
    Channel.BARS: "kline_1m",
    Channel.BOOK: "depth@100ms",
}


@EXCHANGES("binance")
class Binance:
    """Binance spot.

    Trades come from `@aggTrade` and are numbered by the aggregate id `a`, as `aggTrades` back-fills by it; with
    `trade_stream="trade"` they are single trades with their own ids. A ticker's `last_trade_id` is always the id of
    a single trade: it shows that trades happened, but compares with `Trade.trade_id` only on the `trade` stream.
    """

    name: ClassVar[str] = "binance"
    label: ClassVar[str] = "Binance"
    ws_url: ClassVar[str] = "wss://stream.binance.com:9443"
    rest_url: ClassVar[str] = "https://api.binance.com"
    limits: ClassVar[Limits] = _LIMITS
    default_quote: ClassVar[str] = "USDT"
    channels: ClassVar[frozenset[Channel]] = frozenset(Channel)
    numbered_trades: ClassVar[bool] = True
    simulated: ClassVar[bool] = False
    quotes: ClassVar[Sequence[str]] = tuple(asset for asset in QUOTES if asset != "USD")
    """What markets are priced in here, to split a venue symbol that is not listed; there is no plain USD."""

    def __init__(self, trade_stream: Literal["aggTrade", "trade"] = "aggTrade") -> None:
        self._trade_stream = trade_stream

    @staticmethod
    def all_tickers_url(base: str) -> str:
        """Return the address of the stream with the changed tickers of every market."""
        return f"{base.rstrip('/')}/stream?streams={ALL_TICKERS}"

    def venue_symbol(self, symbol: str) -> str:
        """Return `BTCUSDT` for `BTC/USDT`; raises InvalidSymbol for contracts and names no market here has."""
        return join(symbol)

    def decoder(self, instruments: Mapping[str, str] | None = None, *, books: bool = True) -> BinanceDecoder:
        """Return a decoder; venue symbols outside `instruments` are split by the known quotes."""
        return BinanceDecoder(self.name, instruments, self.quotes, books=books)

    def in_url(self, subscriptions: Sequence[Subscription]) -> int:
        """Return how many of `subscriptions` the address carries: 100 names keep it below 4 kB."""
        return min(len(subscriptions), _NAMES_IN_URL)

    def url(self, base: str, subscriptions: Sequence[Subscription]) -> str:
        """Return the address of a combined stream with the first subscriptions in it."""
        address = f"{base.rstrip('/')}/stream"
        names = [self._stream(each) for each in subscriptions[: self.in_url(subscriptions)]]
        # a symbol may hold letters outside ASCII
        return f"{address}?streams={quote('/'.join(names), safe='/@!')}" if names else address

    def subscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return SUBSCRIBE messages of 200 names at most."""
        return self._messages("SUBSCRIBE", subscriptions, request_id)

    def unsubscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return UNSUBSCRIBE messages of 200 names at most."""
        return self._messages("UNSUBSCRIBE", subscriptions, request_id)

    def ping(self, request_id: int) -> str | None:
        """Return None: the venue pings, and any message of ours counts against its limit."""
        return None

    def trades_request(
        self, symbol: str, *, from_id: int | None = None, start: int | None = None, end: int | None = None
    ) -> Request | None:
        """Ask for past trades; `from_id` wins over a span, and single trades cannot be asked by time."""
        ask = rest.past_aggregate_trades if self._is_aggregated else rest.past_single_trades
        return ask(join(symbol), from_id, start, end)

    def decode_trades(self, symbol: str, body: bytes, received_at: int) -> list[Fact]:
        """Return the trades of a `trades_request`, oldest first, rejects included."""
        where = rest.Answer(self.name, body, received_at)
        form: type[TradeForm] = RestAggregateTrade if self._is_aggregated else RestTrade
        return where.rows(form, lambda wire: trade(self.name, symbol, wire, received_at, Arrival.BACKFILLED))

    def bars_request(self, symbol: str, timeframe: str, start: int, end: int) -> Request | None:
        """Ask for bars that open in `[start, end)`; None for a timeframe the venue has not."""
        if timeframe not in get_args(Interval):
            return None
        return rest.past_bars(join(symbol), timeframe, start, end)

    def decode_bars(self, symbol: str, timeframe: str, body: bytes, received_at: int) -> list[Bar | Fact]:
        """Return the bars of a `bars_request`, oldest first; the newest may still be forming."""
        return rest.Answer(self.name, body, received_at).rows(
            RestKline, lambda wire: past_bar(self.name, symbol, timeframe, wire, received_at)
        )

    def tickers_request(self, symbols: Sequence[str]) -> Request | None:
        """Ask for the 24 h statistics of `symbols` (empty: of all)."""
        return rest.tickers([join(symbol) for symbol in symbols])

    def decode_tickers(self, symbols: Sequence[str], body: bytes, received_at: int) -> list[Fact]:
        """Return the tickers of a `tickers_request`, marked `polled`."""
        known = {join(symbol): symbol for symbol in symbols}
        names = gate.Names(known, lambda name: infer(name, self.quotes))
        return rest.Answer(self.name, body, received_at).rows(
            RestTicker, lambda wire: polled_ticker(self.name, names[wire.symbol], wire, received_at)
        )

    def instruments_request(self) -> Request | None:
        """Ask for the list of markets."""
        return rest.instruments()

    def decode_instruments(self, body: bytes) -> list[Instrument]:
        """Return the markets of an `instruments_request`; unreadable entries are left out."""
        return rest.read_instruments(self.name, body)

    def book_request(self, symbol: str) -> Request | None:
        """Ask for the order book that `depth` updates continue."""
        return rest.book(join(symbol))

    def decode_book(self, symbol: str, body: bytes, received_at: int) -> BookSnapshot | Fact:
        """Return the snapshot of a `book_request`, or a Reject."""
        return rest.Answer(self.name, body, received_at).book(symbol)

    @property
    def _is_aggregated(self) -> bool:
        return self._trade_stream == "aggTrade"

    def _stream(self, subscription: Subscription) -> str:
        channel = subscription.channel
        stream = self._trade_stream if channel is Channel.TRADES else _STREAMS[channel]
        return f"{join(subscription.symbol).lower()}@{stream}"

    def _messages(self, method: str, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        messages = []
        size = self.limits.subscriptions_per_message
        for number, start in enumerate(range(0, len(subscriptions), size), request_id):
            part = tuple(subscriptions[start : start + size])
            names = [self._stream(each) for each in part]
            text = json.encode({"method": method, "params": names, "id": number}).decode()
            messages.append(Message(text, part, number))
        return messages


@EXCHANGES("binance_us")
class BinanceUS(Binance):
    """Binance.US: the same dialect on other hosts, with US dollars, fewer requests and rarer pings."""

    name: ClassVar[str] = "binance_us"
    label: ClassVar[str] = "Binance.US"
    ws_url: ClassVar[str] = "wss://stream.binance.us:9443"
    rest_url: ClassVar[str] = "https://api.binance.us"
    limits: ClassVar[Limits] = structs.replace(_LIMITS, rest_weight=1200, silence=200)
    quotes: ClassVar[Sequence[str]] = tuple(QUOTES)
