"""Clock windows."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.judging.windows import OVER, ClockWindow, percent_change

samples = st.lists(st.tuples(st.integers(0, 5), st.integers(-9, 9)), max_size=30)


def test_window_is_unknown_until_a_value_lies_at_or_before_its_start():
    window = ClockWindow(10)
    window.take(5, 1.0)

    assert window.values(14) == []
    assert window.values(15) == [1.0]


def test_start_value_is_the_last_one_at_or_before_the_start():
    window = ClockWindow(10)
    for at, value in ((0, 1.0), (3, 2.0), (4, 3.0), (12, 4.0)):
        window.take(at, value)

    assert window.values(13) == [2.0, 3.0, 4.0]


def test_unknown_value_inside_makes_the_window_unknown():
    window = ClockWindow(10)
    window.take(0, 1.0)
    window.take(5, nan)
    window.take(6, 2.0)

    assert window.values(14) == []
    assert window.values(16) == [2.0]


@given(samples, st.integers(0, 10))
def test_window_equals_its_definition(steps, later):
    window, history, at = ClockWindow(7), [], 0
    for step, value in steps:
        at += step
        history.append((at, float(value)))
        window.take(at, float(value))
    now = at + later

    before = [value for when, value in history if when <= now - 7]
    inside = [value for when, value in history if when > now - 7]
    assert window.values(now) == ([before[-1], *inside] if before else [])


@given(samples)
def test_due_is_when_the_next_value_becomes_the_start(steps):
    window, at = ClockWindow(7), 0
    for step, value in steps:
        at += step
        window.take(at, float(value))
    due = window.due(at)

    if due is not None:
        assert window.values(due - 1) != window.values(due) or window.values(due)
        assert due > at


def test_memory_goes_through_json_terms():
    window, other = ClockWindow(10), ClockWindow(10)
    window.take(0, 1.0)
    other.memory = [list(sample) for sample in window.memory] + [[3, None]]

    assert other.values(10) == []
    assert window.values(10) == [1.0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("highest", 4),
        ("lowest", 1),
        ("avg", 7 / 3),
        ("sum", 7),
        ("change", 3),
        ("percent_change", 300),
        ("first", 1),
    ],
)
def test_functions_of_a_window(name, value):
    assert OVER[name]([1.0, 2.0, 4.0]) == pytest.approx(value)


def test_percent_of_nothing_is_unknown():
    assert not percent_change((0.0, 1.0)) < inf
