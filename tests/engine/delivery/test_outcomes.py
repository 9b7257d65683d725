"""What follows from an attempt, for the deliveries and for the channel."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.channels.kinds import Accepted
from crypto_portfolio_analyzer.core.notices.notification import AttemptOutcome, DeliveryState
from crypto_portfolio_analyzer.engine.delivery.outcomes import (
    SILENT_FOR_DAYS,
    given_back,
    settlements,
    taught,
)
from crypto_portfolio_analyzer.engine.delivery.sending import Flight, Result
from crypto_portfolio_analyzer.engine.delivery.sifting import DIGEST
from crypto_portfolio_analyzer.engine.delivery.timing import GIVEN_UP
from crypto_portfolio_analyzer.errors import DeliveryFailed
from tests.engine.delivery.media import Hook, Medium, channel_of
from tests.engine.delivery.works import SECOND, work, works
from tests.fakes import NOON, FakeClock

BROKEN = DeliveryFailed("status", "it answered 500", status=500)
CHAT, HOOK = Medium(FakeClock()), Hook(FakeClock())


def flight(*some, kind=CHAT, channel=None):
    return Flight(channel or channel_of(), some, "lane", kind)


def accepted(**values):
    return Result(NOON, SECOND, accepted=Accepted(**values))


def failed(failure=BROKEN):
    return Result(NOON, SECOND, failure=failure)


def test_a_digest_that_was_accepted_delivers_all_of_it():
    told = settlements(flight(*works(3)), accepted(reference="7", status=200), 0.5)

    assert [(each.delivery_id, each.claim, each.state) for each in told] == [
        (f"d{n}", "me", DeliveryState.DELIVERED) for n in (1, 2, 3)
    ]
    assert {each.reference for each in told} == {"7"}
    assert {each.attempt and each.attempt.outcome for each in told} == {AttemptOutcome.ACCEPTED}


def test_a_digest_that_failed_stays_one():
    told = settlements(flight(*works(3)), failed(), 0.5)

    assert {each.reason for each in told} == {f"{DIGEST}it answered 500"}
    assert {each.due_at for each in told} == {NOON + 3 * SECOND}


def test_an_attempt_says_how_often_when_and_why():
    [told] = settlements(flight(work(1, attempts=4), kind=HOOK), failed(), 0.5)

    attempt = told.attempt
    assert attempt is not None
    assert (attempt.number, attempt.at, attempt.took, attempt.status) == (5, NOON, SECOND, 500)
    assert (attempt.error, attempt.detail) == ("status", "it answered 500")


def test_an_unknown_outcome_is_remembered_until_the_end():
    unsure = DeliveryFailed("timeout", "no answer", is_unknown=True)
    [told] = settlements(flight(work(1)), failed(unsure), 0.5)
    [later] = settlements(flight(work(1, unsure=True)), failed(), 0.5)

    assert told.unsure
    assert later.unsure
    assert told.attempt is not None
    assert told.attempt.outcome is AttemptOutcome.UNKNOWN


def test_what_is_given_back_waits_as_it_did():
    back = given_back(work(1, reason="quiet hours").delivery, None)

    assert (back.state, back.reason, back.due_at, back.attempt) == (
        DeliveryState.QUEUED,
        "quiet hours",
        None,
        None,
    )


def test_a_channel_that_does_well_is_as_it_was():
    channel = channel_of()

    assert taught(channel, accepted(), NOON) is channel


def test_a_success_forgets_the_failures():
    channel = taught(channel_of(failures=3, failing_since=1), accepted(), NOON)

    assert (channel.failures, channel.failing_since) == (0, None)


@pytest.mark.parametrize(("asked", "given"), [(30.0, 30), (1e9, 86_400), (-5.0, 0)])
def test_patience_is_noted_within_bounds(asked, given):
    patient = DeliveryFailed("status", "slow down", status=429, retry_after=asked)

    assert taught(channel_of(), failed(patient), NOON).paused_until == NOON + given * SECOND
    assert taught(channel_of(), accepted(pause=asked), NOON).paused_until == NOON + given * SECOND


def test_failures_are_counted_from_the_first_and_end_after_five_days():
    first = taught(channel_of(), failed(), NOON)
    assert (first.failures, first.failing_since, first.enabled) == (1, NOON, True)

    before = taught(first, failed(), NOON + GIVEN_UP - 1)
    after = taught(replace(before), failed(), NOON + GIVEN_UP)
    assert before.enabled
    assert (after.enabled, after.disabled_reason) == (False, SILENT_FOR_DAYS)
