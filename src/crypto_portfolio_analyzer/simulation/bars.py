"""Bars of one listing: built from the tape's trades, and from the path alone before the first trade.

A bar told live and the same bar asked for later by REST come from the same row here.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crypto_portfolio_analyzer.simulation.noise import draw, unit
from crypto_portfolio_analyzer.simulation.tape import VenueTape
from crypto_portfolio_analyzer.simulation.wording import DAY, MINUTE

OLDEST = 400 * DAY
"""Charts reach this far back; a venue lists nothing older."""
_QUARTER = 15
_SEED = np.uint64(3)

OPEN_AT, OPEN, HIGH, LOW, CLOSE, LOTS, NOTIONAL, BUY_LOTS, BUY_NOTIONAL, FIRST, COUNT = range(11)
"""Columns of a row; prices in ticks, volumes in lots, notional in ticks x lots, FIRST and COUNT number trades."""
Rows = NDArray[np.int64]


class TapeBar(NamedTuple):
    """One bar as plain numbers, in the steps of its listing; `first` is the number of its first trade."""

    open_at: int
    open: int
    high: int
    low: int
    close: int
    lots: int
    notional: int
    buy_lots: int
    buy_notional: int
    first: int
    trades: int


class Ledger:
    """The bars of one listing, brought forward on demand."""

    def __init__(self, tape: VenueTape, listing: int) -> None:
        self._tape, self._listing = tape, listing
        self._born = tape.tape.origin
        self._seed = np.array([tape.listings[listing].seed], np.uint64) + _SEED
        self._closed = self._from_path(self._born - DAY, self._born)
        """Closed 1 m rows without a hole, from one day before the first trade on."""
        self._last = int(self._closed[-1, CLOSE])

    def advance(self, now: int) -> None:
        """Close every minute that ended by `now`."""
        first = int(self._closed[-1, OPEN_AT]) + MINUTE
        until = now // MINUTE * MINUTE
        if until > first:
            self._closed = np.concatenate([self._closed, self._from_trades(first, until, until - 1)])
            self._last = int(self._closed[-1, CLOSE])

    def bars(self, start: int, end: int, *, minutes: int, now: int) -> list[TapeBar]:
        """Return bars of `minutes` with `start <= open_at < end`, the forming one at `now` included."""
        self.advance(now)
        length = minutes * MINUTE
        start, end = max(_floor(start + length - 1, length), now - OLDEST), min(end, now + 1)
        start = _floor(start + length - 1, length)
        if end <= start:
            return []
        minute_rows = self._minutes(start, _floor(end - 1, length) + length, now)
        return [TapeBar(*row) for row in _rolled(minute_rows, length).tolist()]

    def bar(self, at: int, *, minutes: int, now: int) -> TapeBar:
        """Return the bar of `minutes` that covers instant `at`, as it stood at `now`."""
        open_at = _floor(at, minutes * MINUTE)
        return self.bars(open_at, open_at + 1, minutes=minutes, now=now)[0]

    def day(self, now: int) -> TapeBar:
        """Return the last 24 h as one bar, to the quarter hour."""
        self.advance(now)
        start = _floor(now, _QUARTER * MINUTE) - DAY + _QUARTER * MINUTE
        return TapeBar(*_merged(self._minutes(start, now + 1, now)).tolist())

    def _minutes(self, start: int, end: int, now: int) -> Rows:
        """Return 1 m rows of `[start, end)`: path, closed, forming."""
        known_from = int(self._closed[0, OPEN_AT])
        known_until = int(self._closed[-1, OPEN_AT]) + MINUTE
        parts = []
        if start < known_from:
            parts.append(self._from_path(start, min(end, known_from)))
        low = max(0, (start - known_from) // MINUTE)
        parts.append(self._closed[low : max(low, -(-(min(end, known_until) - known_from) // MINUTE))])
        if end > known_until:
            parts.append(self._from_trades(known_until, known_until + MINUTE, now))
        return np.concatenate(parts)

    def _from_trades(self, start: int, end: int, now: int) -> Rows:
        """Build the 1 m rows of `[start, end)` from the trades up to `now`; minutes without any repeat the close."""
        which = np.array([self._listing])
        first = int(self._tape.count_at(start - 1, which)[0])
        stop = int(self._tape.count_at(now, which)[0])
        trades = self._tape.stretch(self._listing, first, stop)
        rows = np.zeros(((end - start) // MINUTE, 11), np.int64)
        rows[:, OPEN_AT] = np.arange(start, end, MINUTE)
        edges = np.searchsorted(trades.at, np.append(rows[:, OPEN_AT], end))
        rows[:, FIRST], rows[:, COUNT] = max(0, first) + edges[:-1], np.diff(edges)
        busy = np.flatnonzero(rows[:, COUNT])
        if len(busy):
            _fold(rows, busy, edges[:-1][busy], trades.ticks, trades.lots * trades.buy, trades.lots)
        _carry(rows, self._last)
        return rows

    def _from_path(self, start: int, end: int) -> Rows:
        """Invent the 1 m rows of `[start, end)` before the first trade: the path's prices, with wicks and volumes."""
        open_at = np.arange(start, end, MINUTE)
        if not len(open_at):
            return np.zeros((0, 11), np.int64)
        edges = np.append(open_at, open_at[-1] + MINUTE)
        price = self._tape.mid_ticks(np.full(len(edges), self._listing, np.int64), edges)
        rows = np.zeros((len(open_at), 11), np.int64)
        rows[:, OPEN_AT], rows[:, OPEN], rows[:, CLOSE] = open_at, price[:-1], price[1:]
        minute = open_at // MINUTE
        luck = [unit(draw(self._seed + np.uint64(number), minute)) for number in range(4)]
        wick = 4e-4 * rows[:, OPEN]
        rows[:, HIGH] = np.maximum(price[:-1], price[1:]) + (wick * luck[0]).astype(np.int64)
        rows[:, LOW] = np.maximum(1, np.minimum(price[:-1], price[1:]) - (wick * luck[1]).astype(np.int64))
        period = self._tape.period(self._listing)
        number = (edges - self._born) // period
        rows[:, FIRST], rows[:, COUNT] = number[:-1], np.diff(number)
        mean = self._tape.mean_lots(self._listing)
        rows[:, LOTS] = rows[:, COUNT] * mean * (0.4 + 1.2 * luck[2])
        rows[:, BUY_LOTS] = rows[:, LOTS] * (0.3 + 0.4 * luck[3])
        middle = (rows[:, OPEN] + rows[:, CLOSE]) // 2
        rows[:, NOTIONAL], rows[:, BUY_NOTIONAL] = rows[:, LOTS] * middle, rows[:, BUY_LOTS] * middle
        return rows


def _fold(rows: Rows, busy: Rows, starts: Rows, ticks: Rows, buys: Rows, lots: Rows) -> None:
    last = np.append(starts[1:], len(ticks)) - 1
    rows[busy, OPEN], rows[busy, CLOSE] = ticks[starts], ticks[last]
    rows[busy, HIGH] = np.maximum.reduceat(ticks, starts)
    rows[busy, LOW] = np.minimum.reduceat(ticks, starts)
    sums = {LOTS: lots, NOTIONAL: lots * ticks, BUY_LOTS: buys, BUY_NOTIONAL: buys * ticks}
    for column, values in sums.items():
        rows[busy, column] = np.add.reduceat(values, starts)


def _carry(rows: Rows, last: int) -> None:
    """Give minutes without a trade the close before them."""
    for row in rows:
        if row[COUNT]:
            last = row[CLOSE]
        else:
            row[OPEN : CLOSE + 1] = last


def _rolled(rows: Rows, length: int) -> Rows:
    """Merge 1 m rows into bars of `length` ns."""
    if length == MINUTE:
        return rows
    groups = list(_groups(rows, length))
    return np.array([_merged(group) for group in groups])


def _groups(rows: Rows, length: int) -> Iterator[Rows]:
    starts = np.flatnonzero(np.diff(_floors(rows[:, OPEN_AT], length), prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield rows[start:stop]


def _merged(rows: Rows) -> Rows:
    merged: Rows = rows.sum(axis=0)
    merged[[OPEN_AT, OPEN, FIRST]] = rows[0, [OPEN_AT, OPEN, FIRST]]
    merged[CLOSE], merged[HIGH], merged[LOW] = rows[-1, CLOSE], rows[:, HIGH].max(), rows[:, LOW].min()
    return merged


_WEEK = 7 * DAY
_MONDAY = 4 * DAY
"""1970-01-05 was a Monday; weeks begin there."""


def _floor(at: int, length: int) -> int:
    shift = _MONDAY if length == _WEEK else 0
    return (at - shift) // length * length + shift


def _floors(at: Rows, length: int) -> Rows:
    shift = _MONDAY if length == _WEEK else 0
    return (at - shift) // length * length + shift
