"""Shapes: a condition read by its shape is the one read in full."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.shapes import Shapes
from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.errors import InvalidCondition
from tests.core.conditions.hostile import CORPUS
from tests.core.conditions.test_reading import SENTENCES

TEXTS = [
    *SENTENCES,
    "price > 50000",
    "50000 < price",
    "price inside 5..60.5",
    "price outside -5..-1",
    "rsi(14) on 1h < 30 or rsi(14) on 1h > 70",
    "rsi(14) crosses above 70 and not price < -(5)",
    "buy_share(20) > 70%",
    "price falls by 5% in 15m",
    "price falls by 5 in 3 bars then bid > 6 within 30m",
    "1 of (price > 1, price > 2) for 5 bars",
    "price > 2 * ema(50) + 1",
    "price == 5",
    "price exits low_24h..99999",
    "feed.age > 30",
    'talib("RSI", 14) > 50k',
    "price > 1 and (price < 2 and bid > 3) within 4 bars",
    '"1INCH/USDT".price > 3 and "5".price > 5',
]
NUMBERS = [
    "0", "1", "5", "14", "0.5", "50", "70", "99.99", "100", "100.5", "1e-8", "1E3", "1_000", "50k", "2M", "1e29",
    "1e31", "1e-31", "1e400", "9" * 45, "20000", "007", ".5",
]  # fmt: skip
known = Shapes()


def outcome(read, text, timeframe):
    try:
        return read(text, timeframe)
    except InvalidCondition as error:
        return str(error), error.start, error.end, error.fix


@settings(max_examples=500, deadline=None)
@given(
    text=st.sampled_from(TEXTS + CORPUS),
    numbers=st.lists(st.none() | st.sampled_from(NUMBERS), min_size=12, max_size=12),
    timeframe=st.sampled_from(["1m", "15m", "60m"]),
)
def test_a_shape_with_other_numbers_is_what_the_text_says(text, numbers, timeframe):
    others = iter(numbers)
    text = re.sub(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?", lambda match: next(others, None) or match[0], text)

    assert outcome(known.read, text, timeframe) == outcome(read_condition, text, timeframe)


def test_the_second_of_a_shape_is_not_read_again():
    shapes = Shapes(Counting())
    asked = [shapes.read(f"price > {number} and rsi(14) on 1h < {number / 10}") for number in range(100, 200)]

    assert len({condition.spelling for condition in asked}) == 100
    assert Counting.looked_up < 20


class Counting:
    """The catalogue, counting how often a series is looked up."""

    looked_up = 0

    def __contains__(self, name):
        return name in SERIES

    def __getitem__(self, name):
        Counting.looked_up += 1
        return SERIES[name]

    def names(self):
        return SERIES.names()


def test_a_caution_about_one_limit_does_not_spoil_the_shape():
    shapes = Shapes()

    assert shapes.read("rsi(14) <= 100").cautions
    assert not shapes.read("rsi(14) <= 99").cautions
    assert not shapes.read("rsi(14) <= 98").cautions
    assert shapes.read("rsi(14) <= 100").cautions == read_condition("rsi(14) <= 100").cautions


def test_shapes_that_have_nothing_in_common_are_forgotten():
    shapes = Shapes(Counting(), most=3)
    for factor in range(2, 9):
        shapes.read(f"price > {factor} * close")
    before = Counting.looked_up

    assert shapes.read("price > 2 * close") == read_condition("price > 2 * close")
    assert Counting.looked_up > before
