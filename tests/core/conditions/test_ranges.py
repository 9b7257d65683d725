"""Ranges: comparisons that can never be true are refused, knowing what a series can be."""

import pytest

from crypto_portfolio_analyzer.core.conditions.ranges import bounds_of, can_be, described
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import Comparison
from crypto_portfolio_analyzer.core.conditions.units import ANY
from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.errors import InvalidCondition


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rsi(14) > 100", "rsi is an index from 0 to 100; this can never be true"),
        ("rsi(14) >= 101", "never"),
        ("101 <= rsi(14)", "never"),
        ("rsi(14) == 101", "never"),
        ("rsi(14) crosses 100", "never"),
        ("0 crosses above rsi(14)", "never"),
        ("rsi(14) inside 101..120", "never"),
        ("rsi(14) outside 0..100", "never"),
        ("rsi(14) enters 0..100", "never"),
        ("rsi(14) exits 101..102", "never"),
        ("price < 0", "price is a price, never below 0; this can never be true"),
        ("highest(rsi(14), 5) > 100", "never"),
        ("adx(14).plus_di > 100", "adx.plus_di is an index from 0 to 100"),
        ("price inside 2..1", "lower end"),
        ("rsi(14) > 50 + 51", "never"),
    ],
)
def test_what_can_never_be_is_refused(text, problem):
    with pytest.raises(InvalidCondition) as caught:
        read_condition(text)

    assert problem in caught.value.problem


@pytest.mark.parametrize(
    "text",
    [
        "rsi(14) >= 100",
        "rsi(14) crosses above 99.9",
        "rsi(14) inside 100..120",
        "rsi(14) outside 1..100",
        "rsi(14) enters 0..30",
        "macd > -5",
        "sma(macd, 5) < -5",
        "close - open < -5",
        "stdev(rsi(14), 5) > 101",
        "price inside low_24h..high_24h",
        "price inside low_24h..5",
    ],
)
def test_what_can_be_is_not(text):
    read_condition(text)


def test_bounds_come_from_the_catalogue_and_are_put_in_words():
    def left(text):
        asked = read_condition(f"{text} > 50").question
        assert isinstance(asked, Comparison)
        return asked.left

    assert bounds_of(left("rsi(14)"), SERIES) == (0, 100)
    assert bounds_of(left("close - open"), SERIES) == ANY
    assert described(left("cci(20)"), ANY) == "an index"


def test_a_range_can_be_entered_only_from_outside():
    assert can_be("inside", (0, 100), 50, 200)
    assert not can_be("inside", (0, 100), 150, 200)
    assert can_be("enters", (0, 100), 0, 50)
    assert not can_be("enters", (0, 100), -1, 101)
    assert not can_be("exits", (0, 100), 150, 200)
    assert can_be("outside", (0, 100), 0, 99)
