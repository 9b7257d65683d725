"""Units: which values may meet, what comes of them, and what a comparison can never be."""

import math
from collections.abc import Callable

from crypto_portfolio_analyzer.core.conditions import literals
from crypto_portfolio_analyzer.core.conditions.tree import (
    Arithmetic,
    Function,
    Negated,
    Number,
    Value,
)
from crypto_portfolio_analyzer.core.series.catalog import Output, SeriesKind, Unit

Bounds = tuple[float, float]
ANY: Bounds = (-math.inf, math.inf)

NOUNS = {
    Unit.PRICE: "a price",
    Unit.QUANTITY: "a quantity",
    Unit.NOTIONAL: "a turnover",
    Unit.PERCENT: "a percentage",
    Unit.RATIO: "a ratio",
    Unit.INDEX: "an index",
    Unit.COUNT: "a count",
    Unit.DURATION: "a duration",
    Unit.FLAG: "a flag",
    Unit.NUMBER: "a number",
}
WHOLE = {Unit.COUNT, Unit.FLAG}
"""Units whose values are whole numbers."""
_PRODUCTS = {
    frozenset({Unit.PRICE, Unit.QUANTITY}): Unit.NOTIONAL,
}
_QUOTIENTS = {
    (Unit.NOTIONAL, Unit.PRICE): Unit.QUANTITY,
    (Unit.NOTIONAL, Unit.QUANTITY): Unit.PRICE,
    (Unit.NOTIONAL, Unit.COUNT): Unit.NOTIONAL,
    (Unit.QUANTITY, Unit.COUNT): Unit.QUANTITY,
}

_FUNCTIONS: dict[str, Callable[[list[float]], float]] = {"abs": lambda of: abs(of[0]), "min": min, "max": max}


def alike(one: Unit, other: Unit) -> bool:
    """Tell whether values of two units may be compared or added."""
    return one is other or Unit.NUMBER in (one, other)


def meet(one: Value, other: Value) -> bool:
    """Tell whether two values may be compared or added; a percentage of a bare number could be points or parts."""
    is_unclear = any(
        isinstance(value, Number) and value.unit is Unit.PERCENT and beside.unit is Unit.NUMBER
        for value, beside in ((one, other), (other, one))
    )
    return alike(one.unit, other.unit) and not is_unclear


def common(one: Unit, other: Unit) -> Unit:
    """Return the unit of a sum of two that are alike."""
    return other if one is Unit.NUMBER else one


def product(one: Unit, other: Unit) -> Unit:
    """Return the unit of a product."""
    for scalar in (Unit.NUMBER, Unit.RATIO):
        if scalar in (one, other):
            return other if one is scalar else one
    return _PRODUCTS.get(frozenset({one, other}), Unit.NUMBER)


def quotient(one: Unit, other: Unit) -> Unit:
    """Return the unit of a quotient."""
    if other in (Unit.NUMBER, Unit.RATIO):
        return one
    if one is other:
        return Unit.RATIO
    return _QUOTIENTS.get((one, other), Unit.NUMBER)


def fitted(value: Value, unit: Unit) -> Value:
    """Return a value as it is meant beside `unit`: a percentage beside a ratio is a ratio."""
    if isinstance(value, Number) and value.unit is Unit.PERCENT and unit is Unit.RATIO:
        return literals.ratio_of(value)
    return value


def scaled(value: Value) -> Value:
    """Return a value as a factor: `5%` of something is 0.05 of it."""
    return fitted(value, Unit.RATIO)


def output_of(kind: SeriesKind, name: str) -> Output:
    """Return the output of a kind by name."""
    place = kind.output(name)
    assert place is not None, "names are resolved before"
    return kind.outputs[place]


def constant(value: Value) -> float | None:
    """Return what a value of literals only is worth; None if a series is in it, NaN where it is undefined."""
    match value:
        case Number():
            return value.value
        case Arithmetic(operator, left, right):
            one, other = constant(left), constant(right)
            return None if one is None or other is None else _reckoned(operator, one, other)
        case Negated(inner):
            of_inner = constant(inner)
            return None if of_inner is None else -of_inner
        case Function(name, values):
            known = [each for each in map(constant, values) if each is not None]
            return float(_FUNCTIONS[name](known)) if len(known) == len(values) else None
        case _:
            return None


def _reckoned(operator: str, one: float, other: float) -> float:
    match operator:
        case "+":
            return one + other
        case "-":
            return one - other
        case "*":
            return one * other
        case _:
            return one / other if other else math.nan


def outside_of(operator: str, bounds: Bounds, limit: float) -> bool | None:
    """Say what `x operator limit` is for every x in bounds: always, never, or None where it depends."""
    low, high = bounds
    always, never = {
        ">": (low > limit, high <= limit),
        ">=": (low >= limit, high < limit),
        "<": (high < limit, low >= limit),
        "<=": (high <= limit, low > limit),
        "==": (False, not low <= limit <= high),
        "!=": (not low <= limit <= high, False),
    }[operator]
    return True if always else False if never else None
