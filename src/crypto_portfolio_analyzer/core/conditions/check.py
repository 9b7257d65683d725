"""Checking: from syntax to a tree of questions that can be judged, or the place and the remedy of what is wrong."""

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.conditions import literals, ranges, syntax, units
from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.names import Catalogue
from crypto_portfolio_analyzer.core.conditions.tree import (
    And,
    AtLeast,
    Caution,
    Comparison,
    Cross,
    Direction,
    Flag,
    Held,
    Move,
    Not,
    Number,
    Or,
    Question,
    Range,
    RangeEdge,
    Recent,
    Value,
)
from crypto_portfolio_analyzer.core.conditions.tree import (
    Sequence as Succession,
)
from crypto_portfolio_analyzer.core.conditions.values import Values, Where, label, timeframe_of
from crypto_portfolio_analyzer.core.series.catalog import Unit

MOST_NODES = 64
EDGES = (Cross, RangeEdge, Succession)

_DIRECTIONS = {
    "above": Direction.UP,
    "below": Direction.DOWN,
    "": Direction.EITHER,
    "rises": Direction.UP,
    "falls": Direction.DOWN,
    "moves": Direction.EITHER,
}
_Plain: TypeAlias = syntax.Literal | syntax.Path | syntax.Minus | syntax.Operation


class Checker:
    """Checks one condition against a catalogue of series, for an alert of one timeframe."""

    def __init__(self, catalogue: Catalogue, timeframe: str) -> None:
        self._values = Values(catalogue, timeframe)
        self._catalogue, self._where = catalogue, Where(timeframe)

    @property
    def cautions(self) -> list[Caution]:
        """What is allowed and probably not meant."""
        return self._values.cautions

    @property
    def names_own(self) -> bool:
        """Whether a series names the alert's own timeframe."""
        return self._values.names_own

    def check(self, node: syntax.Syntax) -> Question:
        """Return the question that a text asks; raises Flaw."""
        return self._question(node, self._where)

    def _question(self, node: syntax.Syntax, where: Where) -> Question:
        match node:
            case syntax.Group():
                return self._question(node.inner, where)
            case syntax.On() | syntax.Live() | syntax.Back():
                return self._marked(node, where)
            case syntax.Compared():
                return self._compared(node, where)
            case syntax.Ranged():
                return self._ranged(node, where)
            case syntax.Crossed():
                return self._crossed(node, where)
            case syntax.Moved():
                return self._moved(node, where)
            case _:
                return self._composed(node, where)

    def _composed(self, node: syntax.Syntax, where: Where) -> Question:
        match node:
            case syntax.Negated():
                return Not(self._question(node.inner, where))
            case syntax.Joined():
                return self._joined(node, where)
            case syntax.Choice():
                return self._choice(node, where)
            case syntax.Spanned():
                return self._spanned(node, where)
            case syntax.Sequenced():
                return self._sequenced(node, where)
            case _:
                return self._flag(node, where)

    def _marked(self, node: syntax.Syntax, where: Where) -> Question:
        marks = self._values.marks(node)
        base = marks.base
        while isinstance(base, syntax.Group):
            base = base.inner
        if isinstance(base, _Plain):
            return self._flag(node, where)
        if marks.back:
            raise Flaw(node.start, node.end, "an offset stands directly behind a series: close[1]")
        before = self._values.taken
        question = self._question(base, marks.inside(where))
        if self._values.taken == before:
            raise Flaw(node.start, node.end, "nothing here takes a timeframe or 'live'; leave it out")
        return question

    def _flag(self, node: syntax.Syntax, where: Where) -> Flag:
        value = self._values.value(node, where)
        if value.unit is not Unit.FLAG:
            problem = (
                f"{label(value)} is {units.NOUNS[value.unit]}, not a question; compare it with something"
            )
            raise Flaw(node.start, node.end, problem)
        return Flag(value)

    # --- questions of values ------------------------------------------------------------------------------

    def _pair(self, one: syntax.Syntax, other: syntax.Syntax, where: Where) -> tuple[Value, Value]:
        """Return two values that may be compared; raises Flaw."""
        left, right = self._values.value(one, where), self._values.value(other, where)
        left, right = units.fitted(left, right.unit), units.fitted(right, left.unit)
        if units.constant(left) is not None and units.constant(right) is not None:
            raise Flaw(one.start, other.end, "nothing here ever changes; compare a series with something")
        if not units.meet(left, right):
            raise _unlike(left, right, one, other)
        for value, beside, node in ((left, right, one), (right, left, other)):
            self._caution_bare(value, beside, node)
        return left, right

    def _caution_bare(self, value: Value, beside: Value, node: syntax.Syntax) -> None:
        if isinstance(value, Number) and value.unit is Unit.NUMBER and beside.unit is Unit.DURATION:
            message = f"{label(beside)} is a duration; {value.text} counts seconds"
            self.cautions.append(Caution(message, f"write {value.text}s", node.start, node.end))

    def _compared(self, node: syntax.Compared, where: Where) -> Comparison:
        left, right = self._pair(node.left, node.right, where)
        unit = units.common(left.unit, right.unit)
        if node.operator in ("==", "!=") and unit not in units.WHOLE:
            message = f"{units.NOUNS[unit]} is hardly ever exactly the same"
            remedy = "write a range: inside a..b" if node.operator == "==" else "write a range: outside a..b"
            self.cautions.append(Caution(message, remedy, node.start, node.end))
        self.cautions.extend(ranges.of_comparison(node, left, right, self._catalogue))
        return Comparison(node.operator, left, right)

    def _ranged(self, node: syntax.Ranged, where: Where) -> Range | RangeEdge:
        value, low = self._pair(node.value, node.low, where)
        value, high = self._pair(node.value, node.high, where)
        ranges.of_range(node, value, low, high, self._catalogue)
        if node.word in ("inside", "outside"):
            return Range(node.word == "inside", value, low, high)
        return RangeEdge(node.word == "enters", value, low, high)

    def _crossed(self, node: syntax.Crossed, where: Where) -> Cross:
        left, right = self._pair(node.left, node.right, where)
        ranges.of_cross(node, left, right, self._catalogue)
        return Cross(_DIRECTIONS[node.side], left, right)

    def _moved(self, node: syntax.Moved, where: Where) -> Move:
        value = self._values.value(node.value, where)
        amount = self._amount(node, where)
        amount = units.fitted(amount, value.unit)
        is_percent = amount.unit is Unit.PERCENT and value.unit is not Unit.PERCENT
        if not is_percent and not units.alike(value.unit, amount.unit):
            raise _unlike(value, amount, node.value, node.amount)
        worth = units.constant(amount)
        if worth is not None and not worth > 0:
            raise Flaw(node.amount.start, node.amount.end, "an amount is above 0; the word says which way")
        if is_percent and node.word == "falls" and worth is not None and worth > 100:
            raise Flaw(node.amount.start, node.amount.end, "nothing falls by more than 100%")
        if node.span.is_bars:
            value = self._values.of_the_forming_bar(value, where)
        bars, ns = self._values.reach(value, node.span.length, node.value)
        timeframe = None if bars is None else timeframe_of(value)
        return Move(_DIRECTIONS[node.word], value, amount, is_percent, bars, ns, timeframe)

    def _amount(self, node: syntax.Moved, where: Where) -> Value:
        if not node.is_percent:
            return self._values.value(node.amount, where)
        if not isinstance(node.amount, syntax.Literal) or literals.is_duration(node.amount):
            raise Flaw(node.amount.start, node.amount.end, "behind '%' comes a plain number; or write 5%")
        return literals.number_of(node.amount, node.amount.text.removesuffix("%") + "%")

    # --- questions of questions ---------------------------------------------------------------------------

    def _joined(self, node: syntax.Joined, where: Where) -> And | Or:
        kind = And if node.word == "and" else Or
        parts: list[Question] = []
        for each in node.parts:
            question = self._question(each, where)
            parts += question.questions if isinstance(question, kind) else [question]
        if kind is And and sum(is_momentary(part) for part in parts) > 1:
            message = "two events at the very same instant almost never meet"
            remedy = "let one be recent: (…) within 3 bars and …"
            self.cautions.append(Caution(message, remedy, node.start, node.end))
        return kind(tuple(parts))

    def _choice(self, node: syntax.Choice, where: Where) -> AtLeast:
        count = literals.whole_of(node.count, 1, len(node.parts), "how many must be true")
        return AtLeast(count, tuple(self._question(each, where) for each in node.parts))

    def _spanned(self, node: syntax.Spanned, where: Where) -> Held | Recent:
        question = self._question(node.inner, where)
        bars, ns = literals.span_of(node.span)
        if node.word == "within":
            return Recent(question, bars, ns)
        if is_momentary(question):
            problem = "a crossing is over in an instant and cannot last; leave 'for' out, or ask for a level"
            raise Flaw(node.inner.end, node.end, problem, "")
        return Held(question, bars, ns)

    def _sequenced(self, node: syntax.Sequenced, where: Where) -> Succession:
        second, span = _without_trailing(node.second)
        if span is None:
            problem = "'then' needs a limit at the end: … then … within 30m"
            raise Flaw(node.second.start, node.second.end, problem)
        bars, ns = literals.span_of(span)
        return Succession(self._question(node.first, where), self._question(second, where), bars, ns)


def is_momentary(question: Question) -> bool:
    """Tell whether a question is only ever true for an instant."""
    match question:
        case And(parts) | Or(parts) | AtLeast(_, parts):
            return any(is_momentary(part) for part in parts)
        case Not(part):
            return is_momentary(part)
        case _:
            return isinstance(question, EDGES)


def _without_trailing(node: syntax.Syntax) -> tuple[syntax.Syntax, syntax.Span | None]:
    """Take the trailing `within` off, which belongs to the nearest `then`."""
    match node:
        case syntax.Spanned("within") if node.word == "within":
            return node.inner, node.span
        case syntax.Negated():
            inner, span = _without_trailing(node.inner)
            return replace(node, inner=inner), span
        case syntax.Joined() if node.word == "and":
            last, span = _without_trailing(node.parts[-1])
            return replace(node, parts=(*node.parts[:-1], last)), span
        case _:
            return node, None


def _unlike(left: Value, right: Value, one: syntax.Syntax, other: syntax.Syntax) -> Flaw:
    value, beside, node = (left, right, one) if isinstance(left, Number) else (right, left, other)
    name, noun = label(beside), units.NOUNS[beside.unit]
    if isinstance(value, Number) and value.unit is Unit.PERCENT:
        remedy = (
            "for a change write: price rises by 5% in 1h" if beside.unit is Unit.PRICE else "write a number"
        )
        is_bare = beside.unit in (Unit.INDEX, Unit.COUNT, Unit.NUMBER)
        instead = value.text.removesuffix("%") if is_bare else None
        return Flaw(node.start, node.end, f"{name} is {noun}, {value.text} a percentage; {remedy}", instead)
    if isinstance(value, Number) and value.unit is Unit.DURATION and value.text.endswith("m"):
        problem = f"{name} is {noun} and {value.text} is minutes; millions are written with a capital M"
        return Flaw(node.start, node.end, problem, value.text.removesuffix("m") + "M")
    problem = f"{name} is {noun} and {label(value)} is {units.NOUNS[value.unit]}; they cannot be compared"
    return Flaw(node.start, node.end, problem)


def nodes_in(item: object) -> int:
    """Count the nodes of a tree."""
    if isinstance(item, tuple):
        return sum(map(nodes_in, item))
    if not isinstance(item, Struct):
        return 0
    return 1 + sum(nodes_in(getattr(item, name)) for name in item.__struct_fields__)
