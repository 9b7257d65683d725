"""Levels of alerts: what a price is compared with, and the condition around it."""

import pytest

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.engine.chartlevels import levels_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("price crosses above 65500", [(65500, "above", "price crosses above ", "")]),
        ("price > 65k and rsi(14) > 70", [(65000, "over", "price > ", " and rsi(14) > 70")]),
        ("70000 < price", [(70000, "over", "", " < price")]),
        ("close crosses below 5", [(5, "below", "close crosses below ", "")]),
        ("price crosses 5", [(5, "either", "price crosses ", "")]),
        (
            "close inside 10..20",
            [(10, "inside", "close inside ", "..20"), (20, "inside", "close inside 10..", "")],
        ),
        (
            "price enters 10..20",
            [(10, "enters", "price enters ", "..20"), (20, "enters", "price enters 10..", "")],
        ),
        (
            "price != 7 or price == 8",
            [(7, "at", "price != ", " or price == 8"), (8, "at", "price != 7 or price == ", "")],
        ),
    ],
)
def test_every_constant_beside_the_price_is_a_level(text, found):
    levels = levels_of(read_condition(text), "BTC/USDT")

    assert [(each.value, each.relation, each.before, each.after) for each in levels] == found


@pytest.mark.parametrize(
    "text",
    [
        "rsi(14) > 70",
        "price > ema(50)",
        "close[1] > 5",
        '"ETH/USDT".price > 3000',
        "price moves by 3% in 15m",
        "volume > 10",
        "close * 2 > 10",
    ],
)
def test_nothing_else_is(text):
    assert levels_of(read_condition(text), "BTC/USDT") == []


def test_the_symbol_may_name_itself():
    assert levels_of(read_condition('"BTC/USDT".price > 5'), "BTC/USDT")[0].before == '"BTC/USDT".price > '


@pytest.mark.parametrize(
    "text", ["close crosses above 65500", "close on 5m > 3 and price < 9", "close on 1h inside 1..2"]
)
@pytest.mark.parametrize("timeframe", ["1m", "1h"])
def test_another_number_in_its_place_is_the_same_condition(text, timeframe):
    condition = read_condition(text, timeframe)

    for level in levels_of(condition, "BTC/USDT"):
        same = read_condition(f"{level.before}{level.value:.17g}{level.after}", timeframe)
        assert same.spelling == condition.spelling
