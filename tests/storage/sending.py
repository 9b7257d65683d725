"""Deliveries queued, claimed and settled in tests of the outbox, in as few words as possible."""

from crypto_portfolio_analyzer.core.notices.notification import (
    Attempt,
    AttemptOutcome,
    Content,
    DeliveryState,
    Kind,
    Settlement,
)
from tests.storage.made import NOW

SECOND = 10**9
UNTIL = NOW + 60 * SECOND


async def queued(outbox, channel, *names, at=NOW):
    """Queue a notice of each name; return the deliveries."""
    return [
        await outbox.queue(channel, Kind.NOTICE, Content(title=name), at, key=f"{channel.id} {name}")
        for name in names
    ]


async def claimed(outbox, channel, count=10, now=NOW, claim="me", until=UNTIL):
    """Claim from one channel; return the deliveries as they are then."""
    return [each.delivery for each in await outbox.claim({channel.id: count}, now, until, claim)]


def titles(deliveries):
    return [each.content.title for each in deliveries]


def attempt(delivery, outcome=AttemptOutcome.ACCEPTED, at=NOW + SECOND, **changes):
    values = {"number": delivery.attempts + 1, "at": at, "took": SECOND // 2}
    return Attempt(delivery_id=delivery.id, outcome=outcome, **values | changes)


def delivered(delivery, **changes):
    values = {"state": DeliveryState.DELIVERED, "attempt": attempt(delivery)}
    return Settlement(delivery_id=delivery.id, claim=delivery.claim, **values | changes)


def retried(delivery, due_at, **changes):
    failed = attempt(delivery, AttemptOutcome.FAILED, error="reset", detail="it hung up")
    values = {"state": DeliveryState.RETRY_WAIT, "reason": "reset", "due_at": due_at, "attempt": failed}
    return Settlement(delivery_id=delivery.id, claim=delivery.claim, **values | changes)
