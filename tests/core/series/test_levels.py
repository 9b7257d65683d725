"""Tests of core/series/levels.py."""

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.series.catalog import SERIES, Unit
from crypto_portfolio_analyzer.core.series.levels import FORMULAS, WING, clustered, rounded
from crypto_portfolio_analyzer.core.series.swings import HIGH, Swing
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR, WEEK
from tests.core.series.charts import bar, calculator, run, run_peeking, scaled, through, walks

ZIGZAG = through([(0, 100), (10, 110), (20, 90), (30, 110), (40, 95), (50, 100)], reach=0.5)
LEVELS = ("resistance", "support", "breaks_resistance", "breaks_support")
HOURS = [bar(number, 100, 101 + number, 99, 100.5, HOUR) for number in range(72)]


def test_resistance_is_the_nearest_swing_above_and_counts_its_touches():
    assert run("resistance", ZIGZAG, length=45)[-1] == (110.5, 2)


def test_support_is_the_nearest_swing_below():
    assert run("support", ZIGZAG, length=45)[-1] == (94.5, 1)


def test_without_a_level_on_that_side_it_is_unknown_and_has_no_touches():
    falling = through([(0, 100), (10, 110), (60, 20)], reach=0.5)
    price, touches = run("support", falling, length=50)[-1]

    assert math.isnan(price)
    assert touches == 0


def test_swings_closer_than_a_bar_reaches_are_one_level():
    near = tuple(Swing(HIGH, price, at, 2.0) for at, price in enumerate([100.0, 101.5, 102.5, 110.0]))

    assert clustered(near) == ((100.75, 102.5, 110.0), (2, 1, 1))
    assert clustered(()) == ((), ())


def test_swings_out_of_the_window_are_forgotten():
    chart = through([(0, 100), (10, 110), (20, 100), (60, 101)], reach=0.5)

    assert run("resistance", chart, length=51)[-1] == (110.5, 1)
    assert run("resistance", chart, length=50)[-1][1] == 0


def test_break_is_told_at_the_close_beyond_the_level_and_only_there():
    chart = through([(0, 100), (10, 110), (20, 90), (45, 115)], reach=0.5)
    flags = [flag for (flag,) in run("breaks_resistance", chart, length=35)]

    assert [place for place, flag in enumerate(flags) if flag == 1] == [41]
    assert chart[40].close < 110.5 < chart[41].close


@settings(max_examples=40, deadline=None)
@given(walks(least=40), st.integers(7, 30))
def test_breaks_compare_the_close_with_the_level_of_the_bar_before(bars, length):
    levels = run("resistance", bars, length=length), run("support", bars, length=length)
    flags = run("breaks_resistance", bars, length=length), run("breaks_support", bars, length=length)

    for place in range(length + WING, len(bars)):
        close = bars[place].close
        assert flags[0][place] == (float(close > levels[0][place - 1][0]),)
        assert flags[1][place] == (float(close < levels[1][place - 1][0]),)


@settings(max_examples=60, deadline=None)
@given(walks(least=30), st.integers(7, 30), st.sampled_from(LEVELS))
def test_levels_depend_on_the_bars_their_history_names_alone(bars, length, kind):
    needs = SERIES[kind].history({"length": length})
    rows = run(kind, bars, length=length)

    assert all(math.isnan(row[0]) for row in rows[: needs - 1])
    for place in range(needs - 1, len(bars), 7):
        alone = run(kind, bars[place - needs + 1 : place + 1], length=length)[-1]
        assert alone == pytest.approx(rows[place], rel=1e-12, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(walks(), st.sampled_from(LEVELS))
def test_peeking_at_a_level_foretells_and_changes_nothing(bars, kind):
    assert repr(run_peeking(kind, bars, length=12)) == repr(run(kind, bars, length=12))


@settings(max_examples=40, deadline=None)
@given(walks(least=30), st.sampled_from([2.0**-20, 0.5, 1024.0]))
def test_levels_grow_with_prices_and_touches_do_not(bars, factor):
    grown = run("resistance", scaled(bars, factor), length=12)

    assert repr(grown) == repr(
        [(factor * level, count) for level, count in run("resistance", bars, length=12)]
    )


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("classic", (104, 108, 114, 124, 98, 94, 84)),
        ("traditional", (104, 108, 114, 118, 98, 94, 88)),
        ("fibonacci", (104, 107.82, 110.18, 114, 100.18, 97.82, 94)),
        ("camarilla", (104, 102.916667, 103.833333, 104.75, 101.083333, 100.166667, 99.25)),
        ("woodie", (104.5, 109, 114.5, 119, 99, 94.5, 89)),
    ],
)
def test_pivot_points_are_those_of_the_formulas(method, expected):
    day_before, today = bar(0, 101, 110, 100, 102, DAY), bar(1, 104, 105, 103, 104, DAY)

    assert run("pivot", [day_before, today], method=method)[1] == pytest.approx(expected, rel=1e-6)


def test_pivots_come_from_the_utc_day_before_and_change_at_midnight():
    rows = run("pivot", HOURS, method="classic")

    assert all(math.isnan(row[0]) for row in rows[:24])
    assert {row[0] for row in rows[24:48]} == {(124 + 99 + 100.5) / 3}
    assert {row[0] for row in rows[48:]} == {(148 + 99 + 100.5) / 3}


def test_a_day_that_was_not_seen_from_its_start_gives_no_pivots():
    rows = run("pivot", HOURS[3:], method="classic")

    assert all(math.isnan(row[0]) for row in rows[:45])
    assert rows[45] == run("pivot", HOURS, method="classic")[48]


def test_pivots_of_weeks_come_from_the_week_before():
    weeks = [bar(number, 100, 101 + number, 99, 100, WEEK) for number in range(3)]

    assert run("pivot", weeks, method="classic")[2][0] == (102 + 99 + 100) / 3


@pytest.mark.parametrize("method", FORMULAS)
def test_peeking_at_pivots_foretells_and_changes_nothing(method):
    assert repr(run_peeking("pivot", HOURS, method=method)) == repr(run("pivot", HOURS, method=method))


@pytest.mark.parametrize("method", FORMULAS)
def test_pivots_are_ordered(method):
    middle, *levels = run("pivot", HOURS, method=method)[30]

    assert levels[3:] == sorted(levels[3:], reverse=True)
    assert levels[:3] == sorted(levels[:3])
    assert levels[3] < middle < levels[0] or method == "camarilla"


@pytest.mark.parametrize(
    ("price", "step", "expected"),
    [(0.29, "0.1", 0.3), (63_499.99, "1000", 63_000), (63_500.0, "1000", 64_000), (7e-6, "0.000005", 5e-6)],
)
def test_round_number_is_the_nearest_one_halves_up(price, step, expected):
    assert rounded(price, Decimal(step)) == expected
    assert run("round_number", [bar(0, price, price, price, price)], step=float(step)) == [(expected,)]


@settings(max_examples=100)
@given(st.integers(1, 10**9), st.sampled_from([0.1, 0.05, 0.25, 1.0, 500.0]))
def test_a_round_number_is_never_further_than_half_a_step(cents, step):
    price = cents / 100

    assert abs(
        calculator("round_number", step=step).peek(bar(0, price, price, price, price), price)[0] - price
    ) <= (step / 2 + 1e-9 * price)


def test_kinds_name_their_outputs_and_units():
    assert [each.name for each in SERIES["pivot"].outputs] == ["p", "r1", "r2", "r3", "s1", "s2", "s3"]
    assert [each.unit for each in SERIES["resistance"].outputs] == [Unit.PRICE, Unit.COUNT]
    assert SERIES["breaks_support"].outputs[0].unit is Unit.FLAG
