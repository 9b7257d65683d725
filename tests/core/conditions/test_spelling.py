"""Spelling: one canonical text, read back as the very same tree."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.conditions.check import nodes_in
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.spelling import spell_question, spell_value
from crypto_portfolio_analyzer.core.conditions.tree import Arithmetic, Comparison, Negated, Number, Series
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit
from tests.core.conditions.trees import nested, questions


@settings(max_examples=300, deadline=None)
@given(question=questions, timeframe=st.sampled_from([None, "1m", "15m"]))
def test_what_is_spelled_is_read_back_as_the_same_tree(question, timeframe):
    text = spell_question(question, timeframe)
    assume(len(text) <= 512)

    condition = read_condition(text, timeframe or "5m")

    assert condition.question == question


@settings(max_examples=400, deadline=None)
@given(question=nested)
def test_parentheses_keep_together_what_belongs_together(question):
    text = spell_question(question)
    assume(len(text) <= 512 and nodes_in(question) <= 64)

    assert read_condition(text).question == question


@settings(max_examples=150, deadline=None)
@given(question=questions)
def test_the_spelling_of_a_condition_is_its_own_spelling(question):
    text = spell_question(question)
    assume(len(text) <= 512)
    once = read_condition(text, "15m").spelling

    assert read_condition(once, "15m").spelling == once


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("PRICE>50_000", "price > 50_000"),
        ("((price)) > (50k)", "price > 50k"),
        ("price Crossing Up 5", "price crosses above 5"),
        ("price crosses down 5", "price crosses below 5"),
        ("price entering channel 1..2", "price enters 1..2"),
        ("price moving down % 5 in 90m", "price falls by 5% in 90m"),
        ("rsi > 70", "rsi(14) > 70"),
        ("rsi(close) > 70", "rsi(14) > 70"),
        ("vwap < price", "vwap < price"),
        ("(close > open) on 15m", "close on 15m > open on 15m"),
        ("sma(volume on 5m, 20) on 5m > 1", "sma(volume, 20) on 5m > 1"),
        ("sma(volume, 20) on 60m > 1", "sma(volume, 20) on 1h > 1"),
        ("ETHUSDT.close[1] on 1h live > 2", '"ETH/USDT".close[1] on 1h live > 2'),
        ("not (not (price > 1))", "not not price > 1"),
        ("price > 1 or (price > 2 or price > 3)", "price > 1 or price > 2 or price > 3"),
        ("price > 1 and (price > 2 or price > 3)", "price > 1 and (price > 2 or price > 3)"),
        ("price > 1 - (2 - bid) - 3", "price > 1 - (2 - bid) - 3"),
        ("price > (2 * bid) / -3", "price > 2 * bid / -3"),
        ('talib("rsi") > 3', 'talib("RSI", 14) > 3'),
        ('pattern("double_top")', 'pattern("double_top", 5)'),
        ("bollinger.Upper > 3", "bollinger(20, 2).upper > 3"),
        ("feed.age > 60s", "feed.age > 60s"),
        ("avg(close - open, 5) live > 1", "avg(close - open, 5) live > 1"),
        ("price > 1 or price > 2 then bid > 3 within 5m", "price > 1 or price > 2 then bid > 3 within 5m"),
        ("price > 1 then bid > 2 and ask > 3 within 30m", "price > 1 then bid > 2 and ask > 3 within 30m"),
    ],
)
def test_every_way_of_writing_has_one_spelling(text, spelling):
    assert read_condition(text).spelling == spelling


def test_the_alerts_own_timeframe_is_left_out_unless_somebody_named_it():
    assert read_condition("rsi > 70", "15m").spelling == "rsi(14) > 70"
    assert read_condition("rsi on 15m > 70", "15m").spelling == "rsi(14) on 15m > 70"
    assert read_condition("rsi on 1h > 70", "15m").spelling == "rsi(14) on 1h > 70"


def test_a_value_alone_says_its_timeframe():
    close = Series("close", "", (), Unit.PRICE, Domain.BAR, timeframe="1h", back=2)
    value = Negated(Arithmetic("+", close, Number(5.0, Unit.NUMBER, "5"), Unit.PRICE), Unit.PRICE)

    assert spell_value(value) == "-(close[2] on 1h + 5)"
    assert spell_value(value, "1h") == "-(close[2] + 5)"
    assert spell_question(Comparison(">", close, value)) == "close[2] on 1h > -(close[2] on 1h + 5)"
