"""Chart patterns: shapes of swings, watched from forming to confirmed, invalidated or forgotten.

Closed bars only: a swing is known `wing` bars late, a pattern is confirmed by a close, and nothing told is taken
back. Patterns of falling prices are those of rising prices in a mirror.
"""

import math
from collections.abc import Callable
from enum import IntEnum

from msgspec import Struct

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series import shapes
from crypto_portfolio_analyzer.core.series.catalog import (
    UNKNOWN,
    Arguments,
    Calculator,
    Output,
    Parameter,
    ParameterKind,
    Unit,
)
from crypto_portfolio_analyzer.core.series.shapes import LEG, SPAN, Recognizer, Shape
from crypto_portfolio_analyzer.core.series.swings import (
    HIGH,
    LOW,
    Outcome,
    Stepping,
    Swing,
    Window,
    slide,
    turns,
)
from crypto_portfolio_analyzer.core.series.wording import bar_series, lengths, texts, whole

UPRIGHT, MIRRORED = 1, -1
PATTERNS: dict[str, tuple[Recognizer, int]] = {
    "double_top": (shapes.double_top, UPRIGHT),
    "double_bottom": (shapes.double_top, MIRRORED),
    "head_and_shoulders": (shapes.head_and_shoulders, UPRIGHT),
    "inverse_head_and_shoulders": (shapes.head_and_shoulders, MIRRORED),
    "ascending_triangle": (shapes.ascending_triangle, UPRIGHT),
    "descending_triangle": (shapes.ascending_triangle, MIRRORED),
    "symmetric_triangle": (shapes.symmetric_triangle, UPRIGHT),
    "rising_channel": (shapes.rising_channel, UPRIGHT),
    "falling_channel": (shapes.rising_channel, MIRRORED),
    "bull_flag": (shapes.bull_flag, UPRIGHT),
    "bear_flag": (shapes.bull_flag, MIRRORED),
    "wedge_rising": (shapes.rising_wedge, UPRIGHT),
    "wedge_falling": (shapes.rising_wedge, MIRRORED),
}
"""Each pattern: what recognizes it, and whether in prices as they are or in a mirror."""
MOST_SWINGS = 6
"""No shape needs more."""


class Phase(IntEnum):
    """Where a pattern stands; the values of `.state`."""

    INVALIDATED = -1
    NONE = 0
    FORMING = 1
    CONFIRMED = 2


class Standing(Struct, frozen=True):
    """What became of a shape, in upright prices.

    Once it is confirmed, `side` is where it broke, `goal` its target, `stop` the price that voids it and `ends`
    the last bar it counts for.
    """

    phase: Phase = Phase.NONE
    shape: Shape | None = None
    side: int = 0
    goal: float = UNKNOWN
    stop: float = UNKNOWN
    ends: int = 0


GONE = Standing()


class Watch(Outcome, frozen=True):
    """The last alternating swings, and how the shape they made stands."""

    window: Window = Window()
    swings: tuple[Swing, ...] = ()
    standing: Standing = GONE


def alternating(swings: tuple[Swing, ...], found: Swing) -> tuple[Swing, ...]:
    """Return the swings with a new one: a further extreme replaces the last, a turn too small is left out."""
    if not swings:
        return (found,)
    last = swings[-1]
    if found.side == last.side:
        return (*swings[:-1], found) if found.side * (found.price - last.price) > 0 else swings
    if last.side * (last.price - found.price) <= LEG * found.noise:
        return swings
    return (*swings[1 - MOST_SWINGS :], found)


def extended(swings: tuple[Swing, ...], found: tuple[Swing, ...]) -> tuple[Swing, ...]:
    """Return the swings with those of one bar.

    Where it is both high and low, the one that alternates comes first; as the very first it tells no direction.
    """
    if len(found) > 1 and not swings:
        return ()
    if len(found) > 1 and swings[-1].side == found[0].side:
        found = found[::-1]
    for each in found:
        swings = alternating(swings, each)
    return swings


def awaited(shape: Shape, now: int, close: float) -> Standing:
    """Judge a shape at a close: still forming, confirmed, invalidated; gone when too old or already at its target."""
    if now > shape.expires:
        return GONE
    above, below = shape.above.value(now), shape.below.value(now)
    if below <= close <= above:
        return Standing(Phase.FORMING, shape)
    side = HIGH if close > above else LOW
    goal, stop = (shape.goal_up, below) if side == HIGH else (shape.goal_down, above)
    if math.isnan(goal):
        return Standing(Phase.INVALIDATED, shape)
    if side * close >= side * goal:
        return GONE
    return Standing(Phase.CONFIRMED, shape, side, goal, stop, now + shape.end - shape.start)


def followed(standing: Standing, now: int, high: float, low: float, close: float) -> Standing:
    """Judge a confirmed shape: over at its target or its time, invalidated by a close beyond its other line."""
    side, reached = standing.side, high if standing.side == HIGH else low
    if side * reached >= side * standing.goal or now > standing.ends:
        return GONE
    if side * close < side * standing.stop:
        return Standing(Phase.INVALIDATED, standing.shape)
    return standing


def recognized(swings: tuple[Swing, ...], recognize: Recognizer, wing: int) -> Shape | None:
    """Return the shape the newest swings make, if it is no wider than SPAN wings."""
    shape = recognize(swings)
    return shape if shape is not None and shape.end - shape.start <= SPAN * wing else None


def judged(standing: Standing, now: int, high: float, low: float, close: float) -> Standing:
    """Return how a shape stands after the next closed bar."""
    if standing.phase is Phase.CONFIRMED:
        return followed(standing, now, high, low, close)
    if standing.phase is Phase.FORMING and standing.shape is not None:
        return awaited(standing.shape, now, close)
    return GONE


def renewed(standing: Standing, shape: Shape | None, now: int, close: float) -> Standing:
    """Return how a newly recognized shape stands, if it may take the place of what is there."""
    if shape is None or standing.phase not in (Phase.NONE, Phase.FORMING):
        return standing
    fresh = awaited(shape, now, close)
    return fresh if fresh.phase in (Phase.FORMING, Phase.CONFIRMED) else standing


def pattern_step(recognize: Recognizer, sign: int, wing: int) -> Callable[[Watch, Bar], Watch]:
    """Return the step that follows one pattern, in prices as they are (UPRIGHT) or MIRRORED."""

    def step(state: Watch, bar: Bar) -> Watch:
        high, low = (bar.high, bar.low) if sign == UPRIGHT else (-bar.low, -bar.high)
        close = sign * bar.close
        window = slide(state.window, high, low, wing)
        now = window.count - 1
        standing, swings = judged(state.standing, now, high, low, close), state.swings
        found = turns(window, wing)
        if found:
            swings = extended(swings, found)
            if swings and swings[-1] in found:
                standing = renewed(standing, recognized(swings, recognize, wing), now, close)
        is_known = window.count > 2 * wing
        return Watch(told(standing, sign) if is_known else UNTOLD, window, swings, standing)

    return step


UNTOLD = (UNKNOWN,) * 4


def told(standing: Standing, sign: int) -> tuple[float, ...]:
    """Return the outputs: confirmed or not, the state, the quality (0 without a shape), the target (NaN if none)."""
    shape = standing.shape
    if shape is None:
        return (0.0, 0.0, 0.0, UNKNOWN)
    goal = standing.goal
    if standing.phase is Phase.FORMING and math.isnan(shape.goal_up + shape.goal_down):
        goal = shape.goal_down if math.isnan(shape.goal_up) else shape.goal_up
    return (float(standing.phase is Phase.CONFIRMED), float(standing.phase), shape.quality, sign * goal)


def pattern(arguments: Arguments) -> Calculator:
    """Return the watch over one pattern."""
    recognize, sign = PATTERNS[str(arguments["name"])]
    return Stepping(Watch(UNTOLD), pattern_step(recognize, sign, whole(arguments, "wing")))


bar_series(
    "patterns",
    "pattern",
    (
        Output(unit=Unit.FLAG, low=0, high=1),
        Output("state", Unit.COUNT, low=-1, high=2),
        Output("quality", Unit.RATIO, low=0, high=1),
        Output("target"),
    ),
    pattern,
    summary=texts("the chart pattern {name}", "das Chartmuster {name}"),
    about=texts(
        "1 while the chart pattern is confirmed; `.state` 0 none, 1 forming, 2 confirmed, -1 invalidated.",
        "1, solange das Chartmuster bestätigt ist; `.state` 0 keins, 1 entsteht, 2 bestätigt, -1 hinfällig.",
    ),
    parameters=(
        Parameter("name", ParameterKind.NAME, choices=tuple(PATTERNS)),
        Parameter("wing", default=5, least=2, most=50),
    ),
    history=lengths(2 * SPAN, name="wing"),
)
