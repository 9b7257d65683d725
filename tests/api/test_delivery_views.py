"""Deliveries as they are shown: with their channel, firing, attempts and the instants of their way."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from crypto_portfolio_analyzer.api.delivery_views import (
    Known,
    attempt_view,
    delivery_views,
    firing_delivery_view,
)
from crypto_portfolio_analyzer.core.alerts import Alert, Firing
from crypto_portfolio_analyzer.core.notices.notification import (
    Attempt,
    AttemptOutcome,
    Channel,
    Content,
    Delivery,
    DeliveryState,
    Kind,
)
from crypto_portfolio_analyzer.errors import NotFound
from tests.api.test_alert_views import ALERT, FIRING
from tests.api.test_channel_views import CHANNEL
from tests.fakes import NOON, SECOND

DELIVERY = Delivery(
    id="f_c1",
    number=7,
    owner="admin",
    channel_id=CHANNEL.id,
    firing_id=FIRING.id,
    state=DeliveryState.RETRY_WAIT,
    reason="the other end answered 503",
    due_at=NOON + 30 * SECOND,
    attempts=1,
    created_at=NOON,
    first_attempt_at=NOON + SECOND,
)
ATTEMPT = Attempt(
    delivery_id="f_c1",
    number=1,
    at=NOON + SECOND,
    took=38_000_000,
    outcome=AttemptOutcome.FAILED,
    status=503,
    error="status",
    detail="the other end answered 503",
)
KNOWN = Known({CHANNEL.id: CHANNEL}, {"f_c1": ATTEMPT})


class Shelf:
    """Channels, attempts, firings and alerts in memory."""

    async def channels(self, owner: str) -> list[Channel]:
        return [CHANNEL] if owner == CHANNEL.owner else []

    async def last_attempts(self, ids: Sequence[str]) -> Mapping[str, Attempt]:
        return {each: KNOWN.last[each] for each in ids if each in KNOWN.last}

    async def stored(self, firing_ids: Sequence[str]) -> list[Firing]:
        return [FIRING] if FIRING.id in firing_ids else []

    async def get(self, owner: str, alert_id: str) -> Alert:
        if alert_id != ALERT.id:
            raise NotFound("alert", alert_id)
        return ALERT


async def shown(delivery: Delivery, owner: str = "admin") -> Any:
    shelf: Any = Shelf()
    [view] = await delivery_views(shelf, shelf, owner, [delivery])
    return view


def test_one_that_waits_says_when_it_is_tried_again() -> None:
    view = firing_delivery_view(DELIVERY, KNOWN)

    assert (view.channel.name, view.state, view.attempts, view.last_status) == ("bot", "retry_wait", 1, 503)
    assert view.next_attempt_at == "2026-11-20T12:00:30.000Z"
    assert view.accepted_at is None


def test_one_that_was_accepted_says_when_and_is_not_tried_again() -> None:
    done = replace(DELIVERY, state=DeliveryState.DELIVERED, settled_at=NOON + 2 * SECOND)
    view = firing_delivery_view(done, KNOWN)

    assert (view.accepted_at, view.next_attempt_at) == ("2026-11-20T12:00:02.000Z", None)


def test_a_dead_one_was_not_accepted_although_it_is_settled() -> None:
    dead = replace(DELIVERY, state=DeliveryState.DEAD, settled_at=NOON + 2 * SECOND)

    assert firing_delivery_view(dead, KNOWN).accepted_at is None


async def test_a_delivery_tells_its_firing_and_all_its_instants() -> None:
    view = await shown(DELIVERY)

    assert view.title == f"{FIRING.symbol} {ALERT.name}"
    assert view.last_status == 503
    assert view.firing.alert_name == ALERT.name
    stamps = view.stamps.model_dump()
    assert list(stamps) == [
        "event_at",
        "received_at",
        "detected_at",
        "stored_at",
        "first_attempt_at",
        "accepted_at",
    ]
    assert (stamps["first_attempt_at"], stamps["accepted_at"]) == ("2026-11-20T12:00:01.000Z", None)


async def test_what_is_about_no_firing_has_a_title_and_no_instants_of_one() -> None:
    content = Content(title="webhook bot is off", text="it answered 410")
    view = await shown(replace(DELIVERY, firing_id=None, content=content, kind=Kind.NOTICE))

    assert (view.kind, view.title, view.firing, view.stamps) == ("notice", "webhook bot is off", None, None)


async def test_a_channel_that_is_gone_keeps_its_id() -> None:
    view = await shown(replace(DELIVERY, channel_id="gone"))

    assert view.channel.model_dump() == {"id": "gone", "name": None, "type": None}


def test_an_attempt_is_told_in_milliseconds() -> None:
    view = attempt_view(ATTEMPT)

    assert (view.took_ms, view.outcome, view.status, view.error) == (38.0, "failed", 503, "status")
