"""Operands: what the values of a condition are called in its evidence, known before it fires."""

from collections.abc import Iterator

from msgspec import Struct

from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.conditions.spelling import spell_value

_LEAVES = (tree.Comparison, tree.Range, tree.Cross, tree.RangeEdge, tree.Move, tree.Flag)
_VALUES = (tree.Series, tree.Arithmetic, tree.Negated, tree.Function, tree.Window)


def operands_of(condition: tree.Condition) -> tuple[str, ...]:
    """Return the spellings of everything a condition compares, but for plain numbers, in its order."""
    own = None if f" on {condition.timeframe}" in condition.spelling else condition.timeframe
    values = (
        getattr(leaf, name)
        for leaf in _leaves(condition.question)
        for name in leaf.__struct_fields__
        if isinstance(getattr(leaf, name), _VALUES)
    )
    return tuple(dict.fromkeys(spell_value(value, own) for value in values))


def _leaves(item: object) -> Iterator[Struct]:
    if isinstance(item, _LEAVES):
        yield item
    elif isinstance(item, tuple):
        for each in item:
            yield from _leaves(each)
    elif isinstance(item, Struct):
        for name in item.__struct_fields__:
            yield from _leaves(getattr(item, name))
