"""Shapes: many conditions that differ in their limits only, each shape of them read once.

A text is cut at its numbers; what is left is its shape. The limits – numbers that stand alone on one side of a
question – are put into a copy of the shape's tree; every other number is a part of the shape. Whenever a limit
asks for more than that (a caution, an error), the text is read in full: the result is always `read_condition`'s.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.conditions import literals, ranges, syntax, units
from crypto_portfolio_analyzer.core.conditions.lexing import LONGEST, PLAIN, tokens_of
from crypto_portfolio_analyzer.core.conditions.names import Catalogue
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.spelling import spell_question
from crypto_portfolio_analyzer.core.conditions.tree import (
    And,
    AtLeast,
    Comparison,
    Condition,
    Cross,
    Direction,
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
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Unit

MOST_SHAPES = 10_000
"""Then the shapes are forgotten: texts that have none in common are not worth remembering."""

_CUT = re.compile(rf'("[^"\n]*")|(?<!\w)(?<![^.]\.)({PLAIN})(?!\w)(?!\.[0-9])')
_MARK = "\x00"
Numbers = Sequence[Number]
Build = Callable[[Numbers], Question]
Check = Callable[[Numbers], bool]


class Limit(NamedTuple):
    """One limit of a shape: which number of the text it is and what becomes of it."""

    place: int
    sign: str
    unit: Unit
    percent: str

    def number(self, text: str) -> Number:
        """Return the limit written as `text`."""
        written = f"{self.sign}{text}{self.percent}"
        is_plain = text[-1] not in "kKM" and not (self.percent and self.unit is Unit.RATIO)
        if is_plain:
            value = float(text)
        else:
            exact = literals.decimal_of(text)
            value = float(exact.scaleb(-2) if self.percent and self.unit is Unit.RATIO else exact)
        return Number(-value if self.sign else value, self.unit, written)


class Template(NamedTuple):
    """A shape that was read: how to make its tree and its spelling of other limits, and when not to."""

    limits: tuple[Limit, ...]
    build: Build
    checks: tuple[Check, ...]
    spelling: tuple[str, ...]


class Shapes:
    """Reads conditions as `read_condition` does, and each shape of them only once."""

    def __init__(self, catalogue: Catalogue = SERIES, *, most: int = MOST_SHAPES) -> None:
        self._catalogue, self._most = catalogue, most
        self._fixed: dict[tuple[str, ...], tuple[int, ...]] = {}
        """Which numbers are part of the shape, by what is left without numbers."""
        self._templates: dict[tuple[object, ...], Template] = {}

    def read(self, text: str, timeframe: str = "1m") -> Condition:
        """Return the checked condition of a text; raises InvalidCondition."""
        pieces = _CUT.split(text)
        numbers = pieces[2::3]
        shape = (timeframe, *pieces[0::3], *pieces[1::3])
        fixed = self._fixed.get(shape)
        if fixed is None:
            return self._learn(text, timeframe, shape, numbers)
        template = self._templates.get((shape, *[numbers[place] for place in fixed]))
        if template is None:
            return self._learn(text, timeframe, shape, numbers)
        made = _made(template, numbers, timeframe) if len(text) <= LONGEST else None
        return made or read_condition(text, timeframe, self._catalogue)

    def _learn(self, text: str, timeframe: str, shape: tuple[str, ...], numbers: Sequence[str]) -> Condition:
        condition = read_condition(text, timeframe, self._catalogue)
        if len(self._templates) >= self._most:
            self._fixed.clear()
            self._templates.clear()
        starts = {match.start(2): place for place, match in enumerate(_CUT.finditer(text)) if match[2]}
        written = list(_written(syntax.parsed(tokens_of(text))))
        places = [starts.get(literal.start) for literal in written]
        free = {place for place in places if place is not None}
        fixed = tuple(place for place in range(len(numbers)) if place not in free)
        key = (shape, *[numbers[place] for place in fixed])
        if condition.timeframe == timeframe and not condition.cautions and None not in places:
            self._fixed[shape] = fixed
            known = [place for place in places if place is not None]
            self._templates[key] = _template(condition, known, self._catalogue)
        return condition


def _made(template: Template, texts: Sequence[str], timeframe: str) -> Condition | None:
    """Return the condition of a shape with other limits; None if it has to be read in full."""
    numbers = [limit.number(texts[limit.place]) for limit in template.limits]
    for number in numbers:
        size = abs(number.value)
        if len(number.text) > literals.LONGEST_TEXT or not (1 / literals.LARGEST < size < literals.LARGEST):
            return None
    for check in template.checks:
        if not check(numbers):
            return None
    spelling = template.spelling[0]
    for number, rest in zip(numbers, template.spelling[1:], strict=True):
        spelling += number.text + rest
    return None if len(spelling) > LONGEST else Condition(template.build(numbers), spelling, timeframe)


def _template(condition: Condition, places: list[int], catalogue: Catalogue) -> Template:
    compiler = _Compiler(catalogue)
    build = compiler.build(condition.question)
    limits = tuple(
        Limit(place, "-" * number.text.startswith("-"), number.unit, "%" * number.text.endswith("%"))
        for place, number in zip(places, compiler.numbers, strict=True)
    )
    marked = build([Number(each.value, each.unit, _MARK) for each in compiler.numbers])
    explicit = spell_question(condition.question, None, catalogue) == condition.spelling
    spelling = spell_question(marked, None if explicit else condition.timeframe, catalogue)
    return Template(limits, build, tuple(compiler.checks), tuple(spelling.split(_MARK)))


def _written(node: syntax.Syntax) -> Iterator[syntax.Literal]:
    """Yield the literals that are limits, in the order in which they come to stand in the tree."""
    for side in _sides(node):
        bare = side
        while isinstance(bare, syntax.Group | syntax.Minus):
            bare = bare.inner
        if isinstance(bare, syntax.Literal):
            yield bare
    for part in _parts(node):
        yield from _written(part)


def _sides(node: syntax.Syntax) -> tuple[syntax.Syntax, ...]:
    match node:
        case syntax.Compared() | syntax.Crossed():
            return node.left, node.right
        case syntax.Ranged():
            return node.value, node.low, node.high
        case syntax.Moved():
            return (node.amount,)
        case _:
            return ()


def _parts(node: syntax.Syntax) -> tuple[syntax.Syntax, ...]:
    match node:
        case syntax.Group() | syntax.On() | syntax.Live() | syntax.Negated() | syntax.Spanned():
            return (node.inner,)
        case syntax.Joined() | syntax.Choice():
            return node.parts
        case syntax.Sequenced():
            return node.first, node.second
        case _:
            return ()


class _Compiler:
    """Compiles a tree to what makes it anew of other limits, and to the conditions they must meet."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.numbers: list[Number] = []
        self.checks: list[Check] = []

    def build(self, question: Question) -> Build:
        """Return what makes a question of its numbers; asks for them in their order in the tree."""
        before = len(self.numbers)
        build = self._build(question)
        return build if len(self.numbers) > before else lambda _numbers: question

    def _build(self, question: Question) -> Build:
        match question:
            case And(parts) | Or(parts) | AtLeast(_, parts):
                builds = [self.build(part) for part in parts]
                return lambda numbers: replace(question, questions=tuple(each(numbers) for each in builds))
            case Not(inner) | Held(inner) | Recent(inner):
                make = self.build(inner)
                return lambda numbers: replace(question, question=make(numbers))
            case Succession(first, second):
                one, other = self.build(first), self.build(second)
                return lambda numbers: replace(question, first=one(numbers), second=other(numbers))
            case Comparison():
                return self._pair(
                    question, _meets(question.operator), _meets(ranges.MIRRORED[question.operator])
                )
            case Cross():
                return self._pair(question, _is_between, _is_between)
            case _:
                return self._other(question)

    def _pair(self, leaf: Comparison | Cross, meets: "Meets", mirrored: "Meets") -> Build:
        if isinstance(leaf.right, Number):
            place, bounds = self._take(leaf.right), ranges.bounds_of(leaf.left, self._catalogue)
            self.checks.append(lambda numbers: meets(bounds, numbers[place].value))
            return lambda numbers: replace(leaf, right=numbers[place])
        if isinstance(leaf.left, Number):
            place, bounds = self._take(leaf.left), ranges.bounds_of(leaf.right, self._catalogue)
            self.checks.append(lambda numbers: mirrored(bounds, numbers[place].value))
            return lambda numbers: replace(leaf, left=numbers[place])
        return lambda _numbers: leaf

    def _other(self, leaf: Question) -> Build:
        match leaf:
            case Move(direction, _, Number() as amount, is_percent):
                place = self._take(amount)
                most = 100.0 if is_percent and direction is Direction.DOWN else literals.LARGEST
                self.checks.append(lambda numbers: 0 < numbers[place].value <= most)
                return lambda numbers: replace(leaf, amount=numbers[place])
            case Range(is_inside, value, low, high):
                return self._range(leaf, "inside" if is_inside else "outside", value, low, high)
            case RangeEdge(_, value, low, high):
                return self._range(leaf, "enters", value, low, high)
            case _:
                return lambda _numbers: leaf

    def _range(self, leaf: Range | RangeEdge, word: str, value: Value, low: Value, high: Value) -> Build:
        sides = {"value": value, "low": low, "high": high}
        places = {name: self._take(side) for name, side in sides.items() if isinstance(side, Number)}
        bounds = ranges.bounds_of(value, self._catalogue)

        def check(numbers: Numbers) -> bool:
            first = numbers[places["low"]].value if "low" in places else units.constant(low)
            last = numbers[places["high"]].value if "high" in places else units.constant(high)
            if first is None or last is None:
                return True
            return first <= last and ranges.can_be(word, bounds, first, last)

        self.checks.append(check)
        return lambda numbers: replace(leaf, **{name: numbers[place] for name, place in places.items()})

    def _take(self, number: Value) -> int:
        assert isinstance(number, Number)
        self.numbers.append(number)
        return len(self.numbers) - 1


Meets = Callable[[units.Bounds, float], bool]


def _meets(operator: str) -> Meets:
    return lambda bounds, limit: bounds == units.ANY or units.outside_of(operator, bounds, limit) is None


def _is_between(bounds: units.Bounds, limit: float) -> bool:
    low, high = bounds
    return low < limit < high
