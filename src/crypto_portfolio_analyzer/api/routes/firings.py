"""What fired: newest first, each with its evidence and what became of it at every channel."""

from typing import Annotated

from fastapi import APIRouter, Query

from crypto_portfolio_analyzer.api.alert_schemas import FiringsView, FiringView
from crypto_portfolio_analyzer.api.auth import Reader, Trader
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.firing_views import firing_views
from crypto_portfolio_analyzer.api.schemas import Instant, given_instant

router = APIRouter(prefix="/api/firings", tags=["alerts"])

Since = Annotated[Instant | None, Query(description="a zone-less time is UTC")]


@router.get("")
async def firings(
    house: House,
    who: Reader,
    *,
    alert_id: Annotated[str | None, Query(max_length=64)] = None,
    symbol: Annotated[str | None, Query(max_length=64, description="any spelling")] = None,
    since: Since = None,
    until: Since = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[int | None, Query(ge=0, le=2**62, description="next_cursor of the page before")] = None,
) -> FiringsView:
    """List one's own firings, newest first; `since` and `until` (exclusive) are about `event_at`."""
    found = await house.alert_store.firings(
        who.owner,
        alert_id=alert_id,
        symbol=None if symbol is None else house.canonical(symbol),
        since=given_instant(since),
        until=given_instant(until),
        before_seq=cursor,
        limit=limit,
    )
    return FiringsView(
        firings=await firing_views(house, who.owner, found),
        next_cursor=str(found[-1].seq) if len(found) == limit else None,
    )


@router.get("/{firing_id}")
async def firing(house: House, who: Reader, firing_id: str) -> FiringView:
    """Return one firing with its evidence."""
    return await _one(house, who.owner, firing_id)


@router.post("/{firing_id}/seen")
async def seen(house: House, who: Trader, firing_id: str) -> FiringView:
    """Say that a firing was seen; who said so first stays."""
    found = await house.alert_store.firing(who.owner, firing_id)
    await house.alert_store.mark_seen(who.owner, found.id, who.actor, house.clock.now())
    return await _one(house, who.owner, found.id)


async def _one(house: Doors, owner: str, firing_id: str) -> FiringView:
    [shown] = await firing_views(house, owner, [await house.alert_store.firing(owner, firing_id)])
    return shown
