"""Any tree of values on the board equals the same tree over whole arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.conditions.tree import (
    Arithmetic,
    Function,
    Negated,
    Number,
    Series,
    Window,
)
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Unit
from tests.core.judging.wishes import SYMBOL, file_board, run, series, window
from tests.core.series.oracles import expected
from tests.core.series.samples import bars_of, walk

LEAVES = st.sampled_from(
    [
        series("close"),
        series("high"),
        series("volume"),
        series("ema", 9),
        series("rsi", 14),
        series("macd", 12, 26, 9, output="histogram"),
        series("bollinger", 20, 2.0, output="width"),
        series("atr", 14),
        Number(3.0, Unit.NUMBER, "3"),
    ]
)


def larger(parts):
    lengths = st.integers(1, 12)
    names = st.sampled_from(("highest", "lowest", "avg", "sum", "stdev", "change", "percent_change"))
    bars = st.builds(series, st.just("sma"), lengths, source=parts.filter(lambda part: not constant(part)))
    return st.one_of(
        bars,
        st.builds(window, names, parts, lengths),
        st.builds(lambda op, a, b: Arithmetic(op, a, b, Unit.NUMBER), st.sampled_from("+-*"), parts, parts),
        st.builds(lambda value: Negated(value, Unit.NUMBER), parts),
        st.builds(
            lambda name, a, b: Function(name, (a, b), Unit.NUMBER),
            st.sampled_from(("min", "max")),
            parts,
            parts,
        ),
        st.builds(lambda n, back: series("rsi", n, back=back), st.integers(2, 9), st.integers(1, 6)),
    )


def constant(value):
    return isinstance(value, Number)


TREES = st.recursive(LEAVES, larger, max_leaves=5)
WINDOW_ORACLES: dict[str, Callable[..., Any]] = {
    "highest": talib.MAX,
    "lowest": talib.MIN,
    "avg": talib.SMA,
    "sum": talib.SUM,
    "stdev": talib.STDDEV,
    "change": talib.MOM,
    "percent_change": talib.ROC,
}


def whole(value, columns):
    """Evaluate a tree over whole arrays with TA-Lib's batch."""
    match value:
        case Number():
            return np.full(len(columns["close"]), value.value)
        case Series():
            inner = columns if value.source is None else {**columns, "close": whole(value.source, columns)}
            rows = expected(value.kind, inner, value.arguments)
            row = rows[SERIES[value.kind].output(value.output) or 0]
            return np.concatenate([np.full(value.back, np.nan), row])[: len(row)]
        case Window():
            inner = whole(value.value, columns)
            if value.bars == 1 and value.name not in ("change", "percent_change"):
                return inner - inner if value.name == "stdev" else inner
            return WINDOW_ORACLES[value.name](inner, value.bars)
        case Arithmetic():
            left, right = whole(value.left, columns), whole(value.right, columns)
            return {"+": np.add, "-": np.subtract, "*": np.multiply}[value.operator](left, right)
        case Negated():
            return -whole(value.value, columns)
        case Function():
            return {"min": np.minimum, "max": np.maximum}[value.name](
                *(whole(each, columns) for each in value.values)
            )


@settings(max_examples=150, deadline=None)
@given(value=TREES, seed=st.integers(0, 99))
def test_any_value_equals_talibs_batch_and_its_peek(value, seed):
    columns = {**walk(seed, 120, still=0), "trades": np.ones(120)}
    board = file_board()
    slot = board.want(SYMBOL, value, "1m")

    ours = run(slot, board, bars_of(columns))

    theirs = whole(value, columns)
    size = np.nanmax(np.abs(theirs), initial=1)
    known = ~np.isnan(theirs)
    if "percent_change" not in repr(value):  # from zero it is unknown, and TA-Lib says 0
        np.testing.assert_array_equal(np.isnan(ours), ~known)
    known &= ~np.isnan(ours)
    np.testing.assert_allclose(ours[known], theirs[known], rtol=1e-9, atol=1e-9 * size)
