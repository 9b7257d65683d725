"""The values of a condition are known by name before it fires, by the same names as after."""

import pytest

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.notices.operands import operands_of


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("price > 5", ("price",)),
        ("rsi(14) on 1h > 70 and price crosses above 65000", ("rsi(14) on 1h", "price")),
        ("ema(20) crosses above ema(50)", ("ema(20)", "ema(50)")),
        ("price falls by 5% in 15m", ("price",)),
        ("not (price inside 1..2) or price > 9", ("price",)),
        ("highest(high, 20) - close > 2 * atr(14)", ("highest(high, 20) - close", "2 * atr(14)")),
    ],
)
def test_names_are_those_of_the_evidence(condition, names):
    assert operands_of(read_condition(condition)) == names
