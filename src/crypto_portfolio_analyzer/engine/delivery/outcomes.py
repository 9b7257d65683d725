"""What follows from an attempt: for the deliveries it told of, and for the channel. Pure."""

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.notices.notification import (
    Attempt,
    AttemptOutcome,
    Channel,
    Delivery,
    DeliveryState,
    Settlement,
    Work,
)
from crypto_portfolio_analyzer.engine.delivery.retrying import Case, Next, next_try, pause
from crypto_portfolio_analyzer.engine.delivery.sending import Flight, Result
from crypto_portfolio_analyzer.engine.delivery.sifting import DIGEST, expiry
from crypto_portfolio_analyzer.engine.delivery.timing import GIVEN_UP, nanoseconds
from crypto_portfolio_analyzer.errors import DeliveryFailed

SILENT_FOR_DAYS = "every attempt of the last 5 days has failed"


def settlements(flight: Flight, result: Result, dice: float) -> list[Settlement]:
    """Return what became of every delivery of a message."""
    if result.accepted is not None:
        return [_delivered(work.delivery, result) for work in flight.message]
    ttl = flight.kind.policy_ttl(flight.channel.options)
    return [_failed(work, flight, result, ttl, dice) for work in flight.message]


def given_back(delivery: Delivery, due_at: int | None, *, unsure: bool = False) -> Settlement:
    """Return that a claimed delivery waits again, as it did."""
    return Settlement(
        delivery_id=delivery.id,
        claim=delivery.claim or "",
        state=DeliveryState.QUEUED,
        reason=delivery.reason,
        due_at=due_at,
        unsure=unsure or delivery.unsure,
    )


def _delivered(delivery: Delivery, result: Result) -> Settlement:
    accepted = result.accepted
    assert accepted is not None
    return Settlement(
        delivery_id=delivery.id,
        claim=delivery.claim or "",
        state=DeliveryState.DELIVERED,
        attempt=_attempt(delivery, result, AttemptOutcome.ACCEPTED, status=accepted.status),
        reference=accepted.reference,
        answer=accepted.answer,
        unsure=delivery.unsure,
    )


def _failed(work: Work, flight: Flight, result: Result, ttl: float | None, dice: float) -> Settlement:
    failure, delivery = result.failure, work.delivery
    assert failure is not None
    planned = _planned(work, flight, result, ttl, dice)
    outcome = AttemptOutcome.UNKNOWN if failure.is_unknown else AttemptOutcome.FAILED
    mark = DIGEST if len(flight.message) > 1 else ""
    return Settlement(
        delivery_id=delivery.id,
        claim=delivery.claim or "",
        state=DeliveryState.DEAD if planned.due_at is None else DeliveryState.RETRY_WAIT,
        reason=planned.reason or mark + failure.detail,
        due_at=planned.due_at,
        attempt=_attempt(
            delivery, result, outcome, status=failure.status, error=failure.error, detail=failure.detail
        ),
        unsure=delivery.unsure or failure.is_unknown,
    )


def _planned(work: Work, flight: Flight, result: Result, ttl: float | None, dice: float) -> Next:
    failure, delivery = result.failure, work.delivery
    assert failure is not None
    if not failure.transient:
        return Next(None, failure.detail)
    case = Case(
        attempts=delivery.attempts + 1,
        schedule=flight.kind.schedule,
        for_people=flight.kind.for_people,
        ttl=ttl,
        expires_at=expiry(work, ttl),
        first_attempt_at=delivery.first_attempt_at or result.at,
        retry_after=failure.retry_after,
    )
    return next_try(case, result.at + result.took, dice)


def _attempt(
    delivery: Delivery,
    result: Result,
    outcome: AttemptOutcome,
    *,
    status: int | None,
    error: str = "",
    detail: str = "",
) -> Attempt:
    return Attempt(
        delivery_id=delivery.id,
        number=delivery.attempts + 1,
        at=result.at,
        took=result.took,
        outcome=outcome,
        status=status,
        error=error,
        detail=detail,
    )


def taught(channel: Channel, result: Result, now: int) -> Channel:
    """Return a channel with what an attempt has taught of it; the same one if that is nothing."""
    if result.failure is not None:
        return _worse(channel, result.failure, now)
    accepted = result.accepted
    assert accepted is not None
    changes: dict[str, object] = {}
    if channel.failures or channel.failing_since is not None:
        changes |= {"failures": 0, "failing_since": None}
    if accepted.options is not None:
        changes["options"] = {**channel.options, **accepted.options}
    if accepted.pause is not None:
        changes["paused_until"] = now + nanoseconds(pause(accepted.pause))
    return replace(channel, **changes) if changes else channel


def _worse(channel: Channel, failure: DeliveryFailed, now: int) -> Channel:
    since = now if channel.failing_since is None else channel.failing_since
    worse = replace(channel, failures=channel.failures + 1, failing_since=since)
    if failure.retry_after is not None:
        worse = replace(worse, paused_until=now + nanoseconds(pause(failure.retry_after)))
    if failure.disables:
        return replace(worse, enabled=False, disabled_reason=failure.detail)
    if now - since >= GIVEN_UP:
        return replace(worse, enabled=False, disabled_reason=SILENT_FOR_DAYS)
    return worse
