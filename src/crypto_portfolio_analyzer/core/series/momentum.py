"""Momentum: how fast and how far prices have moved, on scales of their own."""

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import UNKNOWN, Arguments, Calculator, Output, Unit
from crypto_portfolio_analyzer.core.series.handles import (
    HIGH_LOW_CLOSE,
    OF_SOURCE,
    Chained,
    Handle,
    Joined,
    Row,
    places,
)
from crypto_portfolio_analyzer.core.series.wording import (
    EMA_SETTLES,
    SOURCE,
    WILDER_SETTLES,
    History,
    bar_series,
    count,
    index,
    length,
    lengths,
    prices,
    texts,
    whole,
)

ULTOSC = ("fast", "middle", "slow")


def rsi(arguments: Arguments) -> Calculator:
    """Return TA-Lib's RSI, unknown in a flat window.

    Where nothing moves, TA-Lib says 0, as it does when everything falls; CMO, which is made of the same averages
    of gains and losses, tells the two apart: 0 in the one case, -100 in the other.
    """
    bars = whole(arguments)
    return Joined(_unless_flat, Handle("RSI", OF_SOURCE, bars), Handle("CMO", OF_SOURCE, bars))


def _unless_flat(row: Row, _bar: Bar, _source: float) -> Row:
    strength, balance = row
    return (UNKNOWN if strength == balance == 0 else strength,)


def stoch(arguments: Arguments) -> Calculator:
    """Return the slow stochastic: %K over `k` bars, smoothed over `smooth`, and its average over `d`."""
    k, smooth, d = (whole(arguments, name) for name in ("k", "smooth", "d"))
    return Handle("STOCH", HIGH_LOW_CLOSE, k, smooth, 0, d, 0)


def stochrsi(arguments: Arguments) -> Calculator:
    """Return where the RSI stands in its own range, smoothed over `k` bars, and its average over `d`."""
    bars, stochastic, k, d = (whole(arguments, name) for name in ("length", "stochastic", "k", "d"))
    raw = Handle("STOCHRSI", OF_SOURCE, bars, stochastic, k, 0)
    return Joined(places(1, 2), Chained(raw, 1, Handle("SMA", OF_SOURCE, d)))


def sums(*names: str, more: int = 0) -> History:
    """Return a history that is the sum of arguments, each window less the bar it shares."""
    return lambda arguments: sum(whole(arguments, name) for name in names) - len(names) + 1 + more


bar_series(
    "momentum",
    "rsi",
    (index(),),
    rsi,
    summary=texts("RSI({length})", "RSI({length})"),
    about=texts(
        "Relative strength index: above 70 counts as overbought, below 30 as oversold; a flat market has none.",
        "Relative-Stärke-Index: über 70 gilt als überkauft, unter 30 als überverkauft; ohne Bewegung keiner.",
    ),
    parameters=(SOURCE, length(14, least=2)),
    history=lengths(WILDER_SETTLES),
)
bar_series(
    "momentum",
    "stoch",
    (index("k"), index("d")),
    stoch,
    summary=texts("the stochastic({k}, {smooth}, {d})", "die Stochastik({k}, {smooth}, {d})"),
    about=texts(
        "Where the close stands in the range of the last bars, and its average.",
        "Wo der Schluss in der Spanne der letzten Balken steht, und sein Mittel.",
    ),
    parameters=(count("k", 14), count("smooth", 1), count("d", 3)),
    history=sums("k", "smooth", "d"),
)
bar_series(
    "momentum",
    "stochrsi",
    (index("k"), index("d")),
    stochrsi,
    summary=texts("StochRSI({length}, {stochastic}, {k}, {d})", "StochRSI({length}, {stochastic}, {k}, {d})"),
    about=texts(
        "Where the RSI stands in its own range of the last bars, and its average.",
        "Wo der RSI in seiner eigenen Spanne der letzten Balken steht, und sein Mittel.",
    ),
    parameters=(SOURCE, length(14, least=2), count("stochastic", 14), count("k", 3), count("d", 3)),
    history=lambda arguments: (
        WILDER_SETTLES * whole(arguments) + sum(whole(arguments, name) for name in ("stochastic", "k", "d"))
    ),
)
bar_series(
    "momentum",
    "cci",
    (Output(unit=Unit.INDEX),),
    lambda arguments: Handle("CCI", HIGH_LOW_CLOSE, whole(arguments)),
    summary=texts("CCI({length})", "CCI({length})"),
    about=texts(
        "Commodity channel index: how far the typical price is from its average, in mean deviations.",
        "Commodity-Channel-Index: wie weit der typische Preis von seinem Mittel ist, in mittleren Abweichungen.",
    ),
    parameters=(length(20, least=2),),
    history=lengths(),
)
bar_series(
    "momentum",
    "williams_r",
    (index(low=-100, high=0),),
    lambda arguments: Handle("WILLR", HIGH_LOW_CLOSE, whole(arguments)),
    summary=texts("Williams %R({length})", "Williams %R({length})"),
    about=texts(
        "How far the close is below the highest high, from -100 (at the low) to 0 (at the high).",
        "Wie weit der Schluss unter dem höchsten Hoch liegt, von -100 (am Tief) bis 0 (am Hoch).",
    ),
    parameters=(length(14, least=2),),
    history=lengths(),
)
bar_series(
    "momentum",
    "roc",
    (Output(unit=Unit.PERCENT),),
    lambda arguments: Handle("ROC", OF_SOURCE, whole(arguments)),
    summary=texts("the rate of change({length})", "die Änderungsrate({length})"),
    about=texts(
        "The change over the last bars in percent.", "Die Änderung über die letzten Balken in Prozent."
    ),
    parameters=(SOURCE, length(9)),
    history=lengths(more=1),
)
bar_series(
    "momentum",
    "mom",
    prices(""),
    lambda arguments: Handle("MOM", OF_SOURCE, whole(arguments)),
    summary=texts("the momentum({length})", "das Momentum({length})"),
    about=texts("The change over the last bars.", "Die Änderung über die letzten Balken."),
    parameters=(SOURCE, length(10)),
    history=lengths(more=1),
)
bar_series(
    "momentum",
    "ultosc",
    (index(),),
    lambda arguments: Handle("ULTOSC", HIGH_LOW_CLOSE, *(whole(arguments, name) for name in ULTOSC)),
    summary=texts(
        "the ultimate oscillator({fast}, {middle}, {slow})",
        "der Ultimate Oscillator({fast}, {middle}, {slow})",
        "den Ultimate Oscillator({fast}, {middle}, {slow})",
    ),
    about=texts(
        "Buying pressure over three lengths, the shortest weighing most.",
        "Kaufdruck über drei Längen, die kürzeste zählt am meisten.",
    ),
    parameters=(count("fast", 7), count("middle", 14), count("slow", 28)),
    history=lambda arguments: max(whole(arguments, name) for name in ULTOSC) + 1,
)
bar_series(
    "momentum",
    "trix",
    (Output(unit=Unit.PERCENT),),
    lambda arguments: Handle("TRIX", OF_SOURCE, whole(arguments)),
    summary=texts("TRIX({length})", "TRIX({length})"),
    about=texts(
        "The change of a triple-smoothed EMA from bar to bar, in percent.",
        "Die Änderung eines dreifach geglätteten EMA von Balken zu Balken, in Prozent.",
    ),
    parameters=(SOURCE, length(18)),
    history=lengths(3 * EMA_SETTLES, 1),
)
bar_series(
    "momentum",
    "tsi",
    (index(low=-100),),
    lambda arguments: Handle("TSI", OF_SOURCE, whole(arguments, "long"), whole(arguments, "short")),
    summary=texts("TSI({long}, {short})", "TSI({long}, {short})"),
    about=texts(
        "True strength index: twice-smoothed momentum over its twice-smoothed size.",
        "True-Strength-Index: zweifach geglättetes Momentum im Verhältnis zu seinem Betrag.",
    ),
    parameters=(SOURCE, count("long", 25), count("short", 13)),
    history=lambda arguments: EMA_SETTLES * (whole(arguments, "long") + whole(arguments, "short")) + 1,
)
