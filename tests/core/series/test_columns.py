"""Tests of core/series/columns.py."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.core.series.columns import COLUMNS, SPARE, Column
from tests.core.series.samples import bars_of, walk

ARGUMENTS: dict[str, dict[str, float | str]] = {
    "sma": {"length": 20},
    "ema": {"length": 9},
    "rsi": {"length": 14},
    "macd": {"fast": 12, "slow": 26, "signal": 9},
    "bollinger": {"length": 20, "deviations": 2.0},
    "atr": {"length": 14},
}
MEMBERS, BARS = 5, 160


def inputs(formula, columns):
    """Return the formula's inputs, one row each."""
    return np.array([columns["close" if field == "source" else field] for field in formula.inputs])


def singly(kind, columns):
    """Return the outputs of the kind's calculator, one row each."""
    make = SERIES[kind].make
    assert make is not None
    calculator = make(ARGUMENTS[kind])
    return np.array([calculator.update(bar, bar.close) for bar in bars_of(columns)]).T


def test_every_column_has_a_kind_with_the_same_outputs():
    assert set(ARGUMENTS) == set(COLUMNS)
    for kind, formula in COLUMNS.items():
        assert formula(ARGUMENTS[kind]).outputs == len(SERIES[kind].outputs)


@pytest.mark.parametrize("kind", COLUMNS)
@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 999),
    late=st.lists(st.integers(0, 60), min_size=MEMBERS, max_size=MEMBERS),
    price=st.sampled_from([1e-9, 1.0, 1e6]),
)
def test_members_that_began_at_different_bars_equal_their_calculators_and_their_peeks(
    kind, seed, late, price
):
    formula = COLUMNS[kind](ARGUMENTS[kind])
    tapes = [walk(seed + member, BARS, price=price, step=price / 1000) for member in range(MEMBERS)]
    rows = [inputs(formula, tape) for tape in tapes]
    column = Column(formula)
    places: dict[int, int] = {}

    for at in range(BARS):
        moving = sorted(places)
        if moving:
            peeked = [column.peek(places[each], rows[each][:, at].tolist()) for each in moving]
            where = np.array([places[each] for each in moving])
            column.advance(
                where, [np.array([rows[each][i, at] for each in moving]) for i in range(len(rows[0]))]
            )
            for each, foretold in zip(moving, peeked, strict=True):
                np.testing.assert_array_equal(column.values[:, places[each]], foretold)
        for member in set(range(MEMBERS)) - set(moving):
            if at + 1 == formula.needs + late[member]:
                places[member] = column.admit(rows[member][:, : at + 1])

    for member, place in places.items():
        expected = singly(kind, tapes[member])
        size = {"rtol": 1e-9, "atol": 1e-9 * max(1, price)}
        np.testing.assert_allclose(column.values[:, place], expected[:, -1], **size)
        np.testing.assert_allclose(column.before[:, place], expected[:, -2], **size)


@pytest.mark.parametrize("kind", COLUMNS)
def test_the_last_member_takes_the_place_of_one_that_leaves(kind):
    formula = COLUMNS[kind](ARGUMENTS[kind])
    rows = [inputs(formula, walk(seed, 60)) for seed in range(3)]
    column = Column(formula)
    for each in rows:
        column.admit(each[:, :50])
    kept = column.values[:, 2].copy()

    moved = column.leave(0)

    assert (moved, len(column)) == (2, 2)
    np.testing.assert_array_equal(column.values[:, 0], kept)
    column.advance(slice(0, 2), [np.array([rows[2][i, 50], rows[1][i, 50]]) for i in range(len(rows[0]))])
    fresh = Column(formula)
    fresh.admit(rows[2][:, :51])
    np.testing.assert_allclose(column.values[:, 0], fresh.values[:, 0], rtol=1e-12)


def test_a_column_grows_beyond_its_spare_places():
    formula = COLUMNS["bollinger"](ARGUMENTS["bollinger"])
    tapes = [walk(seed, 40, still=0) for seed in range(SPARE + 3)]
    column = Column(formula)

    for tape in tapes:
        column.admit(inputs(formula, tape)[:, :39])
    column.advance(slice(0, len(column)), [np.array([tape["close"][39] for tape in tapes])])

    for place in (0, SPARE - 1, SPARE, SPARE + 2):
        expected = singly("bollinger", tapes[place])[:, -1]
        np.testing.assert_allclose(column.values[:, place], expected, rtol=1e-9)


def test_a_flat_window_has_no_rsi_and_bands_of_no_width():
    calm = np.concatenate([walk(1, 50)["close"] * 1e6, np.full(30, 7.0)])
    rsi, bands = Column(COLUMNS["rsi"]({"length": 14})), Column(COLUMNS["bollinger"](ARGUMENTS["bollinger"]))
    rsi.admit(np.full((1, 20), 5.0))
    bands.admit(calm[None, :50])

    for price in calm[50:]:
        bands.advance(slice(0, 1), [np.array([price])])

    assert np.isnan(rsi.values[0, 0])
    assert bands.values[3, 0] == 0
    assert np.isnan(bands.values[4, 0])


def test_a_spike_leaves_no_trace_in_the_deviation():
    calm = walk(2, 200, still=0)["close"]
    spiked = calm.copy()
    spiked[60] *= 1e7
    columns = [Column(COLUMNS["bollinger"](ARGUMENTS["bollinger"])) for _ in range(2)]
    for column, tape in zip(columns, (calm, spiked), strict=True):
        column.admit(tape[None, :50])
        for price in tape[50:]:
            column.advance(slice(0, 1), [np.array([price])])

    widths = [column.values[0, 0] - column.values[1, 0] for column in columns]

    assert widths[0] == pytest.approx(widths[1], rel=1e-9)
