"""Trend: moving averages, MACD, directional movement, stops that follow, Ichimoku, Aroon, regression."""

from collections import deque

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import UNKNOWN, Arguments, Calculator, Output, Unit
from crypto_portfolio_analyzer.core.series.handles import (
    HIGH_LOW,
    HIGH_LOW_CLOSE,
    OF_SOURCE,
    Handle,
    Joined,
    Row,
    places,
)
from crypto_portfolio_analyzer.core.series.windows import RollingSum
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
    number,
    prices,
    texts,
    whole,
)

KAMA_SLOW = 30
"""The slow end of Kaufman's average, in bars; its history takes it for an exponential average of this length."""
PSAR_FORGETS = 200
"""Bars after which a parabolic stop has turned at least once, and so forgotten where it started."""


class VolumeWeighted:
    """TA-Lib's VWMA, unknown where nothing was traded in its window: there its running sums give noise."""

    def __init__(self, length: int) -> None:
        self._average = Handle("VWMA", ("source", "volume"), length)
        self._traded = RollingSum(length)

    def update(self, bar: Bar, source: float) -> Row:
        """Take the next closed bar; return the average."""
        row = self._average.update(bar, source)
        return row if self._traded.push(bar.volume) else (UNKNOWN,)

    def peek(self, bar: Bar, source: float) -> Row:
        """Return what `update` would."""
        return self._average.peek(bar, source) if self._traded.peek(bar.volume) else (UNKNOWN,)


class Ichimoku:
    """Goichi Hosoda's lines: middles of ranges; the cloud is drawn `displacement` bars ahead, the present one counted.

    So the cloud at a bar was reckoned `displacement` - 1 bars before, as TradingView draws it.
    """

    def __init__(self, tenkan: int, kijun: int, senkou: int, displacement: int) -> None:
        self._middles = Joined(
            None, *(Handle("MIDPRICE", HIGH_LOW, each) for each in (tenkan, kijun, senkou))
        )
        self._ahead = deque[tuple[float, float]](maxlen=displacement)

    def update(self, bar: Bar, source: float) -> Row:
        """Take the next closed bar; return its two lines and the two edges of the cloud."""
        tenkan, kijun, senkou = self._middles.update(bar, source)
        self._ahead.append(((tenkan + kijun) / 2, senkou))
        return (
            tenkan,
            kijun,
            *(self._ahead[0] if len(self._ahead) == self._ahead.maxlen else (UNKNOWN, UNKNOWN)),
        )

    def peek(self, bar: Bar, source: float) -> Row:
        """Return what `update` would."""
        tenkan, kijun, senkou = self._middles.peek(bar, source)
        ahead = (*self._ahead, ((tenkan + kijun) / 2, senkou))
        wanted = len(ahead) - (self._ahead.maxlen or 0)
        return (tenkan, kijun, *(ahead[wanted] if wanted >= 0 else (UNKNOWN, UNKNOWN)))


def macd(arguments: Arguments) -> Calculator:
    """Return TA-Lib's MACD; TA-Lib swaps lengths that stand the wrong way round."""
    return Handle("MACD", OF_SOURCE, *(whole(arguments, name) for name in ("fast", "slow", "signal")))


def macd_history(arguments: Arguments) -> int:
    """Return how long until the slower average and then the signal have settled."""
    slower = max(whole(arguments, "fast"), whole(arguments, "slow"))
    return EMA_SETTLES * (slower + whole(arguments, "signal"))


def _average(function: str, default: int, history: History, english: str, german: str) -> None:
    name = function.lower()
    bar_series(
        "trend",
        name,
        prices(""),
        lambda arguments: Handle(function, OF_SOURCE, whole(arguments)),
        summary=texts(
            f"the {function}({{length}})", f"der {function}({{length}})", f"den {function}({{length}})"
        ),
        about=texts(english, german),
        parameters=(SOURCE, length(default)),
        history=history,
    )


_average("SMA", 9, lengths(), "Simple moving average.", "Einfacher gleitender Durchschnitt.")
_average(
    "EMA",
    9,
    lengths(EMA_SETTLES),
    "Exponential moving average.",
    "Exponentieller gleitender Durchschnitt.",
)
_average(
    "WMA",
    9,
    lengths(),
    "Linearly weighted moving average.",
    "Linear gewichteter gleitender Durchschnitt.",
)
_average(
    "DEMA",
    9,
    lengths(2 * EMA_SETTLES),
    "Double exponential moving average: less lag than an EMA.",
    "Doppelter exponentieller Durchschnitt: weniger Verzug als ein EMA.",
)
_average(
    "TEMA",
    9,
    lengths(3 * EMA_SETTLES),
    "Triple exponential moving average: less lag still.",
    "Dreifacher exponentieller Durchschnitt: noch weniger Verzug.",
)
_average(
    "HMA",
    9,
    lambda arguments: whole(arguments) + int(whole(arguments) ** 0.5),
    "Hull moving average: smooth and quick.",
    "Hull-Durchschnitt: glatt und schnell.",
)
_average(
    "KAMA",
    10,
    lengths(more=KAMA_SLOW * EMA_SETTLES),
    "Kaufman's adaptive moving average: quick in trends, slow in noise.",
    "Kaufmans adaptiver Durchschnitt: schnell im Trend, träge im Rauschen.",
)
_average(
    "RMA",
    14,
    lengths(WILDER_SETTLES),
    "Wilder's moving average, as in RSI and ATR.",
    "Wilders Durchschnitt, wie in RSI und ATR.",
)
bar_series(
    "trend",
    "vwma",
    prices(""),
    lambda arguments: VolumeWeighted(whole(arguments)),
    summary=texts("the VWMA({length})", "der VWMA({length})", "den VWMA({length})"),
    about=texts("Volume-weighted moving average.", "Nach Volumen gewichteter Durchschnitt."),
    parameters=(SOURCE, length(20)),
    history=lengths(),
)
bar_series(
    "trend",
    "macd",
    prices("macd", "signal", "histogram"),
    macd,
    summary=texts(
        "the MACD({fast}, {slow}, {signal})",
        "der MACD({fast}, {slow}, {signal})",
        "den MACD({fast}, {slow}, {signal})",
    ),
    about=texts(
        "A fast less a slow EMA, their smoothed signal, and the histogram between the two.",
        "Ein schneller minus ein langsamer EMA, das geglättete Signal und das Histogramm dazwischen.",
    ),
    parameters=(SOURCE, count("fast", 12, least=2), count("slow", 26, least=2), count("signal", 9)),
    history=macd_history,
)
bar_series(
    "trend",
    "adx",
    (index(), index("plus_di"), index("minus_di")),
    lambda arguments: Joined(
        None,
        *(Handle(name, HIGH_LOW_CLOSE, whole(arguments)) for name in ("ADX", "PLUS_DI", "MINUS_DI")),
    ),
    summary=texts("the ADX({length})", "der ADX({length})", "den ADX({length})"),
    about=texts(
        "Average directional index: how strong a trend is; plus_di and minus_di say which way.",
        "Average Directional Index: wie stark ein Trend ist; plus_di und minus_di sagen, wohin.",
    ),
    parameters=(length(14, least=2),),
    history=lengths(2 * WILDER_SETTLES),
)
bar_series(
    "trend",
    "supertrend",
    (Output("value"), Output("direction", Unit.FLAG, -1, 1)),
    lambda arguments: Handle("SUPERTREND", HIGH_LOW_CLOSE, whole(arguments), float(arguments["multiplier"])),
    summary=texts(
        "the supertrend({length}, {multiplier})",
        "der Supertrend({length}, {multiplier})",
        "den Supertrend({length}, {multiplier})",
    ),
    about=texts(
        "A stop that follows at a multiple of the ATR; direction is 1 in a rise and -1 in a fall.",
        "Ein Stopp, der im Vielfachen der ATR folgt; direction ist 1 im Anstieg und -1 im Fall.",
    ),
    parameters=(length(10), number("multiplier", 3.0)),
    history=lengths(WILDER_SETTLES),
)
bar_series(
    "trend",
    "psar",
    (Output(),),
    lambda arguments: Handle("SAR", HIGH_LOW, float(arguments["acceleration"]), float(arguments["maximum"])),
    summary=texts(
        "the parabolic SAR({acceleration}, {maximum})",
        "der Parabolic SAR({acceleration}, {maximum})",
        "den Parabolic SAR({acceleration}, {maximum})",
    ),
    about=texts(
        "A stop that follows the price and accelerates; it turns when it is hit.",
        "Ein Stopp, der dem Preis beschleunigt folgt und sich dreht, wenn er getroffen wird.",
    ),
    parameters=(number("acceleration", 0.02), number("maximum", 0.2)),
    history=lambda _arguments: PSAR_FORGETS,
)
bar_series(
    "trend",
    "ichimoku",
    prices("tenkan", "kijun", "senkou_a", "senkou_b"),
    lambda arguments: Ichimoku(
        *(whole(arguments, name) for name in ("tenkan", "kijun", "senkou", "displacement"))
    ),
    summary=texts(
        "Ichimoku({tenkan}, {kijun}, {senkou}, {displacement})",
        "Ichimoku({tenkan}, {kijun}, {senkou}, {displacement})",
    ),
    about=texts(
        "Conversion and base line, and the two edges of the cloud as drawn at the present bar.",
        "Wende- und Basislinie und die beiden Ränder der Wolke, wie sie am jetzigen Balken stehen.",
    ),
    parameters=(
        count("tenkan", 9, least=2),
        count("kijun", 26, least=2),
        count("senkou", 52, least=2),
        count("displacement", 26),
    ),
    history=lambda arguments: (
        max(whole(arguments, name) for name in ("tenkan", "kijun", "senkou"))
        + whole(arguments, "displacement")
        - 1
    ),
)
bar_series(
    "trend",
    "aroon",
    (index("up"), index("down"), index("oscillator", low=-100)),
    lambda arguments: Joined(
        places(1, 0, 2),
        Handle("AROON", HIGH_LOW, whole(arguments)),
        Handle("AROONOSC", HIGH_LOW, whole(arguments)),
    ),
    summary=texts("Aroon({length})", "Aroon({length})"),
    about=texts(
        "How recent the highest high and the lowest low are: 100 is the present bar.",
        "Wie frisch das höchste Hoch und das tiefste Tief sind: 100 ist der jetzige Balken.",
    ),
    parameters=(length(14, least=2),),
    history=lengths(more=1),
)
bar_series(
    "trend",
    "linreg",
    prices("", "slope"),
    lambda arguments: Joined(
        None,
        Handle("LINEARREG", OF_SOURCE, whole(arguments)),
        Handle("LINEARREG_SLOPE", OF_SOURCE, whole(arguments)),
    ),
    summary=texts("the regression line({length})", "die Regressionsgerade({length})"),
    about=texts(
        "The end of the straight line that fits the last bars best; slope is its rise a bar.",
        "Das Ende der Geraden, die am besten durch die letzten Balken passt; slope ihr Anstieg je Balken.",
    ),
    parameters=(SOURCE, length(14, least=2)),
    history=lengths(),
)
