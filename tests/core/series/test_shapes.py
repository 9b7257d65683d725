"""Tests of core/series/shapes.py."""

import math

import pytest

from crypto_portfolio_analyzer.core.series import shapes
from crypto_portfolio_analyzer.core.series.shapes import (
    at_least,
    at_most,
    even,
    line_through,
    quality_of,
)
from crypto_portfolio_analyzer.core.series.swings import HIGH, LOW, Swing

# What the textbooks draw: prices of alternating swings, the first one a low if it begins low; ten bars apart.
TEXTBOOK: dict[str, tuple[int, list[float]]] = {
    "double_top": (LOW, [70, 100, 90, 100]),
    "head_and_shoulders": (LOW, [80, 96, 90, 102, 90, 96]),
    "ascending_triangle": (HIGH, [100, 90, 100, 94, 100]),
    "symmetric_triangle": (HIGH, [100, 90, 98, 92, 96]),
    "rising_channel": (HIGH, [100, 95, 105, 100, 110]),
    "rising_wedge": (HIGH, [100, 90, 103, 96.5, 106]),
    "bull_flag": (LOW, [70, 100, 93, 98]),
}


def swings(side, prices, noise=0.5, apart=10):
    """Return alternating swings."""
    return [
        Swing(side * (-1) ** place, float(price), place * apart, noise) for place, price in enumerate(prices)
    ]


def recognized(name, side, prices, **options):
    return getattr(shapes, name)(swings(side, prices, **options))


@pytest.mark.parametrize("name", TEXTBOOK)
def test_a_textbook_shape_is_recognized_and_good(name):
    shape = recognized(name, *TEXTBOOK[name])

    assert shape is not None
    assert shape.quality > 0.5
    assert shape.end == 10 * (len(TEXTBOOK[name][1]) - 1)
    assert shape.expires > shape.end


@pytest.mark.parametrize("name", TEXTBOOK)
def test_of_the_five_touches_only_its_own_shape_is_recognized(name):
    bands = [each for each, (side, prices) in TEXTBOOK.items() if len(prices) == 5]
    found = [each for each in bands if recognized(each, *TEXTBOOK[name]) is not None]

    assert found == ([name] if name in bands else [])


@pytest.mark.parametrize("name", TEXTBOOK)
def test_what_bars_hide_is_no_shape(name):
    side, prices = TEXTBOOK[name]

    assert recognized(name, side, prices, noise=10.0) is None


@pytest.mark.parametrize("name", TEXTBOOK)
def test_too_few_swings_or_a_market_that_stands_still_are_no_shape(name):
    side, prices = TEXTBOOK[name]

    assert recognized(name, side, prices[1:]) is None or len(prices) == 6
    assert recognized(name, side, [100] * 2) is None
    assert recognized(name, side, [100 + side * (-1) ** place * 1e-9 for place in range(6)]) is None


@pytest.mark.parametrize(
    ("name", "prices"),
    [
        ("double_top", [70, 100, 90, 103]),  # tops not level
        ("double_top", [95, 100, 90, 100]),  # nothing to reverse
        ("head_and_shoulders", [80, 96, 90, 97, 90, 96]),  # no head
        ("head_and_shoulders", [80, 92, 90, 102, 90, 92]),  # no shoulders
        ("head_and_shoulders", [80, 96, 90, 102, 84, 96]),  # neckline too steep
        ("bull_flag", [70, 100, 80, 98]),  # gives back too much
        ("bull_flag", [70, 100, 93, 105]),  # leans with the trend
        ("bull_flag", [98.5, 100, 99.6, 99.9]),  # no pole
    ],
)
def test_a_shape_with_a_broken_rule_is_none(name, prices):
    assert recognized(name, LOW, prices) is None


def test_targets_are_those_of_the_measure_rule():
    top = recognized("double_top", *TEXTBOOK["double_top"])
    triangle = recognized("ascending_triangle", *TEXTBOOK["ascending_triangle"])
    both = recognized("symmetric_triangle", *TEXTBOOK["symmetric_triangle"])

    assert (top.goal_down, math.isnan(top.goal_up)) == (80.0, True)
    assert triangle.goal_up == pytest.approx(112)  # the opening is 100 - 88 where the triangle begins
    assert both.goal_down < 90
    assert both.goal_up > 100


def test_a_triangle_ends_at_its_apex():
    shape = recognized("symmetric_triangle", HIGH, [100, 90, 97, 93, 95])

    assert shape is not None
    assert shape.expires < 2 * shape.end
    at = int(shape.expires)
    assert shape.above.value(at) > shape.below.value(at)


def test_scores_are_1_at_best_and_negative_beyond_the_limit():
    assert [at_most(value, 2) for value in (0, 1, 2, 3)] == [1, 0.5, 0, -0.5]
    assert [at_least(value, 2) for value in (1, 2, 3, 4, 9)] == [-0.5, 0, 0.5, 1, 1]
    assert [even(10, other, 3) for other in (10, 20, 30)] == [1, 0.5, 0]
    assert even(0, 10, 3) < 0
    assert quality_of((0.5, 1.0)) == 0.75
    assert quality_of((1.0, -0.001)) is None


def test_the_line_is_the_least_squares_line_wherever_counting_began():
    points = [Swing(HIGH, price, at, 1.0) for at, price in [(0, 1.0), (10, 4.0), (20, 4.0)]]
    later = [Swing(HIGH, each.price, each.at + 1_000_003, 1.0) for each in points]

    assert [line_through(points).value(at) for at in (0, 20)] == pytest.approx([1.5, 4.5])
    assert line_through(later).value(1_000_020) == line_through(points).value(17)
    assert line_through(points).moved(2.0).value(0) == pytest.approx(3.5)
