"""Tests of core/judging/nodes.py; how they work together stands in test_board.py."""

import math

from crypto_portfolio_analyzer.core.judging.nodes import (
    Calculation,
    Elsewhere,
    Expression,
    Literal,
    Memory,
    Output,
)
from crypto_portfolio_analyzer.core.series.handles import OF_SOURCE, Handle
from tests.core.series.samples import bars_of, walk

BARS = bars_of(walk(1, 30, still=0))


def mean(length, source=None):
    return Calculation(lambda: Handle("SMA", OF_SOURCE, length), length, 1, source)


def take(bars, *computations):
    for bar in bars:
        for each in computations:
            each.update(bar)


def test_a_literal_lacks_nothing():
    literal = Literal(5.0)

    assert (literal.now(), literal.before(), literal.peek(BARS[0])) == (5.0, 5.0, 5.0)
    assert literal.lacks() < 0


def test_an_expression_is_as_settled_as_its_least_settled_part():
    quick, slow = mean(2), mean(10)
    both = Expression(lambda left, right: left - right, [Output(quick, 0), Output(slow, 0)])

    take(BARS[:4], quick, slow)

    assert (both.needs, both.lacks()) == (10, 6)
    assert math.isnan(both.now())


def test_a_calculation_knows_its_last_two_values_and_the_next():
    calculation = mean(3)
    output = Output(calculation, 0)
    take(BARS[:5], calculation)
    closes = [bar.close for bar in BARS]

    assert math.isclose(output.now(), sum(closes[2:5]) / 3)
    assert math.isclose(output.before(), sum(closes[1:4]) / 3)
    assert math.isclose(output.peek(BARS[5]), sum(closes[3:6]) / 3)
    assert output.lacks() == -2


def test_a_calculation_forgets_when_it_is_reset():
    calculation = mean(3)
    take(BARS[:5], calculation)

    calculation.reset()

    assert math.isnan(calculation.value(0))
    assert calculation.lacks() == 3


def test_a_memory_tells_of_earlier_bars_and_waits_for_them():
    calculation = mean(1)
    memory = Memory(Output(calculation, 0), 3)
    take(BARS[:6], calculation, memory)

    assert (memory.value(0), memory.value_before(0)) == (BARS[2].close, BARS[1].close)
    assert memory.peek(BARS[6]) == (BARS[3].close,)
    assert (memory.needs, memory.lacks()) == (4, -2)
    memory.reset()
    assert math.isnan(memory.value(0))


def test_what_stands_elsewhere_does_not_know_the_forming_bar():
    calculation = mean(1)
    elsewhere = Elsewhere(Output(calculation, 0))
    take(BARS[:3], calculation)

    assert elsewhere.peek(BARS[3]) == elsewhere.now() == BARS[2].close
    assert elsewhere.before() == BARS[1].close
