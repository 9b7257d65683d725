"""Literals: what written numbers, percentages and spans of time are worth.

Decimal text is rounded once, as venue prices are: `50k` is the float of 50000, `70%` of a ratio the float of 0.70.
"""

import re
from decimal import Decimal
from math import isfinite

from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.syntax import Literal, Span
from crypto_portfolio_analyzer.core.conditions.tree import Number
from crypto_portfolio_analyzer.core.series.catalog import Unit

SECOND = 10**9
MOST_BARS = 10_000
LONGEST_DAYS = 90
LONGEST = LONGEST_DAYS * 86_400 * SECOND
LARGEST = 1e30
"""Nothing that is counted here is larger, and products of several still fit into a float."""

_SCALES = {"k": 3, "K": 3, "M": 6}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"([0-9_.]+)([smhdw])")
LONGEST_TEXT = 40


def number_of(literal: Literal, text: str | None = None) -> Number:
    """Return the number of a literal: plain, in percent points, or a duration in seconds; raises Flaw."""
    text = literal.text if text is None else text
    if is_duration(literal):
        return Number(_seconds(text), Unit.DURATION, text.lower())
    return Number(
        _value(literal, text.removesuffix("%")), Unit.PERCENT if text.endswith("%") else Unit.NUMBER, text
    )


def is_duration(literal: Literal) -> bool:
    """Tell whether a literal is a span of time."""
    return literal.text[-1] in "smhHdDwW"


def ratio_of(percent: Number) -> Number:
    """Return a percentage as a ratio: `70%` is 0.7."""
    bare = percent.text.removesuffix("%")
    return Number(float(decimal_of(bare).scaleb(-2)), Unit.RATIO, percent.text)


def written(number: Number) -> Decimal:
    """Return the number that was written, percentages in points."""
    return decimal_of(number.text.removesuffix("%"))


def negative(number: Number) -> Number:
    """Return a number with the other sign."""
    text = number.text[1:] if number.text.startswith("-") else f"-{number.text}"
    return Number(-number.value, number.unit, text)


def whole_of(literal: Literal, least: float, most: float, what: str) -> int:
    """Return a whole number in bounds; raises Flaw."""
    value = number_of(literal)
    if value.unit is not Unit.NUMBER or not value.value.is_integer():
        raise Flaw(literal.start, literal.end, f"{what} is a whole number")
    if not least <= value.value <= most:
        raise Flaw(literal.start, literal.end, f"{what} is from {least:.0f} to {most:.0f}")
    return int(value.value)


def nanoseconds_of(literal: Literal) -> int:
    """Return a duration in ns, above 0 and at most 90 days; raises Flaw."""
    if not is_duration(literal):
        raise Flaw(literal.start, literal.end, "a duration is written with its unit: 30s, 15m, 4h or 1d")
    seconds = _seconds(literal.text)
    length = int(seconds * SECOND)
    if not 0 < length <= LONGEST:
        raise Flaw(literal.start, literal.end, f"a duration is above 0 and at most {LONGEST_DAYS} days")
    return length


def bars_of(literal: Literal) -> int:
    """Return a number of bars, from 1 to 10,000; raises Flaw."""
    return whole_of(literal, 1, MOST_BARS, "a number of bars")


def span_of(span: Span) -> tuple[int | None, int | None]:
    """Return a span as (bars, ns), one of them None; raises Flaw."""
    return (bars_of(span.length), None) if span.is_bars else (None, nanoseconds_of(span.length))


def span_text(bars: int | None, ns: int | None) -> str:
    """Spell a span, in the largest unit that fits it exactly."""
    return duration_text(ns or 0) if bars is None else f"{bars} bars"


def duration_text(ns: int) -> str:
    """Spell a duration: `90m`, `4h`, `0.5s`."""
    for unit, seconds in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        if ns % (seconds * SECOND) == 0:
            return f"{ns // (seconds * SECOND)}{unit}"
    return f"{(Decimal(ns) / SECOND).normalize():f}s"


def decimal_of(text: str) -> Decimal:
    """Return the exact number of a text such as `50k`."""
    scale = _SCALES.get(text[-1], 0)
    return Decimal(text[:-1] if scale else text).scaleb(scale)


def _value(literal: Literal, text: str) -> float:
    if len(text) > LONGEST_TEXT:
        raise Flaw(literal.start, literal.end, f"a number has at most {LONGEST_TEXT} characters")
    exact = decimal_of(text)
    value = float(exact)
    if not isfinite(value) or value > LARGEST:
        raise Flaw(
            literal.start, literal.end, f"no number is larger than {LARGEST:.0e}; this can never be meant"
        )
    if exact and value < 1 / LARGEST:
        raise Flaw(literal.start, literal.end, f"no number but 0 is smaller than {1 / LARGEST:.0e}; write 0")
    return value


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text.lower())
    assert match is not None, "the lexer lets no other durations through"
    return float(Decimal(match[1]) * _SECONDS[match[2]])
