"""What every bar series must equal: TA-Lib's batch, or the formula written plainly over whole arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
import talib
from numpy.lib.stride_tricks import sliding_window_view
from talib._ta_lib import MA_Type

from crypto_portfolio_analyzer.core.series.catalog import Argument

Columns = dict[str, np.ndarray]
Oracle = Callable[..., Any]


def bar_fields(columns: Columns) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return high, low, close, volume."""
    return columns["high"], columns["low"], columns["close"], columns["volume"]


def of_close(function: Callable[..., Any]) -> Oracle:
    """Return the oracle of a TA-Lib function of the close."""
    return lambda columns, *arguments: function(columns["close"], *arguments)


def of_range(function: Callable[..., Any]) -> Oracle:
    """Return the oracle of a TA-Lib function of high, low and close."""
    return lambda columns, *arguments: function(*bar_fields(columns)[:3], *arguments)


def of_volume(function: Callable[..., Any]) -> Oracle:
    """Return the oracle of a TA-Lib function of high, low, close and volume."""
    return lambda columns, *arguments: function(*bar_fields(columns), *arguments)


def rolling(values: np.ndarray, length: int, reduce: Callable[..., np.ndarray]) -> np.ndarray:
    """Return a reduction over each window of the last `length` values; NaN before there are so many."""
    if len(values) < length:
        return np.full(len(values), np.nan)
    return np.concatenate([np.full(length - 1, np.nan), reduce(sliding_window_view(values, length), axis=1)])


def divided(dividend: np.ndarray, divisor: np.ndarray) -> np.ndarray:
    """Return the quotient; NaN where the divisor is 0."""
    with np.errstate(all="ignore"):
        return np.where(divisor == 0, np.nan, dividend / divisor)


def shifted(values: np.ndarray, bars: int) -> np.ndarray:
    """Return values so many bars later."""
    return np.concatenate([np.full(bars, np.nan), values])[: len(values)]


def rsi(columns: Columns, length: int) -> np.ndarray:
    """Return TA-Lib's RSI, unknown until something has moved: before that TA-Lib says 0."""
    still = np.cumsum(np.abs(np.diff(columns["close"], prepend=columns["close"][0]))) == 0
    return np.where(still, np.nan, talib.RSI(columns["close"], length))


def stochrsi(columns: Columns, length: int, stochastic: int, k: int, d: int) -> list[np.ndarray]:
    """Return %K and its simple average."""
    smoothed = talib.STOCHRSI(columns["close"], length, stochastic, k, MA_Type.SMA)[1]
    return [smoothed, talib.SMA(smoothed, d)]


def volume_ratio(columns: Columns, length: int) -> np.ndarray:
    """Return the volume over the mean of the bars before."""
    return divided(columns["volume"], shifted(rolling(columns["volume"], length, np.mean), 1))


def volume_zscore(columns: Columns, length: int) -> np.ndarray:
    """Return the volume's distance from its mean in standard deviations."""
    volume = columns["volume"]
    return divided(volume - talib.SMA(volume, length), talib.STDDEV(volume, length))


def buy_share(columns: Columns, length: int) -> np.ndarray:
    """Return bought over traded."""
    bought = columns.get("buy_volume", columns["volume"] * 0.6)
    return divided(rolling(bought, length, np.sum), rolling(columns["volume"], length, np.sum))


def vwap(columns: Columns, length: int) -> np.ndarray:
    """Return the weighted typical price since midnight (1440 one-minute bars a day), or of the last bars."""
    high, low, close, volume = bar_fields(columns)
    traded = (high + low + close) / 3 * volume
    if length:
        return divided(rolling(traded, length, np.sum), rolling(volume, length, np.sum))
    days = [slice(at, at + 1440) for at in range(0, len(close), 1440)]
    return np.concatenate([divided(np.cumsum(traded[day]), np.cumsum(volume[day])) for day in days])


def vwma(columns: Columns, length: int) -> np.ndarray:
    """Return TA-Lib's average, unknown where the window traded nothing."""
    traded = rolling(columns["volume"], length, np.max) != 0
    return np.where(traded, talib.VWMA(columns["close"], columns["volume"], length), np.nan)


def ichimoku(columns: Columns, tenkan: int, kijun: int, senkou: int, displacement: int) -> list[np.ndarray]:
    """Return the two lines and the cloud that was drawn ahead."""
    high, low = columns["high"], columns["low"]
    first, second, third = (
        (rolling(high, each, np.max) + rolling(low, each, np.min)) / 2 for each in (tenkan, kijun, senkou)
    )
    return [first, second, shifted((first + second) / 2, displacement - 1), shifted(third, displacement - 1)]


def supertrend(columns: Columns, length: int, multiplier: float) -> list[np.ndarray]:
    """Return the line and its direction, unknown where the line is: TA-Lib's whole numbers cannot be."""
    line, direction = talib.SUPERTREND(*bar_fields(columns)[:3], length, multiplier)
    return [line, np.where(np.isnan(line), np.nan, direction)]


def adx(columns: Columns, length: int) -> list[np.ndarray]:
    """Return ADX, +DI, -DI."""
    ranges = bar_fields(columns)[:3]
    return [function(*ranges, length) for function in (talib.ADX, talib.PLUS_DI, talib.MINUS_DI)]


def aroon(columns: Columns, length: int) -> list[np.ndarray]:
    """Return up, down and their difference."""
    down, up = talib.AROON(columns["high"], columns["low"], length)
    return [up, down, talib.AROONOSC(columns["high"], columns["low"], length)]


def bollinger(columns: Columns, length: int, deviations: float) -> list[np.ndarray]:
    """Return the bands, their width in percent of the middle, and %B."""
    close = columns["close"]
    upper, middle, lower = talib.BBANDS(close, length, deviations, deviations)
    return [
        upper,
        middle,
        lower,
        divided(100 * (upper - lower), middle),
        divided(close - lower, upper - lower),
    ]


def stdev_bands(columns: Columns, length: int, deviations: float) -> list[np.ndarray]:
    """Return the regression line between standard deviations."""
    middle = talib.LINEARREG(columns["close"], length)
    width = deviations * talib.STDDEV(columns["close"], length)
    return [middle + width, middle, middle - width]


def chop(columns: Columns, length: int) -> np.ndarray:
    """Return 100 · log10(sum of true ranges / range) / log10(n)."""
    high, low, close, _volume = bar_fields(columns)
    moved = np.concatenate([[np.nan], rolling(talib.TRANGE(high, low, close)[1:], length, np.sum)])[
        : len(close)
    ]
    share = divided(moved, rolling(high, length, np.max) - rolling(low, length, np.min))
    return np.asarray(100 * np.log10(share) / np.log10(length))


def of_high_low(function: Callable[..., Any]) -> Oracle:
    """Return the oracle of a TA-Lib function of high and low."""
    return lambda columns, *arguments: function(columns["high"], columns["low"], *arguments)


def field(name: str) -> Oracle:
    """Return the oracle of a field of the bar."""
    return lambda columns: columns[name]


OPEN, HIGH, LOW, CLOSE, VOLUME = (field(name) for name in ("open", "high", "low", "close", "volume"))

ORACLES: dict[str, tuple[tuple[float, ...], Oracle]] = {
    "open": ((), OPEN),
    "high": ((), HIGH),
    "low": ((), LOW),
    "close": ((), CLOSE),
    "hl2": ((), of_high_low(talib.MEDPRICE)),
    "hlc3": ((), of_range(talib.TYPPRICE)),
    "ohlc4": ((), lambda columns: talib.AVGPRICE(columns["open"], *bar_fields(columns)[:3])),
    "volume": ((), VOLUME),
    "quote_volume": ((), lambda columns: columns["close"] * columns["volume"]),
    "trades": ((), lambda columns: np.arange(len(columns["close"]), dtype=float)),
    "volume_ratio": ((20,), volume_ratio),
    "volume_zscore": ((20,), volume_zscore),
    "buy_share": ((20,), buy_share),
    "obv": ((), lambda columns: talib.OBV(columns["close"], columns["volume"])),
    "mfi": ((14,), of_volume(talib.MFI)),
    "cmf": ((20,), of_volume(talib.CMF)),
    "vwap": ((0,), vwap),
    "sma": ((9,), of_close(talib.SMA)),
    "ema": ((9,), of_close(talib.EMA)),
    "wma": ((9,), of_close(talib.WMA)),
    "dema": ((9,), of_close(talib.DEMA)),
    "tema": ((9,), of_close(talib.TEMA)),
    "hma": ((9,), of_close(talib.HMA)),
    "kama": ((10,), of_close(talib.KAMA)),
    "rma": ((14,), of_close(talib.RMA)),
    "vwma": ((20,), vwma),
    "macd": ((12, 26, 9), of_close(talib.MACD)),
    "adx": ((14,), adx),
    "supertrend": ((10, 3.0), supertrend),
    "psar": ((0.02, 0.2), of_high_low(talib.SAR)),
    "ichimoku": ((9, 26, 52, 26), ichimoku),
    "aroon": ((14,), aroon),
    "linreg": (
        (14,),
        lambda columns, length: [
            talib.LINEARREG(columns["close"], length),
            talib.LINEARREG_SLOPE(columns["close"], length),
        ],
    ),
    "rsi": ((14,), rsi),
    "stoch": (
        (14, 1, 3),
        lambda columns, k, smooth, d: talib.STOCH(
            *bar_fields(columns)[:3], k, smooth, MA_Type.SMA, d, MA_Type.SMA
        ),
    ),
    "stochrsi": ((14, 14, 3, 3), stochrsi),
    "cci": ((20,), of_range(talib.CCI)),
    "williams_r": ((14,), of_range(talib.WILLR)),
    "roc": ((9,), of_close(talib.ROC)),
    "mom": ((10,), of_close(talib.MOM)),
    "ultosc": ((7, 14, 28), of_range(talib.ULTOSC)),
    "trix": ((18,), of_close(talib.TRIX)),
    "tsi": ((25, 13), of_close(talib.TSI)),
    "atr": ((14,), of_range(talib.ATR)),
    "natr": ((14,), of_range(talib.NATR)),
    "bollinger": ((20, 2.0), bollinger),
    "keltner": (
        (20, 2.0, 10),
        lambda columns, length, multiplier, atr: talib.KC(*bar_fields(columns)[:3], length, atr, multiplier),
    ),
    "donchian": ((20,), of_high_low(talib.DONCHIAN)),
    "stdev_bands": ((20, 2.0), stdev_bands),
    "chop": ((14,), chop),
}
"""By kind: the arguments it is tried with, which are its defaults, and what gives all its outputs."""


def expected(kind: str, columns: Columns, arguments: tuple[Argument, ...] | None = None) -> np.ndarray:
    """Return what a kind must give, one row per output, of its default arguments or of others."""
    defaults, oracle = ORACLES[kind]
    with np.errstate(all="ignore"):
        found = oracle(columns, *(defaults if arguments is None else arguments))
    return np.atleast_2d(np.array(found, float))
