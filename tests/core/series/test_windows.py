"""Tests of core/series/windows.py."""

import math

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.series.windows import RollingSum

VALUES = st.lists(st.floats(-1e12, 1e12) | st.just(0.0), min_size=1, max_size=80)


@given(values=VALUES, length=st.integers(1, 10))
def test_the_sum_is_that_of_the_window_and_peek_foretells_it(values, length):
    window = RollingSum(length)

    for at, value in enumerate(values):
        peeked = window.peek(value)
        inside = values[max(0, at + 1 - length) : at + 1]
        assert window.push(value) == peeked == window.total
        assert math.isclose(peeked, math.fsum(inside), rel_tol=1e-12, abs_tol=1e-15)
        assert window.missing == max(0, length - at - 1)


def test_what_was_huge_leaves_no_trace():
    window = RollingSum(3)
    for value in (1e18, 0.1, 0.2, 0.3):
        window.push(value)

    assert math.isclose(window.total, 0.6, rel_tol=1e-15)


def test_a_window_of_zeros_sums_to_zero_exactly():
    window = RollingSum(2)
    for value in (0.1, 0.7, 0.0, 0.0):
        window.push(value)

    assert window.total == 0.0
