"""Units: what may meet and what comes of it."""

import math

import pytest

from crypto_portfolio_analyzer.core.conditions import units
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import Arithmetic, Comparison, Function, Negated, Number
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Unit
from crypto_portfolio_analyzer.errors import InvalidCondition


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("close * volume", Unit.NOTIONAL),
        ("quote_volume / volume", Unit.PRICE),
        ("quote_volume / close", Unit.QUANTITY),
        ("quote_volume / trades", Unit.NOTIONAL),
        ("volume / trades", Unit.QUANTITY),
        ("close / open", Unit.RATIO),
        ("2 * close", Unit.PRICE),
        ("close / 2", Unit.PRICE),
        ("close * buy_share(20)", Unit.PRICE),
        ("buy_share(20) * 2", Unit.RATIO),
        ("close - open", Unit.PRICE),
        ("close + 5", Unit.PRICE),
        ("close * close", Unit.NUMBER),
        ("rsi(14) - 50", Unit.INDEX),
    ],
)
def test_units_follow_from_arithmetic(text, unit):
    asked = read_condition(f"{text} > 1").question

    assert isinstance(asked, Comparison)
    assert asked.left.unit is unit


@pytest.mark.parametrize(
    "text",
    [
        "price > 5%",
        "rsi(14) > close",
        "volume > close",
        "price > 5m",
        "feed.age > 5%",
        "trades > 5%",
        'talib("ROC", 5) > 5%',
        "close * close > 5%",
        "price crosses rsi(14)",
        "price inside 1..5%",
        "price enters rsi(14)..5",
    ],
)
def test_nonsense_is_refused(text):
    with pytest.raises(InvalidCondition):
        read_condition(text)


def test_percent_points_mean_the_same_with_and_without_the_sign():
    values = [read_condition(f"change_percent_24h > {limit}").question for limit in ("10", "10%")]

    assert [question.right.value for question in values] == [10.0, 10.0]  # type: ignore[union-attr]


def test_ratios_mean_the_same_with_and_without_the_sign():
    values = [read_condition(f"buy_share(20) > {limit}").question for limit in ("0.7", "70%")]

    assert [question.right.value for question in values] == [0.7, 0.7]  # type: ignore[union-attr]


def test_constants_are_reckoned_where_no_series_is():
    two, three = Number(2.0, Unit.NUMBER, "2"), Number(3.0, Unit.NUMBER, "3")
    series = read_condition("price > 1").question.left  # type: ignore[union-attr]

    assert units.constant(Arithmetic("-", two, Negated(three, Unit.NUMBER), Unit.NUMBER)) == 5
    assert units.constant(Function("max", (two, three), Unit.NUMBER)) == 3
    assert units.constant(Function("min", (two, series), Unit.PRICE)) is None
    assert units.constant(Negated(series, Unit.PRICE)) is None
    assert math.isnan(
        units.constant(Arithmetic("/", two, Arithmetic("-", two, two, Unit.NUMBER), Unit.NUMBER)) or 0
    )


@pytest.mark.parametrize("operator", [">", ">=", "<", "<=", "==", "!="])
@pytest.mark.parametrize("limit", [-1.0, 0.0, 50.0, 100.0, 101.0])
def test_always_and_never_are_what_every_value_in_bounds_says(operator, limit):
    compare = {
        ">": float.__gt__, ">=": float.__ge__, "<": float.__lt__, "<=": float.__le__,
        "==": float.__eq__, "!=": float.__ne__,
    }[operator]  # fmt: skip
    answers = {compare(float(value), limit) for value in range(101)}

    answer = units.outside_of(operator, (0.0, 100.0), limit)

    assert answer is (answers.pop() if len(answers) == 1 else None)


def test_an_output_is_found_by_its_name():
    assert units.output_of(SERIES["bollinger"], "width").unit is Unit.PERCENT
