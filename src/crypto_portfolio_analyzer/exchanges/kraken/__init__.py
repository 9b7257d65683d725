"""Kraken spot: https://docs.kraken.com/api/docs/guides/spot-ws-intro; WebSocket v2 and public REST."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from msgspec.json import encode

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import MINUTE, SECOND
from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookSnapshot,
    Fact,
    Instrument,
    Reject,
    RejectReason,
    Trade,
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
from crypto_portfolio_analyzer.exchanges.kraken import wire
from crypto_portfolio_analyzer.exchanges.kraken.decode import BOOK_DEPTH, KrakenDecoder
from crypto_portfolio_analyzer.exchanges.kraken.names import canonical, of_rest, rest_name
from crypto_portfolio_analyzer.exchanges.kraken.v1 import day_ticker

MAX_TRADES = 1000
MAX_CANDLES = 720

_MINUTES = {timeframe: minutes for minutes, timeframe in wire.INTERVALS.items()}
_CHANNELS: dict[Channel, tuple[str, dict[str, object]]] = {
    Channel.TRADES: ("trade", {}),
    Channel.TICKER: ("ticker", {}),
    Channel.BARS: ("ohlc", {"interval": 1}),
    Channel.BOOK: ("book", {"depth": BOOK_DEPTH}),
}
"""The venue's name and further parameters, by channel."""


@EXCHANGES("kraken")
class Kraken:
    """Answers each symbol of a subscription by itself; a subscription opens with the last 50 trades."""

    name: ClassVar[str] = "kraken"
    label: ClassVar[str] = "Kraken"
    ws_url: ClassVar[str] = "wss://ws.kraken.com/v2"
    rest_url: ClassVar[str] = "https://api.kraken.com"
    default_quote: ClassVar[str] = "USD"
    channels: ClassVar[frozenset[Channel]] = frozenset(_CHANNELS)
    numbered_trades: ClassVar[bool] = True
    simulated: ClassVar[bool] = False
    limits: ClassVar[Limits] = Limits(
        subscriptions_per_connection=300,
        subscriptions_per_message=100,
        messages_per_second=5.0,
        connections=150,
        connections_window=600.0,
        lifetime=None,
        subscribe_deadline=None,
        silence=10.0,
        rest_weight=1,
        rest_window=1.0,
    )

    def venue_symbol(self, symbol: str) -> str:
        """Return the pair as v2 spells it, which is the canonical way; raises InvalidSymbol for contracts."""
        asked = parse_symbol(symbol)
        if asked.settle:
            raise InvalidSymbol(symbol, "Kraken lists spot markets only here, like BTC/USD")
        return canonical(asked.canonical(self.default_quote))

    def decoder(self, instruments: Mapping[str, str] | None = None, *, books: bool = True) -> Decoder:
        """Return a decoder that also checks its books; see `KrakenDecoder`."""
        return KrakenDecoder(instruments, books=books)

    def url(self, base: str, subscriptions: Sequence[Subscription]) -> str:
        """Return `base`: subscriptions are messages here."""
        return base

    def in_url(self, subscriptions: Sequence[Subscription]) -> int:
        """Return 0."""
        return 0

    def subscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return one message per channel."""
        return self._messages("subscribe", subscriptions, request_id)

    def unsubscribe(self, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        """Return one message per channel."""
        return self._messages("unsubscribe", subscriptions, request_id)

    def ping(self, request_id: int) -> str | None:
        """Return a ping; the venue also sends heartbeats by itself once something is subscribed."""
        return encode({"method": "ping", "req_id": request_id}).decode()

    def trades_request(
        self, symbol: str, *, from_id: int | None = None, start: int | None = None, end: int | None = None
    ) -> Request | None:
        """Ask for 1000 trades from an instant, or for the newest; the venue does not find trades by id."""
        if from_id is not None and start is None:
            return None
        query: dict[str, str | int] = {"pair": rest_name(self.venue_symbol(symbol)), "count": MAX_TRADES}
        if start is not None:
            query["since"] = start - 1  # trades *after* it
        return Request("/0/public/Trades", query)

    def decode_trades(self, symbol: str, body: bytes, received_at: int) -> list[Fact]:
        """Return the trades, oldest first, as they come."""

        def build(row: wire.PastTrade) -> Fact | None:
            side: Literal["buy", "sell"] = "buy" if row.side == "b" else "sell"
            event_at = gate.seconds_text(row.time)
            return Trade(self.name, symbol, row.price, row.volume, side, row.trade_id, event_at, received_at)

        result = _result(body, received_at)
        return (
            [result]
            if isinstance(result, Reject)
            else wire.PAST_TRADE.sift(_lone(result), build, received_at)
        )

    def bars_request(self, symbol: str, timeframe: str, start: int, end: int) -> Request | None:
        """Ask for the candles from `start`; the venue keeps the last 720 of each timeframe."""
        minutes = _MINUTES.get(timeframe)
        if minutes is None:
            return None
        query: dict[str, str | int] = {
            "pair": rest_name(self.venue_symbol(symbol)),
            "interval": minutes,
            "since": -(-start // SECOND) - 1,  # candles *after* it
        }
        return Request("/0/public/OHLC", query)

    def decode_bars(self, symbol: str, timeframe: str, body: bytes, received_at: int) -> list[Bar | Fact]:
        """Return the candles, oldest first; the last one is still forming."""
        length = _MINUTES.get(timeframe, 0) * MINUTE

        def build(row: wire.PastCandle) -> Fact | None:
            open_at = row.time * SECOND
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
                quote_volume=gate.worth(row.volume, row.vwap) or 0.0,
                trades=row.trades,
            )

        result = _result(body, received_at)
        if isinstance(result, Reject):
            return [result]
        return list(wire.PAST_CANDLE.sift(_lone(result), build, received_at))

    def tickers_request(self, symbols: Sequence[str]) -> Request | None:
        """Ask for the statistics of some pairs, or of all."""
        pairs = ",".join(rest_name(self.venue_symbol(symbol)) for symbol in symbols)
        return Request("/0/public/Ticker", {"pair": pairs} if pairs else {})

    def decode_tickers(self, symbols: Sequence[str], body: bytes, received_at: int) -> list[Fact]:
        """Return the statistics as polled tickers; REST tells the opening price of the UTC day only."""
        result = _result(body, received_at)
        if isinstance(result, Reject):
            return [result]
        wanted, facts = frozenset(symbols), []
        for name, entry in result.items():
            try:
                symbol = of_rest(name)
            except InvalidSymbol:
                continue
            if not wanted or symbol in wanted:
                facts.append(self._ticker(symbol, entry, received_at))
        return facts

    def instruments_request(self) -> Request | None:
        """Ask for all pairs."""
        return Request("/0/public/AssetPairs")

    def decode_instruments(self, body: bytes) -> list[Instrument]:
        """Return the pairs that the WebSocket knows; unreadable ones are left out."""
        result = _result(body, 0)
        pairs = [] if isinstance(result, Reject) else gate.read_each(list(result.values()), wire.AssetPair)
        found = []
        for pair in pairs:
            try:
                symbol = canonical(pair.wsname)
            except InvalidSymbol:
                continue
            base, _, quote = symbol.partition("/")
            active = pair.status == "online"
            found.append(Instrument(self.name, symbol, symbol, base, quote, pair.tick_size, active))
        return found

    def book_request(self, symbol: str) -> Request | None:
        """Return None: the stream itself sends a snapshot."""
        return None

    def decode_book(self, symbol: str, body: bytes, received_at: int) -> BookSnapshot | Fact:
        """Refuse: there is no request to answer."""
        return Reject(self.name, RejectReason.SHAPE, "book: the stream sends its snapshots", received_at)

    def _ticker(self, symbol: str, entry: object, received_at: int) -> Fact:
        def build(row: wire.DayTicker) -> Fact | None:
            return day_ticker(symbol, row, None, received_at, polled=True)

        return wire.DAY_TICKER.judge(entry, build, received_at)

    def _messages(self, method: str, subscriptions: Sequence[Subscription], request_id: int) -> list[Message]:
        messages: list[Message] = []
        for channel, (name, parameters) in _CHANNELS.items():
            wishes = [wish for wish in subscriptions if wish.channel is channel]
            for chunk in gate.chunks(wishes, self.limits.subscriptions_per_message):
                pairs = [self.venue_symbol(wish.symbol) for wish in chunk]
                number = request_id + len(messages)
                params = {"channel": name, "symbol": pairs, **parameters}
                text = encode({"method": method, "params": params, "req_id": number}).decode()
                messages.append(Message(text, tuple(chunk), number))
        return messages


def _result(body: bytes, received_at: int) -> dict[str, Any] | Reject:
    """Return the `result` of a REST answer, or a reject with the venue's error."""
    try:
        told = gate.as_text(body)
    except ValueError as error:
        return Reject(wire.VENUE, RejectReason.JSON, gate.shown(str(error)), received_at)
    result = told.get("result") if isinstance(told, dict) else None
    if isinstance(result, dict):
        return result
    errors = told.get("error") if isinstance(told, dict) else None
    said = errors[0] if isinstance(errors, list) and errors else told
    return Reject(wire.VENUE, RejectReason.SHAPE, f"no result: {gate.shown(said)}", received_at)


def _lone(result: Mapping[str, object]) -> object:
    """Return the rows of the one pair asked for; its name in the answer is not always the one asked."""
    return next((rows for name, rows in result.items() if name != "last"), None)
