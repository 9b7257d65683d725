"""The server at a glance."""

from typing import Any

from fastapi import APIRouter

from crypto_portfolio_analyzer.api.auth import LOCAL
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.schemas import StatusView, iso
from crypto_portfolio_analyzer.api.verdict import overview

router = APIRouter(tags=["operation"])


@router.get("/status", dependencies=[LOCAL])
async def status(house: House) -> StatusView:
    """Return clients, rooms, streams, feeds, and one sentence about them."""
    return StatusView.model_validate(_status(house))


def _status(house: Doors) -> dict[str, Any]:
    return {
        **overview(house.feeds, house.clock.now(), simulated=house.simulated),
        "connected_clients": len(house.hub.clients),
        "rooms": house.hub.counts(),
        "uptime": round((house.clock.now() - house.started_at) / 1e9, 3),
        "streams": house.streams(),
        "version": house.version,
        "started_at": iso(house.started_at),
    }
