"""Tests of core/series/volatility.py: what the oracles of test_kinds.py do not say."""

import math

import numpy as np
import pytest

from crypto_portfolio_analyzer.core.series.volatility import bollinger, choppiness, keltner, stdev_bands
from tests.core.series.samples import bars_of, fed, walk


def still(count, price=100.0):
    """Return columns of a market in which nothing moves."""
    return {field: np.full(count, price) for field in ("open", "high", "low", "close", "volume")}


def test_percent_b_is_0_and_1_at_the_bands():
    bars = bars_of(walk(1, 60, still=0))
    calculator = bollinger({"length": 20, "deviations": 2.0})
    fed(calculator, bars)

    upper, middle, lower, width, percent_b = calculator.peek(bars[-1], bars[-1].close)

    assert percent_b == pytest.approx((bars[-1].close - lower) / (upper - lower))
    assert width == pytest.approx(100 * (upper - lower) / middle)


def test_a_flat_market_has_bands_of_no_width_and_no_percent_b():
    upper, middle, lower, width, percent_b = fed(
        bollinger({"length": 5, "deviations": 2.0}), bars_of(still(10))
    )[:, -1]

    assert (upper, middle, lower, width) == (100, 100, 100, 0)
    assert math.isnan(percent_b)


def test_a_market_without_range_has_no_choppiness():
    assert np.isnan(fed(choppiness({"length": 5}), bars_of(still(10)))).all()


def test_choppiness_is_0_in_a_straight_line_and_100_in_a_seesaw():
    line = np.arange(40) + 100.0
    straight = {**still(40), "open": line, "high": line, "low": line - 1, "close": line}
    seesaw = {**still(40), "high": np.full(40, 110.0), "low": np.full(40, 90.0), "close": np.full(40, 100.0)}

    assert fed(choppiness({"length": 10}), bars_of(straight))[0, -1] == pytest.approx(0, abs=1e-9)
    assert fed(choppiness({"length": 10}), bars_of(seesaw))[0, -1] == pytest.approx(100)


@pytest.mark.parametrize(
    "make", [lambda k: keltner({"length": 20, "multiplier": k, "atr_length": 10}),
             lambda k: stdev_bands({"length": 20, "deviations": k})]
)  # fmt: skip
def test_bands_stand_as_far_above_as_below_and_twice_as_far_at_twice_the_multiple(make):
    bars = bars_of(walk(2, 60))

    once, twice = fed(make(1.0), bars)[:, -1], fed(make(2.0), bars)[:, -1]

    assert once[0] - once[1] == pytest.approx(once[1] - once[2])
    assert twice[0] - twice[1] == pytest.approx(2 * (once[0] - once[1]))
