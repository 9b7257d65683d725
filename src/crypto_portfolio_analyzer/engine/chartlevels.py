"""Levels of alerts on a chart: the constants a price is compared with, each with the condition around it.

A page that moves such a level writes another number between `before` and `after`; it never reads a condition.
"""

from collections.abc import Iterator

from msgspec import Struct

from crypto_portfolio_analyzer.core.conditions.spelling import spell_question
from crypto_portfolio_analyzer.core.conditions.tree import (
    Comparison,
    Condition,
    Cross,
    Direction,
    Number,
    Range,
    RangeEdge,
    Series,
    Value,
    nodes_of,
)
from crypto_portfolio_analyzer.core.series.catalog import Unit
from crypto_portfolio_analyzer.engine.sweeping import literals_of, with_literal

PRICES = ("price", "close", "open", "high", "low", "bid", "ask", "hl2", "hlc3", "ohlc4")
"""Series that are the price itself, so that a level of theirs can be drawn among the bars."""
_MARK = 7.25e-77
"""Stands for the number while its place in the spelling is looked for; nobody writes such a threshold."""
_CROSSES = {Direction.UP: "above", Direction.DOWN: "below", Direction.EITHER: "either"}
_SIDES = {">": "over", ">=": "over", "<": "under", "<=": "under", "==": "at", "!=": "at"}
_MIRRORED = {"over": "under", "under": "over", "above": "below", "below": "above"}


class Level(Struct, frozen=True):
    """One constant: the whole condition is `before`, its number, `after`.

    `relation` is how the price is asked to stand to it: above, below or either (it crosses), over, under or at (a
    level), inside, outside, enters or exits (one end of a range).
    """

    value: float
    series: str
    relation: str
    before: str
    after: str


def levels_of(condition: Condition, symbol: str) -> list[Level]:
    """Return the constants that the price of `symbol`, the condition's own subject, is compared with."""
    numbers = literals_of(condition)
    return [
        _level(condition, numbers, number, series, relation)
        for node in nodes_of(condition.question)
        for series, number, relation in _compared(node)
        if isinstance(number, Number) and _is_price(series, symbol)
    ]


def _compared(node: object) -> Iterator[tuple[Value, Value, str]]:
    """Yield what a question compares: series, bound, and how they are to stand to each other."""
    match node:
        case Comparison(operator, left, right):
            yield from _two_ways(left, right, _SIDES[operator])
        case Cross(direction, left, right):
            yield from _two_ways(left, right, _CROSSES[direction])
        case Range(is_inside, value, low, high):
            for bound in (low, high):
                yield value, bound, "inside" if is_inside else "outside"
        case RangeEdge(is_entering, value, low, high):
            for bound in (low, high):
                yield value, bound, "enters" if is_entering else "exits"


def _two_ways(left: Value, right: Value, relation: str) -> Iterator[tuple[Value, Value, str]]:
    yield left, right, relation
    yield right, left, _MIRRORED.get(relation, relation)


def _is_price(value: Value, symbol: str) -> bool:
    return (
        isinstance(value, Series)
        and value.kind in PRICES
        and value.unit is Unit.PRICE
        and value.subject in (None, symbol)
        and not value.back
    )


def _level(
    condition: Condition, numbers: list[Number], number: Number, series: Value, relation: str
) -> Level:
    place = next(index for index, each in enumerate(numbers) if each is number)
    marked = with_literal(condition, place, _MARK).question
    is_short = spell_question(condition.question, condition.timeframe) == condition.spelling
    spelling = spell_question(marked, condition.timeframe if is_short else None)
    before, _, after = spelling.partition(repr(_MARK))
    assert isinstance(series, Series)
    return Level(number.value, series.kind, relation, before, after)
