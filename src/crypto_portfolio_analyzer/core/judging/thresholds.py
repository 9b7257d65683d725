"""The threshold index: which armed boundaries lie between two values of a series.

A tick touches only what it flips. The nearest boundary below and above a value bound an open interval in which
nothing happens; only a value outside of it is looked up in the sorted columns.
"""

from array import array
from bisect import bisect_left, bisect_right
from math import inf
from typing import Generic, TypeVar

Holder = TypeVar("Holder")


def reached(levels: "array[float]", old: float, new: float) -> tuple[int, int]:
    """Return the places, end exclusive, of sorted levels that are reached, left or passed from `old` to `new`.

    All of them if one of the two is unknown: the relation to every level changes.
    """
    if old != old or new != new:  # noqa: PLR0124  # NaN
        return 0, len(levels)
    return bisect_left(levels, min(old, new)), bisect_right(levels, max(old, new))


def around(levels: "array[float]", value: float) -> tuple[float, float]:
    """Return the nearest of sorted levels, so that nothing flips as long as low < value < high.

    On a level, and while the value is unknown, there is no such interval: low is not below high.
    """
    if not levels:
        return -inf, inf
    if value != value:  # noqa: PLR0124
        return inf, -inf
    first, after = bisect_left(levels, value), bisect_right(levels, value)
    if first != after:
        return value, value
    low = levels[first - 1] if first else -inf
    return low, levels[after] if after < len(levels) else inf


class Thresholds(Generic[Holder]):
    """Boundaries of one series, each with the holder that wants to know when it is reached, left or passed.

    Levels and holders are parallel columns, sorted by level: a look-up is two bisections, a change one insertion.
    """

    __slots__ = ("_holders", "_levels")

    def __init__(self) -> None:
        self._levels = array("d")
        self._holders: list[Holder] = []

    def __len__(self) -> int:
        return len(self._levels)

    def add(self, level: float, holder: Holder) -> None:
        """Arm a boundary."""
        place = bisect_right(self._levels, level)
        self._levels.insert(place, level)
        self._holders.insert(place, holder)

    def remove(self, level: float, holder: Holder) -> None:
        """Take a boundary out again; one that is not there is no error."""
        for place in range(bisect_left(self._levels, level), bisect_right(self._levels, level)):
            if self._holders[place] is holder:
                del self._levels[place], self._holders[place]
                return

    def between(self, old: float, new: float) -> list[Holder]:
        """Return the holders of every boundary reached, left or passed from `old` to `new`."""
        first, last = reached(self._levels, old, new)
        return self._holders[first:last]

    def around(self, value: float) -> tuple[float, float]:
        """Return the interval around a value in which nothing flips."""
        return around(self._levels, value)
