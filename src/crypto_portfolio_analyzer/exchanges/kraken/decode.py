"""The decoder of Kraken: WebSocket v2, and the arrays of v1 where a recording holds them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import convert
from msgspec.json import Decoder

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import EPOCH, MINUTE, SECOND, Kind, Names
from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    Control,
    ControlKind,
    Fact,
    Other,
    Reject,
    RejectReason,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.core.numbers import AHEAD_NANOSECONDS, EARLIEST
from crypto_portfolio_analyzer.core.venues import MAX_FRAME_BYTES
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.kraken import wire
from crypto_portfolio_analyzer.exchanges.kraken.books import Books, Sides, WireLevel, digits
from crypto_portfolio_analyzer.exchanges.kraken.names import canonical
from crypto_portfolio_analyzer.exchanges.kraken.v1 import ArrayReader

VENUE = wire.VENUE
BOOK_DEPTH = 100
"""Levels of each side we subscribe for."""

_Trades = wire.Trades
_read = Decoder(wire.Message, strict=False).decode
_read_bookless = Decoder(wire.BooklessMessage, strict=False).decode


class KrakenDecoder:
    """Decoder of one connection; see `core.venues.Decoder`.

    It keeps each book to its depth and checks the venue's checksum: a mismatch comes back as a Control of kind
    STATUS, `checksum mismatch BTC/USD`, once; the book is torn until its next snapshot.
    """

    def __init__(self, instruments: Mapping[str, str] | None, *, books: bool) -> None:
        self._names = Names(instruments, canonical)
        self._read = _read if books else _read_bookless
        self._longest_trade = 0
        self._books = Books(VENUE)
        self._depths: dict[str, int] = {}
        self._arrays = ArrayReader(self._names, self._books, wants_books=books)
        self._builders: dict[type[Any], Callable[[Any, int], list[Fact] | None]] = {
            wire.Trades: self._trades,
            wire.Tickers: self._tickers,
            wire.Candles: self._candles,
            wire.Books: self._books_told,
            wire.SkippedBooks: lambda _message, received_at: [Other(VENUE, "book", received_at)],
            wire.Heartbeat: lambda _message, received_at: [
                Control(VENUE, ControlKind.HEARTBEAT, received_at)
            ],
            wire.Status: _status,
        }

    def decode(self, frame: bytes, received_at: int) -> Sequence[Fact]:
        """Return the facts, controls and rejects of a message, in wire order."""
        try:
            message = self._read(frame)
            if type(message) is _Trades and len(frame) <= self._longest_trade and len(message.data) == 1:
                # `_trade`, unfolded: a lone trade is the everyday message
                told = message.data[0]
                since = told.timestamp - EPOCH
                event_at = (since.days * 86_400 + since.seconds) * SECOND + since.microseconds * 1000
                if EARLIEST < event_at < received_at + AHEAD_NANOSECONDS:
                    return (
                        Trade(
                            VENUE,
                            self._names[told.symbol],
                            told.price,
                            told.qty,
                            told.side,
                            told.trade_id,
                            event_at,
                            received_at,
                        ),
                    )
        except gate.UNREADABLE:
            return self._reread(frame, received_at)
        return self._unusual(message, frame, received_at)

    def _unusual(
        self, message: wire.Message | wire.BooklessMessage, frame: bytes, received_at: int
    ) -> list[Fact]:
        """Return the facts of anything but a trade no longer than those checked before."""
        is_book = isinstance(message, wire.Books)  # whose numbers are kept as text
        if len(frame) > MAX_FRAME_BYTES or (not is_book and gate.has_odd_number(frame)):
            return self._reread(frame, received_at)
        try:
            facts = self._builders[type(message)](message, received_at)
        except gate.UNREADABLE:
            facts = None
        if facts is None:
            return self._reread(frame, received_at)
        if isinstance(message, _Trades) and len(facts) == 1:
            self._longest_trade = max(self._longest_trade, len(frame))
        return facts

    def _trades(self, message: wire.Trades, received_at: int) -> list[Fact] | None:
        trades = [self._trade(told, received_at) for told in message.data]
        good: list[Fact] = [trade for trade in trades if trade is not None]
        return good if len(good) == len(trades) else None

    def _trade(self, told: wire.TradeEntry, received_at: int) -> Trade | None:
        event_at, symbol = gate.nanoseconds(told.timestamp), self._names[told.symbol]
        if not gate.is_instant(event_at, received_at):
            return None
        return Trade(VENUE, symbol, told.price, told.qty, told.side, told.trade_id, event_at, received_at)

    def _tickers(self, message: wire.Tickers, received_at: int) -> list[Fact] | None:
        tickers = [self._ticker(entry, received_at) for entry in message.data]
        good: list[Fact] = [ticker for ticker in tickers if ticker is not None]
        return good if len(good) == len(tickers) else None

    def _ticker(self, entry: wire.TickerEntry, received_at: int) -> Ticker | None:
        event_at = received_at if entry.timestamp is None else gate.nanoseconds(entry.timestamp)
        if not gate.is_instant(event_at, received_at):
            return None
        return Ticker(
            VENUE,
            self._names[entry.symbol],
            entry.last,
            event_at,
            received_at,
            bid=gate.known(entry.bid),
            ask=gate.known(entry.ask),
            high_24h=gate.known(entry.high),
            low_24h=gate.known(entry.low),
            volume_24h=entry.volume,
            quote_volume_24h=gate.worth(entry.volume, entry.vwap),
            change_24h=entry.change,
            change_percent_24h=entry.change_pct,
        )

    def _candles(self, message: wire.Candles, received_at: int) -> list[Fact] | None:
        told_at = received_at if message.timestamp is None else gate.nanoseconds(message.timestamp)
        if not gate.is_instant(told_at, received_at):
            return None
        bars = [self._bar(candle, told_at, received_at) for candle in message.data]
        good: list[Fact] = [bar for bar in bars if bar is not None]
        return good if len(good) == len(bars) else None

    def _bar(self, candle: wire.Candle, told_at: int, received_at: int) -> Bar | None:
        open_at = gate.nanoseconds(candle.interval_begin)
        timeframe = wire.INTERVALS.get(candle.interval)
        if timeframe is None or not gate.is_instant(open_at, received_at):
            return None
        close_at = open_at + candle.interval * MINUTE
        return Bar(
            VENUE,
            self._names[candle.symbol],
            timeframe,
            open_at,
            close_at,
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            candle.volume,
            closed=close_at <= told_at,
            received_at=received_at,
            quote_volume=gate.worth(candle.volume, candle.vwap) or 0.0,
            trades=candle.trades,
        )

    def _books_told(self, message: wire.Books, received_at: int) -> list[Fact] | None:
        parts: list[tuple[BookSnapshot | BookDelta, Sides, int | None]] = []
        for entry in message.data:
            symbol = self._names[entry.symbol]
            event_at = received_at if entry.timestamp is None else gate.nanoseconds(entry.timestamp)
            if not gate.is_instant(event_at, received_at):
                return None
            levels: Sides = (_levels(entry.bids), _levels(entry.asks))
            bids, asks = (tuple([(level.price, level.quantity) for level in side]) for side in levels)
            book: BookSnapshot | BookDelta
            if message.type == "snapshot":
                book = BookSnapshot(VENUE, symbol, bids, asks, 0, event_at, received_at)
            else:
                book = BookDelta(VENUE, symbol, bids, asks, 0, 0, event_at, received_at)
            parts.append((book, levels, entry.checksum))
        return [fact for part in parts for fact in self._book(*part)]

    def _book(self, book: BookSnapshot | BookDelta, levels: Sides, checksum: int | None) -> list[Fact]:
        if isinstance(book, BookDelta):
            return self._books.update(book, levels, checksum)
        depth = self._depths.get(book.symbol, BOOK_DEPTH)
        return self._books.open(book, max(depth, len(book.bids), len(book.asks)), levels, checksum)

    def _reread(self, frame: bytes, received_at: int) -> list[Fact]:
        """Find out what an unusual frame is, or which of its elements is wrong."""
        if len(frame) > MAX_FRAME_BYTES:
            return [Reject(VENUE, RejectReason.TOO_LARGE, f"{len(frame)} bytes", received_at)]
        try:
            message = gate.as_text(frame)
        except ValueError as error:
            return [Reject(VENUE, RejectReason.JSON, gate.shown(str(error)), received_at)]
        if isinstance(message, list):
            return self._arrays.array(message, received_at)
        if not isinstance(message, dict):
            return [Reject(VENUE, RejectReason.SHAPE, f"no object: {gate.shown(message)}", received_at)]
        if "method" in message or "error" in message:
            return [self._answer(message, received_at)]
        if "event" in message:
            return [self._arrays.event(message, received_at)]
        return self._sift(message, received_at)

    def _answer(self, message: dict[str, Any], received_at: int) -> Control:
        """Read `{"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD"},"success":true,"req_id":1}`."""
        result = message.get("result")
        told = result if isinstance(result, dict) else message
        pair, channel = str(told.get("symbol"))[:40], str(told.get("channel", ""))[:40]
        try:
            symbol = self._names[pair]
        except InvalidSymbol:
            symbol = None
        number = message.get("req_id")
        is_numbered = gate.whole(number, received_at) is None
        if symbol and gate.whole(told.get("depth"), received_at) is None and len(self._depths) < 2000:
            self._depths[symbol] = int(told["depth"])
        error = message.get("error")
        kind = ControlKind.ACK
        if message.get("success") is False or error is not None:
            kind = ControlKind.REFUSED
        elif message.get("method") == "pong":
            kind = ControlKind.HEARTBEAT
        return Control(
            VENUE,
            kind,
            received_at,
            text=str(error)[:200]
            if error is not None
            else f"{str(message.get('method'))[:40]} {channel}".strip(),
            request_id=int(str(number)) if is_numbered else None,
            names=(pair,) if symbol else (),
            symbol=symbol,
        )

    def _sift(self, message: dict[str, Any], received_at: int) -> list[Fact]:
        channel = message.get("channel")
        if not isinstance(channel, str):
            return [Reject(VENUE, RejectReason.SHAPE, f"no channel: {gate.shown(message)}", received_at)]
        told_at, timestamp = received_at, message.get("timestamp")
        if channel == "ohlc" and timestamp is not None:
            reason = gate.instant(timestamp, received_at)
            if reason:
                return [Reject(VENUE, reason, f"ohlc: timestamp {gate.shown(timestamp)}", received_at)]
            told_at = gate.nanoseconds(convert(timestamp, gate.Instant))
        sifters: dict[str, tuple[Kind[Any], Callable[[Any], Fact | None]]] = {
            "trade": (wire.TRADE, lambda told: self._trade(told, received_at)),
            "ticker": (wire.TICKER, lambda told: self._ticker(told, received_at)),
            "ohlc": (wire.CANDLE, lambda told: self._bar(told, told_at, received_at)),
        }
        if channel in sifters:
            kind, build = sifters[channel]
            return kind.sift(message.get("data"), build, received_at)
        if channel == "book":
            return [self._refuse_book(message.get("data"), received_at)]
        if channel in ("heartbeat", "status"):
            return [Reject(VENUE, RejectReason.SHAPE, f"{channel}: unreadable", received_at)]
        return [Other(VENUE, gate.shown(channel).strip("'"), received_at)]

    def _refuse_book(self, data: object, received_at: int) -> Reject:
        """Name the fault of a book message, which makes sense only whole."""
        for entry in data if isinstance(data, list) else ():
            if not isinstance(entry, dict):
                continue
            try:
                self._names[str(entry.get("symbol"))]
            except InvalidSymbol as error:
                return Reject(VENUE, RejectReason.SYMBOL, f"book: {gate.shown(error.text)}", received_at)
            reason = _levels_fault(entry, received_at)
            if reason is None and entry.get("timestamp") is not None:
                reason = gate.instant(entry["timestamp"], received_at)
            if reason:
                return Reject(VENUE, reason, f"book: {gate.shown(entry.get('symbol'))}", received_at)
        return Reject(VENUE, RejectReason.SHAPE, "book: unreadable", received_at)


def _levels_fault(entry: dict[str, Any], received_at: int) -> RejectReason | None:
    for side in ("bids", "asks"):
        levels = entry.get(side)
        for level in levels if isinstance(levels, list) else ():
            if not isinstance(level, dict):
                return RejectReason.SHAPE
            reason = gate.price(level.get("price"), received_at) or gate.amount(level.get("qty"), received_at)
            if reason:
                return reason
    return None


def _levels(told: list[wire.BookLevel]) -> list[WireLevel]:
    """Return levels with their digits; raises ValueError for any that cannot be one."""
    levels = []
    for level in told:
        price, quantity = bytes(level.price).decode(), bytes(level.qty).decode()
        reason = gate.price(price, 0) or gate.amount(quantity, 0)
        if reason:
            raise ValueError(f"no level: {reason}")
        levels.append(WireLevel(float(price), float(quantity), digits(price, quantity)))
    return levels


def _status(message: wire.Status, received_at: int) -> list[Fact]:
    said = message.data[0].system[:40] if message.data else ""
    return [Control(VENUE, ControlKind.STATUS, received_at, text=said)]
