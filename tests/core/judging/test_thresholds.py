"""The threshold index."""

from math import inf, nan

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.judging.thresholds import Thresholds

levels = st.lists(st.integers(-5, 5).map(float), max_size=12)
value = st.integers(-6, 6).map(lambda number: number / 2)


def index_of(given_levels: list[float]) -> Thresholds[float]:
    index: Thresholds[float] = Thresholds()
    for level in given_levels:
        index.add(level, level)
    return index


@given(levels, value, value)
def test_every_level_whose_relation_to_the_value_changes_is_told(all_levels, old, new):
    told = sorted(index_of(all_levels).between(old, new))

    changed = [
        level for level in all_levels if (old > level) - (old < level) != (new > level) - (new < level)
    ]
    assert set(changed) <= set(told)
    assert all(min(old, new) <= level <= max(old, new) for level in told)


@given(levels, value, value)
def test_between_the_nearest_levels_nothing_changes(all_levels, old, new):
    low, high = index_of(all_levels).around(old)

    if low < new < high:
        assert all((old > level) == (new > level) and level not in (old, new) for level in all_levels)


def test_unknown_value_leaves_no_interval_and_tells_everything():
    index = index_of([1.0, 2.0])

    assert index.around(nan) == (inf, -inf)
    assert index.between(nan, 1.5) == [1.0, 2.0]


def test_without_levels_everything_is_quiet():
    assert index_of([]).around(nan) == (-inf, inf)


def test_removing_takes_out_that_holder_only():
    index: Thresholds[str] = Thresholds()
    index.add(1.0, "first")
    index.add(1.0, "second")

    index.remove(1.0, "first")
    index.remove(2.0, "never there")

    assert index.between(0, 2) == ["second"]
