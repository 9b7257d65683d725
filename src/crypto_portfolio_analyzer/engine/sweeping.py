"""Sweeps: how often a condition would have fired for each of a range of thresholds, in one pass over the bars."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Rearm, Trigger
from crypto_portfolio_analyzer.core.conditions.tree import Condition, Number, nodes_of
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.engine.backtesting import Candidate, backtest_all
from crypto_portfolio_analyzer.errors import InvalidInput

MOST_STEPS = 101


class SweepPoint(Struct, frozen=True):
    """One threshold, how often the condition would have fired with it, and how many triggers were held back."""

    value: float
    count: int
    suppressed: int


def sweep(
    condition: Condition,
    bars: Sequence[Bar],
    values: Sequence[float],
    *,
    place: int = 0,
    symbol: str | None = None,
    trigger: Trigger | None = None,
    cooldown: int = 0,
    rearm: Rearm | None = None,
) -> list[SweepPoint]:
    """Return what each of `values` gives instead of the condition's number at `place`, counted from 0 as written.

    Raises:
        InvalidInput: the condition has no such number, or as `backtest`.

    """
    if not 1 <= len(values) <= MOST_STEPS:
        raise InvalidInput(f"{len(values)} thresholds are to be tried; give 1 to {MOST_STEPS}")
    numbers = len(literals_of(condition))
    if not 0 <= place < numbers:
        raise InvalidInput(f"the condition has {numbers} numbers to vary; write one with a threshold")
    candidates = [
        Candidate(
            condition=with_literal(condition, place, value), trigger=trigger, cooldown=cooldown, rearm=rearm
        )
        for value in values
    ]
    results = backtest_all(candidates, bars, symbol=symbol)
    pairs = zip(values, results, strict=True)
    return [SweepPoint(value, result.count, result.suppressed) for value, result in pairs]


def evenly(start: float, to: float, steps: int) -> list[float]:
    """Return `steps` thresholds from `start` to `to`, ends included, as people write them."""
    if steps < 2:
        return [start]
    return [float(f"{start + (to - start) * step / (steps - 1):.12g}") for step in range(steps)]


def literals_of(condition: Condition) -> list[Number]:
    """Return the numbers of a condition in the order they are written, without arguments and spans."""
    return [node for node in nodes_of(condition.question) if isinstance(node, Number)]


def with_literal(condition: Condition, place: int, value: float) -> Condition:
    """Return the condition with another value for the number at `place`."""
    places = count()

    def other(number: Number) -> Number:
        return replace(number, value=value, text=repr(value)) if next(places) == place else number

    return replace(condition, question=_each_number(condition.question, other))


def _each_number(node: Any, change: Callable[[Number], Number]) -> Any:
    """Return a tree with every number changed, outer before inner, left before right."""
    if isinstance(node, Number):
        return change(node)
    if isinstance(node, Struct):
        return type(node)(*(_each_number(getattr(node, name), change) for name in node.__struct_fields__))
    if isinstance(node, tuple):
        return tuple(_each_number(each, change) for each in node)
    return node
