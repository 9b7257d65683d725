"""Numbers and instants as text."""

from datetime import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.simulation.wording import fixed, iso, trimmed


@given(st.integers(-(10**18), 10**18), st.integers(0, 8))
def test_fixed_is_exact_and_has_all_its_decimals(value, decimals):
    text = fixed(value, decimals)

    assert Decimal(text) == Decimal(value).scaleb(-decimals)
    assert len(text.partition(".")[2]) == decimals


def test_trimmed_drops_only_zeros_that_say_nothing():
    assert [trimmed(text) for text in ("400", "0.500", "1.000", "0.05")] == ["400", "0.5", "1", "0.05"]


@given(st.integers(10**18, 3 * 10**18))
def test_instants_read_back_to_the_microsecond(at):
    read = datetime.fromisoformat(iso(at))

    assert round(read.timestamp() * 10**6) == at // 1000
