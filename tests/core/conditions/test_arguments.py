"""Arguments: complete, in order and in bounds."""

import pytest

from crypto_portfolio_analyzer.core.conditions.arguments import signature
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import Comparison, Series
from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.errors import InvalidCondition
from tests.core.conditions.later import LATER


def series(text):
    asked = read_condition(f"{text} > 0.5", "1m", LATER).question
    assert isinstance(asked, Comparison)
    assert isinstance(asked.left, Series)
    return asked.left


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("rsi", (14,)),
        ("rsi()", (14,)),
        ("rsi(7)", (7,)),
        ("rsi(close, 7)", (7,)),
        ("bollinger(30).upper", (30, 2.0)),
        ("bollinger(volume, 30, 2.5).upper", (30, 2.5)),
        ("macd.signal", (12, 26, 9)),
        ("vwap", (0,)),
        ('talib("ROC")', (10,)),
        ("sentiment(24h)", (86_400.0,)),
        ('news.mentions("hack", 90m)', ("hack", 5400.0)),
        ("portfolio.weight(BTC)", ("BTC",)),
        ('prediction("pump-30m").probability', ("pump-30m",)),
    ],
)
def test_arguments_are_complete(text, arguments):
    assert series(text).arguments == arguments


def test_a_source_comes_first_and_the_close_goes_without_saying():
    assert series("rsi(close, 7)").source is None
    assert series("rsi(close[1], 7)").source is not None
    assert series("rsi(-close, 7)").source is not None
    assert series("rsi(close on 5m, 7)").source is not None


def test_names_are_found_in_any_case():
    flag = read_condition('candle("Hammer")').question

    assert flag == read_condition("candle(hammer)").question
    assert read_condition('candle("cdlhammer")').spelling == 'candle("CDLHAMMER")'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rsi(1) > 3", "length of rsi is from 2 to 10000"),
        ("rsi(2.5) > 3", "length is a whole number"),
        ("rsi(14, 15) > 3", r"too much; it is rsi\(\[source\], length = 14\)"),
        ("rsi(14%) > 3", "length is a number"),
        ("sma(volume, close) > 3", "the series comes first"),
        ("atr(close) > 3", r"it is atr\(length = 14\)"),
        ("round_number > 3", "step is missing"),
        ("candle > 3", "name is missing"),
        ("candle(5) > 3", "text in quotes"),
        ('candle("zzzz") > 3', "knows no 'zzzz'"),
        ('pivot("x").r1 > 3', "classic, traditional"),
        ("price(5) > 3", "it is price"),
        ("sentiment(24) > 0", "with its unit"),
        ('sentiment("x") > 0', "duration such as 24h"),
        ('"ETH/USDT".price(1) > 3', "too much"),
    ],
)
def test_what_does_not_fit_is_refused(text, problem):
    with pytest.raises(InvalidCondition, match=problem):
        read_condition(text, "1m", LATER)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("price", "price"),
        ("rsi", "rsi([source], length = 14)"),
        ("candle", 'candle("name")'),
        ("pivot", 'pivot(method = "classic")'),
        ("round_number", "round_number(step)"),
        ("talib:RSI", 'talib("RSI", [source], timeperiod = 14)'),
    ],
)
def test_a_signature_says_what_a_series_takes(name, text):
    assert signature(SERIES[name]) == text
