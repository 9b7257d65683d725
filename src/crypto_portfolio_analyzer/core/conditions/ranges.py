"""Ranges: what a comparison can never, or must always, be, by what a series can be at all."""

from collections.abc import Iterator

from crypto_portfolio_analyzer.core.conditions import syntax, units
from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.names import Catalogue
from crypto_portfolio_analyzer.core.conditions.tree import Caution, Number, Series, Value, Window
from crypto_portfolio_analyzer.core.conditions.values import label
from crypto_portfolio_analyzer.core.series.catalog import Unit

MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}


def of_comparison(
    node: syntax.Compared, left: Value, right: Value, catalogue: Catalogue
) -> Iterator[Caution]:
    """Yield a caution if a comparison always holds; raises Flaw if it never can."""
    for value, limit, operator, place in (
        (left, right, node.operator, node.right),
        (right, left, MIRRORED[node.operator], node.left),
    ):
        bounds, worth = bounds_of(value, catalogue), units.constant(limit)
        if worth is None:
            continue
        answer = units.outside_of(operator, bounds, worth)
        if answer is False:
            raise never(value, limit, place, bounds)
        if answer is True:
            message = f"{label(value)} is {described(value, bounds)}; this is always true"
            yield Caution(message, "choose another limit", place.start, place.end)


def of_cross(node: syntax.Crossed, left: Value, right: Value, catalogue: Catalogue) -> None:
    """Raise Flaw if a value can never be on both sides of the other."""
    for value, limit, place in ((left, right, node.right), (right, left, node.left)):
        low, high = bounds = bounds_of(value, catalogue)
        worth = units.constant(limit)
        if worth is not None and not low < worth < high:
            raise never(value, limit, place, bounds)


def of_range(node: syntax.Ranged, value: Value, low: Value, high: Value, catalogue: Catalogue) -> None:
    """Raise Flaw if a range is upside down, or the question about it can never be true."""
    bounds = bounds_of(value, catalogue)
    first, last = units.constant(low), units.constant(high)
    if first is None or last is None:
        return
    start, end = node.low.start, node.high.end
    if first > last:
        instead = (
            f"{_text(high)}..{_text(low)}" if isinstance(low, Number) and isinstance(high, Number) else None
        )
        raise Flaw(start, end, "a range begins with its lower end", instead)
    if not can_be(node.word, bounds, first, last):
        raise Flaw(start, end, f"{label(value)} is {described(value, bounds)}; this can never be true")


def can_be(word: str, bounds: units.Bounds, first: float, last: float) -> bool:
    """Tell whether a value within bounds can be inside or outside of, enter or exit `first..last`."""
    least, most = bounds
    is_inside, is_outside = first <= most and last >= least, first > least or last < most
    return {"inside": is_inside, "outside": is_outside}.get(word, is_inside and is_outside)


def bounds_of(value: Value, catalogue: Catalogue) -> units.Bounds:
    """Return the least and the most a value can ever be, as far as its series says so."""
    match value:
        case Series(kind, output):
            found = units.output_of(catalogue[kind], output)
            is_of_source = value.source is not None and found.unit is Unit.PRICE
            return units.ANY if is_of_source else (found.low, found.high)
        case Window("highest" | "lowest" | "avg", inner):
            return bounds_of(inner, catalogue)
        case _:
            return units.ANY


def never(value: Value, limit: Value, place: syntax.Syntax, bounds: units.Bounds) -> Flaw:
    """Return the flaw of a comparison that can never be true, with a percentage where that was probably meant."""
    problem = f"{label(value)} is {described(value, bounds)}; this can never be true"
    is_plain = isinstance(limit, Number) and limit.unit is Unit.NUMBER
    is_percentage = value.unit is Unit.RATIO and bounds[1] < limit_of(limit) <= 100
    instead = f"{_text(limit)}%" if is_plain and is_percentage else None
    return Flaw(place.start, place.end, problem, instead)


def limit_of(limit: Value) -> float:
    """Return what a limit of literals is worth."""
    worth = units.constant(limit)
    assert worth is not None, "only limits of literals are compared with bounds"
    return worth


def described(value: Value, bounds: units.Bounds) -> str:
    """Say what a value is and can be."""
    noun, (low, high) = units.NOUNS[value.unit], bounds
    if bounds == units.ANY:
        return noun
    if high == units.ANY[1]:
        return f"{noun}, never below {low:g}"
    return f"{noun} from {low:g} to {high:g}"


def _text(number: Value) -> str:
    assert isinstance(number, Number)
    return number.text
