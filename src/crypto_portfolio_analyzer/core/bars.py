"""Bars: the forming one that every trade updates, and bounded series of closed ones.

Prices are in units of the quote asset, quantities and volumes of the base asset; instants are ns UTC.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import MINUTE, Timeframe, parse_timeframe

DEFAULT_BOUND = 500
BOUNDS = {"1m": 1500}
"""Minutes of a whole day and an hour, so that longer bars can be built from them again."""
SLACK = 16
"""A series is cut back this many bars at a time: moving its columns costs more than the room."""
MOST_TRADES = 2**32 - 1
SAME_VOLUME = 1e-9
"""Relative difference below which two volumes differ by the order of adding only."""

_KINDS = tuple(BarKind)
_CODES = {kind: code for code, kind in enumerate(_KINDS)}
_TRUST = {BarKind.LIVE: 2, BarKind.BACKFILLED: 2, BarKind.APPROXIMATED: 1, BarKind.EMPTY: 0}


class FormingBar:
    """The bar that trades still change; made with the price of its first trade, then updated with each.

    `before` is the bar before it, whose newest trade is the newest until one of its own comes.
    """

    __slots__ = (
        "buy_volume", "close", "close_at", "high", "last_at", "last_event_at", "low", "open", "open_at",
        "quote_volume", "trades", "volume",
    )  # fmt: skip

    def __init__(self, open_at: int, close_at: int, price: float, before: "FormingBar | None" = None) -> None:
        self.open_at, self.close_at = open_at, close_at
        self.open = self.high = self.low = self.close = price
        self.volume = self.quote_volume = self.buy_volume = 0.0
        self.trades = 0
        self.last_event_at: int = 0 if before is None else before.last_event_at
        self.last_at: int = 0 if before is None else before.last_at
        """When the newest trade in order happened, and when it came (ns); its price is `close`."""

    def update(self, price: float, quantity: float, is_buy: bool) -> None:
        """Take in one trade; runs for every tick."""
        if price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.close = price
        self.volume += quantity
        self.quote_volume += price * quantity
        if is_buy:
            self.buy_volume += quantity
        self.trades += 1

    def freeze(
        self, venue: str, symbol: str, received_at: int, *, closed: bool = True, kind: BarKind | None = None
    ) -> Bar:
        """Return the 1m bar as it stands.

        Without trades it is EMPTY, else `kind` or LIVE; APPROXIMATED says that its start was not seen.
        """
        if not self.trades:
            kind = BarKind.EMPTY
        return Bar(
            venue, symbol, "1m", self.open_at, self.close_at, self.open, self.high, self.low, self.close,
            self.volume, closed, received_at, self.quote_volume, self.buy_volume, self.trades,
            kind or BarKind.LIVE,
        )  # fmt: skip


def amended(bar: Bar, price: float, quantity: float, is_buy: bool, received_at: int) -> Bar:
    """Return a closed bar with a late trade added.

    Open and close stay: where among the others the trade belongs is not known. An empty bar takes its price.
    """
    empty = bar.kind is BarKind.EMPTY
    return replace(
        bar,
        open=price if empty else bar.open,
        high=price if empty else max(bar.high, price),
        low=price if empty else min(bar.low, price),
        close=price if empty else bar.close,
        volume=bar.volume + quantity,
        quote_volume=bar.quote_volume + price * quantity,
        buy_volume=bar.buy_volume + quantity * is_buy,
        trades=bar.trades + 1,
        kind=BarKind.LIVE if empty else bar.kind,
        received_at=received_at,
        corrected=True,
    )


def better(new: Bar, old: Bar) -> bool:
    """Tell whether `new` knows more of a span than `old`: closed, else of a surer kind, else more volume."""
    if new.closed != old.closed:
        return new.closed
    if _TRUST[new.kind] != _TRUST[old.kind]:
        return _TRUST[new.kind] > _TRUST[old.kind]
    return new.volume > old.volume * (1 + SAME_VOLUME)


class BarSeries:
    """The newest closed bars of one symbol and timeframe: columns, 66 bytes a bar, bounded.

    `received_at` is not kept: bars read back carry their end instead. At most `bound` + SLACK bars are held.
    """

    __slots__ = (
        "_buy_volume", "_close", "_columns", "_high", "_kind", "_low", "_minute", "_open", "_quote_volume",
        "_trades", "_venue", "_venues", "_volume", "bound", "symbol", "timeframe",
    )  # fmt: skip

    def __init__(self, symbol: str, timeframe: str, bound: int | None = None) -> None:
        self.symbol = symbol
        self.timeframe: Timeframe = parse_timeframe(timeframe)
        self.bound = bound or BOUNDS.get(self.timeframe.name, DEFAULT_BOUND)
        self._venues: list[str] = []
        self._minute, self._trades = array("I"), array("I")
        self._open, self._high, self._low, self._close = array("d"), array("d"), array("d"), array("d")
        self._volume, self._quote_volume, self._buy_volume = array("d"), array("d"), array("d")
        self._kind, self._venue = array("B"), array("B")
        self._columns: tuple[array[Any], ...] = (
            self._minute, self._open, self._high, self._low, self._close, self._volume, self._quote_volume,
            self._buy_volume, self._trades, self._kind, self._venue,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self._minute)

    def __iter__(self) -> Iterator[Bar]:
        return map(self._bar, range(len(self)))

    @property
    def first_open_at(self) -> int | None:
        """Start of the oldest bar."""
        return self._minute[0] * MINUTE if self._minute else None

    @property
    def last_open_at(self) -> int | None:
        """Start of the newest bar."""
        return self._minute[-1] * MINUTE if self._minute else None

    @property
    def end(self) -> int:
        """End of the newest bar; 0 without one."""
        return self._minute[-1] * MINUTE + self.timeframe.length if self._minute else 0

    @property
    def last(self) -> Bar | None:
        """The newest bar."""
        return self._bar(len(self) - 1) if self._minute else None

    def get(self, open_at: int) -> Bar | None:
        """Return the bar that starts at `open_at`."""
        index = self._index(open_at)
        return self._bar(index) if index < len(self) and self._minute[index] * MINUTE == open_at else None

    def bars(self, start: int | None = None, end: int | None = None, limit: int | None = None) -> list[Bar]:
        """Return bars with `start <= open_at < end`, oldest first.

        From `start` the first `limit`, without it the last.
        """
        low = 0 if start is None else self._index(start)
        high = len(self) if end is None else self._index(end)
        if limit is not None and start is None:
            low = max(low, high - limit)
        elif limit is not None:
            high = min(high, low + limit)
        return [self._bar(index) for index in range(low, high)]

    def closes(self, points: int) -> list[float]:
        """Return the newest closes, oldest first."""
        return self._close[-points:].tolist() if points > 0 else []

    def append(self, bar: Bar) -> None:
        """Add a bar newer than all; raises ValueError if it is not."""
        minute = bar.open_at // MINUTE
        if self._minute and minute <= self._minute[-1]:
            message = f"bar at {bar.open_at} is not newer than {self.last_open_at}"
            raise ValueError(message)
        for column, value in zip(self._columns, self._row(bar), strict=True):
            column.append(value)
        self._trim()

    def put(self, bars: Iterable[Bar]) -> list[Bar]:
        """Write closed bars wherever they belong, over older ones; return those that changed anything.

        What is older than a full series holds, forming or out of step with the timeframe is left out.
        """
        return [bar for bar in bars if self._put(bar)]

    def refill(self, open_at: int) -> list[Bar]:
        """Carry the close of the bar at `open_at` through the empty bars after it; return what changed."""
        index = self._index(open_at)
        price = self._close[index]
        changed = []
        for after in range(index + 1, len(self)):
            if self._kind[after] != _CODES[BarKind.EMPTY] or self._close[after] == price:
                break
            for column in (self._open, self._high, self._low, self._close):
                column[after] = price
            changed.append(self._bar(after))
        return changed

    def _put(self, bar: Bar) -> bool:
        if not bar.closed or bar.open_at != self.timeframe.open_of(bar.open_at):
            return False
        index = self._index(bar.open_at)
        row = self._row(bar)
        if index < len(self) and self._minute[index] == row[0]:
            if tuple(column[index] for column in self._columns) == row:
                return False
            for column, value in zip(self._columns, row, strict=True):
                column[index] = value
            return True
        if index == 0 and len(self) >= self.bound:
            return False
        for column, value in zip(self._columns, row, strict=True):
            column.insert(index, value)
        self._trim()
        return True

    def _index(self, open_at: int) -> int:
        return bisect_left(self._minute, -(-open_at // MINUTE))

    def _row(self, bar: Bar) -> tuple[float, ...]:
        if bar.venue not in self._venues:
            self._venues.append(bar.venue)
        return (
            bar.open_at // MINUTE, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.quote_volume,
            bar.buy_volume, min(bar.trades, MOST_TRADES), _CODES[bar.kind], self._venues.index(bar.venue),
        )  # fmt: skip

    def _bar(self, index: int) -> Bar:
        open_at = self._minute[index] * MINUTE
        close_at = open_at + self.timeframe.length
        return Bar(
            self._venues[self._venue[index]], self.symbol, self.timeframe.name, open_at, close_at,
            self._open[index], self._high[index], self._low[index], self._close[index], self._volume[index],
            True, close_at, self._quote_volume[index], self._buy_volume[index], self._trades[index],
            _KINDS[self._kind[index]],
        )  # fmt: skip

    def _trim(self) -> None:
        if len(self._minute) > self.bound + SLACK:
            for column in self._columns:
                del column[: len(column) - self.bound]


def fold(bars: Sequence[Bar], timeframe: Timeframe, received_at: int, *, closed: bool, whole: bool) -> Bar:
    """Return the `timeframe` bar that shorter `bars` (not empty, in order, of one span) make together.

    Bars without trades say nothing about open, high, low and close while another one does. Unless the span is
    `whole`, the result is APPROXIMATED.
    """
    traded = [bar for bar in bars if bar.volume or bar.trades] or bars
    first = bars[0]
    open_at = timeframe.open_of(first.open_at)
    return Bar(
        bars[-1].venue, first.symbol, timeframe.name, open_at, open_at + timeframe.length,
        traded[0].open, max([bar.high for bar in traded]), min([bar.low for bar in traded]), traded[-1].close,
        sum([bar.volume for bar in bars]), closed, received_at,
        sum([bar.quote_volume for bar in bars]), sum([bar.buy_volume for bar in bars]),
        sum([bar.trades for bar in bars]), _kind_of({bar.kind for bar in bars}, whole),
    )  # fmt: skip


def _kind_of(kinds: set[BarKind], whole: bool) -> BarKind:
    if not whole or BarKind.APPROXIMATED in kinds:
        return BarKind.APPROXIMATED
    if BarKind.BACKFILLED in kinds:
        return BarKind.BACKFILLED
    return BarKind.LIVE if BarKind.LIVE in kinds else BarKind.EMPTY
