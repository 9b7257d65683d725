"""TA-Lib's stream handles as calculators: O(1) a bar, equal to TA-Lib's batch from the same first bar.

A handle opens as soon as the bars it looks back on are there. TA-Lib refuses unknown input; an unknown source
value makes the outputs unknown and lets the calculator begin anew with the next known one.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import isnan
from operator import attrgetter
from typing import Any, Protocol

import numpy as np
from talib import abstract, stream

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import UNKNOWN, Calculator

Row = tuple[float, ...]
Reading = Callable[[Bar, float], Row]
Finish = Callable[[Row, Bar, float], Row]

OF_SOURCE = ("source",)
HIGH_LOW = ("high", "low")
HIGH_LOW_CLOSE = ("high", "low", "close")
WITH_VOLUME = (*HIGH_LOW_CLOSE, "volume")


class Stream(Protocol):
    """One of TA-Lib's stream handles; a number where a function has one output, else a tuple."""

    @property
    def value(self) -> Any:  # what each function gives differs
        """The outputs at the last bar it took."""
        ...

    def update(self, *row: float) -> Any:
        """Take the next bar's inputs; return the outputs."""
        ...

    def peek(self, *row: float) -> Any:
        """Return what `update` would; changes nothing."""
        ...


def described(function: str, *parameters: float) -> Any:
    """Return TA-Lib's own description of a function with its parameters."""
    return abstract.Function(function, *parameters)  # type: ignore[attr-defined]  # its stub leaves it out


@lru_cache(maxsize=4096)
def lookback(function: str, *parameters: float) -> int:
    """Return how many bars stand before TA-Lib's first value."""
    return int(described(function, *parameters).lookback)


@lru_cache(maxsize=256)
def outputs_of(function: str) -> int:
    """Return how many outputs a function has."""
    return len(described(function).output_names)


@lru_cache(maxsize=256)
def reading(inputs: tuple[str, ...]) -> Reading:
    """Return what takes a function's inputs from a bar and its source value."""
    if inputs == OF_SOURCE:
        return lambda _bar, source: (source,)
    if inputs[0] == "source":
        fields = inputs[1:]
        return lambda bar, source: (source, *(getattr(bar, field) for field in fields))
    if len(inputs) == 1:
        (field,) = inputs
        return lambda bar, _source: (float(getattr(bar, field)),)
    take: Callable[[Bar], Row] = attrgetter(*inputs)
    return lambda bar, _source: take(bar)


class Handle:
    """One TA-Lib function over the inputs `read` takes from each bar."""

    def __init__(self, function: str, read: Reading | Sequence[str], *parameters: float) -> None:
        self._open: Callable[..., Stream] = getattr(stream, function)
        self._read = read if callable(read) else reading(tuple(read))
        self._parameters = parameters
        self._needs = lookback(function, *parameters) + 1
        outputs = outputs_of(function)
        self._is_single, self._unknown = outputs == 1, (UNKNOWN,) * outputs
        self._first: list[Row] = []
        self._stream: Stream | None = None

    def update(self, bar: Bar, source: float) -> Row:
        """Take the next closed bar; return TA-Lib's outputs in its order."""
        row = self._read(bar, source)
        if isnan(source) or isnan(row[0]):
            self._first, self._stream = [], None
            return self._unknown
        if self._stream is not None:
            return self._row(self._stream.update(*row))
        self._first.append(row)
        if len(self._first) < self._needs:
            return self._unknown
        self._stream, self._first = self._opened(self._first), []
        return self._row(self._stream.value)

    def peek(self, bar: Bar, source: float) -> Row:
        """Return what `update` would."""
        row = self._read(bar, source)
        if isnan(source) or isnan(row[0]):
            return self._unknown
        if self._stream is not None:
            return self._row(self._stream.peek(*row))
        if len(self._first) + 1 < self._needs:
            return self._unknown
        return self._row(self._opened([*self._first, row]).value)

    def _opened(self, rows: list[Row]) -> Stream:
        return self._open(*np.array(rows, float).T.copy(), *self._parameters)

    def _row(self, value: Any) -> Row:
        return (float(value),) if self._is_single else tuple(map(float, value))


class Joined:
    """Several calculators over the same bars; `finish` makes the outputs of all their values."""

    def __init__(self, finish: Finish | None, *parts: Calculator) -> None:
        self._finish, self._parts = finish, parts

    def update(self, bar: Bar, source: float) -> Row:
        """Take the next closed bar; return the finished outputs."""
        return self._finished([part.update(bar, source) for part in self._parts], bar, source)

    def peek(self, bar: Bar, source: float) -> Row:
        """Return what `update` would."""
        return self._finished([part.peek(bar, source) for part in self._parts], bar, source)

    def _finished(self, values: list[Row], bar: Bar, source: float) -> Row:
        row = tuple(value for each in values for value in each)
        return row if self._finish is None else self._finish(row, bar, source)


class Chained:
    """A calculator over one output of another: the smoothing of an oscillator. Gives the first's row, then its own."""

    def __init__(self, first: Calculator, place: int, then: Calculator) -> None:
        self._first, self._place, self._then = first, place, then

    def update(self, bar: Bar, source: float) -> Row:
        """Take the next closed bar; return both rows."""
        row = self._first.update(bar, source)
        return (*row, *self._then.update(bar, row[self._place]))

    def peek(self, bar: Bar, source: float) -> Row:
        """Return what `update` would."""
        row = self._first.peek(bar, source)
        return (*row, *self._then.peek(bar, row[self._place]))


class Reckoned:
    """A series that needs nothing but the bar itself."""

    def __init__(self, reckon: Callable[[Bar], float]) -> None:
        self._reckon = reckon

    def update(self, bar: Bar, source: float) -> Row:
        """Return the value at the closed bar."""
        return (self._reckon(bar),)

    peek = update


def places(*order: int) -> Finish:
    """Return a finish that puts out some values in another order."""
    return lambda row, _bar, _source: tuple(row[place] for place in order)
