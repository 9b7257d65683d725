"""Comparing numbers: levels by their operator, and the side of a boundary on which a value is."""

import operator
from collections.abc import Callable

from crypto_portfolio_analyzer.core.conditions.tree import Direction

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
SIDES = {Direction.UP: (1,), Direction.DOWN: (-1,), Direction.EITHER: (1, -1)}
"""The sides whose reaching is a crossing."""


def unknown(*values: float) -> bool:
    """Tell whether any of the values is unknown."""
    return any(value != value for value in values)  # noqa: PLR0124  # NaN


def side_of(left: float, right: float) -> int:
    """Return on which side of `right` the left value is; 0 exactly on it."""
    return (left > right) - (left < right)


def side_of_range(value: float, low: float, high: float) -> int:
    """Return 1 inside (bounds included), -1 outside."""
    return 1 if low <= value <= high else -1
