"""From deliveries to what is shown of them: joined with their channels, firings and attempts."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from crypto_portfolio_analyzer.api.alert_views import AlertsById, alerts_of, iso_or_none
from crypto_portfolio_analyzer.api.delivery_schemas import (
    AttemptView,
    ChannelNameView,
    DeliveryDetailView,
    DeliveryFiringView,
    DeliveryView,
    FiringDeliveryView,
    StampsView,
)
from crypto_portfolio_analyzer.api.schemas import finite_text, iso
from crypto_portfolio_analyzer.core.alerts import Alert, Firing
from crypto_portfolio_analyzer.core.notices.notification import (
    WAITING,
    Attempt,
    Channel,
    Delivery,
    DeliveryState,
)
from crypto_portfolio_analyzer.engine.delivery.ports import DeliveryStore


class Known(Struct, frozen=True):
    """What deliveries are shown with: channels by id, and the latest attempt by delivery; what is gone is missing."""

    channels: Mapping[str, Channel]
    last: Mapping[str, Attempt]


class Stories(AlertsById, Protocol):
    """Where firings and their alerts are kept."""

    async def stored(self, firing_ids: Sequence[str]) -> list[Firing]:
        """Return those of some firings that are stored."""
        ...


async def known_of(store: DeliveryStore, owner: str, deliveries: Sequence[Delivery]) -> Known:
    """Read what an owner's deliveries are shown with."""
    channels = {each.id: each for each in await store.channels(owner)} if deliveries else {}
    tried = [each.id for each in deliveries if each.first_attempt_at is not None]
    return Known(channels, await store.last_attempts(tried) if tried else {})


async def of_firings(
    store: DeliveryStore, owner: str, firings: Sequence[Firing]
) -> dict[str, list[FiringDeliveryView]]:
    """Return what became of some firings, by firing, each channel once."""
    found = await store.of_firings(owner, [each.id for each in firings])
    known = await known_of(store, owner, [each for some in found.values() for each in some])
    return {firing: [firing_delivery_view(each, known) for each in some] for firing, some in found.items()}


async def delivery_views(
    store: DeliveryStore, stories: Stories, owner: str, deliveries: Sequence[Delivery]
) -> list[DeliveryView]:
    """Show an owner's deliveries with all they belong to."""
    known = await known_of(store, owner, deliveries)
    told = await stories.stored([each.firing_id for each in deliveries if each.firing_id is not None])
    firings = {each.id: each for each in told}
    alerts = await alerts_of(stories, owner, told)
    return [_delivery(each, known, firings.get(each.firing_id or ""), alerts) for each in deliveries]


def detail_view(view: DeliveryView, attempts: Sequence[Attempt]) -> DeliveryDetailView:
    """Show a delivery with everything that was tried."""
    return DeliveryDetailView(**view.model_dump(), attempt_log=[attempt_view(each) for each in attempts])


def attempt_view(attempt: Attempt) -> AttemptView:
    """Show one try."""
    return AttemptView(
        number=attempt.number,
        at=iso(attempt.at),
        took_ms=attempt.took / 1e6,
        outcome=attempt.outcome,
        status=attempt.status,
        error=attempt.error,
        detail=attempt.detail,
    )


def firing_delivery_view(delivery: Delivery, known: Known) -> FiringDeliveryView:
    """Show what became of a firing at one channel."""
    channel = known.channels.get(delivery.channel_id)
    last = known.last.get(delivery.id)
    return FiringDeliveryView(
        id=delivery.id,
        channel=ChannelNameView(
            id=delivery.channel_id,
            name=channel.name if channel else None,
            type=channel.type if channel else None,
        ),
        state=delivery.state,
        reason=delivery.reason,
        attempts=delivery.attempts,
        first_attempt_at=iso_or_none(delivery.first_attempt_at),
        accepted_at=iso_or_none(_accepted_at(delivery)),
        next_attempt_at=iso(delivery.due_at) if delivery.state in WAITING else None,
        last_status=last.status if last else None,
        unsure=delivery.unsure,
    )


def _accepted_at(delivery: Delivery) -> int | None:
    return delivery.settled_at if delivery.state is DeliveryState.DELIVERED else None


def _delivery(
    delivery: Delivery, known: Known, firing: Firing | None, alerts: Mapping[str, Alert]
) -> DeliveryView:
    alert = alerts.get(firing.alert_id) if firing else None
    return DeliveryView(
        **firing_delivery_view(delivery, known).model_dump(),
        number=delivery.number,
        kind=delivery.kind,
        title=_title(delivery, firing, alert),
        firing=_firing(firing, alert) if firing else None,
        stamps=_stamps(delivery, firing) if firing else None,
        created_at=iso(delivery.created_at),
        expires_at=iso_or_none(delivery.expires_at),
        settled_at=iso_or_none(delivery.settled_at),
        answer=delivery.answer,
    )


def _title(delivery: Delivery, firing: Firing | None, alert: Alert | None) -> str:
    if delivery.content is not None:
        return delivery.content.title
    if firing is None:
        return ""
    return f"{firing.symbol} {alert.name}" if alert else firing.symbol


def _firing(firing: Firing, alert: Alert | None) -> DeliveryFiringView:
    return DeliveryFiringView(
        id=firing.id,
        alert_id=firing.alert_id,
        alert_name=alert.name if alert else None,
        symbol=firing.symbol,
        price=finite_text(firing.price),
        event_at=iso(firing.event_at),
    )


def _stamps(delivery: Delivery, firing: Firing) -> StampsView:
    return StampsView(
        event_at=iso(firing.event_at),
        received_at=iso(firing.received_at),
        detected_at=iso(firing.detected_at),
        stored_at=iso(firing.stored_at),
        first_attempt_at=iso_or_none(delivery.first_attempt_at),
        accepted_at=iso_or_none(_accepted_at(delivery)),
    )
