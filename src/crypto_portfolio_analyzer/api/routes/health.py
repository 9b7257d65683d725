"""Is it alive, is it ready, what do its counters say."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from crypto_portfolio_analyzer.api.auth import OPEN, READ
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.schemas import HealthView, PingView, ReadyView
from crypto_portfolio_analyzer.metrics import CONTENT_TYPE

router = APIRouter(tags=["operation"])


@router.get("/health", dependencies=[OPEN])
async def health(house: House) -> HealthView:
    """Tell that the process lives."""
    return HealthView(version=house.version)


@router.get("/ready", dependencies=[OPEN], responses={503: {"model": ReadyView, "description": "Not ready"}})
async def ready(house: House, response: Response) -> ReadyView:
    """Tell whether everything the process needs is well; 503 if not."""
    pings = [PingView.model_validate(ping, from_attributes=True) for ping in await house.pings()]
    well = all(ping.ok or not ping.needed for ping in pings)
    if not well:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return ReadyView(status="ready" if well else "unready", pings=pings)


@router.get("/metrics", dependencies=[READ], response_class=Response)
async def metrics(house: House) -> Response:
    """Return every metric in the Prometheus text format."""
    return Response(house.metrics(), media_type=CONTENT_TYPE)
