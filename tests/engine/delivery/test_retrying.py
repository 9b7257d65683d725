"""When a failed delivery is tried again: by its schedule, with jitter, as long as it is worth something."""

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.engine.delivery.retrying import (
    EXHAUSTED,
    EXPIRED,
    TRADE_SCHEDULE,
    Case,
    next_try,
    waits,
)
from crypto_portfolio_analyzer.engine.delivery.timing import SECOND
from tests.engine.delivery.media import WEBHOOK_SCHEDULE
from tests.fakes import NOON

dice = st.floats(0, 1)
HOUR = 3600.0


def case(attempts=1, schedule=WEBHOOK_SCHEDULE, first_attempt_at=NOON, **rest):
    return Case(attempts=attempts, schedule=schedule, first_attempt_at=first_attempt_at, **rest)


def waited(told):
    assert told.due_at is not None
    return (told.due_at - NOON) / SECOND


@given(attempts=st.integers(1, len(WEBHOOK_SCHEDULE)), roll=dice)
def test_a_wait_is_the_planned_one_within_a_fifth(attempts, roll):
    wait = waited(next_try(case(attempts), NOON, roll))

    assert 0.8 * WEBHOOK_SCHEDULE[attempts - 1] <= wait + 1e-6
    assert wait <= 1.2 * WEBHOOK_SCHEDULE[attempts - 1] + 1e-6


@given(attempts=st.integers(len(WEBHOOK_SCHEDULE) + 1, 100), roll=dice)
def test_after_the_last_wait_it_is_dead(attempts, roll):
    assert next_try(case(attempts), NOON, roll).reason == EXHAUSTED


@given(asked=st.floats(0, 1e9), roll=dice, attempts=st.integers(1, 11), people=st.booleans())
def test_patience_that_is_asked_for_is_given_for_a_day_at_most(asked, roll, attempts, people):
    told = next_try(case(attempts, retry_after=asked, for_people=people), NOON, roll)

    wait = waited(told)
    assert wait >= min(asked, 24 * HOUR) - 1e-6
    assert wait <= 1.2 * 24 * HOUR + 1e-6


def test_a_chat_that_asks_for_patience_is_not_given_up_before_its_schedule_has_passed():
    slow = (2.0, 10.0, 60.0)
    asked = case(4, schedule=slow, retry_after=1.0)

    assert next_try(asked, NOON + 10 * SECOND, 0.5).due_at == NOON + 70 * SECOND
    assert next_try(asked, NOON + 73 * SECOND, 0.5).due_at is None


@given(ttl=st.floats(1, 600), attempts=st.integers(1, 6), roll=dice)
def test_an_order_is_never_due_after_its_time_to_live(ttl, attempts, roll):
    ends_at = NOON + int(ttl * SECOND)
    told = next_try(case(attempts, ttl=ttl, expires_at=ends_at), NOON, roll)

    assert told.due_at is None or told.due_at < ends_at
    assert told.due_at is not None or told.reason in (EXPIRED, EXHAUSTED)


def test_orders_keep_a_schedule_that_fits_and_else_have_a_short_one():
    assert waits((1.0, 2.0), 60) == (1.0, 2.0)
    assert waits(WEBHOOK_SCHEDULE, 60) == TRADE_SCHEDULE
    assert waits(WEBHOOK_SCHEDULE, None) == WEBHOOK_SCHEDULE
