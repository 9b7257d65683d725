"""The gate every number from outside passes."""

import json
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.market import RejectReason
from crypto_portfolio_analyzer.core.numbers import (
    AHEAD_NANOSECONDS,
    EARLIEST,
    MAX_PRICE,
    MAX_QUANTITY,
    refuse_number,
    refuse_time,
)
from tests.conformance.hostile import NUMBERS
from tests.fakes import NOON, SECOND


@pytest.mark.parametrize(
    "value",
    [
        "1",
        "0.00000001",
        "58942.01000000",
        "999999999999999",
        ".5",
        "5.",
        "+1.5",
        "1e5",
        "1E-9",
        "1.5e+14",
        1,
        2.5,
        10**14,
    ],
)
def test_prices_pass(value):
    assert refuse_number(value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("nan", RejectReason.NAN),
        (float("nan"), RejectReason.NAN),
        ("-Infinity", RejectReason.INFINITE),
        (float("inf"), RejectReason.INFINITE),
        (float("-inf"), RejectReason.INFINITE),
        ("-1", RejectReason.NEGATIVE),
        (-1, RejectReason.NEGATIVE),
        ("0", RejectReason.ZERO),
        ("-0.0", RejectReason.ZERO),
        (0, RejectReason.ZERO),
        ("1e15", RejectReason.RANGE),
        (10**15, RejectReason.RANGE),
        pytest.param(10**400, RejectReason.RANGE, id="400 digits"),
        ("1" * 41, RejectReason.TOO_LONG),
        ("1e31", RejectReason.EXPONENT),
        ("1e-999999999", RejectReason.EXPONENT),
        ("1e9999999999", RejectReason.TYPE),
        (None, RejectReason.TYPE),
        (True, RejectReason.TYPE),
        (b"1", RejectReason.TYPE),
        ([1], RejectReason.TYPE),
        ("", RejectReason.TYPE),
        ("\u0661", RejectReason.TYPE),
        ("1_0", RejectReason.TYPE),
        (" 1", RejectReason.TYPE),
        ("1\n", RejectReason.TYPE),
    ],
)
def test_the_reason_is_named(value, reason):
    assert refuse_number(value) is reason


def test_zero_is_an_amount():
    assert refuse_number("0.00000000", zero_ok=True) is None
    assert refuse_number("-0.00000001", zero_ok=True) is RejectReason.NEGATIVE


def test_quantities_may_be_larger_than_prices():
    assert refuse_number("1e17", limit=MAX_QUANTITY) is None
    assert refuse_number("1e18", limit=MAX_QUANTITY) is RejectReason.RANGE


@pytest.mark.parametrize("token", [token for token in NUMBERS if token.startswith('"')])
def test_hostile_texts_are_refused_for_the_right_reason(token):
    assert refuse_number(json.loads(token), limit=MAX_QUANTITY) in NUMBERS[token]


def test_a_number_of_a_million_digits_costs_nothing():
    assert refuse_number("9" * 1_000_000) is RejectReason.TOO_LONG


@given(value=st.text(max_size=50) | st.floats() | st.integers() | st.none() | st.binary())
def test_what_passes_is_a_price(value):
    if refuse_number(value) is None:
        assert isinstance(value, str | int | float)
        assert isfinite(float(value))
        assert 0 < float(value) < MAX_PRICE


@pytest.mark.parametrize(
    ("event_at", "is_right"),
    [
        (NOON, True),
        (NOON - 10**9 * SECOND, False),
        (NOON + AHEAD_NANOSECONDS - 1, True),
        (NOON + AHEAD_NANOSECONDS, False),
        (EARLIEST, False),
        (EARLIEST + 1, True),
        (0, False),
        (-(10**30), False),
    ],
)
def test_instants_lie_between_the_first_coin_and_a_minute_ahead(event_at, is_right):
    assert (refuse_time(event_at, NOON) is None) is is_right
