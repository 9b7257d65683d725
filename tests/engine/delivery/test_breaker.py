"""An endpoint that fails is asked by one probe at a time, until it answers well."""

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.engine.delivery.breaker import LAST_PAUSE, LIMIT, Breaker
from crypto_portfolio_analyzer.engine.delivery.timing import SECOND


def test_it_stays_closed_for_four_failures_and_opens_at_the_fifth():
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(0)
    assert breaker.places(4, 0) == 4

    breaker.failed(0)

    assert breaker.places(4, 0) == 0
    assert breaker.places(4, 5 * SECOND) == 1


def test_a_success_closes_it():
    breaker = Breaker(failures=9, probe_at=10)
    breaker.succeeded()

    assert breaker.places(4, 0) == 4


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10**13)), max_size=80))
def test_it_is_open_exactly_after_enough_failures_in_a_row(history):
    breaker, row, now = Breaker(), 0, 0
    for has_failed, later in history:
        now += later
        row = row + 1 if has_failed else 0
        breaker.failed(now) if has_failed else breaker.succeeded()
        assert breaker.is_open == (row >= LIMIT)
        assert breaker.places(4, now + LAST_PAUSE) == (1 if row >= LIMIT else 4)
        assert breaker.probe_at <= now + LAST_PAUSE
