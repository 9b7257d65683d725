"""Log in, stay in, leave."""

import asyncio
import math
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from crypto_portfolio_analyzer.api.auth import (
    COOKIE,
    OPEN,
    TICKET_SECONDS,
    Anyone,
    Reader,
    unauthorised,
)
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.api.schemas import (
    CallerView,
    LoginRequest,
    PasswordRequest,
    RefreshRequest,
    TicketView,
    TokensView,
)
from crypto_portfolio_analyzer.api.sessions import end, enter, grant, pair
from crypto_portfolio_analyzer.storage.accounts import User as Account

router = APIRouter(prefix="/api/auth", tags=["auth"])

_hashing = asyncio.Semaphore(2)
"""Checking a password costs tens of MB and ms by design: never many at once."""


@router.post("/login", dependencies=[OPEN])
async def login(request: Request, response: Response, house: House, body: LoginRequest) -> TokensView:
    """Log in with name and password or with a one-time code; pages also get the session cookie."""
    account = await _proven(request, house, body)
    if "origin" in request.headers:
        await enter(request, response, house, account)
    return await grant(house, account)


@router.post("/refresh", dependencies=[OPEN])
async def refresh(house: House, body: RefreshRequest) -> TokensView:
    """Exchange a refresh token for a new pair; one that was used before ends the session."""
    found = await house.gate.accounts.rotate(body.refresh_token, house.clock.now())
    if found is None:
        raise unauthorised("the refresh token is unknown, used or too old")
    session, secret, account = found
    return pair(house, account, session, secret)


@router.post("/logout", status_code=HTTPStatus.NO_CONTENT)
async def logout(response: Response, house: House, who: Reader) -> None:
    """End the session: its tokens, tickets and sockets at once."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    if who.session is not None:
        await end(house, who.session)


@router.post("/ws-ticket")
async def ws_ticket(house: House, who: Reader) -> TicketView:
    """Return a single-use ticket for `/ws?ticket=…`."""
    return TicketView(ticket=house.gate.ticket(who), expires_in=int(TICKET_SECONDS))


@router.put("/password", status_code=HTTPStatus.NO_CONTENT)
async def set_password(house: House, who: Reader, body: PasswordRequest) -> None:
    """Set one's own password, so that the next login needs no link."""
    assert who.name is not None
    accounts = house.gate.accounts
    if await accounts.has_password(who.name):
        async with _hashing:
            right = await accounts.check_password(who.name, body.current or "")
        if right is None:
            raise Problem(HTTPStatus.FORBIDDEN, "the current password is not right")
    async with _hashing:
        await accounts.set_password(who.name, body.password)


@router.get("/me")
async def me(house: House, who: Anyone) -> CallerView:
    """Tell who is logged in; while only this machine can ask, nobody may be."""
    has_password = who.name is not None and await house.gate.accounts.has_password(who.name)
    return CallerView(
        name=who.name,
        role=who.role,
        has_password=has_password,
        auth="on" if house.gate.auth else "off",
        version=house.version,
    )


async def _proven(request: Request, house: Doors, body: LoginRequest) -> Account:
    name = (body.name or "").strip().lower()
    keys = (f"address {request.client.host if request.client else ''}", f"name {name}")
    wait = house.attempts.wait_for(*keys)
    if wait > 0:
        seconds = math.ceil(wait)
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"too many failed logins; try again in {seconds} s",
            headers={"Retry-After": str(seconds)},
        )
    if body.code:
        account = await house.gate.accounts.redeem_code(body.code, house.clock.now())
    elif name and body.password:
        async with _hashing:
            account = await house.gate.accounts.check_password(name, body.password)
    else:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "a login needs name and password, or a code")
    if account is None:
        house.attempts.fail(*keys)
        raise unauthorised("name, password or code is not right")
    house.attempts.succeed(*keys)
    return account
