"""The page, its files, and the one-time link into it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from crypto_portfolio_analyzer.api.auth import OPEN
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.proofs import by_code
from crypto_portfolio_analyzer.api.sessions import LINK, enter
from crypto_portfolio_analyzer.dashboard.files import DOCS, MANIFEST, SHELL, packed_shell, worker_script

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[OPEN])
@router.get("/system", dependencies=[OPEN])
@router.get("/chart/{symbol}", dependencies=[OPEN])
@router.get("/alerts", dependencies=[OPEN])
@router.get("/alerts/{name}", dependencies=[OPEN])
@router.get("/alerts/{name}/edit", dependencies=[OPEN])
@router.get("/firings", dependencies=[OPEN])
@router.get("/firings/{name}", dependencies=[OPEN])
@router.get("/deliveries", dependencies=[OPEN])
@router.get("/deliveries/{name}", dependencies=[OPEN])
@router.get("/channels", dependencies=[OPEN])
@router.get("/portfolio", dependencies=[OPEN])
@router.get("/settings", dependencies=[OPEN])
@router.get("/settings/{name}", dependencies=[OPEN])
@router.get("/setup", dependencies=[OPEN])
async def page(request: Request) -> Response:
    """Return the page, packed for whoever can unpack it; it reads its view from the address."""
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(SHELL, headers=headers)
    packed = {**headers, "Content-Encoding": "gzip"}
    return Response(packed_shell(), media_type="text/html", headers=packed)


@router.get("/sw.js", dependencies=[OPEN])
async def worker() -> Response:
    """Return the service worker, with the files it keeps and the version they have together."""
    return Response(worker_script(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/manifest.webmanifest", dependencies=[OPEN])
async def manifest() -> FileResponse:
    """Return what a browser needs to install the page."""
    headers = {"Cache-Control": "no-cache"}
    return FileResponse(MANIFEST, media_type="application/manifest+json", headers=headers)


@router.get("/docs", dependencies=[OPEN])
async def docs() -> FileResponse:
    """Return the page that shows `/openapi.json`."""
    return FileResponse(DOCS, headers={"Cache-Control": "no-cache"})


@router.get("/login", dependencies=[OPEN])
async def login(
    request: Request, house: House, code: Annotated[str | None, Query(max_length=128)] = None
) -> Response:
    """Use up the one-time code, set the session cookie, go on to the page; without a code show the login."""
    if code is None:
        return FileResponse(SHELL, headers={"Cache-Control": "no-cache"})
    account = await by_code(request, house, code)
    if account is None:
        return RedirectResponse("/login?used=1", HTTPStatus.SEE_OTHER)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    await enter(request, response, house, account, LINK)
    return response
