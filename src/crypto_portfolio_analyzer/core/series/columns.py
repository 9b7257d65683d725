"""The common indicators as columns: one array over many subjects, advanced together at a bar's boundary.

Each formula is written once, in operations that numbers and arrays share; TA-Lib's batch gives the state it
starts from. Values equal TA-Lib's to within rounding: the operations stand in its order where that is known.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import talib
from numpy.typing import NDArray

from crypto_portfolio_analyzer.core.series.catalog import Arguments
from crypto_portfolio_analyzer.core.series.wording import whole

Floats: TypeAlias = NDArray[np.float64]
State: TypeAlias = tuple[Any, ...]
"""Numbers of one subject, or arrays over subjects: the formulas do not care."""
Windows: TypeAlias = Callable[[NDArray[np.int64]], Floats]
"""Gives the windows of the members at some indices, one row each."""

NOISE = 1e-6
"""A variance below this share of what was summed could be wrong in the tenth digit."""
SPARE = 64
"""Places a column is made with; it doubles when they are used up."""


class Formula(Protocol):
    """An indicator as a recursion over its inputs, a window of the last `window` first inputs, or both."""

    inputs: tuple[str, ...]
    outputs: int
    needs: int
    """How many bars until there is a value, its own included."""
    window: int

    def begin(self, history: Floats) -> State:
        """Return the state after a history of at least `needs` bars, one row per input."""
        ...

    def step(self, state: State, row: State, oldest: Any, windows: Windows) -> State:
        """Return the state one bar later, of the first value in the window that now holds this bar, or the whole."""
        ...

    def read(self, state: State) -> State:
        """Return the outputs."""
        ...


class Sma:
    """Simple moving average, as TA-Lib's running sum."""

    inputs: tuple[str, ...] = ("source",)
    outputs = 1

    def __init__(self, arguments: Arguments) -> None:
        self.needs = self.window = whole(arguments)

    def begin(self, history: Floats) -> State:
        """Return the sum without the oldest value of the window, and the mean."""
        values, length = history[0], self.window
        turns = np.zeros(2 * len(values))
        turns[::2] = values
        turns[2 * length - 1 :: 2] = -values[: len(values) - length + 1]
        sums = np.add.accumulate(turns)  # in TA-Lib's order: a new value in, the oldest out
        return sums[-1], sums[-2] / length

    def step(self, state: State, row: State, oldest: Any, windows: Windows) -> State:
        """Return the state one bar later."""
        total = state[0] + row[0]
        return total - oldest, total / self.window

    def read(self, state: State) -> State:
        """Return the mean."""
        return (state[1],)


class Ema:
    """Exponential moving average, seeded with a simple one."""

    inputs: tuple[str, ...] = ("source",)
    outputs = 1
    window = 0

    def __init__(self, arguments: Arguments) -> None:
        self.needs = whole(arguments)
        self._share = 2 / (self.needs + 1)

    def begin(self, history: Floats) -> State:
        """Return the average."""
        return (talib.EMA(history[0], self.needs)[-1],)

    def step(self, state: State, row: State, oldest: Any, windows: Windows) -> State:
        """Return the state one bar later."""
        average = state[0]
        return ((row[0] - average) * self._share + average,)

    def read(self, state: State) -> State:
        """Return the average."""
        return state


class Rsi:
    """Wilder's relative strength index; unknown where nothing moved."""

    inputs: tuple[str, ...] = ("source",)
    outputs = 1
    window = 0

    def __init__(self, arguments: Arguments) -> None:
        self._length = whole(arguments)
        self.needs, self._share = self._length + 1, 1 / self._length

    def begin(self, history: Floats) -> State:
        """Return the last value and the averages of gains and losses."""
        values = history[0]
        change = np.diff(values)
        gains, losses = np.maximum(change, 0), np.maximum(-change, 0)
        return values[-1], talib.RMA(gains, self._length)[-1], talib.RMA(losses, self._length)[-1]

    def step(self, state: State, row: State, oldest: Any, windows: Windows) -> State:
        """Return the state one bar later."""
        last, gains, losses = state
        change = row[0] - last
        gain = (abs(change) + change) * 0.5
        rest = self._length - 1
        return row[0], (gains * rest + gain) * self._share, (losses * rest + (gain - change)) * self._share

    def read(self, state: State) -> State:
        """Return 100 · gains / (gains + losses)."""
        return (100 * (state[1] / (state[1] + state[2])),)


class Macd:
    """A fast less a slow EMA and their signal; TA-Lib starts both at the same bar."""

    inputs: tuple[str, ...] = ("source",)
    outputs = 3
    window = 0

    def __init__(self, arguments: Arguments) -> None:
        self._fast, self._slow = sorted((whole(arguments, "fast"), whole(arguments, "slow")))
        self._signal = whole(arguments, "signal")
        self._shares = [2 / (length + 1) for length in (self._fast, self._slow, self._signal)]
        self.needs = self._slow + self._signal - 1

    def begin(self, history: Floats) -> State:
        """Return the two averages and the signal."""
        values = history[0]
        fast = talib.EMA(values[self._slow - self._fast :], self._fast)[-1]
        slow = talib.EMA(values, self._slow)[-1]
        return fast, slow, talib.MACD(values, self._fast, self._slow, self._signal)[1][-1]

    def step(self, state: State, row: State, oldest: Any, windows: Windows) -> State:
        """Return the state one bar later."""
        (fast, slow, signal), (fast_share, slow_share, signal_share) = state, self._shares
        fast = (row[0] - fast) * fast_share + fast
        slow = (row[0] - slow) * slow_share + slow
        return fast, slow, (fast - slow - signal) * signal_share + signal

    def read(self, state: State) -> State:
        """Return the difference, its signal and the histogram."""
        fast, slow, signal = state
        difference = fast - slow
        return difference, signal, difference - signal


class Bollinger(Sma):
    """A simple average with standard deviations (population) on both sides, width and %B.

    Sums run over distances from an anchor, a value of the window at the time it was set. `noise` adds up what has
    been summed since then; rounding is about 1e-16 of it. Where it could reach the tenth digit of the variance,
    the sums are made anew from the window: after some thousand bars, after a spike, and when a window goes flat.
    """

    outputs = 5

    def __init__(self, arguments: Arguments) -> None:
        super().__init__(arguments)
        self._deviations = float(arguments["deviations"])

    def begin(self, history: Floats) -> State:
        """Return the average's state, the anchor, both sums without the oldest value, noise, deviation, last value."""
        total, mean = super().begin(history)
        window, last = history[:1, -self.window :], history[0, -1]
        sums, squares = (each[0] for each in _apart(window, history[0, -1:]))
        oldest = window[0, 0] - last
        deviation = np.sqrt(max(squares - sums * sums / self.window, 0) / self.window)
        return total, mean, last, sums - oldest, squares - oldest * oldest, squares, deviation, last

    def step(self, state: State, row: State, oldest: Any, windows: Windows) -> State:
        """Return the state one bar later."""
        anchor, sums, squares, noise = state[2:6]
        last, length = row[0], self.window
        away = last - anchor
        sums, squares = sums + away, squares + away * away
        noise = noise + squares
        spread = squares - sums * sums / length
        unsure = np.flatnonzero(spread < NOISE * noise)
        if len(unsure):
            anchor = anchor.copy()
            anchor[unsure] = last[unsure]
            sums[unsure], squares[unsure] = _apart(windows(unsure), last[unsure])
            noise[unsure] = squares[unsure]
            spread[unsure] = squares[unsure] - sums[unsure] ** 2 / length
        gone = oldest - anchor
        deviation = np.sqrt(np.maximum(spread, 0) / length)
        mean = super().step(state[:2], row, oldest, windows)
        return (*mean, anchor, sums - gone, squares - gone * gone, noise, deviation, last)

    def read(self, state: State) -> State:
        """Return upper, middle, lower, width in percent of the middle, and %B."""
        middle, deviation, last = state[1], state[6], state[7]
        half = self._deviations * deviation
        upper, lower = middle + half, middle - half
        across = upper - lower
        return upper, middle, lower, 100 * across / middle, _over(last - lower, across)


def _apart(windows: Floats, anchors: Floats) -> tuple[Floats, Floats]:
    """Return the sums of distances from an anchor, and of their squares, over each window."""
    apart = windows - anchors[:, None]
    return np.einsum("ij->i", apart), np.einsum("ij,ij->i", apart, apart)


def _over(dividend: Any, divisor: Any) -> Any:
    """Divide; by zero it is unknown, and not infinite where rounding left something to divide."""
    return np.where(divisor == 0, np.nan, dividend / divisor)


class Atr:
    """Wilder's average of true ranges."""

    inputs: tuple[str, ...] = ("high", "low", "close")
    outputs = 1
    window = 0

    def __init__(self, arguments: Arguments) -> None:
        self._length = whole(arguments)
        self.needs = self._length + 1

    def begin(self, history: Floats) -> State:
        """Return the average and the last close."""
        high, low, close = history
        return talib.ATR(high, low, close, self._length)[-1], close[-1]

    def step(self, state: State, row: State, oldest: Any, windows: Windows) -> State:
        """Return the state one bar later."""
        (average, before), (high, low, close) = state, row
        span = np.maximum(high, before) - np.minimum(low, before)
        return average + (span - average) / self._length, close

    def read(self, state: State) -> State:
        """Return the average."""
        return (state[0],)


COLUMNS: Mapping[str, Callable[[Arguments], Formula]] = {
    "sma": Sma,
    "ema": Ema,
    "rsi": Rsi,
    "macd": Macd,
    "bollinger": Bollinger,
    "atr": Atr,
}
"""The kinds that have a columnar form, by name."""


class Column:
    """One formula over many members, each at a place of its own; places are dense and may move when one leaves."""

    def __init__(self, formula: Formula) -> None:
        self.formula, self._count = formula, 0
        self.values, self.before = (np.full((formula.outputs, SPARE), np.nan) for _ in range(2))
        self._ring = np.zeros((formula.window, SPARE))
        self._heads = np.zeros(SPARE, np.int64)
        self._state: list[Floats] = []

    def __len__(self) -> int:
        return self._count

    def admit(self, history: Floats) -> int:
        """Give a place to a member with at least `needs` bars of history, one row per input; return the place."""
        if self._count == len(self._heads):
            self._grow()
        place, formula = self._count, self.formula
        self._count += 1
        is_first = history.shape[1] == formula.needs
        state = formula.begin(history if is_first else history[:, :-1])
        if not self._state:
            self._state = [np.zeros(len(self._heads)) for _ in state]
        self._hold(place, state)
        if formula.window:
            bars = history[0, : history.shape[1] - (not is_first)]
            self._ring[:, place] = bars[-formula.window :]
            self._heads[place] = 0
        self.before[:, place] = np.nan
        with np.errstate(all="ignore"):
            self.values[:, place] = formula.read(state)
        if not is_first:
            self.advance(np.array([place]), history[:, -1:])
        return place

    def leave(self, place: int) -> int:
        """Take a member out; the one at the returned place, the last, moves to the place that is free now."""
        last = self._count - 1
        for array in (self.values.T, self.before.T, self._ring.T, self._heads, *self._state):
            array[place] = array[last]
        self._count = last
        return last

    def advance(self, places: Any, rows: Sequence[Floats] | Floats) -> None:
        """Take one more bar for the members at `places` (an array of them, or a slice), one row per input."""
        oldest, windows = self._slide(places, rows[0])
        with np.errstate(all="ignore"):
            after = self.formula.step(
                tuple(each[places] for each in self._state), tuple(rows), oldest, windows
            )
            outputs = self.formula.read(after)
        for held, each in zip(self._state, after, strict=True):
            held[places] = each
        if len(rows[0]) == self._count:  # all of them: what was now is before
            self.values, self.before = self.before, self.values
        else:
            self.before[:, places] = self.values[:, places]
        for value, each in zip(self.values, outputs, strict=True):
            value[places] = each

    def peek(self, place: int, row: Sequence[float]) -> State:
        """Return the outputs a member would have after one more bar; changes nothing."""
        formula, one = self.formula, slice(place, place + 1)
        window = self._windows(np.array([place]))
        oldest = None
        if formula.window:
            head = int(self._heads[place])
            window[:, head] = row[0]
            oldest = window[:, (head + 1) % formula.window]
        state, newest = tuple(each[one] for each in self._state), tuple(np.array([each]) for each in row)
        with np.errstate(all="ignore"):
            outputs = formula.read(formula.step(state, newest, oldest, lambda some: window[some]))
        return tuple(float(each[0]) for each in outputs)

    def _slide(self, places: Any, newest: Floats) -> tuple[Floats | None, Windows]:
        """Put the newest values into the ring; return the oldest of each window, and what gives the windows."""
        length = self.formula.window
        if not length:
            return None, self._windows
        heads = self._heads[places]
        following = (heads + 1) % length
        if (heads == heads[0]).all():  # as it is when all began together
            self._ring[heads[0], places] = newest
            oldest = self._ring[following[0], places]
        else:
            at = np.arange(self._count)[places]
            self._ring[heads, at] = newest
            oldest = self._ring[following, at]
        self._heads[places] = following
        return oldest, lambda some: self._windows(np.arange(self._count)[places][some])

    def _windows(self, places: NDArray[np.int64]) -> Floats:
        return np.ascontiguousarray(self._ring[:, places].T)

    def _hold(self, place: int, state: State) -> None:
        for held, each in zip(self._state, state, strict=True):
            held[place] = each

    def _grow(self) -> None:
        def doubled(array: Any) -> Any:
            return np.concatenate([array, np.zeros_like(array)], axis=-1)

        self.values, self.before, self._heads = map(doubled, (self.values, self.before, self._heads))
        self._ring = doubled(self._ring)
        self._state = [doubled(each) for each in self._state]
