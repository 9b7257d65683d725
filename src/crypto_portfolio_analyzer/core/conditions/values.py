"""Values: from syntax to numbers and series whose names, arguments, units and timeframes are known."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.conditions import literals, syntax, units
from crypto_portfolio_analyzer.core.conditions.arguments import bound
from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.names import (
    FUNCTIONS,
    WINDOWS,
    Catalogue,
    Named,
    kind_of,
    named,
    output_of,
)
from crypto_portfolio_analyzer.core.conditions.tree import (
    Arithmetic,
    Caution,
    Function,
    Negated,
    Number,
    Series,
    Value,
    Window,
)
from crypto_portfolio_analyzer.core.series.catalog import Domain, SeriesKind, Unit
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidInput


class Where(Struct, frozen=True):
    """What a series takes from around it if it says nothing itself."""

    timeframe: str
    live: bool = False
    subject: str | None = None


class Marks(NamedTuple):
    """What stands behind a thing: its own timeframe, `live`, how many bars back."""

    base: syntax.Syntax
    timeframe: str | None
    live: bool
    back: int

    def inside(self, where: Where) -> Where:
        """Return what holds inside."""
        return Where(self.timeframe or where.timeframe, self.live or where.live, where.subject)


class Values:
    """Makes values; keeps what deserves a second look, and whether a series names the alert's own timeframe."""

    def __init__(self, catalogue: Catalogue, timeframe: str) -> None:
        self._catalogue, self._timeframe = catalogue, timeframe
        self.cautions: list[Caution] = []
        self.names_own = False
        self.taken = 0
        """How many series took their timeframe from around them."""

    def value(self, node: syntax.Syntax, where: Where) -> Value:
        """Return the value a node stands for; raises Flaw."""
        match node:
            case syntax.Literal():
                return literals.number_of(node)
            case syntax.Group():
                return self.value(node.inner, where)
            case syntax.On() | syntax.Live() | syntax.Back() | syntax.Path():
                return self._marked(node, where)
            case syntax.Minus():
                return self._minus(node, where)
            case syntax.Operation():
                return self._operation(node, where)
            case _:
                problem = "this is a question, true or false; here a number is needed"
                raise Flaw(node.start, node.end, problem)

    def marks(self, node: syntax.Syntax) -> Marks:
        """Take off what stands behind a thing; raises Flaw where that contradicts itself."""
        timeframe, live, back = None, False, 0
        while isinstance(node, syntax.On | syntax.Live | syntax.Back):
            if isinstance(node, syntax.On):
                if timeframe is not None:
                    raise Flaw(node.start, node.end, "this has two timeframes; keep one")
                timeframe = self._timeframe_of(node)
            elif isinstance(node, syntax.Live):
                live = True
            else:
                if back:
                    raise Flaw(node.start, node.end, "this has two offsets; add them up")
                back = literals.whole_of(node.count, 0, literals.MOST_BARS, "an offset in bars")
            node = node.inner
        return Marks(node, timeframe, live, back)

    def _timeframe_of(self, node: syntax.On) -> str:
        try:
            name = parse_timeframe(node.timeframe).name
        except InvalidInput as error:
            minutes = node.timeframe[:-1] + "m"
            is_minutes = node.timeframe.endswith("M") and minutes[:-1].isdigit()
            raise Flaw(node.place, node.end, str(error), minutes if is_minutes else None) from None
        self.names_own |= name == self._timeframe
        return name

    def _marked(self, node: syntax.Syntax, where: Where) -> Value:
        marks = self.marks(node)
        if isinstance(marks.base, syntax.Path):
            return self._path(marks.base, node, marks, where)
        if marks.back:
            raise Flaw(node.start, node.end, "an offset stands directly behind a series: close[1]")
        before = self.taken
        value = self.value(marks.base, marks.inside(where))
        if self.taken == before:
            raise Flaw(node.start, node.end, "nothing here takes a timeframe or 'live'; leave it out")
        return value

    # --- arithmetic ---------------------------------------------------------------------------------------

    def _minus(self, node: syntax.Minus, where: Where) -> Value:
        inner = self.value(node.inner, where)
        return literals.negative(inner) if isinstance(inner, Number) else Negated(inner, inner.unit)

    def _operation(self, node: syntax.Operation, where: Where) -> Value:
        left, right = self.value(node.left, where), self.value(node.right, where)
        if node.operator in "+-":
            return self._sound(node, self._sum(node, left, right))
        if node.operator == "/" and units.constant(right) == 0:
            raise Flaw(node.right.start, node.right.end, "a division by 0 is never known")
        if right.unit is not Unit.PERCENT or node.operator == "*":
            left = units.scaled(left)
        if left.unit is not Unit.PERCENT or node.operator == "*":
            right = units.scaled(right)
        unit_of = units.product if node.operator == "*" else units.quotient
        return self._sound(node, Arithmetic(node.operator, left, right, unit_of(left.unit, right.unit)))

    def _sum(self, node: syntax.Operation, left: Value, right: Value) -> Arithmetic:
        left, right = units.fitted(left, right.unit), units.fitted(right, left.unit)
        if not units.meet(left, right):
            if isinstance(right, Number) and right.unit is Unit.PERCENT:
                problem = f"{right.text} of what? for so much more write * {_factor(right, node.operator)}"
                raise Flaw(node.right.start, node.right.end, problem)
            nouns = units.NOUNS[left.unit], units.NOUNS[right.unit]
            raise Flaw(node.start, node.end, f"{nouns[0]} and {nouns[1]} cannot be added or subtracted")
        return Arithmetic(node.operator, left, right, units.common(left.unit, right.unit))

    @staticmethod
    def _sound(node: syntax.Syntax, value: Arithmetic) -> Arithmetic:
        worth = units.constant(value)
        if worth is not None and not abs(worth) <= literals.LARGEST:
            raise Flaw(node.start, node.end, "this is no number; nothing can be compared with it")
        return value

    # --- paths --------------------------------------------------------------------------------------------

    def _path(self, path: syntax.Path, whole: syntax.Syntax, marks: Marks, where: Where) -> Value:
        found = named(path, self._catalogue)
        inside = marks.inside(where)
        if found.subject is not None:
            inside = replace(inside, subject=found.subject)
        if found.word in FUNCTIONS or found.word in WINDOWS:
            if found.output is not None:
                raise Flaw(
                    found.output.start, found.output.end, f"{found.word} gives one number, without a name"
                )
            make = self._function if found.word in FUNCTIONS else self._window
            return make(found, path, marks, inside)
        kind, given = kind_of(found, self._catalogue)
        if kind.domain is Domain.TICK:
            self._refuse_marks(kind, path, whole, marks)
        return self._series(found, kind, given, marks, inside)

    @staticmethod
    def _refuse_marks(kind: SeriesKind, path: syntax.Path, whole: syntax.Syntax, marks: Marks) -> None:
        if whole is path:
            return
        what = "timeframe" if marks.timeframe else "bars"
        problem = f"{kind.name} has no {what}: it is always live"
        if kind.name != "price" or not (marks.timeframe or marks.back):
            raise Flaw(path.end, whole.end, f"{problem}; leave it out", "")
        back = f"[{marks.back}]" if marks.back else ""
        instead = f"close{back}{f' on {marks.timeframe}' if marks.timeframe else ''}"
        raise Flaw(whole.start, whole.end, f"{problem}; write {instead}", instead)

    def _series(
        self, found: Named, kind: SeriesKind, given: tuple[syntax.Syntax, ...], marks: Marks, where: Where
    ) -> Series:
        source, arguments = bound(kind, given, found.part, lambda node: self._source(node, where))
        output = output_of(kind, found.output)
        unit = units.output_of(kind, output).unit
        if source is not None and unit is Unit.PRICE:
            unit = source.unit
        if found.output is None and output not in ("", "value", kind.name):
            self._caution_output(kind, found)
        if kind.domain is Domain.TICK:
            return Series(kind.name, output, arguments, unit, kind.domain, subject=where.subject)
        self.taken += marks.timeframe is None
        if _is_plain_close(source, where):
            source = None
        return Series(
            kind.name, output, arguments, unit, kind.domain,
            where.timeframe, source, where.live, marks.back, where.subject,
        )  # fmt: skip

    def _caution_output(self, kind: SeriesKind, found: Named) -> None:
        names = ", ".join(each.name for each in kind.outputs)
        first = kind.outputs[0].name
        message = f"{kind.name} gives {names}; '.{first}' is taken"
        self.cautions.append(Caution(message, f"write .{first} behind it", found.part.start, found.part.end))

    def _source(self, node: syntax.Syntax, where: Where) -> Value:
        """Return what an indicator is taken of: bar series of the same subject."""
        value = self.value(node, Where(where.timeframe, subject=where.subject))
        inner = list(series_in(value))
        if not inner:
            raise Flaw(node.start, node.end, "here a series is needed, not a number")
        for each in inner:
            if each.domain is Domain.TICK:
                instead = "close" if each.kind == "price" else None
                problem = f"{each.kind} has no bars; an indicator is taken of bar series such as close"
                raise Flaw(node.start, node.end, problem, instead)
            if each.live:
                raise Flaw(node.start, node.end, "'live' stands behind the whole series, not inside of it")
            if each.subject != where.subject:
                problem = 'the symbol stands before the whole series: "BTC/USDT".sma(volume, 20)'
                raise Flaw(node.start, node.end, problem)
        return value

    # --- functions ----------------------------------------------------------------------------------------

    def _function(self, found: Named, path: syntax.Path, marks: Marks, where: Where) -> Function:
        given = found.part.arguments or ()
        if marks.back:
            raise Flaw(path.start, path.end, "an offset stands directly behind a series: close[1]")
        if not given or (found.word == "abs") is not (len(given) == 1):
            wants = "one value" if found.word == "abs" else "two values or more"
            raise Flaw(path.start, path.end, f"{found.word} takes {wants}")
        values = [self.value(each, where) for each in given]
        if any(value.unit is Unit.RATIO for value in values):
            values = [units.scaled(value) for value in values]
        unit = values[0].unit
        for node, value in zip(given, values, strict=True):
            if not units.alike(unit, value.unit):
                problem = f"{found.word} takes values of one kind; {units.NOUNS[unit]} stands before"
                raise Flaw(node.start, node.end, problem)
            unit = units.common(unit, value.unit)
        return Function(found.word, tuple(values), unit)

    def _window(self, found: Named, path: syntax.Path, marks: Marks, where: Where) -> Window:
        given = found.part.arguments or ()
        if len(given) != 2 or not isinstance(given[1], syntax.Literal):
            example = f"{found.word}(close, 20) or {found.word}(price, 1h)"
            raise Flaw(path.start, path.end, f"{found.word} takes a series and a length: {example}")
        value = self.value(given[0], where)
        unit = value.unit
        if found.word == "percent_change":
            unit = Unit.PERCENT
        elif unit is Unit.FLAG and found.word not in ("highest", "lowest"):
            unit = Unit.NUMBER
        bars, ns = self.reach(value, given[1], given[0])
        if ns is not None and marks.back:
            raise Flaw(path.start, path.end, "a clock window has no bars to go back")
        timeframe = None if bars is None else timeframe_of(value)
        return Window(found.word, value, unit, bars, ns, timeframe, marks.back)

    def of_the_forming_bar(self, value: Value, where: Where) -> Value:
        """Return what `price` means over bars: the forming bar's close; other values stay."""
        if not isinstance(value, Series) or value.kind != "price":
            return value
        self.taken += 1
        return Series(
            "close", "", (), value.unit, Domain.BAR, where.timeframe, live=True, subject=value.subject
        )

    @staticmethod
    def reach(value: Value, length: syntax.Literal, node: syntax.Syntax) -> tuple[int | None, int | None]:
        """Return how far a window over a value reaches, as (bars, ns), one of them None; raises Flaw."""
        inner = list(series_in(value))
        if not inner:
            raise Flaw(node.start, node.end, "here a series is needed, not a number")
        is_clock = any(each.domain is Domain.TICK for each in inner)
        if not is_clock and len({(each.timeframe, each.subject, each.live) for each in inner}) > 1:
            raise Flaw(node.start, node.end, "a window in bars is over one symbol and one timeframe")
        if literals.is_duration(length):
            ns = literals.nanoseconds_of(length)
            return (None, ns) if is_clock else (_bars_in(ns, str(inner[0].timeframe), length), None)
        if is_clock:
            problem = f"{inner[0].kind} has no bars; write a duration such as 20m, or take close"
            raise Flaw(length.start, length.end, problem)
        return literals.bars_of(length), None


def series_in(value: Value) -> Iterator[Series]:
    """Yield the series a value is made of, without those inside of series."""
    match value:
        case Series():
            yield value
        case Arithmetic(_, left, right):
            yield from series_in(left)
            yield from series_in(right)
        case Negated(inner) | Window(_, inner):
            yield from series_in(inner)
        case Function(_, values):
            for each in values:
                yield from series_in(each)


def timeframe_of(value: Value) -> str | None:
    """Return the timeframe of the first series of a value."""
    return next(series_in(value)).timeframe


def label(value: Value) -> str:
    """Name a value in a message."""
    match value:
        case Series(kind, output):
            name = kind.partition(":")[2] or kind
            return f"{name}.{output}" if output not in ("", "value", kind) else name
        case Window(name) | Function(name):
            return name
        case Number(_, _, text):
            return text
        case _:
            return "this"


def _bars_in(ns: int, timeframe: str, node: syntax.Literal) -> int:
    length = parse_timeframe(timeframe).length
    bars = ns // length
    if ns % length or not 0 < bars <= literals.MOST_BARS:
        raise Flaw(node.start, node.end, f"{node.text} is no whole number of {timeframe} bars; count bars")
    return bars


def _is_plain_close(source: Value | None, where: Where) -> bool:
    return source == Series(
        "close", "", (), Unit.PRICE, Domain.BAR, timeframe=where.timeframe, subject=where.subject
    )


def _factor(percent: Number, operator: str) -> str:
    ratio = literals.ratio_of(percent).value
    return f"{1 + ratio if operator == '+' else 1 - ratio:.10g}"
