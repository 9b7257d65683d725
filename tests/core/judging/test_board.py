"""Tests of core/judging/board.py; any tree stands in test_board_trees.py, columns in test_board_columns.py."""

import math

import numpy as np
import pytest
import talib

from crypto_portfolio_analyzer.core.conditions.tree import Arithmetic, Function, Number, Series
from crypto_portfolio_analyzer.core.judging.board import Board
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit
from crypto_portfolio_analyzer.core.timeframes import HOUR
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.core.judging.wishes import SYMBOL, file_board, minus, run, series, window
from tests.core.series.samples import bars_of, walk

# What unknown does


def test_a_source_that_starts_late_delays_what_is_taken_of_it():
    columns = walk(1, 60, still=0)
    board = file_board()
    slot = board.want(SYMBOL, series("sma", 5, source=series("rsi", 14)), "1m")

    values = run(slot, board, bars_of(columns))

    assert np.isnan(values[:18]).all()
    np.testing.assert_allclose(values[18:], talib.SMA(talib.RSI(columns["close"], 14), 5)[18:], rtol=1e-12)


def test_an_unknown_in_the_middle_begins_the_indicator_anew():
    columns = walk(1, 40, still=0)
    columns["volume"][20] = 0.0
    board = file_board()
    price = Arithmetic("/", series("close"), series("volume"), Unit.NUMBER)
    slot = board.want(SYMBOL, series("sma", 5, source=price), "1m")

    values = run(slot, board, bars_of(columns))

    assert np.isnan(values[20:25]).all()
    assert not np.isnan(values[25:]).any()


def test_division_by_zero_and_overflow_are_unknown():
    board = file_board()
    huge = Number(1e308, Unit.NUMBER, "1e308")
    zero = minus(series("close"), series("close"))
    quotient = board.want(SYMBOL, Arithmetic("/", series("close"), zero, Unit.NUMBER), "1m")
    product = board.want(SYMBOL, Arithmetic("*", huge, series("close"), Unit.NUMBER), "1m")

    board.close(bars_of(walk(1, 1)))

    assert math.isnan(quotient.value)
    assert math.isnan(product.value)


def test_least_and_greatest_do_not_hide_an_unknown():
    board = file_board()
    both = (series("close"), series("sma", 9))
    slots = [board.want(SYMBOL, Function(name, both, Unit.NUMBER), "1m") for name in ("min", "max")]

    board.close(bars_of(walk(1, 1)))

    assert all(math.isnan(slot.value) for slot in slots)


def test_a_percent_change_from_zero_is_unknown():
    columns = walk(1, 3)
    columns["volume"] = np.array([0.0, 5.0, 10.0])
    board = file_board()
    slot = board.want(SYMBOL, window("percent_change", series("volume"), 1), "1m")

    np.testing.assert_equal(run(slot, board, bars_of(columns)), [math.nan, math.nan, 100.0])


# Settling


def test_live_a_value_is_unknown_until_it_is_settled():
    columns = walk(1, 320, still=0)
    bars = bars_of(columns)
    board = Board(settle=True, columnar=False)
    slot = board.want(SYMBOL, series("rsi", 14), "1m")

    board.seed(SYMBOL, "1m", bars[:293])

    assert (slot.needs, slot.seen) == (294, 293)
    assert math.isnan(slot.value)
    assert slot.peek(bars[293]) == pytest.approx(talib.RSI(columns["close"], 14)[293])
    board.close([bars[293]])
    assert slot.value == talib.RSI(columns["close"], 14)[293]
    assert math.isnan(slot.before)
    board.close([bars[294]])
    assert slot.before == talib.RSI(columns["close"], 14)[293]


def test_nested_needs_add_up():
    board = file_board()

    slot = board.want(SYMBOL, window("highest", series("ema", 9, source=series("rsi", 14)), 5), "1m")

    assert slot.needs == 294 + 99 - 1 + 5 - 1


def test_what_is_earlier_needs_as_many_bars_more():
    assert file_board().want(SYMBOL, series("rsi", 14, back=7), "1m").needs == 294 + 7


@pytest.mark.parametrize(("timeframe", "bars"), [("1m", 1440), ("1h", 24), ("45m", 32), ("1d", 1)])
def test_what_begins_with_the_day_needs_its_bars(timeframe, bars):
    slot = file_board().want(SYMBOL, series("vwap", 0, timeframe=timeframe), timeframe)

    assert slot.needs == bars


def test_after_an_unknown_it_must_settle_again():
    columns = walk(1, 60, still=0)
    columns["volume"][30] = 0.0
    board = Board(settle=True, columnar=False)
    price = Arithmetic("/", series("close"), series("volume"), Unit.NUMBER)
    slot = board.want(SYMBOL, series("ema", 2, source=price), "1m")

    values = run(slot, board, bars_of(columns))

    assert np.flatnonzero(~np.isnan(values)).tolist() == [*range(21, 30), *range(52, 60)]


def test_back_and_before_look_at_earlier_bars():
    closes = walk(1, 10)["close"]
    board = file_board()
    now, earlier = (board.want(SYMBOL, series("close", back=back), "1m") for back in (0, 3))

    board.seed(SYMBOL, "1m", bars_of(walk(1, 10)))

    assert (now.value, now.before) == (closes[9], closes[8])
    assert (earlier.value, earlier.before) == (closes[6], closes[5])


# Sharing, seeding, letting go


def test_equal_values_are_computed_once_and_dropped_with_the_last_wish():
    board = file_board()
    first = board.want(SYMBOL, minus(series("close"), series("ema", 9)), "1m")
    second = board.want(SYMBOL, series("ema", 9), "1m")
    chart = second.chart

    assert len(chart.computations) == 2  # close and ema
    board.release(first)
    assert len(chart.computations) == 1
    board.close(bars_of(walk(1, 20))[:1])
    board.release(second)
    assert chart.computations == {}
    assert board.timeframes(SYMBOL) == []


def test_outputs_of_one_indicator_share_its_computation():
    board = file_board()

    slots = [board.want(SYMBOL, series("macd", 12, 26, 9, output=each), "1m") for each in ("macd", "signal")]

    assert len(slots[0].chart.computations) == 1


def test_a_live_value_shares_with_one_that_is_not():
    board = file_board()
    slot = board.want(SYMBOL, series("ema", 9), "1m")

    board.want(SYMBOL, Series("ema", "", (9,), Unit.PRICE, Domain.BAR, "1m", live=True), "1m")

    assert len(slot.chart.computations) == 1


def test_seeding_begins_anew():
    bars = bars_of(walk(1, 60))
    board, fresh = file_board(), file_board()
    slots = [each.want(SYMBOL, series("ema", 9), "1m") for each in (board, fresh)]
    board.close(bars_of(walk(2, 1)))

    for each in (board, fresh):
        each.seed(SYMBOL, "1m", bars)

    assert slots[0].value == slots[1].value
    assert slots[0].seen == 60


def test_charts_do_not_touch_each_other():
    board = file_board()
    mine = board.want(SYMBOL, series("close"), "1m")
    others = [board.want("ETH/USDT", series("close"), "1m"), board.want(SYMBOL, series("close"), "5m")]

    board.close(bars_of(walk(1, 1)))

    assert mine.value == walk(1, 1)["close"][0]
    assert all(math.isnan(slot.value) for slot in others)


def test_history_tells_what_each_timeframe_needs():
    board = file_board()
    board.want(SYMBOL, series("rsi", 14), "1m")
    board.want(SYMBOL, series("ema", 50, timeframe="1h"), "1h")

    assert board.history(SYMBOL) == {"1m": 294, "1h": 550}
    assert sorted(board.timeframes(SYMBOL)) == ["1h", "1m"]


def test_bars_and_seeds_nobody_wants_are_passed_over():
    board = file_board()

    board.seed(SYMBOL, "1m", bars_of(walk(1, 5)))
    board.close(bars_of(walk(1, 1)))

    assert board.timeframes(SYMBOL) == []


def test_a_tick_series_has_no_place_on_the_board():
    with pytest.raises(InvalidInput, match="no bar series"):
        file_board().want(SYMBOL, series("price"), "1m")


# Sources of another timeframe or subject


def hours_and_minutes(count):
    columns = walk(5, count, still=0)
    minutes = bars_of(columns)
    parts = {field: values[59::60] for field, values in columns.items()}
    return minutes, bars_of(parts, timeframe="1h", length=HOUR), columns


@pytest.mark.parametrize("first", ["1m", "1h"])
def test_a_source_of_another_timeframe_is_its_last_closed_value(first):
    minutes, hours, columns = hours_and_minutes(600)
    board = file_board()
    mean = board.want(SYMBOL, series("sma", 30, source=series("close", timeframe="1h")), "1m")
    history = {"1m": minutes[:300], "1h": hours[:5]}

    for timeframe in (first, "1h" if first == "1m" else "1m"):
        board.seed(SYMBOL, timeframe, history[timeframe])
    assert_hourly_mean(mean, columns, 300)
    for at in range(300, 600):
        closed = [minutes[at]] + ([hours[at // 60]] if at % 60 == 59 else [])
        board.close(closed)
        assert_hourly_mean(mean, columns, at + 1)


def assert_hourly_mean(slot, columns, count):
    known = [
        columns["close"][at // 60 * 60 + 59 if at % 60 == 59 else at // 60 * 60 - 1] for at in range(count)
    ]
    assert slot.value == pytest.approx(np.mean(known[-30:]), rel=1e-12)


def test_a_source_of_another_subject_is_followed():
    board = file_board()
    ether = series("close", subject="ETH/USDT")
    ratio = board.want(SYMBOL, Arithmetic("/", series("close"), ether, Unit.NUMBER), "1m")
    mine, theirs = bars_of(walk(1, 3)), bars_of(walk(2, 3), symbol="ETH/USDT")

    for pair in zip(mine, theirs, strict=True):
        board.close(list(pair))

    assert ratio.value == mine[2].close / theirs[2].close
    board.release(ratio)
    assert board.timeframes(SYMBOL) == board.timeframes("ETH/USDT") == []
