"""Timeframes: the lengths of bars, and where in UTC a bar begins and ends.

A timeframe divides a UTC day (`1m` … `12h`, `1d`) or is the week from Monday (`1w`). Instants are ns UTC; a
bar is `[open, close)`, so a trade at 12:00:00.000 belongs to the new one.
"""

import re
from functools import lru_cache

from msgspec import Struct

from crypto_portfolio_analyzer.errors import InvalidInput

MINUTE = 60 * 10**9
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
FIRST_MONDAY = 4 * DAY
"""1970-01-05; the epoch itself is a Thursday."""

COMMON = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "1w")
"""What charts offer; any other divisor of a day works too."""

_LENGTHS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_SPELLING = re.compile(r"([0-9]{1,4})(m|[hHdDwW])")
_REMEDY = f"write one of {' '.join(COMMON)}, or another that divides a UTC day, like 45m"


class Timeframe(Struct, frozen=True, gc=False):
    """A bar's canonical name and its length in ns."""

    name: str
    length: int

    def open_of(self, instant: int) -> int:
        """Return the start of the bar that holds `instant`."""
        if self.length == WEEK:
            return instant - (instant - FIRST_MONDAY) % WEEK
        return instant - instant % self.length

    def close_of(self, instant: int) -> int:
        """Return the end (exclusive) of the bar that holds `instant`."""
        return self.open_of(instant) + self.length

    def divides(self, other: "Timeframe") -> bool:
        """Tell whether bars of `other` consist of whole bars of this one."""
        return other.length % self.length == 0 and other.length > self.length


@lru_cache(maxsize=1024)
def parse_timeframe(text: str) -> Timeframe:
    """Read `5m`, `1h`, `1d`, `1w`; other spellings of the same length (`60m`, `24H`) get the canonical name.

    Raises:
        InvalidInput: the text is no timeframe, or one that does not divide a UTC day.

    """
    match = _SPELLING.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(f"{text[:20]!r} is not a timeframe; {_why_not(text.strip())}{_REMEDY}")
    length = int(match[1]) * _LENGTHS[match[2].lower()]
    if length in (0, WEEK) or length > DAY:
        if match[0].lower() == "1w":
            return Timeframe("1w", WEEK)
        raise InvalidInput(f"{text[:20]!r} is not a timeframe; {_REMEDY}")
    if DAY % length:
        raise InvalidInput(f"{text[:20]!r} does not divide a UTC day; the nearest are {_nearest(length)}")
    return Timeframe(_name(length), length)


def open_of(instant: int, timeframe: str) -> int:
    """Return the start (ns) of the `timeframe` bar that holds `instant` (ns)."""
    return parse_timeframe(timeframe).open_of(instant)


def close_of(instant: int, timeframe: str) -> int:
    """Return the end (ns, exclusive) of the `timeframe` bar that holds `instant` (ns)."""
    return parse_timeframe(timeframe).close_of(instant)


def _why_not(text: str) -> str:
    if text.endswith("M"):
        return "months differ in length (and minutes are a small m); "
    return "it needs a unit: m, h, d or w; " if text.isdigit() else ""


def _name(length: int) -> str:
    if length == DAY:
        return "1d"
    return f"{length // HOUR}h" if length % HOUR == 0 else f"{length // MINUTE}m"


def _nearest(length: int) -> str:
    below = next(size for size in range(length, 0, -MINUTE) if DAY % size == 0)
    above = next(size for size in range(length, DAY + 1, MINUTE) if DAY % size == 0)
    return f"{_name(below)} and {_name(above)}"


_DIVISORS = [minutes for minutes in range(1, 1441) if 1440 % minutes == 0]
EVERY = (*(parse_timeframe(f"{minutes}m") for minutes in _DIVISORS), parse_timeframe("1w"))
"""All timeframes there are, shortest first."""
