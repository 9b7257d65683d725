"""Questions: Kleene's three values, levels, edges, moves."""

from itertools import product
from math import nan

import pytest

from crypto_portfolio_analyzer.core.conditions.tree import Direction
from crypto_portfolio_analyzer.core.judging.comparing import OPERATORS, SIDES, side_of, side_of_range
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.operands import Constant
from crypto_portfolio_analyzer.core.judging.questions import (
    Edge,
    Level,
    at_least,
    conjunction,
    disjunction,
    moved,
    negation,
)

NOW = Moment(at=0, received_at=0, detected_at=0)
TRUTHS = (True, False, None)


class Played(Constant):
    """An operand that plays values, one a judgement."""

    def __init__(self, *values: float) -> None:
        self._values = iter(values)

    def value(self, _moment: Moment) -> float:
        return next(self._values)


def answers(question: Edge, count: int) -> list[bool | None]:
    return [question.answer(NOW) for _ in range(count)]


@pytest.mark.parametrize(("first", "second"), list(product(TRUTHS, repeat=2)))
def test_de_morgan_holds_with_unknown_too(first, second):
    both = negation(conjunction([first, second]))

    assert both == disjunction([negation(first), negation(second)])


@pytest.mark.parametrize("truths", list(product(TRUTHS, repeat=3)))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_k_of_is_what_every_completion_of_the_unknown_agrees_on(truths, count):
    completions = product(*[(True, False) if truth is None else (truth,) for truth in truths])
    results = {sum(completion) >= count for completion in completions}

    assert at_least(count, truths) == (results.pop() if len(results) == 1 else None)


@pytest.mark.parametrize("operator", OPERATORS)
def test_unknown_operand_makes_a_level_unknown(operator):
    assert Level(OPERATORS[operator], [Constant(nan), Constant(1)]).answer(NOW) is None


def test_equality_keeps_the_side():
    edge = Edge(side_of, SIDES[Direction.UP], [Played(1, 2, 2, 3, 2, 1, 3), Constant(2)])

    assert answers(edge, 7) == [False, False, False, True, False, False, True]


def test_unknown_in_between_changes_no_side():
    edge = Edge(side_of, SIDES[Direction.DOWN], [Played(3, nan, 1), Constant(2)])

    assert answers(edge, 3) == [False, None, True]


def test_either_way_counts_both_crossings():
    edge = Edge(side_of, SIDES[Direction.EITHER], [Played(1, 3, 1), Constant(2)])

    assert answers(edge, 3) == [False, True, True]


def test_range_is_entered_at_its_bound():
    edge = Edge(side_of_range, (1,), [Played(0, 1, 2, 3, 2), Constant(1), Constant(2)])

    assert answers(edge, 5) == [False, True, False, False, True]


def test_an_edge_is_over_with_its_instant_and_a_level_stays():
    edge = Edge(side_of, SIDES[Direction.UP], [Played(1, 3), Constant(2)])
    level = Level(OPERATORS[">"], [Constant(3), Constant(2)])
    answers(edge, 2)
    level.answer(NOW)

    assert edge.last is True
    assert edge.rest() is False
    assert level.rest() is True


@pytest.mark.parametrize(
    ("direction", "start", "now", "is_percent", "holds"),
    [
        (Direction.UP, 100, 105, True, True),
        (Direction.UP, 100, 104.9, True, False),
        (Direction.DOWN, 100, 95, True, True),
        (Direction.DOWN, 100, 105, True, False),
        (Direction.EITHER, 100, 95, False, True),
        (Direction.UP, -100, -95, True, True),
        (Direction.UP, 0, 5, True, False),
    ],
)
def test_moves(direction, start, now, is_percent, holds):
    assert moved(direction, is_percent)(start, now, 5) is holds
