"""Comparing numbers."""

from math import nan

from crypto_portfolio_analyzer.core.judging.comparing import side_of, side_of_range, unknown


def test_side_of_a_boundary():
    assert [side_of(value, 10) for value in (9, 10, 11)] == [-1, 0, 1]


def test_bounds_belong_to_the_inside_of_a_range():
    assert [side_of_range(value, 1, 2) for value in (0.9, 1, 2, 2.1)] == [-1, 1, 1, -1]


def test_nan_is_unknown():
    assert unknown(1.0, nan)
    assert not unknown(1.0, 0.0)
