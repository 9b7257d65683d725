"""Kraken's WebSocket v1, which recordings hold: arrays `[channelID, payload, "trade", "XBT/USD"]` and events.

All numbers are texts, instants are epoch seconds.
"""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct, field

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import MINUTE, Amount, Field, Kind, Names, Price, Quantity
from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    Control,
    ControlKind,
    Fact,
    Other,
    Quote,
    Reject,
    RejectReason,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.kraken import wire
from crypto_portfolio_analyzer.exchanges.kraken.books import Books, Sides, WireLevel, digits

VENUE = wire.VENUE


class TradeRow(Struct, gc=False, array_like=True):
    """`["5541.20000","0.15850568","1534614057.321597","s","l",""]`; `s`: the taker sold. There is no id."""

    price: Price
    volume: Quantity
    time: str
    side: Literal["b", "s"]


class CandleRow(Struct, gc=False, array_like=True):
    """`["1542057314.748456","1542057360.435743","3586.7",…,"3586.6","0.03373000",2]`: times, o, h, l, c, vwap, v, n."""

    changed: str
    ends: str
    open: Price
    high: Price
    low: Price
    close: Price
    vwap: Amount
    volume: Amount
    trades: int = 0


class SpreadRow(Struct, gc=False, array_like=True):
    """`["5698.40000","5700.00000","1542057299.545897","1.01234567","0.98765432"]`."""

    bid: Price
    ask: Price
    time: str
    bid_volume: Amount
    ask_volume: Amount


class DayRow(wire.DayTicker):
    """`{"a":["5525.4",1,"1.0"],…,"c":["5525.1","0.0039"],"v":["2634.1","3591.1"],"o":["5760.7","5763.4"]}`."""

    o: list[Amount] = field(default_factory=list)


_PRICES = tuple(Field(index, gate.price) for index in (2, 3, 4, 5))
TRADE = Kind(VENUE, "trade", TradeRow, wire.PAST_TRADE.fields)
CANDLE = Kind(
    VENUE,
    "ohlc",
    CandleRow,
    (
        Field(0, gate.seconds),
        Field(1, gate.text),
        *_PRICES,
        Field(6, gate.amount),
        Field(7, gate.amount),
    ),
)
SPREAD = Kind(
    VENUE,
    "spread",
    SpreadRow,
    (
        Field(0, gate.price),
        Field(1, gate.price),
        Field(2, gate.seconds),
        Field(3, gate.amount),
        Field(4, gate.amount),
    ),
)
DAY = Kind(VENUE, "ticker", DayRow, (*wire.DAY_TICKER.fields, Field("o", wire.amounts, optional=True)))


class ArrayReader:
    """Reads the messages of a v1 connection from their texts."""

    def __init__(self, names: Names, books: Books, *, wants_books: bool) -> None:
        self._names, self._books, self._wants_books = names, books, wants_books

    def array(self, message: list[Any], received_at: int) -> list[Fact]:
        """Return the facts of `[channelID, payload, …, channel, pair]`."""
        if len(message) < 4 or not isinstance(message[-1], str) or not isinstance(message[-2], str):
            return [Reject(VENUE, RejectReason.SHAPE, f"no channel: {gate.shown(message)}", received_at)]
        name, _, option = message[-2].partition("-")
        reader = self._reader(name)
        if reader is None:
            return [Other(VENUE, gate.shown(name).strip("'"), received_at)]
        try:
            symbol = self._names[message[-1]]
        except InvalidSymbol as error:
            return [Reject(VENUE, RejectReason.SYMBOL, f"{name}: {gate.shown(error.text)}", received_at)]
        return reader(symbol, option, message[1:-2], received_at)

    def _reader(self, name: str) -> Callable[[str, str, list[Any], int], list[Fact]] | None:
        return {
            "trade": self._trades,
            "ticker": self._ticker,
            "ohlc": self._candle,
            "spread": self._spread,
            "book": self._book if self._wants_books else _skipped,
        }.get(name)

    def event(self, message: dict[str, Any], received_at: int) -> Fact:
        """Return the control of `{"event":"…"}`."""
        kind = message.get("event")
        if kind in ("heartbeat", "pong"):
            return Control(VENUE, ControlKind.HEARTBEAT, received_at, text=str(kind))
        if kind == "systemStatus":
            return Control(VENUE, ControlKind.STATUS, received_at, text=str(message.get("status"))[:40])
        if kind == "subscriptionStatus":
            return self._answer(message, received_at)
        if kind == "error":
            said = str(message.get("errorMessage"))[:200]
            return Control(VENUE, ControlKind.REFUSED, received_at, text=said)
        return Other(VENUE, gate.shown(kind).strip("'"), received_at)

    def _answer(self, message: dict[str, Any], received_at: int) -> Fact:
        status, pair = str(message.get("status"))[:40], str(message.get("pair"))[:40]
        try:
            symbol = self._names[pair]
        except InvalidSymbol:
            symbol = None
        refused, channel = status == "error", str(message.get("channelName"))[:40]
        return Control(
            VENUE,
            ControlKind.REFUSED if refused else ControlKind.ACK,
            received_at,
            text=str(message.get("errorMessage"))[:200] if refused else f"{status} {channel}",
            names=(pair,) if symbol else (),
            symbol=symbol,
        )

    def _trades(self, symbol: str, _option: str, payload: list[Any], received_at: int) -> list[Fact]:
        def build(row: TradeRow) -> Fact | None:
            side: Literal["buy", "sell"] = "buy" if row.side == "b" else "sell"
            event_at = gate.seconds_text(row.time)
            return Trade(VENUE, symbol, row.price, row.volume, side, None, event_at, received_at)

        return TRADE.sift(payload[0], build, received_at)

    def _candle(self, symbol: str, option: str, payload: list[Any], received_at: int) -> list[Fact]:
        minutes = int(option) if option.isdigit() and len(option) < 6 else 0

        def build(row: CandleRow) -> Fact | None:
            # the end carries stray microseconds: 1542057360.435743 is 16:16
            length = minutes * MINUTE
            changed_at = gate.seconds_text(row.changed)
            close_at = gate.seconds_text(row.ends) // MINUTE * MINUTE
            if minutes not in wire.INTERVALS or not gate.is_instant(close_at - length, received_at):
                return None
            return Bar(
                VENUE,
                symbol,
                wire.INTERVALS[minutes],
                close_at - length,
                close_at,
                row.open,
                row.high,
                row.low,
                row.close,
                row.volume,
                closed=close_at <= max(changed_at, received_at),
                received_at=received_at,
                quote_volume=gate.worth(row.volume, row.vwap) or 0.0,
                trades=row.trades,
            )

        return [CANDLE.judge(payload[0], build, received_at)]

    def _spread(self, symbol: str, _option: str, payload: list[Any], received_at: int) -> list[Fact]:
        def build(row: SpreadRow) -> Fact | None:
            event_at = gate.seconds_text(row.time)
            return Quote(
                VENUE, symbol, row.bid, row.bid_volume, row.ask, row.ask_volume, event_at, received_at
            )

        return [SPREAD.judge(payload[0], build, received_at)]

    def _ticker(self, symbol: str, _option: str, payload: list[Any], received_at: int) -> list[Fact]:
        def build(row: DayRow) -> Fact | None:
            opened = row.o[1] if len(row.o) > 1 else None
            return day_ticker(symbol, row, opened, received_at)

        return [DAY.judge(payload[0], build, received_at)]

    def _book(self, symbol: str, option: str, payload: list[Any], received_at: int) -> list[Fact]:
        told: dict[str, Any] = {}
        for part in payload:
            if not isinstance(part, dict):
                return [Reject(VENUE, RejectReason.SHAPE, f"book: {gate.shown(part)}", received_at)]
            told |= part
        is_snapshot = "as" in told or "bs" in told
        rows = (told.get("bs" if is_snapshot else "b", []), told.get("as" if is_snapshot else "a", []))
        reason = gate.levels(rows[0], received_at) or gate.levels(rows[1], received_at)
        if reason:
            return [Reject(VENUE, reason, f"book: {symbol}", received_at)]
        levels: Sides = (_levels(rows[0]), _levels(rows[1]))
        bids, asks = (tuple([(level.price, level.quantity) for level in side]) for side in levels)
        event_at = max([_told_at(row) for side in rows for row in side], default=received_at)
        if not gate.is_instant(event_at, received_at):
            return [Reject(VENUE, RejectReason.TIME, f"book: {symbol}", received_at)]
        if is_snapshot:
            depth = int(option) if option.isdigit() and len(option) < 6 else len(bids) + len(asks)
            book = BookSnapshot(VENUE, symbol, bids, asks, 0, event_at, received_at)
            return self._books.open(book, depth, levels, None)
        delta = BookDelta(VENUE, symbol, bids, asks, 0, 0, event_at, received_at)
        checksum = told.get("c")
        is_number = gate.whole(checksum, received_at) is None
        return self._books.update(delta, levels, int(str(checksum)) if is_number else None)


def day_ticker(
    symbol: str, row: wire.DayTicker, opened: float | None, received_at: int, *, polled: bool = False
) -> Ticker:
    """Return the ticker of the arrays REST and v1 share; they tell no instant but that of their receipt."""
    price = row.c[0]
    change, percent = gate.change_since(price, opened)
    return Ticker(
        VENUE,
        symbol,
        price,
        received_at,
        received_at,
        bid=gate.known(row.b[0]) if row.b else None,
        ask=gate.known(row.a[0]) if row.a else None,
        open_24h=gate.known(opened),
        high_24h=gate.known(_day(row.h)),
        low_24h=gate.known(_day(row.l)),
        volume_24h=_day(row.v),
        quote_volume_24h=gate.worth(_day(row.v), _day(row.p)),
        change_24h=change,
        change_percent_24h=percent,
        polled=polled,
    )


def _day(values: list[float]) -> float | None:
    return values[1] if len(values) > 1 else None


def _levels(rows: list[list[str]]) -> list[WireLevel]:
    return [WireLevel(float(row[0]), float(row[1]), digits(row[0], row[1])) for row in rows]


def _told_at(row: list[str]) -> int:
    return gate.seconds_text(row[2]) if len(row) > 2 and isinstance(row[2], str) else 0


def _skipped(_symbol: str, _option: str, _payload: list[Any], received_at: int) -> list[Fact]:
    return [Other(VENUE, "book", received_at)]
