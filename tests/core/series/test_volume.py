"""Tests of core/series/volume.py: what the oracles of test_kinds.py do not say."""

import math

import numpy as np
import pytest
import talib

from crypto_portfolio_analyzer.core.series.volume import SessionVwap, VolumeRatio, Weighted, vwap
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR
from tests.core.series.oracles import expected
from tests.core.series.samples import START, bars_of, fed, walk


def test_a_volume_ratio_is_talibs_relative_volume():
    columns = walk(1, 300, still=0)

    ratios = fed(VolumeRatio(20), bars_of(columns))[0]

    np.testing.assert_allclose(ratios, talib.RVOL(columns["volume"], 20), rtol=1e-9)


@pytest.mark.parametrize("length", [1, 5, 50])
def test_vwap_of_the_last_bars_is_weighted_by_their_volume(length):
    columns = walk(2, 200)

    row = fed(vwap({"length": length}), bars_of(columns))[0]

    np.testing.assert_allclose(row, expected("vwap", columns, (length,))[0], rtol=1e-9)


def test_after_a_huge_bar_nothing_traded_is_unknown_and_not_noise():
    columns = walk(3, 12)
    columns["volume"] = np.array([1e12, 0.1, 0.7, *[0.0] * 9])

    shares = fed(Weighted(3, lambda bar: bar.buy_volume), bars_of(columns))[0]
    ratios = fed(VolumeRatio(3), bars_of(columns))[0]

    assert np.isnan(shares[5:]).all()
    assert np.isnan(ratios[6:]).all()


def hourly(hours, start=START):
    return bars_of(walk(4, hours, still=0), timeframe="1h", start=start, length=HOUR)


def test_the_session_begins_anew_at_midnight():
    bars = hourly(30)

    row = fed(SessionVwap(), bars)[0]

    first = bars[24]
    assert row[24] == pytest.approx((first.high + first.low + first.close) / 3)


def test_a_day_that_is_not_covered_from_its_start_is_unknown():
    row = fed(SessionVwap(), hourly(24, START + 10 * HOUR))[0]

    assert np.isnan(row[:14]).all()
    assert not np.isnan(row[14:]).any()


def test_a_session_may_begin_after_a_hole():
    bars = hourly(48)
    calculator = SessionVwap()
    calculator.update(bars[20], bars[20].close)

    (value,) = calculator.update(bars[27], bars[27].close)

    assert bars[27].open_at % DAY
    assert not math.isnan(value)
