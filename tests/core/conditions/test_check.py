"""Checking: what becomes of each question, and what is allowed and probably not meant."""

import pytest

from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.conditions.check import is_momentary, nodes_in
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import Direction
from crypto_portfolio_analyzer.errors import InvalidCondition

NS = 10**9


def question(text, timeframe="1m"):
    return read_condition(text, timeframe).question


def refused(text):
    with pytest.raises(InvalidCondition) as caught:
        read_condition(text)
    return caught.value


def test_or_binds_loosest_then_then_then_and_then_not_then_the_spans():
    asked = question("price > 1 or price > 2 then price > 3 and not price > 4 for 5m within 6m within 7m")

    assert isinstance(asked, tree.Or)
    then = asked.questions[1]
    assert isinstance(then, tree.Sequence)
    assert then.ns == 7 * 60 * NS
    both = then.second
    assert isinstance(both, tree.And)
    denied = both.questions[1]
    assert isinstance(denied, tree.Not)
    recent = denied.question
    assert isinstance(recent, tree.Recent)
    assert recent.ns == 6 * 60 * NS
    assert isinstance(recent.question, tree.Held)
    assert recent.question.ns == 5 * 60 * NS


def test_a_trailing_within_belongs_to_the_nearest_then_and_parentheses_override():
    plain = question("price > 1 then price > 2 within 30m")
    inner = question("price > 1 then (price > 2 within 3 bars) within 30m")
    chain = question("price > 1 then price > 2 within 5m then price > 3 within 10m")

    assert isinstance(plain, tree.Sequence)
    assert isinstance(plain.second, tree.Comparison)
    assert isinstance(inner, tree.Sequence)
    assert inner.second == tree.Recent(plain.second, bars=3)
    assert isinstance(chain, tree.Sequence)
    assert chain.ns == 600 * NS
    assert isinstance(chain.first, tree.Sequence)
    assert chain.first.ns == 300 * NS


def test_then_needs_a_limit():
    assert "within" in refused("price > 1 then price > 2").problem
    assert "within" in refused("price > 1 then (price > 2 within 3 bars)").problem


def test_a_timeframe_is_shared_out_over_parentheses_to_what_has_none_of_its_own():
    asked = question("(close > ema(20) on 5m and price > open) on 1h")

    assert asked == question("close on 1h > ema(20) on 5m and price > open on 1h")


def test_a_timeframe_for_nothing_is_refused():
    assert "leave it out" in refused("(price > 5) on 1h").problem
    assert "leave it out" in refused("price > (5) on 1h").problem
    assert "two timeframes" in refused("close on 1h on 5m > 3").problem


def test_k_of_asks_for_no_more_than_there_are():
    asked = question("2 of (price > 1, price > 2, price > 3)")

    assert isinstance(asked, tree.AtLeast)
    assert asked.count == 2
    assert "from 1 to 2" in refused("3 of (price > 1, price > 2)").problem
    assert "whole number" in refused("1.5 of (price > 1, price > 2)").problem


def test_moves_are_in_percent_or_in_the_unit_of_the_value():
    percent, absolute = question("price falls by 5% in 15m"), question("close rises by 2 * atr(14) in 3 bars")
    points = question("change_percent_24h rises by 5% in 1h")

    assert isinstance(percent, tree.Move)
    assert (percent.direction, percent.is_percent, percent.ns) == (Direction.DOWN, True, 900 * NS)
    assert isinstance(absolute, tree.Move)
    assert (absolute.is_percent, absolute.bars, absolute.timeframe) == (False, 3, "1m")
    assert isinstance(points, tree.Move)
    assert points.is_percent is False
    assert "above 0" in refused("price falls by -5% in 15m").problem
    assert "100%" in refused("price falls by 101% in 15m").problem
    assert "compared" in refused("price rises by volume in 15m").problem


def test_a_price_over_bars_is_the_close_of_the_forming_bar():
    assert question("price moving up 5 in 3 bars", "5m") == question("close live rises by 5 in 3 bars", "5m")
    assert question("(price rises by 5 in 3 bars) on 1h") == question("close on 1h live rises by 5 in 3 bars")


def test_a_flag_is_a_question_and_a_number_is_none():
    assert isinstance(question("breaks_resistance(50) on 1h"), tree.Flag)
    assert isinstance(question('not candle("doji")'), tree.Not)
    assert "compare" in refused("rsi(14)").problem
    assert "compare" in refused("rsi(14) and price > 1").problem
    assert "number is needed" in refused("(price > 1) > 2").problem


@pytest.mark.parametrize(
    "text",
    [
        "price crosses above 5 for 5m",
        "(price > 1 and price exits 1..2) for 3 bars",
        "not price crosses 5 for 5m",
        "(price > 1 then price > 2 within 5m) for 5m",
        "1 of (price > 1, price enters 3..4) for 5m",
    ],
)
def test_a_crossing_cannot_last(text):
    assert "cannot last" in refused(text).problem


def test_what_was_a_crossing_recently_can_last():
    assert isinstance(question("(price crosses above 5 within 5m) for 10m"), tree.Held)


@pytest.mark.parametrize(
    ("text", "marked", "message"),
    [
        ("price == 5", "price == 5", "exactly"),
        ("price != bid", "price != bid", "exactly"),
        ("price crosses 5 and bid crosses 6", "price crosses 5 and bid crosses 6", "same instant"),
        ("rsi(14) <= 100", "100", "always true"),
        ("price >= 0", "0", "always true"),
        ("-5 < price", "-5", "always true"),
        ("feed.age > 30", "30", "seconds"),
        ("price > bollinger(20)", "bollinger(20)", "upper"),
    ],
)
def test_what_is_allowed_and_probably_not_meant_is_said(text, marked, message):
    (caution,) = read_condition(text).cautions

    assert text[caution.start : caution.end] == marked
    assert message in caution.message
    assert caution.remedy


@pytest.mark.parametrize(
    "text",
    ["trades == 5", 'candle("doji") == 100', "price crosses 5 within 3 bars and bid crosses 6", "macd > 0"],
)
def test_no_caution_without_a_cause(text):
    assert read_condition(text).cautions == ()


def test_comparing_constants_is_refused():
    assert "changes" in refused("5 > 3").problem
    assert "changes" in refused("1 + 1 crosses 3").problem


def test_momentary_is_what_is_over_in_an_instant():
    assert is_momentary(question("price > 1 and price crosses 5"))
    assert is_momentary(question("price > 1 then price > 2 within 5m"))
    assert not is_momentary(question("price crosses 5 within 5m"))
    assert not is_momentary(question("price > 1 or not price > 5"))


def test_nodes_are_questions_values_and_sources():
    assert nodes_in(question("price > 5")) == 3
    assert nodes_in(question("rsi(sma(volume, 3), 5) > 5 and price > 1")) == 9
