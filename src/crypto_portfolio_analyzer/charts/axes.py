"""Axes: where prices and instants lie on a plane, and which of them are worth a line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil, floor, log10

from msgspec import Struct

from crypto_portfolio_analyzer.core.timeframes import DAY, FIRST_MONDAY, HOUR, MINUTE, WEEK

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_SPANS = (
    MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR,
    12 * HOUR, DAY, 2 * DAY, 3 * DAY, WEEK, 2 * WEEK, 4 * WEEK, 13 * WEEK, 26 * WEEK, 52 * WEEK, 260 * WEEK,
)  # fmt: skip
_SLACK = 1e-9
"""Of a step: a price that is round but for the last bit counts."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Scale(Struct, frozen=True):
    """A line from `low..high` to `start..end` in pixels; one that holds a single value puts it in the middle."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return where a value lies."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def price_marks(low: float, high: float, most: int = 8) -> tuple[list[float], int]:
    """Return about `most` round prices within `low..high`, and the decimals that tell them apart."""
    if not high > low:
        return [low], _decimals(abs(low) or 1.0)
    rough = (high - low) / most
    unit = 10.0 ** floor(log10(rough))
    step = next(each * unit for each in _STEPS if each * unit >= rough)
    first, last = ceil(low / step - _SLACK), floor(high / step + _SLACK)
    marks = [number * step for number in range(first, last + 1)]
    return marks, _decimals(step)


def _decimals(step: float) -> int:
    """Return how many decimals write a step of two digits."""
    digits, exponent = f"{step:.1e}".split("e")
    return max(0, -int(exponent) + (not digits.endswith("0")))


def time_marks(first: int, last: int, most: int = 12) -> Iterator[tuple[int, str]]:
    """Yield about `most` round instants within `first..last` (ns UTC), with what is written below each.

    Within days it is the time of day, at midnight the date; weeks begin on Monday.
    """
    span = next((each for each in _SPANS if (last - first) / each <= most), _SPANS[-1])
    origin = FIRST_MONDAY if span % WEEK == 0 else 0
    at = origin + ceil((first - origin) / span) * span
    while at <= last:
        yield at, _instant(at, span)
        at += span


def _instant(at: int, span: int) -> str:
    moment = datetime.fromtimestamp(at // 10**9, UTC)
    if span < DAY and at % DAY:
        return f"{moment:%H:%M}"
    day = f"{moment.day} {_MONTHS[moment.month - 1]}"
    return f"{day} {moment.year}" if span >= 4 * WEEK else day
