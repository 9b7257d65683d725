"""Spelling: the one canonical text of a question or value, with as few parentheses as reading it back needs."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from crypto_portfolio_analyzer.core.conditions.literals import SECOND, duration_text, span_text
from crypto_portfolio_analyzer.core.conditions.names import Catalogue
from crypto_portfolio_analyzer.core.conditions.tree import (
    And,
    Arithmetic,
    AtLeast,
    Comparison,
    Cross,
    Direction,
    Flag,
    Function,
    Held,
    Move,
    Negated,
    Not,
    Number,
    Or,
    Question,
    Range,
    RangeEdge,
    Recent,
    Series,
    Value,
    Window,
)
from crypto_portfolio_analyzer.core.conditions.tree import (
    Sequence as Succession,
)
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Argument, Parameter, ParameterKind

CROSSES = {Direction.UP: "crosses above", Direction.DOWN: "crosses below", Direction.EITHER: "crosses"}
MOVES = {Direction.UP: "rises", Direction.DOWN: "falls", Direction.EITHER: "moves"}

Leaf: TypeAlias = Comparison | Range | Cross | RangeEdge | Move | Flag
"""Questions of values."""


class _Around(NamedTuple):
    """What is known from around a value and so need not be spelled."""

    catalogue: Catalogue
    timeframe: str | None = None
    live: bool = False
    subject: str | None = None


def spell_value(value: Value, timeframe: str | None = None, catalogue: Catalogue = SERIES) -> str:
    """Return the canonical text of a value; timeframes are left out where they are `timeframe`."""
    return _value(value, _Around(catalogue, timeframe))[0]


def spell_question(question: Question, timeframe: str | None = None, catalogue: Catalogue = SERIES) -> str:
    """Return the canonical text of a question; timeframes are left out where they are `timeframe`."""
    return _question(question, _Around(catalogue, timeframe))[0]


# --- values: each with how tightly it binds ---------------------------------------------------------------

_SUM, _PRODUCT, _UNARY, _ATOM = range(4)
_LEVELS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


def _value(value: Value, around: _Around) -> tuple[str, int]:
    match value:
        case Number(_, _, text):
            return text, _UNARY if text.startswith("-") else _ATOM
        case Series():
            return _series(value, around), _ATOM
        case Window():
            return _window(value, around), _ATOM
        case Function(name, values):
            return f"{name}({', '.join(_value(each, around)[0] for each in values)})", _ATOM
        case Negated(inner):
            return f"-{_in_parentheses(_value(inner, around), _UNARY)}", _UNARY
        case Arithmetic(operator, left, right):
            level = _LEVELS[operator]
            one = _in_parentheses(_value(left, around), level)
            other = _in_parentheses(_value(right, around), level + 1)
            return f"{one} {operator} {other}", level


def _in_parentheses(spelled: tuple[str, int], level: int) -> str:
    """Return a text, in parentheses if it binds less tightly than `level`."""
    text, own = spelled
    return text if own >= level else f"({text})"


def _series(series: Series, around: _Around) -> str:
    head, _, function = series.kind.partition(":")
    inside = _Around(around.catalogue, series.timeframe, False, series.subject)
    given = [_argument(each) for each in ([function] if function else [])]
    given += [_value(series.source, inside)[0]] if series.source is not None else []
    given += _arguments(series, around.catalogue[series.kind].parameters)
    before = f'"{series.subject}".' if series.subject not in (None, around.subject) else ""
    arguments = f"({', '.join(given)})" if given else ""
    output = f".{series.output}" if series.output else ""
    return f"{before}{head}{arguments}{output}{_suffix(series.back, series.timeframe, series.live, around)}"


def _arguments(series: Series, parameters: Sequence[Parameter]) -> list[str]:
    """Spell arguments in their order, without a last one that says nothing: 0 by default."""
    own = [each for each in parameters if each.kind is not ParameterKind.SERIES]
    spelled = [
        duration_text(round(float(argument) * SECOND))
        if parameter.kind is ParameterKind.DURATION
        else _argument(argument)
        for parameter, argument in zip(own, series.arguments, strict=True)
    ]
    says_nothing = len(own) == 1 and own[0].default == 0 == series.arguments[0]
    return [] if says_nothing else spelled


def _argument(argument: Argument) -> str:
    if isinstance(argument, str):
        return f'"{argument}"'
    return str(int(argument)) if float(argument).is_integer() else repr(argument)


def _window(window: Window, around: _Around) -> str:
    if window.bars is None:
        return f"{window.name}({_value(window.value, around)[0]}, {duration_text(window.ns or 0)})"
    is_live = _is_live(window.value)
    inside = _Around(around.catalogue, window.timeframe, is_live, around.subject)
    text = f"{window.name}({_value(window.value, inside)[0]}, {window.bars})"
    return text + _suffix(window.back, window.timeframe, is_live, around)


def _is_live(value: Value) -> bool:
    match value:
        case Series():
            return value.live
        case Window(_, inner) | Negated(inner):
            return _is_live(inner)
        case Arithmetic(_, left, right):
            return _is_live(left) or _is_live(right)
        case Function(_, values):
            return any(map(_is_live, values))
        case _:
            return False


def _suffix(back: int, timeframe: str | None, live: bool, around: _Around) -> str:
    earlier = f"[{back}]" if back else ""
    on = f" on {timeframe}" if timeframe not in (None, around.timeframe) else ""
    return f"{earlier}{on}{' live' if live and not around.live else ''}"


# --- questions: the same, from `or` to a single comparison ------------------------------------------------

_OR, _THEN, _AND, _NOT, _SPAN, _LEAF = range(6)


def _question(question: Question, around: _Around) -> tuple[str, int]:
    match question:
        case Or(parts):
            return " or ".join(_in_parentheses(_question(each, around), _THEN) for each in parts), _OR
        case And(parts):
            return " and ".join(_in_parentheses(_question(each, around), _NOT) for each in parts), _AND
        case Succession(first, second, bars, ns):
            one = _in_parentheses(_question(first, around), _THEN)
            other = _in_parentheses(_question(second, around), _AND)
            return f"{one} then {other} within {span_text(bars, ns)}", _THEN
        case Not(inner):
            return f"not {_in_parentheses(_question(inner, around), _NOT)}", _NOT
        case Held(inner, bars, ns):
            return f"{_in_parentheses(_question(inner, around), _SPAN)} for {span_text(bars, ns)}", _SPAN
        case Recent(inner, bars, ns):
            return f"{_in_parentheses(_question(inner, around), _SPAN)} within {span_text(bars, ns)}", _SPAN
        case AtLeast(count, parts):
            return f"{count} of ({', '.join(_question(each, around)[0] for each in parts)})", _LEAF
        case _:
            return _leaf(question, lambda value: _value(value, around)[0]), _LEAF


def _leaf(question: Leaf, spell: Callable[[Value], str]) -> str:
    match question:
        case Comparison(operator, left, right):
            return f"{spell(left)} {operator} {spell(right)}"
        case Range(is_inside, value, low, high):
            return f"{spell(value)} {'inside' if is_inside else 'outside'} {spell(low)}..{spell(high)}"
        case RangeEdge(is_entering, value, low, high):
            return f"{spell(value)} {'enters' if is_entering else 'exits'} {spell(low)}..{spell(high)}"
        case Cross(direction, left, right):
            return f"{spell(left)} {CROSSES[direction]} {spell(right)}"
        case Move(direction, value, amount, _, bars, ns):
            return f"{spell(value)} {MOVES[direction]} by {spell(amount)} in {span_text(bars, ns)}"
        case Flag(value):
            return spell(value)
