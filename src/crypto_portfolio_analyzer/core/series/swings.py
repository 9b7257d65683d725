"""Swings: the highs and lows a chart turns at, known only when enough bars to their right have closed.

A bar is a swing high when its high stands above all `wing` highs before it and is not exceeded by the `wing`
highs after it (the first bar of a plateau counts); a swing low the other way round. So a swing is told `wing`
bars late and never taken back. `wing` = 2 is the fractal of B. Williams, Trading Chaos (1995).
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import Struct

from crypto_portfolio_analyzer.core.market import Bar

HIGH, LOW = 1, -1


class Swing(Struct, frozen=True, gc=False):
    """One turn: HIGH or LOW, its price, the number of its bar, and the mean range of the bars around it."""

    side: int
    price: float
    at: int
    noise: float


class Window(Struct, frozen=True):
    """The last highs and lows, oldest first, and how many bars there were."""

    highs: tuple[float, ...] = ()
    lows: tuple[float, ...] = ()
    count: int = 0


class Outcome(Struct, frozen=True):
    """What a series remembers and what it gives; each calculator's state adds its own memory."""

    outputs: tuple[float, ...]


State = TypeVar("State", bound=Outcome)


class Stepping(Generic[State]):
    """A calculator made of a pure step from state and bar to state: peeking changes nothing by construction."""

    def __init__(self, start: State, step: Callable[[State, Bar], State]) -> None:
        self._state, self._step = start, step

    def update(self, bar: Bar, source: float) -> tuple[float, ...]:
        """Take the next closed bar; return the outputs."""
        self._state = self._step(self._state, bar)
        return self._state.outputs

    def peek(self, bar: Bar, source: float) -> tuple[float, ...]:
        """Return what `update` would."""
        return self._step(self._state, bar).outputs


def slide(window: Window, high: float, low: float, wing: int) -> Window:
    """Return the window moved on by one bar; it holds 2 × wing + 1 of them."""
    kept = -2 * wing
    return Window((*window.highs[kept:], high), (*window.lows[kept:], low), window.count + 1)


def turns(window: Window, wing: int) -> tuple[Swing, ...]:
    """Return the swings, none to two, that the newest bar of the window confirms: high first."""
    highs, lows = window.highs, window.lows
    if len(highs) <= 2 * wing:
        return ()
    high, low = highs[wing], lows[wing]
    is_high = high == max(highs) and high > max(highs[:wing])
    is_low = low == min(lows) and low < min(lows[:wing])
    if not (is_high or is_low):
        return ()
    at, noise = window.count - 1 - wing, (sum(highs) - sum(lows)) / len(highs)
    found = ((is_high, HIGH, high), (is_low, LOW, low))
    return tuple(Swing(side, price, at, noise) for is_there, side, price in found if is_there)
