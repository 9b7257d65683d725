"""Tests of core/series/trend.py: what the oracles of test_kinds.py do not say."""

import numpy as np
import pytest
import talib

from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.core.series.trend import Ichimoku, VolumeWeighted, macd
from tests.core.series.samples import bars_of, fed, walk


def test_the_direction_of_a_supertrend_is_up_below_the_price():
    columns = walk(1, 300, still=0)
    make = SERIES["supertrend"].make
    assert make is not None

    line, direction = fed(make({"length": 10, "multiplier": 3.0}), bars_of(columns))[:, 10:]

    np.testing.assert_array_equal(direction, np.where(line < columns["close"][10:], 1, -1))


@pytest.mark.parametrize("displacement", [1, 2, 26])
def test_the_cloud_is_drawn_ahead_with_the_present_bar_counted(displacement):
    bars = bars_of(walk(2, 120))
    present = fed(Ichimoku(9, 26, 52, 1), bars)

    drawn = fed(Ichimoku(9, 26, 52, displacement), bars)

    np.testing.assert_array_equal(drawn[2:, displacement - 1 :], present[2:, : 121 - displacement])
    np.testing.assert_allclose(present[2], (present[0] + present[1]) / 2)


def test_a_volume_weighted_average_of_nothing_traded_is_unknown():
    columns = walk(3, 12, still=0)
    columns["volume"] = np.array([1e12, 0.1, *[0.0] * 10])
    bars, calculator = bars_of(columns), VolumeWeighted(4)

    row = fed(calculator, bars)[0]

    assert not np.isnan(row[3:5]).any()
    assert np.isnan(row[5:]).all()
    assert np.isnan(calculator.peek(bars[-1], 1.0)).all()


def test_lengths_the_wrong_way_round_are_swapped_as_in_talib():
    columns = walk(4, 100)

    rows = fed(macd({"fast": 26, "slow": 12, "signal": 9}), bars_of(columns))

    np.testing.assert_array_equal(rows, talib.MACD(columns["close"], 26, 12, 9))


def test_aroon_puts_up_first():
    columns = walk(5, 100, still=0)
    columns["high"] = np.arange(100) + 2000.0
    make = SERIES["aroon"].make
    assert make is not None

    up, down, oscillator = fed(make({"length": 14}), bars_of(columns))[:, -1]

    assert up == 100
    assert SERIES["aroon"].output("up") == 0
    assert oscillator == pytest.approx(up - down)
