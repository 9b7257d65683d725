"""Arguments: what stands in a series' parentheses, against what its kind takes."""

from collections.abc import Callable, Sequence

from crypto_portfolio_analyzer.core.conditions import literals, syntax
from crypto_portfolio_analyzer.core.conditions.flaws import Flaw, listed, nearest
from crypto_portfolio_analyzer.core.conditions.names import text_of
from crypto_portfolio_analyzer.core.conditions.tree import Number, Value
from crypto_portfolio_analyzer.core.series.catalog import (
    Argument,
    Parameter,
    ParameterKind,
    SeriesKind,
    Unit,
)

_MOST_SHOWN = 8


def bound(
    kind: SeriesKind,
    given: Sequence[syntax.Syntax],
    place: syntax.Part,
    source_of: Callable[[syntax.Syntax], Value],
) -> tuple[Value | None, tuple[Argument, ...]]:
    """Return the source and the complete arguments of a series, defaults filled in; raises Flaw."""
    parameters = list(kind.parameters)
    given = list(given)
    source = None
    if parameters and parameters[0].kind is ParameterKind.SERIES:
        parameters.pop(0)
        if given and not _is_literal(given[0]):
            source = source_of(given.pop(0))
    if len(given) > len(parameters):
        extra = given[len(parameters)]
        raise Flaw(extra.start, extra.end, f"that is too much; it is {signature(kind)}")
    arguments = [_argument(kind, each, node) for each, node in zip(parameters, given, strict=False)]
    for missing in parameters[len(given) :]:
        if missing.default is None:
            raise Flaw(place.start, place.end, f"{missing.name} is missing; it is {signature(kind)}")
        arguments.append(missing.default)
    return source, tuple(arguments)


def signature(kind: SeriesKind) -> str:
    """Spell what a kind takes: `rsi([source], length = 14)`."""
    name, _, function = kind.name.partition(":")
    shown = [f'"{function}"'] if function else []
    shown += [_shown(each) for each in kind.parameters]
    return f"{name}({', '.join(shown)})" if shown else name


def _shown(parameter: Parameter) -> str:
    if parameter.kind is ParameterKind.SERIES:
        return f"[{parameter.name}]"
    default = parameter.default
    if default is None:
        return f'"{parameter.name}"' if parameter.kind is ParameterKind.NAME else parameter.name
    return (
        f'{parameter.name} = "{default}"' if isinstance(default, str) else f"{parameter.name} = {default:g}"
    )


def _is_literal(node: syntax.Syntax) -> bool:
    while isinstance(node, syntax.Minus | syntax.Group):
        node = node.inner
    return isinstance(node, syntax.Literal) or (isinstance(node, syntax.Path) and _is_text(node))


def _is_text(node: syntax.Path) -> bool:
    return len(node.parts) == 1 and node.parts[0].is_text


def _argument(kind: SeriesKind, parameter: Parameter, node: syntax.Syntax) -> Argument:
    match parameter.kind:
        case ParameterKind.NAME:
            return _name(kind, parameter, node)
        case ParameterKind.DURATION:
            if isinstance(node, syntax.Literal):
                return literals.nanoseconds_of(node) / literals.SECOND
            raise Flaw(node.start, node.end, f"{parameter.name} is a duration such as 24h")
        case _:
            return _number(kind, parameter, node)


def _number(kind: SeriesKind, parameter: Parameter, node: syntax.Syntax) -> Argument:
    number = _literal(node)
    if number is None or number.unit is not Unit.NUMBER:
        if kind.parameters[0].kind is ParameterKind.SERIES:
            raise Flaw(node.start, node.end, f"{parameter.name} is a number; the series comes first")
        raise Flaw(node.start, node.end, f"{parameter.name} is a number; it is {signature(kind)}")
    if parameter.kind is ParameterKind.COUNT and not number.value.is_integer():
        raise Flaw(node.start, node.end, f"{parameter.name} is a whole number")
    if not parameter.least <= number.value <= parameter.most:
        bounds = f"from {parameter.least:g} to {parameter.most:g}"
        raise Flaw(node.start, node.end, f"{parameter.name} of {kind.name} is {bounds}")
    return int(number.value) if parameter.kind is ParameterKind.COUNT else number.value


def _literal(node: syntax.Syntax) -> Number | None:
    if isinstance(node, syntax.Minus):
        inner = _literal(node.inner)
        return None if inner is None else literals.negative(inner)
    return literals.number_of(node) if isinstance(node, syntax.Literal) else None


def _name(kind: SeriesKind, parameter: Parameter, node: syntax.Syntax) -> str:
    text = text_of(node)
    if text is None:
        raise Flaw(node.start, node.end, f"{parameter.name} is a text in quotes; it is {signature(kind)}")
    if not parameter.choices or text in parameter.choices:
        return text
    meant = next((each for each in parameter.choices if each.lower() == text.lower()), None)
    if meant is not None:
        return meant
    close = nearest(text, parameter.choices)
    if close is not None:
        hint = f"; did you mean {close!r}?"
    elif len(parameter.choices) <= _MOST_SHOWN:
        hint = f"; it is {listed(parameter.choices)}"
    else:
        hint = ""
    instead = f'"{close}"' if close else None
    raise Flaw(node.start, node.end, f"{kind.name} knows no {text!r}{hint}", instead)
