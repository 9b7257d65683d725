"""Questions of a condition for one subject: true, false or unknown at a moment (Kleene's three values).

Every question remembers its last answer (`last`). `rest` is what the answer is right after the moment: edges are
true only at the instant they happen, levels stay. Those with a memory that must survive a restart are `Remembering`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from crypto_portfolio_analyzer.core.conditions.tree import Direction
from crypto_portfolio_analyzer.core.judging.comparing import unknown
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.operands import Operand, earliest
from crypto_portfolio_analyzer.core.judging.windows import change, percent_change

Truth = bool | None


class Asked(Protocol):
    """A question that can be judged."""

    last: Truth

    def answer(self, moment: Moment) -> Truth:
        """Judge it; to be called once for each moment."""
        ...

    def rest(self) -> Truth:
        """Return what the last answer is worth once the moment is over."""
        ...

    def due(self, at: int) -> int | None:
        """Return when (event time, after `at`) time alone may change the answer."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """Something whose past decides its future."""

    @property
    def memory(self) -> Any:
        """What must be remembered, as plain JSON."""
        ...

    @memory.setter
    def memory(self, memory: Any) -> None: ...


def negation(truth: Truth) -> Truth:
    """Kleene's not."""
    return None if truth is None else not truth


def conjunction(truths: Iterable[Truth]) -> Truth:
    """Kleene's and."""
    known = list(truths)
    return False if False in known else None if None in known else True


def disjunction(truths: Iterable[Truth]) -> Truth:
    """Kleene's or."""
    known = list(truths)
    return True if True in known else None if None in known else False


def at_least(count: int, truths: Iterable[Truth]) -> Truth:
    """Tell whether `count` are true: no as soon as they can no longer be, unknown in between."""
    known = list(truths)
    if known.count(True) >= count:
        return True
    return None if known.count(True) + known.count(None) >= count else False


class Level:
    """A question of the values of the moment: comparisons, ranges, flags."""

    __slots__ = ("_holds", "last", "operands")

    def __init__(self, holds: Callable[..., bool], operands: Sequence[Operand]) -> None:
        self._holds, self.operands = holds, tuple(operands)
        self.last: Truth = None

    def answer(self, moment: Moment) -> Truth:
        """Compare."""
        values = [operand.value(moment) for operand in self.operands]
        self.last = None if unknown(*values) else self._holds(*values)
        return self.last

    def rest(self) -> Truth:
        """Levels stay."""
        return self.last

    def due(self, at: int) -> int | None:
        """Return when an operand changes by time alone."""
        return earliest(operand.due(at) for operand in self.operands)


class Edge:
    """A crossing: which side of the boundary the value is on, and where it came from.

    `side` of the operands' values is 1 or -1, or 0 where the side it came from is kept.
    """

    __slots__ = ("_side", "_wanted", "last", "memory", "operands")

    def __init__(self, side: Callable[..., int], wanted: Iterable[int], operands: Sequence[Operand]) -> None:
        self._side, self._wanted, self.operands = side, frozenset(wanted), tuple(operands)
        self.last: Truth = None
        self.memory: int = 0

    def answer(self, moment: Moment) -> Truth:
        """Tell whether it happens now; the first known side is only a reference."""
        values = [operand.value(moment) for operand in self.operands]
        if unknown(*values):
            self.last = None
            return None
        side = self._side(*values)
        came_from, self.memory = self.memory, side or self.memory
        self.last = bool(side and came_from and side != came_from and side in self._wanted)
        return self.last

    def rest(self) -> Truth:
        """Return false: an edge is over with its instant."""
        return None if self.last is None else False

    def due(self, at: int) -> int | None:
        """Return when an operand changes by time alone."""
        return earliest(operand.due(at) for operand in self.operands)


def moved(direction: Direction, is_percent: bool) -> Callable[[float, float, float], bool]:
    """Return the question whether a value moved by an amount, of its two ends and the amount."""
    measure = percent_change if is_percent else change

    def holds(start: float, now: float, amount: float) -> bool:
        by = measure((start, now))
        if direction is Direction.EITHER:
            return abs(by) >= amount
        return by >= amount if direction is Direction.UP else -by >= amount

    return holds


class Joined:
    """And, or, not, k of: truths of other questions joined."""

    __slots__ = ("_join", "last", "parts")

    def __init__(self, join: Callable[[Iterable[Truth]], Truth], parts: Sequence[Asked]) -> None:
        self._join, self.parts = join, tuple(parts)
        self.last: Truth = None

    def answer(self, moment: Moment) -> Truth:
        """Judge every part, since each has a memory to keep, then join."""
        self.last = self._join([part.answer(moment) for part in self.parts])
        return self.last

    def rest(self) -> Truth:
        """Join what stays of the parts."""
        return self._join([part.rest() for part in self.parts])

    def due(self, at: int) -> int | None:
        """Return when the first part changes."""
        return earliest(part.due(at) for part in self.parts)
