"""Candlestick patterns: TA-Lib's 61 recognitions, under readable names and under TA-Lib's own.

The value is TA-Lib's: 0 for no pattern, else its sign and size (±100; ±80 for an engulfing or a harami whose
bodies share an end; ±200 for a confirmed hikkake). `bullish_candle` and `bearish_candle` ask for the sign alone.
Where TA-Lib takes a penetration, its default holds (0.3; 0.5 for dark_cloud_cover and mat_hold).
"""

import math
from collections.abc import Callable

from crypto_portfolio_analyzer.core.series.catalog import (
    Arguments,
    Calculator,
    Output,
    Parameter,
    ParameterKind,
    Unit,
)
from crypto_portfolio_analyzer.core.series.handles import Handle, Joined, lookback
from crypto_portfolio_analyzer.core.series.wording import bar_series, texts

CANDLES = {
    "abandoned_baby": "CDLABANDONEDBABY",
    "advance_block": "CDLADVANCEBLOCK",
    "belt_hold": "CDLBELTHOLD",
    "breakaway": "CDLBREAKAWAY",
    "closing_marubozu": "CDLCLOSINGMARUBOZU",
    "concealing_baby_swallow": "CDLCONCEALBABYSWALL",
    "counterattack": "CDLCOUNTERATTACK",
    "dark_cloud_cover": "CDLDARKCLOUDCOVER",
    "doji": "CDLDOJI",
    "doji_star": "CDLDOJISTAR",
    "dragonfly_doji": "CDLDRAGONFLYDOJI",
    "engulfing": "CDLENGULFING",
    "evening_doji_star": "CDLEVENINGDOJISTAR",
    "evening_star": "CDLEVENINGSTAR",
    "gap_side_by_side_white_lines": "CDLGAPSIDESIDEWHITE",
    "gap_three_methods": "CDLXSIDEGAP3METHODS",
    "gravestone_doji": "CDLGRAVESTONEDOJI",
    "hammer": "CDLHAMMER",
    "hanging_man": "CDLHANGINGMAN",
    "harami": "CDLHARAMI",
    "harami_cross": "CDLHARAMICROSS",
    "high_wave": "CDLHIGHWAVE",
    "hikkake": "CDLHIKKAKE",
    "homing_pigeon": "CDLHOMINGPIGEON",
    "identical_three_crows": "CDLIDENTICAL3CROWS",
    "in_neck": "CDLINNECK",
    "inverted_hammer": "CDLINVERTEDHAMMER",
    "kicking": "CDLKICKING",
    "kicking_by_length": "CDLKICKINGBYLENGTH",
    "ladder_bottom": "CDLLADDERBOTTOM",
    "long_legged_doji": "CDLLONGLEGGEDDOJI",
    "long_line": "CDLLONGLINE",
    "marubozu": "CDLMARUBOZU",
    "mat_hold": "CDLMATHOLD",
    "matching_low": "CDLMATCHINGLOW",
    "modified_hikkake": "CDLHIKKAKEMOD",
    "morning_doji_star": "CDLMORNINGDOJISTAR",
    "morning_star": "CDLMORNINGSTAR",
    "on_neck": "CDLONNECK",
    "piercing": "CDLPIERCING",
    "rickshaw_man": "CDLRICKSHAWMAN",
    "rising_falling_three_methods": "CDLRISEFALL3METHODS",
    "separating_lines": "CDLSEPARATINGLINES",
    "shooting_star": "CDLSHOOTINGSTAR",
    "short_line": "CDLSHORTLINE",
    "spinning_top": "CDLSPINNINGTOP",
    "stalled_pattern": "CDLSTALLEDPATTERN",
    "stick_sandwich": "CDLSTICKSANDWICH",
    "takuri": "CDLTAKURI",
    "tasuki_gap": "CDLTASUKIGAP",
    "three_black_crows": "CDL3BLACKCROWS",
    "three_inside": "CDL3INSIDE",
    "three_line_strike": "CDL3LINESTRIKE",
    "three_outside": "CDL3OUTSIDE",
    "three_stars_in_the_south": "CDL3STARSINSOUTH",
    "three_white_soldiers": "CDL3WHITESOLDIERS",
    "thrusting": "CDLTHRUSTING",
    "tristar": "CDLTRISTAR",
    "two_crows": "CDL2CROWS",
    "unique_three_river": "CDLUNIQUE3RIVER",
    "upside_gap_two_crows": "CDLUPSIDEGAP2CROWS",
}
"""TA-Lib's function by readable name: its display name in snake_case, shortened where traders shorten it."""

NAME = Parameter("name", ParameterKind.NAME, choices=(*CANDLES, *CANDLES.values()))

OHLC = ("open", "high", "low", "close")


def talib_name(arguments: Arguments) -> str:
    """Return TA-Lib's name of the pattern that is asked for by either of its names."""
    name = str(arguments["name"])
    return CANDLES.get(name, name)


def bars_needed(arguments: Arguments) -> int:
    """Return how many bars a pattern needs; TA-Lib's first value stands at the last of them."""
    return lookback(talib_name(arguments)) + 1


def candle(arguments: Arguments) -> Calculator:
    """Return TA-Lib's own value of a pattern; NaN until it has the bars it looks back on."""
    return Handle(talib_name(arguments), OHLC)


def signed(side: int) -> Callable[[Arguments], Calculator]:
    """Return what makes the flag of a pattern that points up (1) or down (-1)."""

    def make(arguments: Arguments) -> Calculator:
        return Joined(lambda row, _bar, _source: (flag(row[0], side),), candle(arguments))

    return make


def flag(value: float, side: int) -> float:
    """Return 1 if a value is on a side of 0, else 0; NaN stays."""
    return value if math.isnan(value) else float(side * value > 0)


bar_series(
    "patterns",
    "candle",
    (Output(unit=Unit.FLAG, low=-200, high=200),),
    candle,
    summary=texts("the candlestick pattern {name}", "das Kerzenmuster {name}"),
    about=texts(
        "TA-Lib's candlestick pattern: 0 if it is not there, else its sign and strength (±100, ±80, ±200).",
        "TA-Libs Kerzenmuster: 0, wenn es nicht da ist, sonst Vorzeichen und Stärke (±100, ±80, ±200).",
    ),
    parameters=(NAME,),
    history=bars_needed,
)
bar_series(
    "patterns",
    "bullish_candle",
    (Output(unit=Unit.FLAG, low=0, high=1),),
    signed(1),
    summary=texts("the bullish candlestick pattern {name}", "das steigende Kerzenmuster {name}"),
    about=texts(
        "1 at a bar where TA-Lib's candlestick pattern has a positive sign, else 0.",
        "1 an einem Balken, an dem TA-Libs Kerzenmuster positiv ist, sonst 0.",
    ),
    parameters=(NAME,),
    history=bars_needed,
)
bar_series(
    "patterns",
    "bearish_candle",
    (Output(unit=Unit.FLAG, low=0, high=1),),
    signed(-1),
    summary=texts("the bearish candlestick pattern {name}", "das fallende Kerzenmuster {name}"),
    about=texts(
        "1 at a bar where TA-Lib's candlestick pattern has a negative sign, else 0.",
        "1 an einem Balken, an dem TA-Libs Kerzenmuster negativ ist, sonst 0.",
    ),
    parameters=(NAME,),
    history=bars_needed,
)
