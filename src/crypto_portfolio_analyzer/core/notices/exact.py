"""Exact: numbers and instants as programs read them, the same in every language."""

from datetime import UTC
from decimal import Decimal
from math import isfinite

from crypto_portfolio_analyzer.core import formats


def iso(at: int) -> str:
    """Write an instant (ns UTC) as ISO 8601 with milliseconds and `Z`."""
    return formats.local(at, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def decimal_text(value: float | None) -> str | None:
    """Write a number with the fewest digits that read back as the same float, no exponent; None is not known."""
    if value is None or not isfinite(value):
        return None
    return format(Decimal(repr(value)), "f").removesuffix(".0")
