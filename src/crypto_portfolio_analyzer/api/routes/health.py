"""Is it alive, is it ready, what do its counters say."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from crypto_portfolio_analyzer.api.auth import OPEN, READ
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.schemas import HealthView, PingView, ReadyView

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
async def metrics(house: House, request: Request) -> Response:
    """Return every metric in the Prometheus text format, or as OpenMetrics to who accepts that."""
    page, media_type = house.metrics(request.headers.get("accept", ""))
    return Response(page, media_type=media_type, headers={"Vary": "Accept"})
