"""How resources write numbers and instants."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.api.schemas import decimal_or_none, decimal_text, instant, iso


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_decimal_text_reads_back_as_the_same_float_and_has_no_exponent(value: float) -> None:
    text = decimal_text(value)

    assert float(text) == value
    assert re.fullmatch(r"-?\d+(\.\d+)?", text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(65012.4, "65012.4"), (50000.0, "50000"), (8.412e-06, "0.000008412"), (1e22, "1" + "0" * 22)],
)
def test_a_decimal_text_is_the_shortest(value: float, text: str) -> None:
    assert decimal_text(value) == text


def test_unknown_numbers_are_null() -> None:
    assert decimal_or_none(None) is None
    assert decimal_or_none(0.0) == "0"


@given(st.integers(min_value=0, max_value=4_000_000_000 * 10**9))
def test_instants_are_utc_with_milliseconds(at: int) -> None:
    text = iso(at)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert instant(datetime.fromisoformat(text)) == at // 10**6 * 10**6


def test_instants_of_other_zones_are_turned() -> None:
    there = datetime(2026, 11, 20, 14, tzinfo=timezone(timedelta(hours=2)))

    assert instant(there) == instant(datetime(2026, 11, 20, 12, tzinfo=UTC))
