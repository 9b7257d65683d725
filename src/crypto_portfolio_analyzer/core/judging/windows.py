"""Clock windows: the values a tick series took over the last stretch of event time.

A window over `[now - ns, now]` consists of its start value – the last one at or before its start – and every value
since; without a start value it is unknown, and so it is while facts may be missing inside it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from math import fsum, nan, sqrt
from operator import itemgetter
from typing import Any

Sample = tuple[int, float]


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _deviation(values: Sequence[float]) -> float:
    mean = _mean(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / len(values))


def change(values: Sequence[float]) -> float:
    """Return the last value less the first."""
    return values[-1] - values[0]


def percent_change(values: Sequence[float]) -> float:
    """Return the change in percent of the first value; unknown if that is 0."""
    return 100 * change(values) / abs(values[0]) if values[0] else nan


OVER: dict[str, Callable[[Sequence[float]], float]] = {
    "first": itemgetter(0),
    "highest": max,
    "lowest": min,
    "avg": _mean,
    "sum": fsum,
    "stdev": _deviation,
    "change": change,
    "percent_change": percent_change,
}
"""What a window gives, by name; the deviation is that of the population, as TA-Lib's."""


class ClockWindow:
    """The samples of one value over a stretch of event time."""

    __slots__ = ("_samples", "ns")

    def __init__(self, ns: int) -> None:
        self.ns = ns
        self._samples: deque[Sample] = deque()

    def take(self, at: int, value: float) -> None:
        """Add the value at an instant (ns); an instant that steps back counts as the newest one."""
        samples = self._samples
        if samples:
            at = max(at, samples[-1][0])
        samples.append((at, value))
        self._prune(at)

    def _prune(self, at: int) -> None:
        samples, start = self._samples, at - self.ns
        while len(samples) > 1 and samples[1][0] <= start:
            samples.popleft()

    def values(self, at: int) -> list[float]:
        """Return the start value and every later one; nothing while there is no start value, or one is unknown."""
        self._prune(at)
        if not self._samples or self._samples[0][0] > at - self.ns:
            return []
        values = [value for _, value in self._samples]
        return [] if any(value != value for value in values) else values  # noqa: PLR0124  # NaN

    def due(self, at: int) -> int | None:
        """Return when (ns, after `at`) the next value becomes the start: the window changes by time alone."""
        start = at - self.ns
        return next((when + self.ns for when, _ in self._samples if when > start), None)

    def clear(self) -> None:
        """Forget everything: facts are missing."""
        self._samples.clear()

    @property
    def memory(self) -> Any:
        """What must be remembered."""
        return list(self._samples)

    @memory.setter
    def memory(self, samples: Any) -> None:
        self._samples = deque((int(at), nan if value is None else value) for at, value in samples)
