"""Numbers as people type them, in either language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.bot.numbering import read_number


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("65500", ("65500",)),
        ("65,500", ("65.5", "65500")),
        ("1.234", ("1.234", "1234")),
        ("1.234,56", ("1234.56",)),
        ("1,234.56", ("1234.56",)),
        ("1.234.567", ("1234567",)),
        ("65 500", ("65500",)),
        ("1'000'000", ("1000000",)),
        ("0,5", ("0.5",)),
        ("0.123", ("0.123",)),
        ("0.000008412", ("0.000008412",)),
        ("12k", ("12000",)),
        ("1.5M", ("1500000",)),
        (" +3 % ", ("3",)),
        ("−5", ("-5",)),
        ("abc", ()),
        ("", ()),
        ("1,23,4", ()),
        ("65,", ()),
        ("1e5", ()),
        ("9" * 60, ()),
        ("٣", ()),
    ],
)
def test_what_a_text_can_mean(text, readings):
    assert read_number(text) == readings


@given(st.floats(min_value=0.0001, max_value=1e9).map(lambda value: round(value, 4)))
def test_a_plain_decimal_is_always_among_its_readings(value):
    text = f"{value:.4f}"

    assert value in [float(each) for each in read_number(text)]


@given(st.text(max_size=50))
def test_no_text_is_too_odd(text):
    for reading in read_number(text):
        float(reading)
