"""Numbers and instants for programs."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.notices.exact import decimal_text, iso
from tests.core.notices.made import AT


def test_instants_are_iso_with_milliseconds():
    assert iso(AT + 371_999_999) == "2026-11-20T14:03:07.371Z"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (65012.4, "65012.4"),
        (65000.0, "65000"),
        (1e-8, "0.00000001"),
        (1e22, "10000000000000000000000"),
        (-0.5, "-0.5"),
    ],
)
def test_numbers_have_no_exponent(value, text):
    assert decimal_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_as_they_were(value):
    text = decimal_text(value)

    assert text is not None
    assert float(Decimal(text)) == value


def test_what_is_no_number_is_not_known():
    assert [decimal_text(each) for each in (None, math.nan, math.inf)] == [None, None, None]
