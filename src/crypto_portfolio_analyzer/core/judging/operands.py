"""Values of a condition for one subject: what each side of a question is worth at a moment; NaN is unknown."""

from collections.abc import Callable, Iterable, Sequence
from math import nan
from typing import Protocol

from crypto_portfolio_analyzer.core.judging.board import Slot
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.subjects import Subject, TickSeries
from crypto_portfolio_analyzer.core.judging.windows import OVER, ClockWindow
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import Timeframe, parse_timeframe

MAX_AGE = 60 * 10**9
"""After how long (ns) a tick series of another subject is unknown."""
MAX_BARS = 2
"""After how many bars a bar series of another subject is unknown."""

Forming = Callable[[str, str], Bar | None]


class Operand(Protocol):
    """A value of a condition."""

    def value(self, moment: Moment) -> float:
        """Return what it is at a moment."""
        ...

    def before(self, moment: Moment) -> float:
        """Return what it was before this moment's change."""
        ...

    def due(self, at: int) -> int | None:
        """Return when (event time, after `at`) it changes by time alone."""
        ...


class Constant:
    """A literal."""

    __slots__ = ("_value",)

    def __init__(self, value: float) -> None:
        self._value = value

    def value(self, _moment: Moment) -> float:
        """Return the number."""
        return self._value

    before = value

    def due(self, _at: int) -> int | None:
        """Never."""
        return None


class TickOperand:
    """A tick series of the condition's own subject."""

    __slots__ = ("series",)

    def __init__(self, series: TickSeries) -> None:
        self.series = series

    def value(self, moment: Moment) -> float:
        """Return the newest value; what changes by time alone is read anew."""
        if self.series.by_time:
            state = self.series.subject.state
            return self.series.read(state, max(moment.at, state.heard_at))
        return self.series.value

    def before(self, _moment: Moment) -> float:
        """Return the value before the newest fact."""
        return self.series.before

    def due(self, _at: int) -> int | None:
        """Never: what changes by time is asked for by the question that compares it."""
        return None


class ForeignTick(TickOperand):
    """A tick series of another subject: unknown once nothing has come for `MAX_AGE`."""

    __slots__ = ()

    def value(self, moment: Moment) -> float:
        """Return the newest value unless it is too old."""
        if moment.at - self.series.subject.state.event_at > MAX_AGE:
            return nan
        return super().value(moment)

    def due(self, at: int) -> int | None:
        """Return when the value becomes too old."""
        due = self.series.subject.state.event_at + MAX_AGE + 1
        return due if due > at else None


class BarOperand:
    """A value of closed bars of one timeframe; with `forming`, of the bar that is not over yet."""

    __slots__ = ("_forming", "_frame", "_is_foreign", "_subject", "slot")

    def __init__(
        self, slot: Slot, subject: Subject, timeframe: str, *, is_foreign: bool, forming: Forming | None
    ) -> None:
        self.slot, self._subject, self._is_foreign, self._forming = slot, subject, is_foreign, forming
        self._frame: Timeframe = parse_timeframe(timeframe)

    @property
    def timeframe(self) -> str:
        """The timeframe of its bars."""
        return self._frame.name

    @property
    def symbol(self) -> str:
        """Whose bars they are."""
        return self._subject.symbol

    @property
    def is_still(self) -> bool:
        """Whether it changes at closes only."""
        return self._forming is None and not self._is_foreign

    def value(self, moment: Moment) -> float:
        """Return the value of the last closed bar, or of the forming one."""
        if self._is_foreign and self._is_old(moment.at):
            return nan
        if self._forming is not None:
            bar = self._forming(self._subject.symbol, self._frame.name)
            if bar is not None and not bar.closed and not _is_ahead(bar, moment):
                return self.slot.peek(bar)
        return self.slot.value

    def before(self, moment: Moment) -> float:
        """Return the value one bar earlier if a bar closed at this moment, else the same."""
        closed = (self._subject.symbol, self._frame.name) in moment.closed
        return self.slot.before if closed else self.slot.value

    def due(self, at: int) -> int | None:
        """Return when another subject's bar becomes too old."""
        if not self._is_foreign:
            return None
        due = self._subject.closed_at.get(self._frame.name, 0) + MAX_BARS * self._frame.length + 1
        return due if due > at else None

    def _is_old(self, at: int) -> bool:
        closed_at = self._subject.closed_at.get(self._frame.name, 0)
        return at - closed_at > MAX_BARS * self._frame.length


def _is_ahead(bar: Bar, moment: Moment) -> bool:
    """Tell whether a bar begins only after the moment: what ends it came with the first trade of the next one."""
    return bar.open_at > moment.at or (bool(moment.closed) and bar.open_at == moment.at)


class Computed:
    """Arithmetic over other values; whatever cannot be computed is unknown."""

    __slots__ = ("_compute", "_parts")

    def __init__(self, compute: Callable[..., float], parts: Sequence[Operand]) -> None:
        self._compute, self._parts = compute, tuple(parts)

    def value(self, moment: Moment) -> float:
        """Return the result."""
        return self._result([part.value(moment) for part in self._parts])

    def before(self, moment: Moment) -> float:
        """Return the result of the values before."""
        return self._result([part.before(moment) for part in self._parts])

    def due(self, at: int) -> int | None:
        """Return when the first of its parts changes."""
        return earliest(part.due(at) for part in self._parts)

    def _result(self, values: list[float]) -> float:
        if any(value != value for value in values):  # noqa: PLR0124  # min and max do not carry NaN on
            return nan
        try:
            return self._compute(*values)
        except (ZeroDivisionError, OverflowError):
            return nan


class WindowOperand:
    """A function of a clock window; every fact of `subjects` is a sample."""

    __slots__ = ("_inner", "_over", "subjects", "window")

    def __init__(self, name: str, inner: Operand, ns: int, subjects: Iterable[Subject]) -> None:
        self._inner, self._over, self.window = inner, OVER[name], ClockWindow(ns)
        self.subjects = frozenset(subjects)

    def feed(self, subject: Subject, moment: Moment) -> None:
        """Take the newest value of the series into the window, if the fact is of one of its subjects."""
        if subject in self.subjects:
            self.window.take(moment.at, self._inner.value(moment))

    def value(self, moment: Moment) -> float:
        """Return the function of the window that ends at the moment."""
        values = self.window.values(moment.at)
        if moment.is_peek and values:
            values = [*values, self._inner.value(moment)]
        return self._over(values) if values else nan

    before = value

    def due(self, at: int) -> int | None:
        """Return when the window's start moves on."""
        return self.window.due(at)


def earliest(dues: Iterable[int | None]) -> int | None:
    """Return the first of several instants, if there is any."""
    return min((due for due in dues if due is not None), default=None)
