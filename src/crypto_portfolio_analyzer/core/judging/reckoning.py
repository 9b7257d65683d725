"""How the operators, functions and windows of the condition language are computed; unknown in, unknown out."""

from collections.abc import Callable, Mapping
from math import isfinite, isnan
from operator import add, mul, sub

from msgspec import Struct

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import UNKNOWN, Calculator
from crypto_portfolio_analyzer.core.series.handles import OF_SOURCE, Handle, Joined, Row
from crypto_portfolio_analyzer.core.series.wording import quotient


def _finite(operate: Callable[[float, float], float]) -> Callable[[float, float], float]:
    def reckon(left: float, right: float) -> float:
        result = operate(left, right)
        return result if isfinite(result) else UNKNOWN

    return reckon


OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": _finite(add),
    "-": _finite(sub),
    "*": _finite(mul),
    "/": _finite(quotient),
}


def negated(value: float) -> float:
    """Return the number with the other sign."""
    return -value


def least(*values: float) -> float:
    """Return the smallest, unknown if one of them is."""
    return UNKNOWN if any(map(isnan, values)) else min(values)


def greatest(*values: float) -> float:
    """Return the largest, unknown if one of them is."""
    return UNKNOWN if any(map(isnan, values)) else max(values)


FUNCTIONS: Mapping[str, Callable[..., float]] = {"abs": abs, "min": least, "max": greatest}


class BarWindow(Struct, frozen=True):
    """A window in bars: how it is computed, and how many bars more than its length it needs."""

    make: Callable[[int], Calculator]
    more: int = 0


def _sliding(function: str, *parameters: float) -> Callable[[int], Calculator]:
    """Return TA-Lib's function over a window; of one bar, where TA-Lib begins at two, it is that bar."""

    def make(bars: int) -> Calculator:
        return Handle(function, OF_SOURCE, bars, *parameters) if bars > 1 else Handle("SMA", OF_SOURCE, 1)

    return make


def _stdev(bars: int) -> Calculator:
    if bars > 1:
        return Handle("STDDEV", OF_SOURCE, bars, 1.0)
    return Joined(lambda row, _bar, _source: (row[0] - row[0],), Handle("SMA", OF_SOURCE, 1))


def _percent_change(bars: int) -> Calculator:
    """Return TA-Lib's rate of change; from zero, where TA-Lib says 0, it is unknown."""

    def known(row: Row, _bar: Bar, source: float) -> Row:
        percent, change = row
        return (UNKNOWN if change == source else percent,)

    return Joined(known, Handle("ROC", OF_SOURCE, bars), Handle("MOM", OF_SOURCE, bars))


WINDOWS: Mapping[str, BarWindow] = {
    "highest": BarWindow(_sliding("MAX")),
    "lowest": BarWindow(_sliding("MIN")),
    "avg": BarWindow(_sliding("SMA")),
    "sum": BarWindow(_sliding("SUM")),
    "stdev": BarWindow(_stdev),
    "change": BarWindow(lambda bars: Handle("MOM", OF_SOURCE, bars), more=1),
    "percent_change": BarWindow(_percent_change, more=1),
}
"""Standard deviation is the population's, as TA-Lib's; a change is over so many bars, both ends included."""
