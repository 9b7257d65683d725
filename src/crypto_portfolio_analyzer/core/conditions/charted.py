"""Charted: what a text asks a chart to draw – one or more lines of bar series of the chart's own timeframe."""

from lark.exceptions import UnexpectedToken
from msgspec import Struct
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.conditions import explaining, syntax, units
from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.lexing import tokens_of
from crypto_portfolio_analyzer.core.conditions.names import Catalogue, UnknownWord, named
from crypto_portfolio_analyzer.core.conditions.spelling import spell_value
from crypto_portfolio_analyzer.core.conditions.tree import (
    Arithmetic,
    Function,
    Negated,
    Series,
    Value,
    Window,
    nodes_of,
)
from crypto_portfolio_analyzer.core.conditions.values import Values, Where
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Domain, Unit
from crypto_portfolio_analyzer.core.series.handles import described
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidCondition

DIFFERENCES = {("macd", ""), ("mom", ""), ("atr", ""), ("linreg", "slope")}
"""Series in units of the price that are differences of prices, by kind and output (empty: all of them)."""
_STILL = ("highest", "lowest", "avg")
_LIKE_A_PRICE = (0.5, 2.0)
_ON_THE_PRICE = ("Overlap Studies", "Price Transform")
"""TA-Lib's groups of functions that are drawn over the bars."""


class Charted(Struct, frozen=True):
    """A text in its canonical spelling and the lines it stands for by name; `on_price`: they lie among the bars."""

    spelling: str
    lines: tuple[tuple[str, Value], ...]
    on_price: bool

    @property
    def kind(self) -> str:
        """The series it is, empty if it is a combination."""
        first = self.lines[0][1]
        return first.kind if isinstance(first, Series) else ""


def read_charted(text: str, timeframe: str, catalogue: Catalogue = SERIES) -> Charted:
    """Return what a text asks a chart of `timeframe` to draw; of a series without output every one like its first.

    Raises:
        InvalidCondition: the text is no value of bar series of the chart's own symbol and timeframe.
        InvalidInput: the timeframe is none.

    """
    frame = parse_timeframe(timeframe).name
    try:
        return _read(text, frame, catalogue)
    except Flaw as flaw:
        fix = flaw.fixed(text)
        if fix is not None and not _is_right(fix, frame, catalogue):
            fix = None
        raise InvalidCondition(text, flaw.start, flaw.end, flaw.problem, fix) from None


def _is_right(text: str, frame: str, catalogue: Catalogue) -> bool:
    try:
        _read(text, frame, catalogue)
    except Flaw:
        return False
    return True


def _read(text: str, frame: str, catalogue: Catalogue) -> Charted:
    tokens = tokens_of(text)
    try:
        node = syntax.parsed(tokens)
    except UnexpectedToken as error:
        raise explaining.unexpected(error, tokens, text, catalogue) from None
    try:
        value = Values(catalogue, frame).value(node, Where(frame))
    except UnknownWord as word:
        raise explaining.unknown(word, tokens, catalogue) from None
    _refuse(value, node, frame)
    lines = _outputs(value, catalogue) if _names_no_output(node, catalogue) else (("", value),)
    bare = spell_value(value, frame, catalogue)
    if lines[0][0]:
        bare = bare.removesuffix(f".{lines[0][0]}")
    return Charted(bare, lines, _is_like_a_price(value))


def _refuse(value: Value, node: syntax.Syntax, frame: str) -> None:
    """Raise Flaw for what has no value at each bar of the chart."""
    series = [each for each in nodes_of(value) if isinstance(each, Series)]
    if not series:
        raise Flaw(node.start, node.end, "a number is a level, not a series; write one such as ema(50)")
    for each in series:
        if each.domain is Domain.TICK:
            instead = "close" if each.kind == "price" and isinstance(node, syntax.Path) else None
            problem = f"{each.kind} has no bars; a chart draws bar series such as close"
            raise Flaw(node.start, node.end, problem, instead)
        if each.timeframe != frame:
            problem = (
                f"this chart has {frame} bars; leave 'on {each.timeframe}' out, or show {each.timeframe}"
            )
            raise Flaw(node.start, node.end, problem)
        if each.subject is not None:
            raise Flaw(node.start, node.end, f"this chart has no bars of {each.subject}; open its own")


def _names_no_output(node: syntax.Syntax, catalogue: Catalogue) -> bool:
    while isinstance(node, syntax.Live | syntax.On | syntax.Back | syntax.Group):
        node = node.inner
    return isinstance(node, syntax.Path) and named(node, catalogue).output is None


def _outputs(value: Value, catalogue: Catalogue) -> tuple[tuple[str, Value], ...]:
    """Return every output of a series that counts the same as its first."""
    if not isinstance(value, Series) or not value.output:
        return (("", value),)
    each_of = [
        replace(value, output=each.name, unit=value.unit if each.unit is Unit.PRICE else each.unit)
        for each in catalogue[value.kind].outputs
    ]
    alike = [
        each for each in each_of if each.unit is each_of[0].unit and _prices(each) == _prices(each_of[0])
    ]
    return tuple((each.output, each) for each in alike)


def _is_like_a_price(value: Value) -> bool:
    low, high = _LIKE_A_PRICE
    is_foreign = isinstance(value, Series) and value.kind.startswith("talib:")
    return (value.unit is Unit.PRICE or is_foreign) and low < _prices(value) < high


def _prices(value: Value) -> float:
    """Return how many prices a value is worth: an average one, a difference of two none, their sum two."""
    match value:
        case Series():
            return _prices_of_series(value)
        case Negated(inner):
            return -_prices(inner)
        case Function(_, values):
            return _prices(values[0])
        case Window(name, inner):
            return _prices(inner) if name in _STILL else 0.0
        case Arithmetic(operator, left, right):
            return _prices_of_two(operator, left, right)
        case _:
            return 0.0


def _prices_of_series(value: Series) -> float:
    if value.kind.startswith("talib:"):
        group = described(value.kind.partition(":")[2]).info["group"]
        return float(group in _ON_THE_PRICE)
    if value.unit is not Unit.PRICE or {(value.kind, ""), (value.kind, value.output)} & DIFFERENCES:
        return 0.0
    return 1.0 if value.source is None else _prices(value.source)


def _prices_of_two(operator: str, left: Value, right: Value) -> float:
    one, other = _prices(left), _prices(right)
    factor = units.constant(right)
    match operator:
        case "+":
            return one + other
        case "-":
            return one - other
        case "*":
            scale = units.constant(left)
            return one * factor if factor is not None else other * scale if scale is not None else 0.0
        case _:
            return one / factor if factor else 0.0
