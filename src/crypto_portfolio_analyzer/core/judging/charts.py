"""A chart: one subject in one timeframe, the parts of values wanted of it, and what takes its bars."""

from collections.abc import Collection, Sequence
from itertools import count, groupby
from typing import TypeAlias

from msgspec import Struct, field

from crypto_portfolio_analyzer.core.conditions.tree import Value
from crypto_portfolio_analyzer.core.judging.nodes import Computation, Node
from crypto_portfolio_analyzer.core.judging.tables import Cell
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import Argument

Key: TypeAlias = tuple[str, Value]
"""What is held of a value: the value itself, the same as a source, or the computation behind it."""

Group: TypeAlias = tuple[str, str, tuple[Argument, ...], str]
"""What shares a column: timeframe, kind, arguments, field of the bar."""

_order = count()
"""Computations are numbered as they are made: a source before what is taken of it."""


class Part(Struct, eq=False):
    """A node, how many hold it, and what it holds itself."""

    node: Node
    computation: Computation | None = None
    holds: "Sequence[tuple[Chart, Key]]" = ()
    group: Group | None = None
    count: int = 0


class Chart(Struct, eq=False):
    """One subject in one timeframe."""

    subject: str
    timeframe: str
    parts: dict[Key, Part] = field(default_factory=dict)
    computations: dict[int, Computation] = field(default_factory=dict)
    """Those that take every bar one by one, by number."""
    cells: list[Cell] = field(default_factory=list)
    waiting: list[Cell] = field(default_factory=list)
    """Cells that have no place in their column yet."""
    neighbours: "set[Chart]" = field(default_factory=set)
    """Charts that it takes sources of, or that take sources of it."""
    past: list[Bar] = field(default_factory=list)
    """The bars it has taken, if it has neighbours: seeding one replays them all."""

    def __hash__(self) -> int:
        return id(self)

    @property
    def is_busy(self) -> bool:
        """Whether it must be given its bars one by one."""
        return bool(self.computations or self.waiting or self.neighbours)

    def add(self, computation: Computation) -> None:
        """Let a computation take the bars from now on."""
        if isinstance(computation, Cell):
            self.cells.append(computation)
            self.waiting.append(computation)
        else:
            self.computations[next(_order)] = computation

    def drop(self, computation: Computation) -> None:
        """Let a computation go."""
        if isinstance(computation, Cell):
            self.cells.remove(computation)
            self.waiting = [cell for cell in self.waiting if cell is not computation]
            computation.leave()
        else:
            self.computations = {
                number: each for number, each in self.computations.items() if each is not computation
            }

    def update(self, bar: Bar) -> None:
        """Take the next closed bar; cells with a place have it already."""
        for computation in self.computations.values():
            computation.update(bar)
        if self.waiting:
            self.update_waiting(bar)

    def update_waiting(self, bar: Bar) -> None:
        """Give the next closed bar to the cells without a place."""
        for cell in self.waiting:
            cell.update(bar)
        self.waiting = [cell for cell in self.waiting if cell.place is None]

    def remember(self, bar: Bar) -> None:
        """Keep a bar that has closed, for replays, and let the waiting cells have it."""
        self.past.append(bar)
        if len(self.past) > 2 * self.reach():
            del self.past[: -self.reach()]
        self.update_waiting(bar)

    def reset(self) -> None:
        """Forget every bar."""
        for computation in (*self.computations.values(), *self.cells):
            computation.reset()
        self.waiting = list(self.cells)

    def fill(self, bars: Sequence[Bar]) -> None:
        """Give history to the cells."""
        for cell in self.cells:
            cell.fill(bars)
        self.waiting = [cell for cell in self.cells if cell.place is None]

    def seed(self, bars: Sequence[Bar]) -> None:
        """Begin anew with history, oldest first."""
        self.reset()
        for bar in bars:
            for computation in self.computations.values():
                computation.update(bar)
        self.fill(bars)

    def family(self) -> "set[Chart]":
        """Return it with all that are bound to it by sources, however far."""
        found, new = {self}, [self]
        while new:
            fresh = new.pop().neighbours - found
            found |= fresh
            new.extend(fresh)
        return found

    def reach(self) -> int:
        """Return how many bars its slowest part needs."""
        return max((part.node.needs for part in self.parts.values()), default=0)


def update_together(closed: Collection[tuple[Chart, Bar]]) -> None:
    """Take bars of bound charts that closed at one instant, every source before what is taken of it."""
    for chart, bar in closed:
        chart.remember(bar)
    _step(closed)


def replay(charts: Collection[Chart]) -> None:
    """Begin bound charts anew with the past of each, instant by instant."""
    past = sorted(((chart, bar) for chart in charts for bar in chart.past), key=_closed_at)
    for chart in charts:
        chart.reset()
    for _at, closed in groupby(past, key=_closed_at):
        _step(list(closed))
    for chart in charts:
        chart.fill(chart.past)


def _step(closed: Collection[tuple[Chart, Bar]]) -> None:
    steps = [(number, each, bar) for chart, bar in closed for number, each in chart.computations.items()]
    for _number, computation, bar in sorted(steps, key=lambda step: step[0]):
        computation.update(bar)


def _closed_at(pair: tuple[Chart, Bar]) -> int:
    return pair[1].close_at
