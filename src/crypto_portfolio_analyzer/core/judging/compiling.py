"""From the tree of a condition to questions over one subject's series, and what they have to be woken by."""

import operator
from collections.abc import Callable
from typing import TypeAlias

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Rearm
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.judging.board import Board, Slot
from crypto_portfolio_analyzer.core.judging.comparing import OPERATORS, SIDES, side_of, side_of_range
from crypto_portfolio_analyzer.core.judging.hysteresis import Hysteresis
from crypto_portfolio_analyzer.core.judging.operands import (
    BarOperand,
    Computed,
    Constant,
    ForeignTick,
    Forming,
    Operand,
    TickOperand,
    WindowOperand,
)
from crypto_portfolio_analyzer.core.judging.questions import (
    Asked,
    Edge,
    Joined,
    Level,
    Remembering,
    at_least,
    conjunction,
    disjunction,
    moved,
    negation,
)
from crypto_portfolio_analyzer.core.judging.spans import Bars, HeldBars, HeldFor, Recently, Then
from crypto_portfolio_analyzer.core.judging.subjects import Subject, TickSeries
from crypto_portfolio_analyzer.core.series.catalog import Domain

ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
FUNCTIONS: dict[str, Callable[..., float]] = {"abs": abs, "min": min, "max": max}

LeafQuestion: TypeAlias = tree.Comparison | tree.Range | tree.Cross | tree.RangeEdge | tree.Move | tree.Flag
Home: TypeAlias = tuple[str | None, str | None, bool]
"""Where a series lives: subject, timeframe (None for tick series), whether of the forming bar."""


class Plan:
    """A condition over one subject: the question, and everything that can change its answer."""

    def __init__(self, symbol: str, timeframe: str) -> None:
        self.bars = Bars(symbol, timeframe)
        self.question: Asked
        self.slots: list[Slot] = []
        self.operands: list[BarOperand] = []
        self.ticks: dict[TickSeries, None] = {}
        """Every tick series it reads."""
        self.closes: set[tuple[str, str]] = set()
        """Every (symbol, timeframe) whose closes change it."""
        self.arms: list[tuple[TickSeries, Operand]] = []
        """Where a tick series has to be woken at: boundaries that only closes move."""
        self.restless: set[Subject] = set()
        """Subjects of which every fact may change it."""
        self.clocks: list[tuple[TickOperand, Operand]] = []
        """Series that change by time alone, with what they are compared to."""
        self.windows: list[WindowOperand] = []
        self.holds: list[HeldFor | HeldBars] = []
        self.memories: list[Remembering] = []
        self.leaves: list[tuple[LeafQuestion, Level | Edge]] = []
        self.pivot: tuple[Operand, tuple[Operand, ...]] | None = None
        self.has_foreign = False
        self.has_live = False

    @property
    def is_always_touched(self) -> bool:
        """Whether every fact of its restless subjects changes it, even one that repeats a value."""
        return bool(self.windows or self.clocks or self.has_live or self.has_foreign)

    def hysteresis(self, rearm: Rearm | None) -> Hysteresis | None:
        """Return what watches over the way back to the re-arm level."""
        if rearm is None or self.pivot is None:
            return None
        return Hysteresis(rearm, *self.pivot)


class Compiler:
    """Makes the plan of one condition for one subject."""

    def __init__(
        self,
        symbol: str,
        timeframe: str,
        *,
        subjects: Callable[[str], Subject],
        board: Board,
        forming: Forming,
    ) -> None:
        self._symbol, self._timeframe = symbol, timeframe
        self._subjects, self._board, self._forming = subjects, board, forming
        self._plan = Plan(symbol, timeframe)

    def compile(self, question: tree.Question) -> Plan:
        """Return the plan of a question."""
        self._plan.question = self._question(question)
        return self._plan

    # --- questions ----------------------------------------------------------------------------------------

    def _question(self, question: tree.Question) -> Asked:
        match question:
            case tree.And(parts):
                return Joined(conjunction, [self._question(part) for part in parts])
            case tree.Or(parts):
                return Joined(disjunction, [self._question(part) for part in parts])
            case tree.AtLeast(count, parts):
                return Joined(
                    lambda truths: at_least(count, truths), [self._question(part) for part in parts]
                )
            case tree.Not(part):
                if _has_edge(part):
                    self._watch_all()
                return Joined(lambda truths: negation(next(iter(truths))), [self._question(part)])
            case tree.Held() | tree.Recent() | tree.Sequence():
                return self._remembered(self._span(question))
            case _:
                return self._leaf(question)

    def _span(self, question: tree.Held | tree.Recent | tree.Sequence) -> Asked:
        plan, bars, ns = self._plan, question.bars, question.ns
        if bars is not None:
            plan.closes.add((self._symbol, self._timeframe))
        if isinstance(question, tree.Sequence):
            first, second = self._question(question.first), self._question(question.second)
            return Then(first, second, ns, bars, plan.bars)
        part = self._question(question.question)
        if isinstance(question, tree.Recent):
            self._watch_all()  # when it was true last is the last judgement, and those are at every change
            return Recently(part, ns, bars, plan.bars)
        held = HeldBars(part, bars, plan.bars) if bars is not None else HeldFor(part, ns or 0)
        plan.holds.append(held)
        return held

    def _leaf(self, question: LeafQuestion) -> Asked:
        leaf = self._leaf_of(question)
        self._plan.leaves.append((question, leaf))
        if isinstance(leaf, Edge):
            self._plan.memories.append(leaf)
        return leaf

    def _leaf_of(self, question: LeafQuestion) -> Level | Edge:
        match question:
            case tree.Comparison(sign, left, right):
                return Level(OPERATORS[sign], self._boundary(left, right))
            case tree.Cross(direction, left, right):
                return Edge(side_of, SIDES[direction], self._boundary(left, right))
            case tree.Range(is_inside, value, low, high):
                operands = self._boundary(value, low, high)
                return Level(lambda x, a, b: (a <= x <= b) is is_inside, operands)
            case tree.RangeEdge(is_entering, value, low, high):
                return Edge(side_of_range, (1 if is_entering else -1,), self._boundary(value, low, high))
            case tree.Flag(value):
                return Level(lambda x: x != 0, [self._loose(value)])
            case tree.Move():
                return self._move(question)

    def _move(self, move: tree.Move) -> Level:
        holds, amount = moved(move.direction, move.is_percent), self._loose(move.amount)
        if move.ns is None:
            start = self._loose(shifted(move.value, move.bars or 0))
            return Level(holds, [start, self._loose(move.value), amount])
        window = self._window("first", move.value, move.ns)
        return Level(holds, [window, self._loose(move.value), amount])

    def _remembered(self, question: Asked) -> Asked:
        if isinstance(question, Remembering):
            self._plan.memories.append(question)
        return question

    # --- boundaries ---------------------------------------------------------------------------------------

    def _boundary(self, value: tree.Value, *bounds: tree.Value) -> list[Operand]:
        """Return the operands of a comparison, and arm what can be woken by a threshold."""
        operands = [self._operand(value), *map(self._operand, bounds)]
        if self._plan.pivot is None:
            self._plan.pivot = operands[0], tuple(operands[1:])
        if not self._arm(operands[0], operands[1:]) and (
            len(operands) > 2 or not self._arm(operands[1], operands[:1])
        ):
            self._watch(value, *bounds)
        return operands

    def _arm(self, value: Operand, bounds: list[Operand]) -> bool:
        """Wake a plain tick series at boundaries that move at closes only; tell whether that is possible."""
        is_plain = type(value) is TickOperand
        if not is_plain or not all(_is_still(bound) for bound in bounds):
            return False
        assert isinstance(value, TickOperand)
        if value.series.by_time:
            self._plan.clocks += [(value, bound) for bound in bounds]
            self._plan.restless.add(value.series.subject)
        else:
            self._plan.arms += [(value.series, bound) for bound in bounds]
        return True

    def _loose(self, value: tree.Value) -> Operand:
        """Return an operand that no threshold can stand for."""
        self._watch(value)
        return self._operand(value)

    def _watch(self, *values: tree.Value) -> None:
        for value in values:
            for subject, timeframe, is_live in homes(value):
                if timeframe is None or is_live:
                    self._plan.restless.add(self._subjects(subject or self._symbol))

    def _watch_all(self) -> None:
        """Judge at every change: what happened in between counts."""
        self._plan.restless.add(self._subjects(self._symbol))

    # --- values -------------------------------------------------------------------------------------------

    def _operand(self, value: tree.Value) -> Operand:
        lives = homes(value)
        if len(lives) == 1 and all(timeframe for _, timeframe, _ in lives):
            return self._bars(value, *next(iter(lives)))
        match value:
            case tree.Number():
                return Constant(value.value)
            case tree.Series():
                return self._tick(value)
            case tree.Window():
                return self._window(value.name, value.value, value.ns or 0)
            case tree.Arithmetic(sign, left, right):
                return Computed(ARITHMETIC[sign], [self._operand(left), self._operand(right)])
            case tree.Negated(part):
                return Computed(operator.neg, [self._operand(part)])
            case tree.Function(name, parts):
                return Computed(FUNCTIONS[name], [self._operand(part) for part in parts])

    def _bars(self, value: tree.Value, subject: str | None, timeframe: str | None, is_live: bool) -> Operand:
        assert timeframe is not None
        symbol, plan = subject or self._symbol, self._plan
        slot = self._board.want(symbol, value, timeframe)
        plan.slots.append(slot)
        plan.closes |= {(symbol, each) for each in timeframes(value)} | {(symbol, timeframe)}
        plan.has_foreign |= symbol != self._symbol
        plan.has_live |= is_live
        forming = self._forming if is_live else None
        operand = BarOperand(
            slot, self._subjects(symbol), timeframe, is_foreign=symbol != self._symbol, forming=forming
        )
        plan.operands.append(operand)
        return operand

    def _tick(self, series: tree.Series) -> Operand:
        symbol = series.subject or self._symbol
        found = self._subjects(symbol).want((series.kind, series.output, series.arguments))
        if found in self._plan.ticks:
            self._subjects(symbol).release(found)  # one wish for each condition
        self._plan.ticks[found] = None
        if symbol == self._symbol:
            return TickOperand(found)
        self._plan.has_foreign = True
        self._plan.restless.add(found.subject)
        return ForeignTick(found)

    def _window(self, name: str, inner: tree.Value, ns: int) -> WindowOperand:
        named = {subject or self._symbol for subject, _, _ in homes(inner)}
        subjects = [self._subjects(symbol) for symbol in named or {self._symbol}]
        window = WindowOperand(name, self._operand(inner), ns, subjects)
        self._plan.windows.append(window)
        self._plan.memories.append(window.window)
        self._plan.restless.update(subjects)
        return window


def homes(value: tree.Value) -> set[Home]:
    """Return where the series of a value live."""
    match value:
        case tree.Number():
            return set()
        case tree.Series():
            if value.domain is Domain.TICK:
                return {(value.subject, None, False)}
            return {(value.subject, value.timeframe, value.live)}
        case tree.Window() if value.bars is None:
            return homes(value.value) | {("", None, False)}  # a clock window is never a bar series
        case _:
            return {home for part in _parts(value) for home in homes(part)}


def timeframes(value: tree.Value) -> set[str]:
    """Return the timeframes of every bar series in a value, those inside of series too."""
    own = {value.timeframe} if isinstance(value, tree.Series) and value.timeframe else set()
    return own.union(*(timeframes(part) for part in _parts(value)))


def _parts(value: tree.Value) -> tuple[tree.Value, ...]:
    match value:
        case tree.Series():
            return (value.source,) if value.source is not None else ()
        case tree.Arithmetic(_, left, right):
            return left, right
        case tree.Negated(part):
            return (part,)
        case tree.Function(_, parts):
            return parts
        case tree.Window():
            return (value.value,)
        case _:
            return ()


def shifted(value: tree.Value, bars: int) -> tree.Value:
    """Return a value as it was so many bars earlier."""
    match value:
        case tree.Series() | tree.Window():
            return replace(value, back=value.back + bars)
        case tree.Arithmetic(_, left, right):
            return replace(value, left=shifted(left, bars), right=shifted(right, bars))
        case tree.Negated(part):
            return replace(value, value=shifted(part, bars))
        case tree.Function(_, parts):
            return replace(value, values=tuple(shifted(part, bars) for part in parts))
        case _:
            return value


def _is_still(operand: Operand) -> bool:
    """Tell whether a value changes at closes only, if at all."""
    return isinstance(operand, Constant) or (isinstance(operand, BarOperand) and operand.is_still)


def _has_edge(question: tree.Question) -> bool:
    match question:
        case tree.Cross() | tree.RangeEdge() | tree.Sequence():
            return True
        case tree.And(parts) | tree.Or(parts) | tree.AtLeast(_, parts):
            return any(_has_edge(part) for part in parts)
        case tree.Not(part):
            return _has_edge(part)
        case _:
            return False
