"""Tests of core/series/momentum.py: what the oracles of test_kinds.py do not say."""

import math

import numpy as np
import pytest
import talib
from talib._ta_lib import MA_Type

from crypto_portfolio_analyzer.core.series.momentum import rsi, stoch, stochrsi, sums
from tests.core.series.samples import bars_of, fed, walk


def closes(values):
    columns = walk(1, len(values))
    return bars_of({**columns, "close": np.array(values, float)})


@pytest.mark.parametrize("price", [1e-12, 100.0, 1e9])
def test_a_flat_window_has_no_rsi(price):
    row = fed(rsi({"length": 3}), closes([price] * 10))[0]

    assert np.isnan(row).all()


def test_an_rsi_of_nothing_but_falls_is_0_and_known():
    row = fed(rsi({"length": 3}), closes(range(20, 0, -1)))[0]

    np.testing.assert_array_equal(row[3:], 0)


def test_a_flat_stretch_after_movement_keeps_the_rsi():
    values = [*range(10, 20), *[19.5] * 10]

    row = fed(rsi({"length": 3}), closes(values))[0]

    np.testing.assert_array_equal(row[3:], talib.RSI(np.array(values, float), 3)[3:])
    assert not math.isnan(row[-1])


@pytest.mark.parametrize(("k", "smooth", "d"), [(5, 3, 3), (14, 1, 1), (1, 1, 1)])
def test_a_stochastic_takes_any_lengths(k, smooth, d):
    columns = walk(2, 100)

    rows = fed(stoch({"k": k, "smooth": smooth, "d": d}), bars_of(columns))

    expected = talib.STOCH(
        columns["high"], columns["low"], columns["close"], k, smooth, MA_Type.SMA, d, MA_Type.SMA
    )
    np.testing.assert_array_equal(rows, expected)


def test_a_stochastic_rsi_without_smoothing_is_talibs():
    columns = walk(3, 100)

    rows = fed(stochrsi({"length": 14, "stochastic": 5, "k": 1, "d": 3}), bars_of(columns))

    raw, smoothed = talib.STOCHRSI(columns["close"], 14, 5, 3, MA_Type.SMA)
    np.testing.assert_allclose(rows[0][20:], raw[20:], atol=1e-9)
    np.testing.assert_allclose(rows[1][20:], smoothed[20:], atol=1e-9)


def test_windows_one_after_the_other_share_a_bar():
    assert sums("k", "d")({"k": 14, "d": 3}) == 16
    assert sums("k", more=1)({"k": 14}) == 15
