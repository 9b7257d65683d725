"""Deciding values: what the questions of a condition saw when it became true, in a reader's words."""

from collections.abc import Iterator
from functools import lru_cache
from math import isfinite

from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.alerts import Alert, Firing, Leaf
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.conditions.phrases import Phrases
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.summary import GRAMMARS, summarise
from crypto_portfolio_analyzer.core.notices.reader import Reader
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Unit
from crypto_portfolio_analyzer.errors import InvalidInput

SIGNS = {
    tree.Direction.UP: "↗",
    tree.Direction.DOWN: "↘",
    tree.Direction.EITHER: "↔",
}
START = "at the start"
"""How the evidence calls the first of the two values of a move."""
_MOST_DIGITS = 6


def condition_of(firing: Firing, alert: Alert, reader: Reader) -> str:
    """Return what was asked of the symbol, as a sentence without the symbol and without naming the price."""
    said = _said(alert.condition, alert.timeframe, reader.language)
    if said is None:
        return firing.evidence.sentence.removeprefix(f"{firing.symbol}: ")
    return said.removeprefix(reader.sentences.price)


def values_of(firing: Firing, alert: Alert, reader: Reader) -> Iterator[str]:
    """Yield what decided, but for the price itself: `RSI(14) on 1h 71.2 > 70`."""
    for leaf in firing.evidence.leaves:
        if leaf.holds and (told := _leaf(leaf, alert.timeframe, reader)):
            yield told


def moved_by(firing: Firing) -> float | None:
    """Return by how many percent the price moved, if the condition asked for a move; the largest of several."""
    moves = [_move(leaf) for leaf in firing.evidence.leaves if leaf.right and leaf.right.text == "price"]
    return max((move for move in moves if move is not None), key=abs, default=None)


def price_before(firing: Firing) -> float | None:
    """Return the price before the one that decided, if it is part of the evidence."""
    return firing.evidence.before.get("price")


@lru_cache(maxsize=4096)
def _read(text: str, timeframe: str) -> tree.Condition | None:
    """Return the tree of a condition; None if it is of a grammar that is no more."""
    try:
        return read_condition(text, timeframe)
    except InvalidInput:
        return None


@lru_cache(maxsize=4096)
def _said(text: str, timeframe: str, language: str) -> str | None:
    condition = _read(text, timeframe)
    return None if condition is None else summarise(condition, "", language).removeprefix(": ")


def _leaf(leaf: Leaf, timeframe: str, reader: Reader) -> str:
    condition = _read(leaf.text, timeframe)
    left = leaf.left
    if condition is None or left is None:
        return ""
    match condition.question:
        case tree.Comparison(operator, value, bound):
            return _compared(leaf, value, operator, bound, reader)
        case tree.Cross(direction, value, bound):
            return _compared(leaf, value, SIGNS[direction], bound, reader)
        case tree.Range(_, value, _, _) | tree.RangeEdge(_, value, _, _):
            return "" if _is_price(value) else _valued(value, left.value, reader)
        case tree.Move():
            move = _move(leaf)
            return "" if move is None else reader.change(move)
        case _:
            return ""


def _compared(leaf: Leaf, value: tree.Value, sign: str, bound: tree.Value, reader: Reader) -> str:
    left, right = leaf.left, leaf.right
    if left is None or right is None or (_is_price(value) and isinstance(bound, tree.Number)):
        return ""
    if isinstance(bound, tree.Number):
        return f"{_valued(value, left.value, reader, bound.value)} {sign} {_name(bound, reader)}"
    return f"{_valued(value, left.value, reader)} {sign} {_valued(bound, right.value, reader)}"


def _is_price(value: tree.Value) -> bool:
    return isinstance(value, tree.Series) and value.kind == "price" and value.subject is None


def _valued(value: tree.Value, number: float | None, reader: Reader, bound: float | None = None) -> str:
    return f"{_name(value, reader)} {_written(number, value.unit, reader, bound)}"


def _name(value: tree.Value, reader: Reader) -> str:
    name = Phrases(GRAMMARS[reader.language].words, SERIES).value(value)
    for article in reader.sentences.articles:
        name = name.removeprefix(article)
    return name


def _written(number: float | None, unit: Unit, reader: Reader, bound: float | None) -> str:
    if number is None or not isfinite(number):
        return formats.UNKNOWN
    match unit:
        case Unit.PRICE | Unit.NUMBER:
            return reader.price(number)
        case Unit.QUANTITY | Unit.NOTIONAL:
            return formats.compact(number, language=reader.language)
        case Unit.COUNT | Unit.FLAG:
            return reader.count(round(number))
        case Unit.DURATION:
            return reader.span(round(number * 1e9))
        case Unit.PERCENT:
            return formats.percent(number, _digits(number, 2, bound), language=reader.language)
        case _:
            least = 1 if unit is Unit.INDEX else 2
            return formats.price(number, _digits(number, least, bound), language=reader.language)


def _digits(number: float, least: int, bound: float | None) -> int:
    """Return decimals enough that what is past a bound does not read as equal to it."""
    if bound is None or number == bound:
        return least
    enough = (digits for digits in range(least, _MOST_DIGITS) if round(number, digits) != bound)
    return next(enough, _MOST_DIGITS)


def _move(leaf: Leaf) -> float | None:
    start, end = leaf.left, leaf.right
    if start is None or end is None or start.text != START or not start.value or end.value is None:
        return None
    return 100 * (end.value - start.value) / abs(start.value)
