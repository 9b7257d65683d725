"""The tree of a checked condition: every name resolved, every unit and timeframe known.

Values are numbers or unknown (NaN); questions are true, false or unknown. Spans are whole bars or ns of event
time, exactly one of the two. Nothing here knows text; positions live in the parser, spelling in `spelling`.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from crypto_portfolio_analyzer.core.series.catalog import Argument, Domain, Unit


class Number(Struct, frozen=True):
    """A literal. `text` is how it was written (`50k`, `5%`, `30s`); a duration's `value` is in seconds."""

    value: float
    unit: Unit
    text: str


class Series(Struct, frozen=True):
    """One output of a series.

    `arguments` are complete: defaults filled in, in the order of the kind's parameters, without the SERIES one,
    which is `source` (None: `close`). `timeframe` is None for tick series only. `live` asks for the forming bar,
    `back` is how many bars earlier, `subject` the canonical symbol of another subject (None: the alert's own).
    """

    kind: str
    output: str
    arguments: tuple[Argument, ...]
    unit: Unit
    domain: Domain
    timeframe: str | None = None
    source: "Value | None" = None
    live: bool = False
    back: int = 0
    subject: str | None = None


class Arithmetic(Struct, frozen=True):
    """`left operator right`, operator one of + - * /."""

    operator: str
    left: "Value"
    right: "Value"
    unit: Unit


class Negated(Struct, frozen=True):
    """Unary minus."""

    value: "Value"
    unit: Unit


class Function(Struct, frozen=True):
    """`abs`, `min` or `max` of values."""

    name: str
    values: tuple["Value", ...]
    unit: Unit


class Window(Struct, frozen=True):
    """`highest lowest avg sum stdev change percent_change` of a value over `bars` closed bars or `ns` of event time.

    A window in bars is over bar series of `timeframe` (with `live` on the inner series, over the forming bar too);
    a window in ns is a clock window over tick series, whose start value is the last one at or before its start.
    """

    name: str
    value: "Value"
    unit: Unit
    bars: int | None = None
    ns: int | None = None
    timeframe: str | None = None
    back: int = 0


Value: TypeAlias = Number | Series | Arithmetic | Negated | Function | Window


class Comparison(Struct, frozen=True):
    """A level: true as long as `left operator right` holds; operator one of > >= < <= == !=."""

    operator: str
    left: Value
    right: Value


class Range(Struct, frozen=True):
    """A level: `value` inside (bounds included) or outside `low..high`."""

    is_inside: bool
    value: Value
    low: Value
    high: Value


class Direction(StrEnum):
    """Which way something crosses or moves."""

    UP = "up"
    DOWN = "down"
    EITHER = "either"


class Cross(Struct, frozen=True):
    """An edge: `left` crosses above, below or either way through `right`."""

    direction: Direction
    left: Value
    right: Value


class RangeEdge(Struct, frozen=True):
    """An edge: `value` enters or exits `low..high` (bounds belong to the inside)."""

    is_entering: bool
    value: Value
    low: Value
    high: Value


class Move(Struct, frozen=True):
    """A level: `value` rises, falls or moves by at least `amount` between the two ends of the span."""

    direction: Direction
    value: Value
    amount: Value
    is_percent: bool
    bars: int | None = None
    ns: int | None = None
    timeframe: str | None = None


class Flag(Struct, frozen=True):
    """A flag series as a question: true while it is known and not 0."""

    value: Value


class Not(Struct, frozen=True):
    """Kleene's not."""

    question: "Question"


class And(Struct, frozen=True):
    """Kleene's and, of two or more."""

    questions: tuple["Question", ...]


class Or(Struct, frozen=True):
    """Kleene's or, of two or more."""

    questions: tuple["Question", ...]


class AtLeast(Struct, frozen=True):
    """`k of (…)`: true if k are true, false if k can no longer be, else unknown."""

    count: int
    questions: tuple["Question", ...]


class Held(Struct, frozen=True):
    """`question for span`: it held at every judgement over the span; bars are closes of the alert's timeframe."""

    question: "Question"
    bars: int | None = None
    ns: int | None = None


class Recent(Struct, frozen=True):
    """`question within span`: it was true at some judgement in the span up to now."""

    question: "Question"
    bars: int | None = None
    ns: int | None = None


class Sequence(Struct, frozen=True):
    """`first then second within span`: second becomes true strictly after first became true, at most a span later."""

    first: "Question"
    second: "Question"
    bars: int | None = None
    ns: int | None = None


Question: TypeAlias = (
    Comparison | Range | Cross | RangeEdge | Move | Flag | Not | And | Or | AtLeast | Held | Recent | Sequence
)


class Caution(Struct, frozen=True):
    """Something that is allowed and probably not meant, with its place (0-based, end exclusive) and remedy."""

    message: str
    remedy: str
    start: int
    end: int


class Condition(Struct, frozen=True):
    """A checked condition: its tree, canonical spelling, the alert's timeframe and what deserves a second look."""

    question: Question
    spelling: str
    timeframe: str
    cautions: tuple[Caution, ...] = ()


def nodes_of(node: object) -> Iterator[object]:
    """Yield every node of a tree, outer before inner, left before right."""
    if isinstance(node, Struct):
        yield node
        for name in node.__struct_fields__:
            yield from nodes_of(getattr(node, name))
    elif isinstance(node, tuple):
        for each in node:
            yield from nodes_of(each)
