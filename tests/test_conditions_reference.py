"""The reference of conditions: its list of series is what there is, and every example can be read."""

import re

import pytest

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.errors import InvalidCondition
from tools.conditions_reference import MARK, PAGE, page

TEXT = PAGE.read_text()
WRITTEN = TEXT.partition(MARK)[0]
EXAMPLES = [
    line for block in re.findall(r"```text\n(.*?)```", WRITTEN, re.DOTALL)[:1] for line in block.splitlines()
]


def test_the_list_of_series_is_up_to_date():
    assert page(TEXT) == TEXT, "run tools/conditions_reference.py"


def test_every_series_is_in_the_list():
    assert all(f"| `{name}" in TEXT for name in SERIES.names())


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_can_be_read(example):
    read_condition(example)


def test_the_error_of_the_page_is_the_error_there_is():
    block = re.findall(r"```text\n(.*?)```", WRITTEN, re.DOTALL)[1].rstrip("\n")

    with pytest.raises(InvalidCondition) as caught:
        read_condition(block.splitlines()[0])

    assert str(caught.value) == block


@pytest.mark.parametrize(
    "text",
    ["rsi(14) > close", "price > 5%", "rsi(14) > 101"],
)
def test_what_the_page_calls_refused_is_refused(text):
    assert f"`{text}`" in WRITTEN
    with pytest.raises(InvalidCondition):
        read_condition(text)


@pytest.mark.parametrize(
    "text",
    [
        "close on 15m", "(close > open) on 1h", "sma(volume, 20) on 5m", "rsi(14) on 1h live", "macd(12, 26, 9).signal",
        "rsi(volume, 14)", 'talib("RSI", 14)', "ETHUSDT.price", "highest(high, 20) on 1h", "avg(price, 5m)",
        "avg(close, 1h) on 5m", "breaks_resistance(50)", "price rises by 5% in 3 bars", "moving up % 5 in 3 bars",
    ],
)  # fmt: skip
def test_what_the_page_writes_is_right(text):
    assert f"`{text}`" in WRITTEN
    is_question = ">" in text or "rises" in text or "breaks" in text
    read_condition(f"price {text}" if text.startswith("moving") else text if is_question else f"{text} > 1")
