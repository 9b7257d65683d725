"""Hysteresis: after a firing the value must go back so far before the alert may fire again.

The value is the left side of the condition's first comparison, range or crossing. A re-arm level must be reached
from the side on which it fired. A percentage is of the boundary: back through it by so much.
"""

from collections.abc import Sequence

from crypto_portfolio_analyzer.core.alerts import Rearm
from crypto_portfolio_analyzer.core.judging.comparing import side_of, side_of_range, unknown
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.operands import Operand


class Hysteresis:
    """Whether one case waits to be re-armed, and where that is.

    `memory` is None while it waits for nothing, else the side (1 or -1) on which it fired.
    """

    __slots__ = ("_bounds", "_rearm", "_value", "memory")

    def __init__(self, rearm: Rearm, value: Operand, bounds: Sequence[Operand]) -> None:
        self._rearm, self._value, self._bounds = rearm, value, tuple(bounds)
        self.memory: int | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it has not gone back yet."""
        return self.memory is not None

    def fired(self, moment: Moment) -> None:
        """Begin to wait; a value that is exactly on the level has nowhere to go back to."""
        value = self._value.value(moment)
        bounds = self._edges(moment)
        if unknown(value, *bounds):
            return
        side = side_of_range(value, *bounds) if len(bounds) == 2 else side_of(value, bounds[0])
        self.memory = side or self._came_from(moment, bounds[0])

    def settle(self, moment: Moment) -> bool:
        """Tell whether it may fire again, having looked at the value once more."""
        if self.memory is not None and self._is_back(moment, self.memory):
            self.memory = None
        return self.memory is None

    def levels(self, moment: Moment) -> list[float]:
        """Return the values at which it is back; the nearest one is a threshold."""
        bounds = self._edges(moment)
        return [] if self.memory is None or unknown(*bounds) else self._targets(bounds, self.memory)

    def _edges(self, moment: Moment) -> list[float]:
        if self._rearm.level is not None:
            return [self._rearm.level]
        return [bound.value(moment) for bound in self._bounds]

    def _came_from(self, moment: Moment, bound: float) -> int:
        """Return the side of one that fired exactly on the boundary: not the one it came from."""
        return -side_of(self._value.before(moment), bound) or 1

    def _targets(self, bounds: Sequence[float], side: int) -> list[float]:
        """Return the boundaries moved by the percentage to where the value has to go."""
        share = (self._rearm.percent or 0.0) / 100
        if len(bounds) == 1:
            return [bounds[0] - side * abs(bounds[0]) * share]
        low, high = bounds
        return [low - side * abs(low) * share, high + side * abs(high) * share]

    def _is_back(self, moment: Moment, side: int) -> bool:
        value = self._value.value(moment)
        bounds = self._edges(moment)
        if unknown(value, *bounds):
            return False
        targets = self._targets(bounds, side)
        if len(targets) == 1:
            return side_of(value, targets[0]) != side
        low, high = targets
        return (value <= low or value >= high) if side == 1 else low <= value <= high
