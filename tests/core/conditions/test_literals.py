"""Literals: what written numbers are worth, rounded once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.conditions import literals
from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.syntax import Literal, Span
from crypto_portfolio_analyzer.core.conditions.tree import Number
from crypto_portfolio_analyzer.core.series.catalog import Unit

NS = 10**9


def literal(text):
    return Literal(start=3, end=3 + len(text), text=text)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("50000", 50_000, Unit.NUMBER),
        ("50_000", 50_000, Unit.NUMBER),
        ("1.5e-8", 1.5e-8, Unit.NUMBER),
        ("50k", 50_000, Unit.NUMBER),
        ("1.1M", 1_100_000, Unit.NUMBER),
        ("0", 0, Unit.NUMBER),
        ("5%", 5, Unit.PERCENT),
        ("30s", 30, Unit.DURATION),
        ("15m", 900, Unit.DURATION),
        ("1.5H", 5400, Unit.DURATION),
        ("1d", 86_400, Unit.DURATION),
        ("1w", 604_800, Unit.DURATION),
    ],
)
def test_numbers_are_worth_what_is_written(text, value, unit):
    number = literals.number_of(literal(text))

    assert (number.value, number.unit) == (value, unit)


@given(st.decimals(min_value="1e-20", max_value="1e15", places=8).filter(lambda number: number > 0))
def test_a_number_is_the_float_of_its_text_as_venue_prices_are(number):
    assert literals.number_of(literal(f"{number:f}")).value == float(f"{number:f}")


@given(st.integers(1, 10_000))
def test_a_percentage_as_ratio_is_rounded_once(points):
    percent = literals.number_of(literal(f"{points}%"))

    assert literals.ratio_of(percent).value == float(f"{Decimal(points) / 100}")


def test_a_sign_turns_text_and_value():
    five = Number(5.0, Unit.PERCENT, "5%")

    assert literals.negative(five) == Number(-5.0, Unit.PERCENT, "-5%")
    assert literals.negative(literals.negative(five)) == five
    assert literals.written(literals.negative(five)) == -5


@pytest.mark.parametrize("text", ["1e31", "1e400", "1e-31", "9" * 41])
def test_numbers_that_cannot_be_meant_are_refused_with_their_place(text):
    with pytest.raises(Flaw) as caught:
        literals.number_of(literal(text))

    assert (caught.value.start, caught.value.end) == (3, 3 + len(text))


def test_spans_are_whole_bars_or_nanoseconds():
    bars = Span(start=0, end=6, length=literal("3"), is_bars=True)
    time = Span(start=0, end=6, length=literal("0.5s"), is_bars=False)

    assert literals.span_of(bars) == (3, None)
    assert literals.span_of(time) == (None, NS // 2)
    with pytest.raises(Flaw, match="whole number"):
        literals.bars_of(literal("2.5"))
    with pytest.raises(Flaw, match="with its unit"):
        literals.nanoseconds_of(literal("30"))
    with pytest.raises(Flaw, match="above 0"):
        literals.nanoseconds_of(literal("0s"))


@pytest.mark.parametrize(
    ("ns", "text"),
    [(NS, "1s"), (5400 * NS, "90m"), (7200 * NS, "2h"), (86_400 * NS, "1d"), (NS // 2, "0.5s")],
)
def test_durations_are_spelled_in_the_largest_unit_that_fits(ns, text):
    assert literals.duration_text(ns) == text
    assert literals.span_text(None, ns) == text
    assert literals.nanoseconds_of(literal(text)) == ns


def test_bars_are_spelled_with_their_word():
    assert literals.span_text(3, None) == "3 bars"
