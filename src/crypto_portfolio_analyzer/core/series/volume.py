"""Volume: how much was traded, by whom, against its own average, and the prices it was traded at."""

from collections.abc import Callable

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import (
    UNKNOWN,
    Arguments,
    Calculator,
    Domain,
    Output,
    Parameter,
    ParameterKind,
    SeriesKind,
    Unit,
    register,
)
from crypto_portfolio_analyzer.core.series.handles import WITH_VOLUME, Handle, Joined, Reckoned, Row
from crypto_portfolio_analyzer.core.series.windows import RollingSum
from crypto_portfolio_analyzer.core.series.wording import (
    bar_series,
    index,
    known,
    length,
    lengths,
    quotient,
    texts,
    whole,
)
from crypto_portfolio_analyzer.core.timeframes import DAY


class VolumeRatio:
    """A bar's volume over the mean of the `length` bars before it (TA-Lib's RVOL); no volume before: unknown."""

    def __init__(self, length: int) -> None:
        self._before, self._length = RollingSum(length), length

    def update(self, bar: Bar, source: float) -> Row:
        """Take the next closed bar; return its ratio."""
        row = self.peek(bar, source)
        self._before.push(bar.volume)
        return row

    def peek(self, bar: Bar, source: float) -> Row:
        """Return what `update` would."""
        before = UNKNOWN if self._before.missing else self._before.total
        return (quotient(bar.volume * self._length, before),)


class Weighted:
    """The sum of `value(bar)` over the sum of volume, of the last `length` bars; no volume: unknown."""

    def __init__(self, length: int, value: Callable[[Bar], float]) -> None:
        self._values, self._volumes = RollingSum(length), RollingSum(length)
        self._value = value

    def update(self, bar: Bar, source: float) -> Row:
        """Take the next closed bar; return the quotient."""
        total, volume = self._values.push(self._value(bar)), self._volumes.push(bar.volume)
        return (UNKNOWN if self._volumes.missing else quotient(total, volume),)

    def peek(self, bar: Bar, source: float) -> Row:
        """Return what `update` would."""
        if self._volumes.missing > 1:
            return (UNKNOWN,)
        return (quotient(self._values.peek(self._value(bar)), self._volumes.peek(bar.volume)),)


class SessionVwap:
    """The volume-weighted typical price since midnight UTC; unknown until the bars cover a day from its start."""

    def __init__(self) -> None:
        self._day: int | None = None
        """The day whose bars are being summed, once one was seen from its start."""
        self._last: int | None = None
        self._values = self._volumes = 0.0

    def update(self, bar: Bar, source: float) -> Row:
        """Take the next closed bar; return the mean price of its day so far."""
        self._day, self._values, self._volumes = self._with(bar)
        self._last = bar.open_at // DAY
        return (self._mean(self._day, self._values, self._volumes),)

    def peek(self, bar: Bar, source: float) -> Row:
        """Return what `update` would."""
        return (self._mean(*self._with(bar)),)

    def _with(self, bar: Bar) -> tuple[int | None, float, float]:
        day, traded = bar.open_at // DAY, typical(bar) * bar.volume
        if day == self._day:
            return day, self._values + traded, self._volumes + bar.volume
        starts = bar.open_at % DAY == 0 or (self._last is not None and self._last < day)
        return (day, traded, bar.volume) if starts else (None, 0.0, 0.0)

    @staticmethod
    def _mean(day: int | None, values: float, volumes: float) -> float:
        return UNKNOWN if day is None else quotient(values, volumes)


def typical(bar: Bar) -> float:
    """Return (high + low + close) / 3."""
    return (bar.high + bar.low + bar.close) / 3


def vwap(arguments: Arguments) -> Calculator:
    """Return the session's VWAP, or with a length that of the last bars."""
    bars = whole(arguments)
    return Weighted(bars, lambda bar: typical(bar) * bar.volume) if bars else SessionVwap()


def volume_zscore(arguments: Arguments) -> Calculator:
    """Return how many standard deviations (population) a volume is from the mean; all alike: unknown."""
    bars = whole(arguments)
    return Joined(
        lambda row, bar, _source: (quotient(bar.volume - row[0], row[1]),),
        Handle("SMA", ("volume",), bars),
        Handle("STDDEV", ("volume",), bars, 1.0),
    )


VOLUME = Output(unit=Unit.QUANTITY, low=0)

bar_series(
    "volume",
    "volume",
    (VOLUME,),
    lambda _arguments: Reckoned(lambda bar: bar.volume),
    summary=texts("the volume", "das Volumen"),
    about=texts(
        "What was traded in the bar, in base units.", "Was im Balken gehandelt wurde, in Basiseinheiten."
    ),
)
bar_series(
    "volume",
    "quote_volume",
    (Output(unit=Unit.NOTIONAL, low=0),),
    lambda _arguments: Reckoned(lambda bar: bar.quote_volume),
    summary=texts("the turnover", "der Umsatz", "den Umsatz"),
    about=texts(
        "What was traded in the bar, in quote units.", "Was im Balken gehandelt wurde, in Kurswährung."
    ),
)
bar_series(
    "volume",
    "trades",
    (Output(unit=Unit.COUNT, low=0),),
    lambda _arguments: Reckoned(lambda bar: float(bar.trades)),
    summary=texts("the number of trades", "die Zahl der Trades"),
    about=texts("How many trades the bar holds.", "Wie viele Trades der Balken enthält."),
)
register(
    SeriesKind(
        name="volume_24h",
        family="volume",
        domain=Domain.TICK,
        outputs=(VOLUME,),
        summary=texts("the 24 h volume", "das 24-h-Volumen"),
        about=texts(
            "The volume of the last 24 h, in base units.", "Das Volumen der letzten 24 h, in Basiseinheiten."
        ),
        read=lambda state, _now: known(state.volume_24h),
    )
)
bar_series(
    "volume",
    "volume_ratio",
    (Output(unit=Unit.RATIO, low=0),),
    lambda arguments: VolumeRatio(whole(arguments)),
    summary=texts(
        "the volume over the average of the {length} bars before",
        "das Volumen im Verhältnis zum Mittel der {length} Balken davor",
    ),
    about=texts(
        "How many times the average volume of the bars before was traded.",
        "Das Wievielfache des mittleren Volumens der Balken davor gehandelt wurde.",
    ),
    parameters=(length(20),),
    history=lengths(more=1),
)
bar_series(
    "volume",
    "volume_zscore",
    (Output(unit=Unit.INDEX),),
    volume_zscore,
    summary=texts(
        "the volume's z-score({length})",
        "der Z-Wert({length}) des Volumens",
        "den Z-Wert({length}) des Volumens",
    ),
    about=texts(
        "How many standard deviations the volume is from its average.",
        "Wie viele Standardabweichungen das Volumen von seinem Mittel entfernt ist.",
    ),
    parameters=(length(20, least=2),),
    history=lengths(),
)
bar_series(
    "volume",
    "buy_share",
    (Output(unit=Unit.RATIO, low=0, high=1),),
    lambda arguments: Weighted(whole(arguments), lambda bar: bar.buy_volume),
    summary=texts("the buyers' share({length})", "der Käuferanteil({length})", "den Käuferanteil({length})"),
    about=texts(
        "The share of the volume that takers bought, over the last bars.",
        "Der Anteil des Volumens, den Taker gekauft haben, über die letzten Balken.",
    ),
    parameters=(length(20),),
    history=lengths(),
)
bar_series(
    "volume",
    "obv",
    (Output(unit=Unit.QUANTITY),),
    lambda _arguments: Handle("OBV", ("close", "volume")),
    summary=texts("the on-balance volume", "das On-Balance-Volumen"),
    about=texts(
        "Volume added on rising and taken off on falling closes, from the first bar known.",
        "Volumen, bei steigendem Schluss addiert, bei fallendem abgezogen, ab dem ersten bekannten Balken.",
    ),
    history=lambda _arguments: 2,
)
bar_series(
    "volume",
    "mfi",
    (index(),),
    lambda arguments: Handle("MFI", WITH_VOLUME, whole(arguments)),
    summary=texts("MFI({length})", "MFI({length})"),
    about=texts(
        "Money flow index: an RSI weighted by volume.", "Money-Flow-Index: ein RSI, nach Volumen gewichtet."
    ),
    parameters=(length(14, least=2),),
    history=lengths(more=1),
)
bar_series(
    "volume",
    "cmf",
    (Output(unit=Unit.RATIO, low=-1, high=1),),
    lambda arguments: Handle("CMF", WITH_VOLUME, whole(arguments)),
    summary=texts("CMF({length})", "CMF({length})"),
    about=texts(
        "Chaikin money flow: where in their ranges the bars closed, weighted by volume.",
        "Chaikin-Geldfluss: wo in ihrer Spanne die Balken schlossen, nach Volumen gewichtet.",
    ),
    parameters=(length(20),),
    history=lengths(),
)
bar_series(
    "volume",
    "vwap",
    (Output(low=0),),
    vwap,
    summary=texts("the VWAP({length})", "der VWAP({length})", "den VWAP({length})"),
    about=texts(
        "Volume-weighted average price since midnight UTC; with a length, of the last bars.",
        "Volumengewichteter Durchschnittspreis seit Mitternacht UTC; mit Länge: der letzten Balken.",
    ),
    parameters=(Parameter("length", ParameterKind.COUNT, 0, least=0),),
    history=lambda arguments: max(1, whole(arguments)),
    days=1,
)
