"""Tables: the columns of one timeframe, with a row for every subject that is in one of them.

Bars that close together are written into the rows of their subjects once; each column then takes the rows of its
members in one step.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from crypto_portfolio_analyzer.core.judging.nodes import Row
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import UNKNOWN
from crypto_portfolio_analyzer.core.series.columns import SPARE, Column, Floats, Formula

Rows: TypeAlias = NDArray[np.int64]


class Table:
    """The rows of one timeframe; `counts` is how many bars each has taken."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.fields: dict[str, Floats] = {}
        self.fresh = np.zeros(SPARE, np.bool_)
        self.counts = np.zeros(SPARE, np.int64)
        self._rows: dict[str, int] = {}
        self._held: dict[int, int] = {}
        self._free = list(range(SPARE))[::-1]

    def hold(self, subject: str) -> int:
        """Return the row of a subject, counting who holds it."""
        row = self._rows.get(subject)
        if row is None:
            if not self._free:
                self._grow()
            row = self._rows[subject] = self._free.pop()
            self._held[row] = 0
        self._held[row] += 1
        return row

    def release(self, subject: str) -> None:
        """Let go of a row once; the last one frees it."""
        row = self._rows[subject]
        self._held[row] -= 1
        if not self._held[row]:
            del self._rows[subject], self._held[row]
            self._free.append(row)

    def need(self, field: str) -> None:
        """Keep a field of the bars from now on."""
        if field not in self.fields:
            self.fields[field] = np.full(len(self.fresh), np.nan)

    def close(self, bars: Sequence[Bar]) -> None:
        """Take bars of this timeframe that closed together; those of subjects without a row are passed over."""
        find = self._rows.get
        rows = np.array([find(bar.symbol, -1) for bar in bars])
        if rows.min() < 0:
            bars = [bar for bar, row in zip(bars, rows.tolist(), strict=True) if row >= 0]
            rows = rows[rows >= 0]
        self.fresh[:] = False
        self.fresh[rows] = True
        self.counts[rows] += 1
        for name, values in self.fields.items():
            values[rows] = np.fromiter(map(attrgetter(name), bars), float, len(bars))
        for sheet in self.sheets:
            sheet.close()

    def _grow(self) -> None:
        size = len(self.fresh)
        self._free = list(range(size, 2 * size))[::-1]
        self.fresh = np.concatenate([self.fresh, np.zeros_like(self.fresh)])
        self.counts = np.concatenate([self.counts, np.zeros_like(self.counts)])
        self.fields = {name: np.concatenate([each, each]) for name, each in self.fields.items()}


class Sheet:
    """One column of a table: one formula over one field of the bars, for the subjects that want it."""

    def __len__(self) -> int:
        return len(self._cells)

    def __init__(self, table: Table, formula: Formula, fields: tuple[str, ...]) -> None:
        self.table, self.formula, self.fields = table, formula, fields
        self.column = Column(formula)
        self._rows: Rows = np.zeros(SPARE, np.int64)
        self._cells: list[Cell] = []
        for field in fields:
            table.need(field)

    def admit(self, cell: "Cell", history: Floats) -> int:
        """Give a cell with enough history its place."""
        place = self.column.admit(history)
        if place == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[place] = cell.row
        self._cells.append(cell)
        return place

    def leave(self, place: int) -> None:
        """Take a cell out; the last one moves to its place."""
        last = self.column.leave(place)
        moved = self._cells.pop()
        if place != last:
            self._cells[place], self._rows[place], moved.place = moved, self._rows[last], place

    def close(self) -> None:
        """Advance the members whose bar has closed."""
        rows = self._rows[: len(self._cells)]
        fresh = self.table.fresh[rows]
        if not len(rows):
            return
        if fresh.all():
            self.column.advance(slice(0, len(rows)), [self.table.fields[each][rows] for each in self.fields])
        elif fresh.any():
            some = np.flatnonzero(fresh)
            self.column.advance(some, [self.table.fields[each][rows[some]] for each in self.fields])


class Cell:
    """One subject in a sheet: a computation whose bars the table takes once it has a place."""

    def __init__(self, sheet: Sheet, subject: str, history: int) -> None:
        self.sheet, self.needs, self.row = sheet, history, sheet.table.hold(subject)
        self._subject, self._column = subject, sheet.column
        self.place: int | None = None
        self._unknown = (UNKNOWN,) * sheet.formula.outputs
        self.reset()

    def reset(self) -> None:
        """Forget every bar and leave the column."""
        if self.place is not None:
            self.sheet.leave(self.place)
            self.place = None
        self._first: list[Row] = []
        self._born = int(self.sheet.table.counts[self.row])

    def leave(self) -> None:
        """Forget every bar and let go of the row."""
        self.reset()
        self.sheet.table.release(self._subject)

    def fill(self, bars: Sequence[Bar]) -> None:
        """Take a whole history, oldest first, after `reset`."""
        self._first = [self._inputs(bar) for bar in bars]
        self._born -= len(bars)
        self._settle_in()

    def update(self, bar: Bar) -> None:
        """Take the next closed bar while there is no place yet."""
        if self.place is None:
            self._first.append(self._inputs(bar))
            self._settle_in()

    def value(self, place: int) -> float:
        """Return an output at the last closed bar."""
        return UNKNOWN if self.place is None else self._column.values.item(place, self.place)

    def value_before(self, place: int) -> float:
        """Return an output one bar before."""
        return UNKNOWN if self.place is None else self._column.before.item(place, self.place)

    def peek(self, forming: Bar) -> Row:
        """Return the outputs if the forming bar closed now."""
        inputs = self._inputs(forming)
        if self.place is not None:
            return self.sheet.column.peek(self.place, inputs)
        if len(self._first) + 1 < self.sheet.formula.needs:
            return self._unknown
        alone = Column(self.sheet.formula)
        place = alone.admit(np.array([*self._first, inputs]).T)
        return tuple(map(float, alone.values[:, place]))

    def lacks(self) -> int:
        """Return how many bars are missing until it is settled."""
        return self.needs - (int(self.sheet.table.counts[self.row]) - self._born)

    def _inputs(self, bar: Bar) -> Row:
        return tuple(getattr(bar, field) for field in self.sheet.fields)

    def _settle_in(self) -> None:
        if len(self._first) >= self.sheet.formula.needs:
            self.place = self.sheet.admit(self, np.array(self._first).T)
            self._first = []
