"""The decoder of Coinbase Advanced Trade: feed messages to facts, in wire order (trades newest first)."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
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
    Side,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.core.numbers import AHEAD_NANOSECONDS, EARLIEST
from crypto_portfolio_analyzer.core.venues import MAX_FRAME_BYTES
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.coinbase_advanced import wire

VENUE = wire.VENUE

_TAKER: dict[str, Side] = {"BUY": "sell", "SELL": "buy"}
"""`side` is the maker's here, too: in recordings, SELL prints at the best ask."""
_PRODUCT = re.compile(r"([A-Z0-9]{1,24})-([A-Z0-9]{1,24})")
_FEED_TIMEFRAME, _FEED_LENGTH = "5m", 5 * MINUTE

_Trades = wire.Trades
_WHOLE: dict[str, type[Any]] = {
    "l2_data": wire.Levels,
    "heartbeats": wire.Heartbeats,
    "subscriptions": wire.Subscriptions,
}
_read = Decoder(wire.Message, strict=False).decode
_read_bookless = Decoder(wire.BooklessMessage, strict=False).decode


def canonical(product: str) -> str:
    """Return `BTC/USD` for `BTC-USD`; raises InvalidSymbol, for futures too."""
    pair = _PRODUCT.fullmatch(product)
    if pair is None:
        raise InvalidSymbol(product)
    return f"{pair[1]}/{pair[2]}"


class AdvancedDecoder:
    """Decoder of one connection; see `core.venues.Decoder`.

    `sequence` is the number of the last message. Messages may be dropped by the venue: a jump comes back as a
    Control of kind STATUS, `sequence jump 7->9`, before the facts of the message that showed it. Trades may be
    missing, and all books are torn: the venue numbers no book updates, so the decoder does, and leaves a number
    out of each.
    """

    def __init__(self, instruments: Mapping[str, str] | None, *, books: bool) -> None:
        self.sequence: int | None = None
        self._book_ids: dict[str, int] = {}
        self._longest_trade = 0
        self._names = Names(instruments, canonical)
        self._read = _read if books else _read_bookless
        self._builders: dict[type[Any], Callable[[Any, int], list[Fact] | None]] = {
            wire.Trades: self._trades,
            wire.Tickers: self._tickers,
            wire.TickerBatch: self._tickers,
            wire.Candles: self._candles,
            wire.Heartbeats: self._heartbeats,
            wire.Subscriptions: self._acknowledgements,
            wire.Levels: self._levels,
            wire.SkippedLevels: _skipped,
        }

    def decode(self, frame: bytes, received_at: int) -> Sequence[Fact]:
        """Return the facts, controls and rejects of a message, in wire order."""
        try:
            message = self._read(frame)
            if (
                type(message) is _Trades
                and len(frame) <= self._longest_trade
                and message.sequence_num - 1 == self.sequence
                and len(message.events) == 1
                and len(message.events[0].trades) == 1
            ):
                # `trade_of`, unfolded: a lone trade is the everyday message
                told = message.events[0].trades[0]
                since = told.time - EPOCH
                event_at = (since.days * 86_400 + since.seconds) * SECOND + since.microseconds * 1000
                if EARLIEST < event_at < received_at + AHEAD_NANOSECONDS:
                    symbol = self._names[told.product_id]
                    self.sequence = message.sequence_num
                    return (
                        Trade(
                            VENUE,
                            symbol,
                            told.price,
                            told.size,
                            _TAKER[told.side],
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
        """Return the facts of anything but trades in sequence and no longer than those checked before."""
        if len(frame) > MAX_FRAME_BYTES or gate.has_odd_number(frame):
            return self._reread(frame, received_at)
        jump = self._follow(message.sequence_num, received_at)
        try:
            facts = self._builders[type(message)](message, received_at)
        except gate.UNREADABLE:
            facts = None
        if facts is None:
            facts = self._reread(frame, received_at)
        elif isinstance(message, _Trades) and len(facts) == 1:
            self._longest_trade = max(self._longest_trade, len(frame))
        return facts if jump is None else [jump, *facts]

    def _follow(self, sequence: int, received_at: int) -> Control | None:
        """Note the number of a message; return what there is to say if others are missing before it."""
        last, self.sequence = self.sequence, sequence
        if last is None or sequence in (last, last + 1):
            return None
        for symbol in self._book_ids:
            self._book_ids[symbol] += 1
        said = f"sequence jump {last}->{sequence}"
        return Control(VENUE, ControlKind.STATUS, received_at, text=said, sequence=sequence)

    def _trades(self, message: wire.Trades, received_at: int) -> list[Fact] | None:
        trades = [
            trade_of(self._names[told.product_id], told, received_at)
            for event in message.events
            for told in event.trades
        ]
        good: list[Fact] = [trade for trade in trades if trade is not None]
        return good if len(good) == len(trades) else None

    def _tickers(self, message: wire.Tickers, received_at: int) -> list[Fact] | None:
        event_at = gate.nanoseconds(message.timestamp)
        if not gate.is_instant(event_at, received_at):
            return None
        return [
            self._ticker(event_at, received_at, entry) for event in message.events for entry in event.tickers
        ]

    def _ticker(self, event_at: int, received_at: int, entry: wire.TickerEntry) -> Ticker:
        percent = entry.price_percent_chg_24_h
        return Ticker(
            VENUE,
            self._names[entry.product_id],
            entry.price,
            event_at,
            received_at,
            bid=gate.known(entry.best_bid),
            ask=gate.known(entry.best_ask),
            high_24h=gate.known(entry.high_24_h),
            low_24h=gate.known(entry.low_24_h),
            volume_24h=entry.volume_24_h,
            change_24h=gate.change_of(entry.price, percent),
            change_percent_24h=percent,
        )

    def _candles(self, message: wire.Candles, received_at: int) -> list[Fact] | None:
        told_at = gate.nanoseconds(message.timestamp)
        if not gate.is_instant(told_at, received_at):
            return None
        bars = [
            bar_of(
                self._names[candle.product_id], _FEED_TIMEFRAME, _FEED_LENGTH, candle, told_at, received_at
            )
            for event in message.events
            for candle in event.candles
        ]
        good: list[Fact] = [bar for bar in bars if bar is not None]
        return good if len(good) == len(bars) else None

    def _heartbeats(self, message: wire.Heartbeats, received_at: int) -> list[Fact]:
        return [Control(VENUE, ControlKind.HEARTBEAT, received_at, sequence=message.sequence_num)]

    def _acknowledgements(self, message: wire.Subscriptions, received_at: int) -> list[Fact]:
        names = dict.fromkeys(
            product
            for event in message.events
            for products in event.subscriptions.values()
            for product in products
        )
        return [
            Control(VENUE, ControlKind.ACK, received_at, names=tuple(names), sequence=message.sequence_num)
        ]

    def _levels(self, message: wire.Levels, received_at: int) -> list[Fact] | None:
        event_at = gate.nanoseconds(message.timestamp)
        if not gate.is_instant(event_at, received_at):
            return None
        return [self._book(event, event_at, received_at) for event in message.events]

    def _book(self, event: wire.LevelsEvent, event_at: int, received_at: int) -> BookSnapshot | BookDelta:
        symbol = self._names[event.product_id]
        bids = tuple(
            [(level.price_level, level.new_quantity) for level in event.updates if level.side == "bid"]
        )
        asks = tuple(
            [(level.price_level, level.new_quantity) for level in event.updates if level.side != "bid"]
        )
        number = self._book_ids[symbol] = self._book_ids.get(symbol, 0) + 1
        if event.type == "snapshot":
            return BookSnapshot(VENUE, symbol, bids, asks, number, event_at, received_at)
        return BookDelta(VENUE, symbol, bids, asks, number, number, event_at, received_at)

    def _reread(self, frame: bytes, received_at: int) -> list[Fact]:
        """Find out what an unusual frame is, or which of its elements is wrong."""
        if len(frame) > MAX_FRAME_BYTES:
            return [Reject(VENUE, RejectReason.TOO_LARGE, f"{len(frame)} bytes", received_at)]
        try:
            message = gate.as_text(frame)
        except ValueError as error:
            return [Reject(VENUE, RejectReason.JSON, gate.shown(str(error)), received_at)]
        if not isinstance(message, dict):
            return [Reject(VENUE, RejectReason.SHAPE, f"no object: {gate.shown(message)}", received_at)]
        if message.get("type") == "error":
            return [self._refusal(message.get("message"), received_at)]
        number, jump = message.get("sequence_num"), None
        if gate.whole(number, received_at) is None:
            jump = self._follow(int(str(number)), received_at)  # a number already noted is no jump
        facts = self._sift(message, received_at)
        return facts if jump is None else [jump, *facts]

    def _refusal(self, told: object, received_at: int) -> Control:
        said = told[:200] if isinstance(told, str) else ""
        product = _PRODUCT.search(said)
        names = (product[0],) if product else ()
        symbol = self._names[product[0]] if product else None
        return Control(VENUE, ControlKind.REFUSED, received_at, text=said, names=names, symbol=symbol)

    def _sift(self, message: dict[str, object], received_at: int) -> list[Fact]:
        channel = message.get("channel")
        if not isinstance(channel, str):
            return [Reject(VENUE, RejectReason.SHAPE, f"no channel: {gate.shown(message)}", received_at)]
        told_at, reason = received_at, None
        if channel in ("ticker", "ticker_batch", "candles", "l2_data"):
            timestamp = message.get("timestamp")
            reason = gate.instant(timestamp, received_at)
            if reason:
                detail = f"{channel}: timestamp {gate.shown(timestamp)}"
                return [Reject(VENUE, reason, detail, received_at)]
            told_at = gate.nanoseconds(convert(timestamp, gate.Instant))
        sifter = self._sifters(told_at, received_at).get(channel)
        events = message.get("events")
        if sifter is None:
            return self._whole(channel, message, received_at)
        member, kind, build = sifter
        if not isinstance(events, list):
            return [kind.reject(RejectReason.SHAPE, "no events", received_at)]
        facts: list[Fact] = []
        for event in events:
            elements = event.get(member) if isinstance(event, dict) else None
            facts += kind.sift(elements, build, received_at)
        return facts

    def _sifters(
        self, told_at: int, received_at: int
    ) -> dict[str, tuple[str, Kind[Any], Callable[[Any], Fact | None]]]:
        def trade(told: wire.MarketTrade) -> Fact | None:
            return trade_of(self._names[told.product_id], told, received_at)

        def bar(told: wire.Candle) -> Fact | None:
            symbol = self._names[told.product_id]
            return bar_of(symbol, _FEED_TIMEFRAME, _FEED_LENGTH, told, told_at, received_at)

        ticker = partial(self._ticker, told_at, received_at)
        return {
            "market_trades": ("trades", wire.TRADE, trade),
            "ticker": ("tickers", wire.TICKER, ticker),
            "ticker_batch": ("tickers", wire.TICKER, ticker),
            "candles": ("candles", wire.CANDLE, bar),
        }

    def _whole(self, channel: str, message: dict[str, object], received_at: int) -> list[Fact]:
        """Read what makes sense only whole, or note a message of a kind we do not use."""
        if channel not in _WHOLE:
            return [Other(VENUE, gate.shown(channel).strip("'"), received_at)]
        events = message.get("events")
        for event in events if isinstance(events, list) and channel == "l2_data" else ():
            fault = self._book_fault(event, received_at)
            if fault is not None:
                return [fault]
        try:
            told = convert(message, _WHOLE[channel], strict=False)
            facts = self._builders[type(told)](told, received_at)
        except gate.UNREADABLE:
            facts = None
        return facts or [Reject(VENUE, RejectReason.SHAPE, f"{channel}: unreadable", received_at)]

    def _book_fault(self, event: object, received_at: int) -> Reject | None:
        if not isinstance(event, dict):
            return wire.LEVEL.reject(RejectReason.SHAPE, f"no object: {gate.shown(event)}", received_at)
        try:
            self._names[str(event.get("product_id"))]
        except InvalidSymbol as error:
            return wire.LEVEL.reject(RejectReason.SYMBOL, gate.shown(error.text), received_at)
        fine = Other(VENUE, "level", received_at)
        levels = wire.LEVEL.sift(event.get("updates"), lambda _told: fine, received_at)
        return next((level for level in levels if isinstance(level, Reject)), None)


def trade_of(symbol: str, told: wire.MarketTrade, received_at: int) -> Trade | None:
    """Return the trade of a feed entry or a REST row; None if its instant cannot be right."""
    event_at = gate.nanoseconds(told.time)
    if not gate.is_instant(event_at, received_at):
        return None
    taker = _TAKER[told.side]
    return Trade(VENUE, symbol, told.price, told.size, taker, told.trade_id, event_at, received_at)


def bar_of(
    symbol: str, timeframe: str, length: int, candle: wire.Candle, told_at: int, received_at: int
) -> Bar | None:
    """Return the bar of a candle that was told at `told_at` (ns); None if its instant cannot be right."""
    open_at = candle.start * SECOND
    if not gate.is_instant(open_at, received_at):
        return None
    close_at = open_at + length
    return Bar(
        VENUE,
        symbol,
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
    )


def _skipped(_message: wire.SkippedLevels, received_at: int) -> list[Fact]:
    return [Other(VENUE, "book", received_at)]
