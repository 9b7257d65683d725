"""Volatility: ranges, bands around averages, and how much of the movement is noise."""

from math import log10

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import UNKNOWN, Arguments, Calculator, Output, Unit
from crypto_portfolio_analyzer.core.series.handles import (
    HIGH_LOW,
    HIGH_LOW_CLOSE,
    OF_SOURCE,
    Chained,
    Finish,
    Handle,
    Joined,
    Row,
)
from crypto_portfolio_analyzer.core.series.wording import (
    EMA_SETTLES,
    SOURCE,
    WILDER_SETTLES,
    bar_series,
    count,
    index,
    length,
    lengths,
    number,
    prices,
    quotient,
    texts,
    whole,
)

BANDS = ("upper", "middle", "lower")


def bollinger(arguments: Arguments) -> Calculator:
    """Return TA-Lib's bands, their width in percent of the middle, and where the source stands between them."""
    deviations = float(arguments["deviations"])
    bands = Handle("BBANDS", OF_SOURCE, whole(arguments), deviations, deviations, 0)
    return Joined(with_width, bands)


def with_width(row: Row, _bar: Bar, source: float) -> Row:
    """Return bands with their width, in percent of the middle, and %B: 0 at the lower band, 1 at the upper."""
    upper, middle, lower = row
    return (*row, quotient(100 * (upper - lower), middle), quotient(source - lower, upper - lower))


def keltner(arguments: Arguments) -> Calculator:
    """Return TA-Lib's channel: an EMA of the close with the ATR, times the multiplier, on both sides."""
    return Handle(
        "KC", HIGH_LOW_CLOSE, whole(arguments), whole(arguments, "atr_length"), float(arguments["multiplier"])
    )


def stdev_bands(arguments: Arguments) -> Calculator:
    """Return the end of the regression line with standard deviations (population) of the source on both sides."""
    bars, deviations = whole(arguments), float(arguments["deviations"])

    def around(row: Row, _bar: Bar, _source: float) -> Row:
        middle, width = row[0], deviations * row[1]
        return middle + width, middle, middle - width

    return Joined(around, Handle("LINEARREG", OF_SOURCE, bars), Handle("STDDEV", OF_SOURCE, bars, 1.0))


def choppiness(arguments: Arguments) -> Calculator:
    """Return E. W. Dreiss's index: 100 · log10(sum of true ranges / range of all) / log10(n); no range: unknown."""
    bars = whole(arguments)
    ranges = Chained(Handle("TRANGE", HIGH_LOW_CLOSE), 0, Handle("SUM", OF_SOURCE, bars))
    return Joined(_choppy(bars), ranges, Handle("MAX", ("high",), bars), Handle("MIN", ("low",), bars))


def _choppy(bars: int) -> Finish:
    def finish(row: Row, _bar: Bar, _source: float) -> Row:
        _range, moved, highest, lowest = row
        share = quotient(moved, highest - lowest)
        return (100 * log10(share) / log10(bars) if share > 0 else UNKNOWN,)

    return finish


bar_series(
    "volatility",
    "atr",
    (Output(low=0),),
    lambda arguments: Handle("ATR", HIGH_LOW_CLOSE, whole(arguments)),
    summary=texts("the ATR({length})", "die ATR({length})"),
    about=texts(
        "Average true range: how far a bar usually moves.",
        "Mittlere Spanne: wie weit sich ein Balken meist bewegt.",
    ),
    parameters=(length(14),),
    history=lengths(WILDER_SETTLES),
)
bar_series(
    "volatility",
    "natr",
    (Output(unit=Unit.PERCENT, low=0),),
    lambda arguments: Handle("NATR", HIGH_LOW_CLOSE, whole(arguments)),
    summary=texts("the ATR({length}) in percent", "die ATR({length}) in Prozent"),
    about=texts(
        "The average true range in percent of the close.", "Die mittlere Spanne in Prozent des Schlusskurses."
    ),
    parameters=(length(14),),
    history=lengths(WILDER_SETTLES),
)
bar_series(
    "volatility",
    "bollinger",
    (*prices(*BANDS), Output("width", Unit.PERCENT), Output("percent_b", Unit.RATIO)),
    bollinger,
    summary=texts(
        "the Bollinger bands({length}, {deviations})", "die Bollinger-Bänder({length}, {deviations})"
    ),
    about=texts(
        "An average with standard deviations on both sides; width in percent of the middle, percent_b from 0 to 1.",
        "Ein Mittel mit Standardabweichungen zu beiden Seiten; width in Prozent der Mitte, percent_b von 0 bis 1.",
    ),
    parameters=(SOURCE, length(20, least=2), number("deviations", 2.0)),
    history=lengths(),
)
bar_series(
    "volatility",
    "keltner",
    prices(*BANDS),
    keltner,
    summary=texts(
        "the Keltner channel({length}, {multiplier}, {atr_length})",
        "der Keltner-Kanal({length}, {multiplier}, {atr_length})",
        "den Keltner-Kanal({length}, {multiplier}, {atr_length})",
    ),
    about=texts(
        "An EMA with a multiple of the ATR on both sides.",
        "Ein EMA mit dem Vielfachen der ATR zu beiden Seiten.",
    ),
    parameters=(length(20), number("multiplier", 2.0), count("atr_length", 10)),
    history=lambda arguments: max(
        EMA_SETTLES * whole(arguments), WILDER_SETTLES * whole(arguments, "atr_length")
    ),
)
bar_series(
    "volatility",
    "donchian",
    prices(*BANDS),
    lambda arguments: Handle("DONCHIAN", HIGH_LOW, whole(arguments)),
    summary=texts(
        "the Donchian channel({length})", "der Donchian-Kanal({length})", "den Donchian-Kanal({length})"
    ),
    about=texts(
        "The highest high and the lowest low of the last bars, this one included, and their middle.",
        "Das höchste Hoch und das tiefste Tief der letzten Balken, diesen eingeschlossen, und die Mitte.",
    ),
    parameters=(length(20, least=2),),
    history=lengths(),
)
bar_series(
    "volatility",
    "stdev_bands",
    prices(*BANDS),
    stdev_bands,
    summary=texts(
        "the deviation bands({length}, {deviations})", "die Abweichungsbänder({length}, {deviations})"
    ),
    about=texts(
        "The regression line with standard deviations on both sides.",
        "Die Regressionsgerade mit Standardabweichungen zu beiden Seiten.",
    ),
    parameters=(SOURCE, length(20, least=2), number("deviations", 2.0)),
    history=lengths(),
)
bar_series(
    "volatility",
    "chop",
    (index(),),
    choppiness,
    summary=texts("the choppiness({length})", "die Choppiness({length})"),
    about=texts(
        "Choppiness index: high when prices go back and forth, low in a trend.",
        "Choppiness-Index: hoch bei Hin und Her, niedrig im Trend.",
    ),
    parameters=(length(14, least=2),),
    history=lengths(more=1),
)
