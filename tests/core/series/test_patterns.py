"""Tests of core/series/patterns.py."""

import gzip
import math
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.barfiles import read_bars
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Unit
from crypto_portfolio_analyzer.core.series.patterns import MOST_SWINGS, PATTERNS, Phase
from tests.core.series.charts import calculator, run, run_peeking, scaled, through, walks
from tests.core.series.planted import measured

MIRRORS = [
    ("double_top", "double_bottom"),
    ("head_and_shoulders", "inverse_head_and_shoulders"),
    ("ascending_triangle", "descending_triangle"),
    ("rising_channel", "falling_channel"),
    ("bull_flag", "bear_flag"),
    ("wedge_rising", "wedge_falling"),
    ("symmetric_triangle", "symmetric_triangle"),
]
RISE = [(0, 70), (10, 60), (40, 100), (55, 90), (70, 100)]


def double_top(*way_out):
    """Return the outputs along a double top at 100 (tops at bars 40 and 70, valley 90) and a way out."""
    return run("pattern", through([*RISE, *way_out], reach=0.5), name="double_top", wing=5)


def states(rows):
    return [row[1] for row in rows]


def test_nothing_is_known_before_a_turn_can_be():
    rows = run("pattern", through(RISE), name="double_top", wing=5)

    assert all(map(math.isnan, [each for row in rows[:10] for each in row]))
    assert rows[10][:3] == (0, 0, 0)
    assert math.isnan(rows[10][3])


def test_a_double_top_forms_when_its_second_top_is_known():
    rows = double_top((78, 95))

    assert states(rows)[74:76] == [Phase.NONE, Phase.FORMING]
    assert rows[75][0] == 0
    assert 0.5 < rows[75][2] <= 1
    assert rows[75][3] == 89.5 - 11


def test_it_is_confirmed_by_the_first_close_below_the_valley_and_over_at_its_target():
    rows = double_top((100, 70))
    confirmed = [place for place, row in enumerate(rows) if row[0] == 1]

    assert confirmed[0] == 81  # closes at 89
    assert {row[1] for row in rows[81 : confirmed[-1] + 1]} == {Phase.CONFIRMED}
    assert rows[confirmed[-1]][3] == 78.5
    assert confirmed[-1] == 90  # the next bar's low is 78.5
    assert states(rows)[91] == Phase.NONE


def test_a_close_above_the_tops_invalidates_it_for_one_bar():
    rows = double_top((77, 96), (90, 109))

    assert [place for place, state in enumerate(states(rows)) if state == Phase.INVALIDATED] == [82]
    assert states(rows)[81] == Phase.FORMING
    assert states(rows)[83] == Phase.NONE


def test_a_confirmed_top_that_turns_back_above_its_tops_is_invalidated():
    rows = double_top((82, 88), (100, 106))

    assert Phase.CONFIRMED in states(rows)
    assert states(rows)[states(rows).index(Phase.CONFIRMED) :].count(Phase.INVALIDATED) == 1


def test_a_top_that_waits_longer_than_it_was_wide_is_forgotten():
    rows = double_top((77, 95), (120, 95))

    assert states(rows)[100] == Phase.FORMING
    assert states(rows)[101] == Phase.NONE


def test_what_was_told_is_never_taken_back():
    bars = through([*RISE, (100, 70)], reach=0.5)
    whole = run("pattern", bars, name="double_top", wing=5)

    for length in range(1, len(bars), 9):
        assert repr(run("pattern", bars[:length], name="double_top", wing=5)) == repr(whole[:length])


@pytest.mark.parametrize(("upright", "mirrored"), MIRRORS)
@settings(max_examples=15, deadline=None)
@given(bars=walks(least=60, most=250))
def test_a_pattern_is_its_opposite_upside_down(upright, mirrored, bars):
    rows = run("pattern", bars, name=upright, wing=2)
    turned = run("pattern", scaled(bars, -1), name=mirrored, wing=2)

    assert repr([row[:2] for row in turned]) == repr([row[:2] for row in rows])
    assert [row[2] for row in turned] == pytest.approx([row[2] for row in rows], nan_ok=True)
    if upright != mirrored:
        assert [-row[3] for row in turned] == pytest.approx([row[3] for row in rows], nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(walks(least=40, most=250), st.sampled_from(sorted(PATTERNS)))
def test_peeking_foretells_and_changes_nothing(bars, name):
    assert repr(run_peeking("pattern", bars, name=name, wing=2)) == repr(
        run("pattern", bars, name=name, wing=2)
    )


@settings(max_examples=60, deadline=None)
@given(walks(least=40, most=250), st.sampled_from(sorted(PATTERNS)), st.sampled_from([2.0**-20, 0.5, 1024.0]))
def test_prices_of_another_size_make_the_same_pattern_with_its_target_in_scale(bars, name, factor):
    rows = run("pattern", bars, name=name, wing=2)

    assert repr(run("pattern", scaled(bars, factor), name=name, wing=2)) == repr(
        [(*row[:3], factor * row[3]) for row in rows]
    )


@settings(max_examples=60, deadline=None)
@given(walks(least=40, most=250), st.sampled_from(sorted(PATTERNS)))
def test_outputs_agree_with_each_other_and_their_bounds(bars, name):
    outputs = SERIES["pattern"].outputs
    for flag, state, quality, target in run("pattern", bars, name=name, wing=2)[4:]:
        assert outputs[1].low <= state <= outputs[1].high
        assert flag == (state == Phase.CONFIRMED)
        assert 0 <= quality <= 1
        assert math.isnan(target) or state in (Phase.FORMING, Phase.CONFIRMED)
        assert not (state == Phase.CONFIRMED and math.isnan(target))


@pytest.mark.parametrize("name", PATTERNS)
def test_after_its_history_it_no_longer_matters_where_the_bars_began(recorded_data, name):
    with gzip.open(recorded_data / "ohlcv" / "5m" / "BTCUSDT_5m.csv.gz") as lines:
        bars = read_bars(islice(lines, 4001), symbol="BTC/USDT")
    whole = run("pattern", bars, name=name, wing=3)
    needs = SERIES["pattern"].history({"name": name, "wing": 3})

    for start in range(100, 3500, 200):
        late = run("pattern", bars[start : start + 400], name=name, wing=3)
        assert repr(late[needs - 1 :]) == repr(whole[start + needs - 1 : start + 400])


def test_the_memory_is_bounded():
    zigzag = through([(20 * turn, 100 + 10 * (turn % 2)) for turn in range(40)], reach=0.5)
    series = calculator("pattern", name="rising_channel", wing=5)
    for each in zigzag:
        series.update(each, each.close)

    assert len(series._state.swings) == MOST_SWINGS
    assert len(series._state.window.highs) == 11


def test_planted_patterns_are_found_and_most_of_what_is_told_was_planted():
    found, right, wrong = measured(charts=4, noise=0.03)

    assert sum(found.values()) >= 0.8 * 4 * len(PATTERNS)
    assert sum(right.values()) >= sum(wrong.values())


def test_the_unnamed_output_is_the_flag_of_confirmation():
    kind = SERIES["pattern"]

    assert (kind.output(""), kind.outputs[0].unit) == (0, Unit.FLAG)
    assert [each.name for each in kind.outputs] == ["", "state", "quality", "target"]
    assert set(kind.parameters[0].choices) == set(PATTERNS)
    assert kind.history({"name": "double_top", "wing": 5}) == 300
