"""Deliveries: what became of every firing at every channel, attempt by attempt; and sending again."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from crypto_portfolio_analyzer.api.auth import ADMIN, Reader, Trader
from crypto_portfolio_analyzer.api.delivery_schemas import (
    ChannelLawView,
    DeliveriesView,
    DeliveryDetailView,
    DeliveryQuery,
    LawView,
    RedeliveredView,
    RedeliverOneRequest,
    RedeliverRequest,
)
from crypto_portfolio_analyzer.api.delivery_views import delivery_views, detail_view
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.once import ONCE
from crypto_portfolio_analyzer.api.schemas import given_instant
from crypto_portfolio_analyzer.core.notices.notification import Delivery
from crypto_portfolio_analyzer.errors import NotFound

router = APIRouter(prefix="/api/deliveries", tags=["delivery"])

PAGE = 200
MOST_AT_ONCE = 10_000
"""How many deliveries a filter sends again with one request."""


def _named(delivery_id: str) -> str:
    if "\0" in delivery_id or len(delivery_id) > 200:
        raise NotFound("delivery", delivery_id)
    return delivery_id


DeliveryId = Annotated[str, Depends(_named)]


@router.get("")
async def deliveries(house: House, who: Reader, asked: Annotated[DeliveryQuery, Query()]) -> DeliveriesView:
    """List one's own deliveries, newest first."""
    found = await house.delivery.store.deliveries(
        who.owner,
        channel_id=await _channel(house, who.owner, asked.channel_id),
        firing_id=asked.firing_id,
        alert_id=asked.alert_id,
        states=asked.state,
        kind=asked.kind,
        since=given_instant(asked.since),
        until=given_instant(asked.until),
        before=asked.cursor,
        limit=asked.limit,
    )
    return DeliveriesView(
        deliveries=await delivery_views(house.delivery.store, house.alert_store, who.owner, found),
        next_cursor=str(found[-1].number) if len(found) == asked.limit else None,
    )


@router.post("/redeliver", dependencies=[ONCE])
async def redeliver_many(house: House, who: Trader, body: RedeliverRequest) -> RedeliveredView:
    """Send deliveries again, those named or those of a filter, oldest first and under their old keys; all or none."""
    ids, more = (body.ids, False) if body.ids is not None else await _found(house, who.owner, body)
    queued = await house.delivery.redeliver(who.owner, ids, actor=who.actor, anyway=body.anyway)
    return RedeliveredView(redelivered=len(queued), ids=[each.id for each in queued], more=more)


@router.get("/law", dependencies=[ADMIN])
async def law(house: House) -> LawView:
    """Check, for administrators, that every firing that was to be told is in exactly one state, channel by channel."""
    laws = await house.delivery.law()
    return LawView(
        holds=all(not each.broken and each.told == sum(each.states.values()) for each in laws),
        channels=[
            ChannelLawView(
                channel_id=each.channel_id,
                told=each.told,
                states={str(state): count for state, count in each.states.items()},
                broken=list(each.broken),
            )
            for each in laws
        ],
    )


@router.get("/{delivery_id}")
async def delivery(house: House, who: Reader, delivery_id: DeliveryId) -> DeliveryDetailView:
    """Return one delivery with all its attempts."""
    return await _detail(house, who.owner, await house.delivery.store.delivery(who.owner, delivery_id))


@router.post("/{delivery_id}/redeliver", dependencies=[ONCE])
async def redeliver(
    house: House, who: Trader, delivery_id: DeliveryId, body: RedeliverOneRequest | None = None
) -> DeliveryDetailView:
    """Send one delivery again, under its old key; an order past its time to live only `anyway`.

    One that waits already goes on waiting.
    """
    anyway = body is not None and body.anyway
    await house.delivery.redeliver(who.owner, [delivery_id], actor=who.actor, anyway=anyway)
    return await delivery(house, who, delivery_id)


async def _detail(house: Doors, owner: str, found: Delivery) -> DeliveryDetailView:
    [view] = await delivery_views(house.delivery.store, house.alert_store, owner, [found])
    return detail_view(view, await house.delivery.store.attempts(found.id))


async def _channel(house: Doors, owner: str, text: str | None) -> str | None:
    """Return the id of the channel that an id or a name means; of one that is gone the text itself."""
    if text is not None and "\0" not in text:
        with suppress(NotFound):
            return (await house.delivery.store.channel(owner, text)).id
    return text


async def _found(house: Doors, owner: str, body: RedeliverRequest) -> tuple[list[str], bool]:
    """Return the ids of a filter, oldest first, and whether there are more than one request takes."""
    channel_id = await _channel(house, owner, body.channel_id)
    since, until = given_instant(body.since), given_instant(body.until)
    found: list[Delivery] = []
    before: int | None = None
    while len(found) <= MOST_AT_ONCE:
        page = await house.delivery.store.deliveries(
            owner,
            channel_id=channel_id,
            states=tuple(body.states),
            since=since,
            until=until,
            before=before,
            limit=PAGE,
        )
        found += page
        if len(page) < PAGE:
            break
        before = page[-1].number
    oldest_first = [each.id for each in reversed(found)]
    return oldest_first[:MOST_AT_ONCE], len(found) > MOST_AT_ONCE
