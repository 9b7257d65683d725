"""Sums over a sliding window that stay true however much passes through them."""

from collections import deque


class RollingSum:
    """The sum of the last `length` numbers, compensated (Neumaier): what enters and leaves again leaves no trace.

    TA-Lib's running sums keep the rounding of every value that ever passed; after one huge bar a window of
    zeros would not sum to zero, and a ratio of two such sums would be noise.
    """

    def __init__(self, length: int) -> None:
        self._values = deque([0.0] * length, maxlen=length)
        self._sum = self._lost = 0.0
        self._nonzero = 0
        self.missing = length
        """How many numbers are missing until the window is full."""

    @property
    def total(self) -> float:
        """The sum of the numbers in the window."""
        return self._sum + self._lost

    def push(self, value: float) -> float:
        """Take the next number; return the sum of those in the window."""
        self._sum, self._lost, self._nonzero = self._after(value)
        self._values.append(value)
        self.missing = max(0, self.missing - 1)
        return self.total

    def peek(self, value: float) -> float:
        """Return what `push` would; changes nothing."""
        total, lost, _nonzero = self._after(value)
        return total + lost

    def _after(self, value: float) -> tuple[float, float, int]:
        oldest = self._values[0]
        nonzero = self._nonzero + (value != 0) - (oldest != 0)
        if not nonzero:
            return 0.0, 0.0, 0
        return *_plus(*_plus(self._sum, self._lost, -oldest), value), nonzero


def _plus(total: float, lost: float, value: float) -> tuple[float, float]:
    """Add to a sum and what rounding has taken from it so far."""
    after = total + value
    larger, smaller = (total, value) if abs(total) >= abs(value) else (value, total)
    return after, lost + ((larger - after) + smaller)
