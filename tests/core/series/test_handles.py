"""Tests of core/series/handles.py."""

import numpy as np
import talib

from crypto_portfolio_analyzer.core.series.handles import (
    HIGH_LOW_CLOSE,
    OF_SOURCE,
    Chained,
    Handle,
    Joined,
    Reckoned,
    lookback,
    places,
    reading,
)
from tests.core.series.samples import bars_of, fed, walk

COLUMNS = walk(1, 100)
BARS = bars_of(COLUMNS)
CLOSE = COLUMNS["close"]


def test_a_handle_gives_nothing_before_talib_does_and_its_batch_from_then_on():
    row = fed(Handle("RSI", OF_SOURCE, 14), BARS)[0]

    assert np.isnan(row[: lookback("RSI", 14)]).all()
    np.testing.assert_allclose(row[14:], talib.RSI(CLOSE, 14)[14:], rtol=1e-12)


def test_peeking_changes_nothing_before_and_after_the_opening():
    calm, curious = Handle("EMA", OF_SOURCE, 9), Handle("EMA", OF_SOURCE, 9)
    for bar in BARS[:30]:
        for price in (1.0, bar.close):
            peeked = curious.peek(bar, price)
        taken = curious.update(bar, bar.close)
        np.testing.assert_equal(peeked, taken)
        np.testing.assert_equal(calm.update(bar, bar.close), taken)


def test_an_unknown_source_is_unknown_and_begins_anew():
    handle = Handle("SMA", OF_SOURCE, 3)
    source = [1.0, 2.0, 3.0, np.nan, 4.0, 5.0, 6.0]

    row = fed(handle, BARS[:7], source)[0]

    np.testing.assert_equal(row, [np.nan, np.nan, 2.0, np.nan, np.nan, np.nan, 5.0])
    assert np.isnan(handle.peek(BARS[7], np.nan)).all()
    assert handle.peek(BARS[7], 7.0) == (6.0,)


def test_inputs_are_read_from_the_bar_and_the_source():
    bar = BARS[5]

    assert reading(OF_SOURCE)(bar, 7.0) == (7.0,)
    assert reading(("volume",))(bar, 7.0) == (bar.volume,)
    assert reading(HIGH_LOW_CLOSE)(bar, 7.0) == (bar.high, bar.low, bar.close)
    assert reading(("source", "volume"))(bar, 7.0) == (7.0, bar.volume)


def test_joined_calculators_give_all_their_values_or_what_is_made_of_them():
    parts = [Handle("SMA", OF_SOURCE, 3), Handle("MACD", OF_SOURCE, 12, 26, 9)]

    assert fed(Joined(None, *parts), BARS).shape == (4, 100)
    swapped = fed(Joined(places(1, 0), Handle("AROON", ("high", "low"), 14)), BARS)
    np.testing.assert_array_equal(swapped[::-1], talib.AROON(COLUMNS["high"], COLUMNS["low"], 14))


def test_a_chain_takes_one_calculator_of_another():
    chain = Chained(Handle("RSI", OF_SOURCE, 14), 0, Handle("SMA", OF_SOURCE, 5))

    rows = fed(chain, BARS)

    np.testing.assert_allclose(rows[1], talib.SMA(talib.RSI(CLOSE, 14), 5), rtol=1e-9)
    assert chain.peek(BARS[0], 1.0)[1] != rows[1][-1]


def test_what_needs_only_the_bar_is_reckoned_of_it():
    middle = Reckoned(lambda bar: (bar.high + bar.low) / 2)

    assert middle.update(BARS[3], 0.0) == middle.peek(BARS[3], 0.0) == ((BARS[3].high + BARS[3].low) / 2,)
