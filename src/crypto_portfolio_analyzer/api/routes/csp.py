"""Where browsers report what the content policy stopped."""

import logging
from http import HTTPStatus

from fastapi import APIRouter, Request

from crypto_portfolio_analyzer.api.auth import OPEN
from crypto_portfolio_analyzer.api.doors import House

router = APIRouter(include_in_schema=False)
logger = logging.getLogger(__name__)

LOGGED = 20
"""Reports that are written to the log; the rest are only counted."""


@router.post("/api/csp-reports", dependencies=[OPEN], status_code=HTTPStatus.NO_CONTENT)
async def report(request: Request, house: House) -> None:
    """Count one report."""
    body = await request.body()
    house.csp_reports += 1
    if house.csp_reports <= LOGGED:
        logger.warning("content policy violated", extra={"report": repr(body[:500])})
