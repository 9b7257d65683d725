"""What a text asks a chart to draw: lines, the pane they lie in, and errors with their place."""

import pytest

from crypto_portfolio_analyzer.core.conditions.charted import read_charted
from crypto_portfolio_analyzer.errors import InvalidCondition, InvalidInput


@pytest.mark.parametrize(
    ("text", "spelling", "names"),
    [
        ("ema( 50 )", "ema(50)", ("",)),
        ("macd", "macd(12, 26, 9)", ("macd", "signal", "histogram")),
        ("bollinger(20,2)", "bollinger(20, 2)", ("upper", "middle", "lower")),
        ("bollinger(20,2).width", "bollinger(20, 2).width", ("",)),
        ("supertrend", "supertrend(10, 3)", ("value",)),
        ("linreg(14)", "linreg(14)", ("value",)),
        ("ema(20) - ema(50)", "ema(20) - ema(50)", ("",)),
        ("close live", "close live", ("",)),
        ("(rsi(14)) on 15m", "rsi(14)", ("",)),
    ],
)
def test_a_series_without_output_stands_for_all_that_are_alike(text, spelling, names):
    charted = read_charted(text, "15m")

    assert charted.spelling == spelling
    assert tuple(name for name, _value in charted.lines) in (names, ("",))
    assert len(charted.lines) == len(names)


@pytest.mark.parametrize(
    ("text", "is_among_the_bars"),
    [
        ("ema(50)", True),
        ("bollinger(20, 2)", True),
        ("close * 1.05", True),
        ("2 * ema(20) - ema(50)", True),
        ("(high + low) / 2", True),
        ("close + 2 * atr(14)", True),
        ("highest(close, 20)", True),
        ("max(open, close)", True),
        ('talib("SMA", 5)', True),
        ("ema(20) - ema(50)", False),
        ("atr(14)", False),
        ("macd", False),
        ("mom(10)", False),
        ("linreg(14).slope", False),
        ("sma(rsi(14), 9)", False),
        ("-close", False),
        ("close / ema(50)", False),
        ("stdev(close, 20)", False),
        ("volume", False),
        ("rsi(14)", False),
        ('talib("RSI", 14)', False),
    ],
)
def test_what_counts_as_one_price_lies_among_the_bars(text, is_among_the_bars):
    assert read_charted(text, "1m").on_price is is_among_the_bars


@pytest.mark.parametrize(
    ("text", "place", "problem", "fix"),
    [
        ("closee", (0, 6), "unknown word", "close"),
        ("rsi(", (4, 4), "missing", "rsi()"),
        ("price", (0, 5), "price has no bars", "close"),
        ("42", (0, 2), "a number is a level", None),
        ("rsi(14) > 70", (0, 12), "question", None),
        ("ema(50) on 1h", (0, 13), "1m bars", None),
        ('"ETH/USDT".close', (0, 16), "no bars of ETH/USDT", None),
        ("sma(close on 1h, 5)", (0, 19), "1m bars", None),
    ],
)
def test_what_cannot_be_drawn_is_told_with_its_place(text, place, problem, fix):
    with pytest.raises(InvalidCondition) as caught:
        read_charted(text, "1m")

    assert (caught.value.start, caught.value.end) == place
    assert problem in caught.value.problem
    assert caught.value.fix == fix


def test_a_timeframe_that_is_none_is_refused():
    with pytest.raises(InvalidInput):
        read_charted("close", "7m")


def test_a_single_series_has_a_kind_and_a_combination_none():
    assert read_charted("rsi(14)", "1m").kind == "rsi"
    assert read_charted("rsi(14) - 50", "1m").kind == ""
