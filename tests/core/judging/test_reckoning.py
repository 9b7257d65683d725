"""Tests of core/judging/reckoning.py; windows over series stand in test_board.py."""

import math

import pytest

from crypto_portfolio_analyzer.core.judging.reckoning import FUNCTIONS, OPERATORS, WINDOWS, negated
from tests.core.series.samples import bars_of, fed, walk

UNKNOWN = math.nan


@pytest.mark.parametrize(
    ("sign", "left", "right", "result"),
    [
        ("+", 2, 3, 5),
        ("-", 2, 3, -1),
        ("*", 2, 3, 6),
        ("/", 3, 2, 1.5),
        ("/", 3, 0, UNKNOWN),
        ("*", 1e300, 1e300, UNKNOWN),
        ("-", UNKNOWN, 1, UNKNOWN),
    ],
)
def test_operators_give_finite_numbers_or_unknown(sign, left, right, result):
    found = OPERATORS[sign](float(left), float(right))

    assert found == result or (math.isnan(found) and math.isnan(result))


def test_functions_pass_on_what_is_unknown():
    assert FUNCTIONS["min"](3.0, 2.0) == 2.0
    assert FUNCTIONS["max"](3.0, 2.0) == 3.0
    assert math.isnan(FUNCTIONS["min"](3.0, UNKNOWN))
    assert math.isnan(FUNCTIONS["max"](UNKNOWN, 3.0))
    assert FUNCTIONS["abs"](-2.0) == negated(-2.0) == 2.0


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_of_one_bar_is_the_bar_itself_or_its_change(name):
    columns = walk(1, 20, still=0)

    last = fed(WINDOWS[name].make(1), bars_of(columns))[0, -1]

    close, before = columns["close"][-1], columns["close"][-2]
    expected = {"stdev": 0.0, "change": close - before, "percent_change": 100 * (close / before - 1)}
    assert last == pytest.approx(expected.get(name, close))


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_has_a_value_once_its_bars_are_there(name):
    window = WINDOWS[name]

    row = fed(window.make(7), bars_of(walk(1, 20, still=0)))[0]

    assert [math.isnan(value) for value in row].index(False) == 7 + window.more - 1
