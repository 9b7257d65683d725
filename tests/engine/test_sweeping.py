"""Sweeps: each threshold fires as often as the condition with it would."""

import pytest

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.engine.backtesting import backtest
from crypto_portfolio_analyzer.engine.sweeping import SweepPoint, evenly, literals_of, sweep, with_literal
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.engine.past import flat
from tests.fakes import MINUTE

BARS = flat([100.0, 103.0, 99.0, 104.0, 98.0, 101.0, 107.0])


def test_each_threshold_is_tried_in_place_of_the_first_number():
    condition = read_condition("close > 100", "1m")

    points = sweep(condition, BARS, [99, 100, 103, 200], cooldown=2 * MINUTE)

    assert points == [
        SweepPoint(value, found.count, found.suppressed)
        for value in (99, 100, 103, 200)
        for found in [backtest(read_condition(f"close > {value}", "1m"), BARS, cooldown=2 * MINUTE)]
    ]
    assert [point.count for point in points][-1] == 0


def test_numbers_are_counted_as_they_are_written_without_arguments_and_spans():
    condition = read_condition("rsi(14) < 30 and close > 1.5 * sma(close, 20) for 3 bars", "1m")

    assert [number.value for number in literals_of(condition)] == [30, 1.5]
    changed = with_literal(condition, 1, 2.0)
    assert [number.value for number in literals_of(changed)] == [30, 2.0]
    assert with_literal(changed, 1, 1.5).question != changed.question


def test_thresholds_are_even_and_round():
    assert evenly(20, 40, 5) == [20, 25, 30, 35, 40]
    assert evenly(0.1, 0.3, 3) == [0.1, 0.2, 0.3]
    assert evenly(7, 9, 1) == [7]


def test_what_cannot_be_swept_is_refused():
    with pytest.raises(InvalidInput, match="has 0 numbers to vary"):
        sweep(read_condition("close > open", "1m"), BARS, [1])
    with pytest.raises(InvalidInput, match="0 thresholds"):
        sweep(read_condition("close > 1", "1m"), BARS, [])
