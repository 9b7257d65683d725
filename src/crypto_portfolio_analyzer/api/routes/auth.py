"""Log in, stay in, leave."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from crypto_portfolio_analyzer.api.auth import COOKIE, OPEN, Anyone, Person, Reader, unauthorised
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.people_schemas import (
    CallerView,
    LoginRequest,
    PasswordRequest,
    RefreshRequest,
    TicketView,
    TokensView,
)
from crypto_portfolio_analyzer.api.proofs import prove_again, proven, turn
from crypto_portfolio_analyzer.api.sessions import LINK, PASSWORD, enter, forget_session, grant, pair
from crypto_portfolio_analyzer.api.tickets import TICKET_SECONDS
from crypto_portfolio_analyzer.errors import NotFound

router = APIRouter(prefix="/api/auth", tags=["auth"])


@router.post("/login", dependencies=[OPEN])
async def login(request: Request, response: Response, house: House, body: LoginRequest) -> TokensView:
    """Log in with name, password and second factor, or with a one-time code; a page's session is in its cookie.

    Whatever is wrong, the answer is the same; where only the second factor is missing it says `"needs": "totp"`.
    """
    account = await proven(request, house, body)
    way = LINK if body.code else PASSWORD
    if "origin" in request.headers:
        session = await enter(request, response, house, account, way)
        return pair(house, account, session, None)
    return await grant(request, house, account, way)


@router.post("/refresh", dependencies=[OPEN])
async def refresh(house: House, body: RefreshRequest) -> TokensView:
    """Exchange a refresh token for a new pair; one that was used before ends the session."""
    found = await house.gate.accounts.rotate(body.refresh_token, house.clock.now())
    if found is None:
        forget_session(house, body.refresh_token.partition(".")[0])
        raise unauthorised("the refresh token is unknown, used or too old")
    session, secret, account = found
    return pair(house, account, session, secret)


@router.post("/logout", status_code=HTTPStatus.NO_CONTENT)
async def logout(response: Response, house: House, who: Person) -> None:
    """End the session: its tokens, tickets and sockets at once."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    if who.session is not None:
        await house.gate.accounts.end_session(who.owner, who.session, house.clock.now(), who.actor)
        forget_session(house, who.session)


@router.post("/ws-ticket")
async def ws_ticket(house: House, who: Reader) -> TicketView:
    """Return a single-use ticket for `/ws?ticket=…`."""
    return TicketView(ticket=house.gate.ticket(who), expires_in=int(TICKET_SECONDS))


@router.put("/password", status_code=HTTPStatus.NO_CONTENT)
async def set_password(house: House, who: Person, body: PasswordRequest) -> None:
    """Set one's own password, so that the next login needs no link; every other login ends."""
    accounts = house.gate.accounts
    if await accounts.has_password(who.owner) and who.session not in house.gate.links:
        await prove_again(house, who.owner, body.current or "")
    others = {each.id for each in await accounts.sessions_of(who.owner, house.clock.now())} - {who.session}
    async with turn(house):
        await accounts.set_password(
            who.owner, body.password, house.clock.now(), actor=who.actor, but=who.session
        )
    forget_session(house, *others)


@router.get("/me")
async def me(house: House, who: Anyone) -> CallerView:
    """Tell who is logged in; while only this machine can ask, nobody may be."""
    try:
        account = await house.gate.accounts.user(who.name or "")
    except NotFound:
        account = None
    has_password = account is not None and account.has_password
    return CallerView(
        name=who.name,
        role=who.role,
        has_password=has_password,
        first_run=who.session is not None and not has_password,
        totp=account is not None and account.totp,
        token=None if who.token is None else who.token_name,
        scopes=None if who.scopes is None else list(who.scopes),
        auth="on" if house.gate.auth else "off",
        version=house.version,
    )
