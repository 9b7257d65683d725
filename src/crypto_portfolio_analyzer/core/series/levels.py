"""Levels: support and resistance from clustered swings, pivot points of the day before, round numbers."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import (
    UNKNOWN,
    Arguments,
    Calculator,
    Output,
    Parameter,
    ParameterKind,
    Unit,
)
from crypto_portfolio_analyzer.core.series.handles import Reckoned
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
from crypto_portfolio_analyzer.core.series.wording import bar_series, length, lengths, texts, whole
from crypto_portfolio_analyzer.core.timeframes import DAY

WING = 3
"""Bars on each side that make a level's swing: one more than Williams' fractal, against single-bar spikes."""
ZONE = 1.0
"""Swings are one level when they lie within this many mean bar ranges: closer than one bar usually reaches."""


class Level(Outcome, frozen=True):
    """The swings of the last bars, and the levels they make: prices rising, each with its number of touches."""

    window: Window = Window()
    swings: tuple[Swing, ...] = ()
    prices: tuple[float, ...] = ()
    touches: tuple[int, ...] = ()


def clustered(swings: tuple[Swing, ...]) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return the levels of swings: the mean price of each cluster, rising, and how many swings it holds.

    A cluster begins at its lowest swing and reaches up by ZONE mean bar ranges around all the swings.
    """
    if not swings:
        return (), ()
    reach = ZONE * sum(each.noise for each in swings) / len(swings)
    clusters: list[list[float]] = []
    for price in sorted(each.price for each in swings):
        if clusters and price - clusters[-1][0] <= reach:
            clusters[-1].append(price)
        else:
            clusters.append([price])
    return tuple(sum(each) / len(each) for each in clusters), tuple(map(len, clusters))


Nearest = Callable[[Level, float], tuple[float, ...]]


def above(state: Level, close: float) -> tuple[float, ...]:
    """Return the nearest level above a price and its touches; NaN and 0 if there is none."""
    place = bisect_right(state.prices, close)
    return (state.prices[place], state.touches[place]) if place < len(state.prices) else (UNKNOWN, 0)


def below(state: Level, close: float) -> tuple[float, ...]:
    """Return the nearest level below a price and its touches; NaN and 0 if there is none."""
    place = bisect_left(state.prices, close) - 1
    return (state.prices[place], state.touches[place]) if place >= 0 else (UNKNOWN, 0)


def level_step(bars: int, nearest: Nearest) -> Callable[[Level, Bar], Level]:
    """Return the step that keeps the swings of the last `bars` bars and gives the nearest level.

    Its outputs are unknown until `bars` + WING of them are there; from then on they depend on these bars alone.
    """

    def step(state: Level, bar: Bar) -> Level:
        window = slide(state.window, bar.high, bar.low, WING)
        swings, prices, touches = state.swings, state.prices, state.touches
        found = turns(window, WING)
        oldest = window.count - bars
        if found or (swings and swings[0].at < oldest):
            swings = tuple(each for each in (*swings, *found) if each.at >= oldest)
            prices, touches = clustered(swings)
        after = Level((UNKNOWN, UNKNOWN), window, swings, prices, touches)
        if window.count < bars + WING:
            return after
        return Level(nearest(after, bar.close), window, swings, prices, touches)

    return step


NO_LEVEL = Level((UNKNOWN, UNKNOWN))


class Break(Outcome, frozen=True):
    """Whether the last close broke the level that stood before it."""

    level: Level


def break_step(bars: int, side: int) -> Callable[[Break, Bar], Break]:
    """Return the step that compares each close with the nearest level above (HIGH) or below (LOW) the last one."""
    follow = level_step(bars, above if side == HIGH else below)

    def step(state: Break, bar: Bar) -> Break:
        level = follow(state.level, bar)
        if state.level.window.count < bars + WING:
            return Break((UNKNOWN,), level)
        barrier = state.level.outputs[0]
        return Break((float(side * bar.close > side * barrier),), level)

    return step


class Day(Outcome, frozen=True):
    """The UTC day so far, whether it is known from its start, and the levels of the one before."""

    number: int = -1
    high: float = UNKNOWN
    low: float = UNKNOWN
    close: float = UNKNOWN
    is_whole: bool = False


Formula = Callable[[float, float, float, float], tuple[float, ...]]
"""From the high, low and close of the day before and the open of this one to p, r1, r2, r3, s1, s2, s3."""


def classic(high: float, low: float, close: float, _open: float) -> tuple[float, ...]:
    """Return TradingView's *Classic* levels: the third ones two whole ranges from the pivot."""
    middle, span = (high + low + close) / 3, high - low
    return (
        middle,
        *(2 * middle - low, middle + span, middle + 2 * span),
        *(2 * middle - high, middle - span, middle - 2 * span),
    )


def traditional(high: float, low: float, close: float, _open: float) -> tuple[float, ...]:
    """Return the floor traders' levels (TradingView's *Traditional*): r3 = high + 2 × (p − low)."""
    middle, span = (high + low + close) / 3, high - low
    return (
        middle,
        *(2 * middle - low, middle + span, high + 2 * (middle - low)),
        *(2 * middle - high, middle - span, low - 2 * (high - middle)),
    )


def fibonacci(high: float, low: float, close: float, _open: float) -> tuple[float, ...]:
    """Return levels 0.382, 0.618 and 1 ranges from the pivot."""
    middle, span = (high + low + close) / 3, high - low
    steps = (0.382 * span, 0.618 * span, span)
    return (middle, *(middle + each for each in steps), *(middle - each for each in steps))


def camarilla(high: float, low: float, close: float, _open: float) -> tuple[float, ...]:
    """Return levels 1.1 ranges / 12, / 6 and / 4 from the close (N. Stott)."""
    middle, span = (high + low + close) / 3, high - low
    steps = (1.1 * span / 12, 1.1 * span / 6, 1.1 * span / 4)
    return (middle, *(close + each for each in steps), *(close - each for each in steps))


def woodie(high: float, low: float, _close: float, opened: float) -> tuple[float, ...]:
    """Return Woodie's levels as TradingView has them: the new day's open counts twice."""
    middle, span = (high + low + 2 * opened) / 4, high - low
    return (
        middle,
        *(2 * middle - low, middle + span, high + 2 * (middle - low)),
        *(2 * middle - high, middle - span, low - 2 * (high - middle)),
    )


FORMULAS: dict[str, Formula] = {
    "classic": classic,
    "traditional": traditional,
    "fibonacci": fibonacci,
    "camarilla": camarilla,
    "woodie": woodie,
}
"""By name; source: TradingView, *Pivot Points Standard* (support article 43000521824)."""
NO_PIVOTS = (UNKNOWN,) * 7


def pivot_step(formula: Formula) -> Callable[[Day, Bar], Day]:
    """Return the step that computes levels when a UTC day begins, from the last day before it that has bars.

    A first day that does not begin at midnight is not whole and gives no levels.
    """

    def step(state: Day, bar: Bar) -> Day:
        number = bar.open_at // DAY
        if number == state.number:
            high, low = max(state.high, bar.high), min(state.low, bar.low)
            return Day(state.outputs, number, high, low, bar.close, state.is_whole)
        is_known = state.number >= 0 and state.is_whole
        levels = formula(state.high, state.low, state.close, bar.open) if is_known else NO_PIVOTS
        is_whole = state.number >= 0 or bar.open_at % DAY == 0
        return Day(levels, number, bar.high, bar.low, bar.close, is_whole)

    return step


def rounded(price: float, step: Decimal) -> float:
    """Return the multiple of `step` nearest to a price, halves up; in decimals, so that 0.3 is 0.3 and not 0.1 × 3."""
    return float((Decimal(repr(price)) / step).to_integral_value(ROUND_HALF_UP) * step)


LENGTH = length(50, least=2 * WING + 1)
LEVEL = (Output(), Output("touches", Unit.COUNT, low=0))
BROKEN = (Output(unit=Unit.FLAG, low=0, high=1),)


def level(nearest: Nearest) -> Callable[[Arguments], Calculator]:
    """Return what makes the series of the nearest level."""
    return lambda arguments: Stepping(NO_LEVEL, level_step(whole(arguments), nearest))


def broken(side: int) -> Callable[[Arguments], Calculator]:
    """Return what makes the flag of a broken level above (HIGH) or below (LOW)."""
    return lambda arguments: Stepping(Break((UNKNOWN,), NO_LEVEL), break_step(whole(arguments), side))


def pivot(arguments: Arguments) -> Calculator:
    """Return the pivot points of one method."""
    return Stepping(Day(NO_PIVOTS), pivot_step(FORMULAS[str(arguments["method"])]))


def round_number(arguments: Arguments) -> Calculator:
    """Return the multiple of a step nearest to each close."""
    step = Decimal(repr(float(arguments["step"])))
    return Reckoned(lambda bar: rounded(bar.close, step))


bar_series(
    "levels",
    "resistance",
    LEVEL,
    level(above),
    summary=texts(
        "the resistance of {length} bars",
        "der Widerstand aus {length} Balken",
        "den Widerstand aus {length} Balken",
    ),
    about=texts(
        "The nearest level above the close that the swings of the last bars made; `.touches` counts them.",
        "Die nächste Marke über dem Schluss aus den Wendepunkten der letzten Balken; `.touches` zählt sie.",
    ),
    parameters=(LENGTH,),
    history=lengths(more=WING),
)
bar_series(
    "levels",
    "support",
    LEVEL,
    level(below),
    summary=texts("the support of {length} bars", "die Unterstützung aus {length} Balken"),
    about=texts(
        "The nearest level below the close that the swings of the last bars made; `.touches` counts them.",
        "Die nächste Marke unter dem Schluss aus den Wendepunkten der letzten Balken; `.touches` zählt sie.",
    ),
    parameters=(LENGTH,),
    history=lengths(more=WING),
)
bar_series(
    "levels",
    "breaks_resistance",
    BROKEN,
    broken(HIGH),
    summary=texts(
        "a close above the resistance of {length} bars",
        "ein Schluss über dem Widerstand aus {length} Balken",
        "einen Schluss über dem Widerstand aus {length} Balken",
    ),
    about=texts(
        "1 at a close above the resistance that stood before this bar, else 0.",
        "1 bei einem Schluss über dem Widerstand, der vor diesem Balken stand, sonst 0.",
    ),
    parameters=(LENGTH,),
    history=lengths(more=WING + 1),
)
bar_series(
    "levels",
    "breaks_support",
    BROKEN,
    broken(LOW),
    summary=texts(
        "a close below the support of {length} bars",
        "ein Schluss unter der Unterstützung aus {length} Balken",
        "einen Schluss unter der Unterstützung aus {length} Balken",
    ),
    about=texts(
        "1 at a close below the support that stood before this bar, else 0.",
        "1 bei einem Schluss unter der Unterstützung, die vor diesem Balken stand, sonst 0.",
    ),
    parameters=(LENGTH,),
    history=lengths(more=WING + 1),
)
bar_series(
    "levels",
    "pivot",
    tuple(Output(name) for name in ("p", "r1", "r2", "r3", "s1", "s2", "s3")),
    pivot,
    summary=texts("the {method} pivot point", "der Pivotpunkt ({method})", "den Pivotpunkt ({method})"),
    about=texts(
        "Pivot points of the UTC day before, or the bar before on 1d and 1w: `.p .r1 .r2 .r3 .s1 .s2 .s3`.",
        "Pivotpunkte des UTC-Tags davor, auf 1d und 1w des Balkens davor: `.p .r1 .r2 .r3 .s1 .s2 .s3`.",
    ),
    parameters=(Parameter("method", ParameterKind.NAME, default="classic", choices=tuple(FORMULAS)),),
    history=lambda _arguments: 2,
    days=2,
)
bar_series(
    "levels",
    "round_number",
    (Output(),),
    round_number,
    summary=texts("the nearest multiple of {step}", "das nächste Vielfache von {step}"),
    about=texts(
        "The multiple of `step` nearest to the close; halfway counts up.",
        "Das Vielfache von `step`, das dem Schluss am nächsten liegt; die Mitte zählt nach oben.",
    ),
    parameters=(Parameter("step", ParameterKind.NUMBER, least=1e-12, most=1e12),),
)
