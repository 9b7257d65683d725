"""The decoder of Coinbase Exchange: feed messages to facts."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.json import Decoder

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import SECOND, Names
from crypto_portfolio_analyzer.core.market import (
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
from crypto_portfolio_analyzer.core.numbers import AHEAD_NANOSECONDS
from crypto_portfolio_analyzer.core.venues import MAX_FRAME_BYTES
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.coinbase import wire

VENUE = wire.VENUE
_Match = wire.Match
_SLACK = 20
"""A match longer than the product's last checked one by this is checked, too: a number may be too long."""
_MAX_PRODUCTS = 20_000

_TAKER: dict[Side, Side] = {"buy": "sell", "sell": "buy"}
"""A match tells the maker's side."""
_PRODUCT = re.compile(r"([A-Z0-9]{1,24})-([A-Z0-9]{1,24})")

_read = Decoder(wire.Message, strict=False).decode
_read_bookless = Decoder(wire.BooklessMessage, strict=False).decode


def canonical(product: str) -> str:
    """Return `BTC/USD` for `BTC-USD`; raises InvalidSymbol."""
    pair = _PRODUCT.fullmatch(product)
    if pair is None:
        raise InvalidSymbol(product)
    return f"{pair[1]}/{pair[2]}"


class CoinbaseDecoder:
    """Decoder of one connection; see `core.venues.Decoder`."""

    def __init__(self, instruments: Mapping[str, str] | None, *, books: bool) -> None:
        self._names = Names(instruments, canonical)
        self._read = _read if books else _read_bookless
        self._usual: dict[str, tuple[str, int]] = {}
        self._day, self._day_at = gate.EPOCH, 0
        self._builders: dict[type[Any], Callable[[Any, int], Fact | None]] = {
            wire.Match: self._trade,
            wire.LastMatch: self._trade,
            wire.TickerMessage: self._ticker,
            wire.Heartbeat: self._heartbeat,
            wire.Subscriptions: _acknowledgement,
            wire.ErrorMessage: self._refusal,
            wire.Snapshot: self._snapshot,
            wire.LevelUpdate: self._update,
            wire.SkippedSnapshot: _skipped,
            wire.SkippedUpdate: _skipped,
        }

    def decode(self, frame: bytes, received_at: int) -> Sequence[Fact]:
        """Return the one fact, control or reject of a message."""
        try:
            message = self._read(frame)
            if type(message) is _Match:
                # `_trade`, unfolded: no call is made, and instants of a day already known to be sane cost half
                symbol, usual_length = self._usual[message.product_id]
                since = message.time - self._day
                event_at = self._day_at + since.seconds * SECOND + since.microseconds * 1000
                if (
                    len(frame) <= usual_length
                    and not since.days
                    and event_at < received_at + AHEAD_NANOSECONDS
                ):
                    return (
                        Trade(
                            VENUE,
                            symbol,
                            message.price,
                            message.size,
                            _TAKER[message.side],
                            message.trade_id,
                            event_at,
                            received_at,
                        ),
                    )
        except KeyError:
            pass  # a product's first match
        except gate.UNREADABLE:
            return (self._reread(frame, received_at),)
        return (self._unusual(message, frame, received_at),)

    def _unusual(self, message: wire.Message | wire.BooklessMessage, frame: bytes, received_at: int) -> Fact:
        """Return the fact of anything but a product's everyday match."""
        if len(frame) > MAX_FRAME_BYTES or gate.has_odd_number(frame):
            return self._reread(frame, received_at)
        try:
            fact = self._builders[type(message)](message, received_at)
        except gate.UNREADABLE:
            fact = None
        if fact is None:
            return self._reread(frame, received_at)
        if isinstance(message, _Match) and len(self._usual) < _MAX_PRODUCTS:
            symbol = self._names[message.product_id]
            self._usual[message.product_id] = (symbol, len(frame) + _SLACK)
        return fact

    def _reread(self, frame: bytes, received_at: int) -> Fact:
        """Find out what an unusual frame is, or what is wrong with it."""
        if len(frame) > MAX_FRAME_BYTES:
            return Reject(VENUE, RejectReason.TOO_LARGE, f"{len(frame)} bytes", received_at)
        try:
            message = gate.as_text(frame)
        except ValueError as error:
            return Reject(VENUE, RejectReason.JSON, gate.shown(str(error)), received_at)
        name = message.get("type") if isinstance(message, dict) else None
        if not isinstance(name, str):
            return Reject(VENUE, RejectReason.SHAPE, f"no type: {gate.shown(message)}", received_at)
        kind = wire.MESSAGES.get(name)
        if kind is None:
            return Other(VENUE, gate.shown(name).strip("'"), received_at)
        build = self._builders[kind.wire]
        return kind.judge(message, lambda element: build(element, received_at), received_at)

    def _trade(self, message: wire.Match, received_at: int) -> Trade | None:
        event_at = gate.nanoseconds(message.time)
        trade = trade_of(self._names[message.product_id], message, event_at, received_at)
        if trade is not None:
            self._day_at = event_at - event_at % (86_400 * SECOND)
            self._day = message.time.replace(hour=0, minute=0, second=0, microsecond=0)
        return trade

    def _ticker(self, message: wire.TickerMessage, received_at: int) -> Ticker | None:
        event_at = received_at if message.time is None else gate.nanoseconds(message.time)
        if not gate.is_instant(event_at, received_at):
            return None
        change, percent = gate.change_since(message.price, message.open_24h)
        return Ticker(
            VENUE,
            self._names[message.product_id],
            message.price,
            event_at,
            received_at,
            bid=gate.known(message.best_bid),
            ask=gate.known(message.best_ask),
            open_24h=gate.known(message.open_24h),
            high_24h=gate.known(message.high_24h),
            low_24h=gate.known(message.low_24h),
            volume_24h=message.volume_24h,
            change_24h=change,
            change_percent_24h=percent,
            last_trade_id=message.trade_id,
        )

    def _heartbeat(self, message: wire.Heartbeat, received_at: int) -> Control:
        return Control(
            VENUE,
            ControlKind.HEARTBEAT,
            received_at,
            names=(message.product_id,),
            symbol=self._names[message.product_id],
            sequence=message.sequence,
            last_trade_id=message.last_trade_id or None,  # the feed has sent 0 for "not told"
        )

    def _refusal(self, message: wire.ErrorMessage, received_at: int) -> Control:
        said = ": ".join(part[:200] for part in (message.message, message.reason) if part)
        product = _PRODUCT.search(message.reason[:200])
        return Control(
            VENUE,
            ControlKind.REFUSED,
            received_at,
            text=said,
            names=(product[0],) if product else (),
            symbol=self._names[product[0]] if product else None,
        )

    def _snapshot(self, message: wire.Snapshot, received_at: int) -> BookSnapshot | None:
        event_at = received_at if message.time is None else gate.nanoseconds(message.time)
        if not gate.is_instant(event_at, received_at):
            return None
        symbol = self._names[message.product_id]
        return BookSnapshot(VENUE, symbol, message.bids, message.asks, 0, event_at, received_at)

    def _update(self, message: wire.LevelUpdate, received_at: int) -> BookDelta | None:
        event_at = received_at if message.time is None else gate.nanoseconds(message.time)
        bids = tuple([(price, size) for side, price, size in message.changes if side == "buy"])
        asks = tuple([(price, size) for side, price, size in message.changes if side == "sell"])
        if not gate.is_instant(event_at, received_at):
            return None
        return BookDelta(VENUE, self._names[message.product_id], bids, asks, 0, 0, event_at, received_at)


def trade_of(symbol: str, told: wire.Match | wire.PastTrade, event_at: int, received_at: int) -> Trade | None:
    """Return the trade a match or a REST row tells of; None if its instant cannot be right."""
    if not gate.is_instant(event_at, received_at):
        return None
    taker = _TAKER[told.side]
    return Trade(VENUE, symbol, told.price, told.size, taker, told.trade_id, event_at, received_at)


def _acknowledgement(message: wire.Subscriptions, received_at: int) -> Control:
    names = dict.fromkeys(product for channel in message.channels for product in channel.product_ids)
    return Control(VENUE, ControlKind.ACK, received_at, names=tuple(names))


def _skipped(_message: Struct, received_at: int) -> Other:
    return Other(VENUE, "book", received_at)
