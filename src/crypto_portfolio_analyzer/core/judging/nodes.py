"""Nodes of the board: what a value tree is computed by, one node per different part of it.

A node knows its raw number at the last closed bar and at the one before, and how many bars it still lacks until
it is settled. Gating by that is the slot's affair, so that a settled value does not depend on who asked.
"""

from collections import deque
from collections.abc import Callable, Sequence
from math import isnan
from typing import Protocol

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import UNKNOWN, Calculator

Row = tuple[float, ...]
NOTHING_LACKS = -(10**9)
"""How much a literal lacks: less than any series."""


class Node(Protocol):
    """One part of a value tree."""

    needs: int
    """How many bars until it is settled."""

    def now(self) -> float:
        """Return the number at the last closed bar; NaN while there is none."""
        ...

    def before(self) -> float:
        """Return the number one bar before."""
        ...

    def peek(self, forming: Bar) -> float:
        """Return the number if the forming bar closed now."""
        ...

    def lacks(self) -> int:
        """Return how many bars are missing until it is settled; below 0 it has been for so many bars."""
        ...


class Literal:
    """A number that never changes."""

    needs = 1

    def __init__(self, value: float) -> None:
        self._value = value

    def now(self) -> float:
        """Return the number."""
        return self._value

    before = now

    def peek(self, forming: Bar) -> float:
        """Return the number."""
        return self._value

    def lacks(self) -> int:
        """Return that nothing is missing, ever."""
        return NOTHING_LACKS


class Expression:
    """A function of other nodes, reckoned when asked; division by zero and unknown operands make it unknown."""

    def __init__(self, reckon: Callable[..., float], parts: Sequence[Node]) -> None:
        self._reckon, self._parts = reckon, parts
        self.needs = max(part.needs for part in parts)

    def now(self) -> float:
        """Return the number at the last closed bar."""
        return self._reckon(*(part.now() for part in self._parts))

    def before(self) -> float:
        """Return the number one bar before."""
        return self._reckon(*(part.before() for part in self._parts))

    def peek(self, forming: Bar) -> float:
        """Return the number if the forming bar closed now."""
        return self._reckon(*(part.peek(forming) for part in self._parts))

    def lacks(self) -> int:
        """Return what the least settled part lacks."""
        return max(part.lacks() for part in self._parts)


class Output:
    """One output of a computation."""

    def __init__(self, computation: "Computation", place: int) -> None:
        self._computation, self._place = computation, place
        self.needs = computation.needs

    def now(self) -> float:
        """Return the number at the last closed bar."""
        return self._computation.value(self._place)

    def before(self) -> float:
        """Return the number one bar before."""
        return self._computation.value_before(self._place)

    def peek(self, forming: Bar) -> float:
        """Return the number if the forming bar closed now."""
        return self._computation.peek(forming)[self._place]

    def lacks(self) -> int:
        """Return what the computation lacks."""
        return self._computation.lacks()


class Computation(Protocol):
    """A series with memory: it takes every closed bar of its chart, in the order computations were made."""

    needs: int

    def value(self, place: int) -> float:
        """Return an output at the last closed bar."""
        ...

    def value_before(self, place: int) -> float:
        """Return an output one bar before."""
        ...

    def update(self, bar: Bar) -> None:
        """Take the next closed bar."""
        ...

    def peek(self, forming: Bar) -> Row:
        """Return the outputs if the forming bar closed now."""
        ...

    def lacks(self) -> int:
        """Return how many bars are missing until it is settled."""
        ...

    def reset(self) -> None:
        """Forget every bar."""
        ...


class Calculation:
    """A calculator fed with closed bars and the number of its source, which is the close if it has none.

    Its calculator begins anew after an unknown source, so its count of bars does too.
    """

    def __init__(
        self, make: Callable[[], Calculator], history: int, outputs: int, source: Node | None = None
    ) -> None:
        self._make, self._history, self._outputs, self._source = make, history, outputs, source
        self.needs = history + (source.needs - 1 if source else 0)
        self.reset()

    def reset(self) -> None:
        """Forget every bar."""
        self._calculator = self._make()
        self._bars = self._run = 0
        self._values: Row = (UNKNOWN,) * self._outputs
        self._before = self._values

    def value(self, place: int) -> float:
        """Return an output at the last closed bar."""
        return self._values[place]

    def value_before(self, place: int) -> float:
        """Return an output one bar before."""
        return self._before[place]

    def update(self, bar: Bar) -> None:
        """Take the next closed bar."""
        source = self._source.now() if self._source else bar.close
        self._bars += 1
        self._run = 0 if isnan(source) else self._run + 1
        self._before, self._values = self._values, self._calculator.update(bar, source)

    def peek(self, forming: Bar) -> Row:
        """Return the outputs if the forming bar closed now."""
        return self._calculator.peek(forming, self._source.peek(forming) if self._source else forming.close)

    def lacks(self) -> int:
        """Return how many bars are missing: of the chart, of the source's unbroken ones, of the source itself."""
        own = max(self.needs - self._bars, self._history - self._run)
        return max(own, self._source.lacks()) if self._source else own


class Memory:
    """The number of a node a fixed count of bars earlier."""

    def __init__(self, node: Node, back: int) -> None:
        self._node, self._back, self.needs = node, back, node.needs + back
        self.reset()

    def reset(self) -> None:
        """Forget every bar."""
        size = self._back + 2
        self._past = deque([UNKNOWN] * size, maxlen=size)

    def value(self, place: int) -> float:
        """Return the number so many bars before the last closed one."""
        return self._past[1]

    def value_before(self, place: int) -> float:
        """Return the number one bar before that."""
        return self._past[0]

    def update(self, bar: Bar) -> None:
        """Take the number at the next closed bar."""
        self._past.append(self._node.now())

    def peek(self, forming: Bar) -> Row:
        """Return the number so many bars before the forming one."""
        return (self._past[2],)

    def lacks(self) -> int:
        """Return what the node lacks, and the bars between."""
        return self._node.lacks() + self._back


class Elsewhere:
    """A node of another chart as a source here: its last closed value, whatever bar is forming."""

    needs = 1

    def __init__(self, node: Node) -> None:
        self.now, self.before, self.lacks = node.now, node.before, node.lacks

    def peek(self, forming: Bar) -> float:
        """Return the number at its last closed bar."""
        return self.now()
