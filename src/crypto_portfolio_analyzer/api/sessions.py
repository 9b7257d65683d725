"""From a proven account to a session and back: the cookie for pages, the pair of tokens for programs."""

from collections.abc import Callable

from fastapi import Request, Response

from crypto_portfolio_analyzer.api.auth import COOKIE
from crypto_portfolio_analyzer.api.doors import Doors
from crypto_portfolio_analyzer.api.identity import Identity, Role
from crypto_portfolio_analyzer.api.people_schemas import TokensView
from crypto_portfolio_analyzer.api.tokens import LIFETIME_SECONDS
from crypto_portfolio_analyzer.storage.accounts import SESSION_LIFETIME, User

LINK, PASSWORD = "link", "password"  # ways in, no secrets
_SECOND = 10**9


async def enter(request: Request, response: Response, house: Doors, account: User, way: str) -> str:
    """Open a session for a page and put it into the cookie; return its id."""
    session, secret = await _open(request, house, account, way)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=SESSION_LIFETIME // _SECOND,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return session


async def grant(request: Request, house: Doors, account: User, way: str) -> TokensView:
    """Open a session for a program and return its tokens."""
    session, secret = await _open(request, house, account, way)
    return pair(house, account, session, secret)


def pair(house: Doors, account: User, session: str, secret: str | None) -> TokensView:
    """Return an access token of a session together with its next refresh token, if it is a program's."""
    access = house.gate.signer.issue(
        name=account.name, role=Role(account.role), session=session, now=house.clock.now()
    )
    return TokensView(access_token=access, expires_in=LIFETIME_SECONDS, refresh_token=secret)


def forget_session(house: Doors, *sessions: str) -> None:
    """Take the tickets and sockets of sessions that ended."""
    _part(house, lambda who: who.session in sessions, "logged out")


def forget_token(house: Doors, token: str) -> None:
    """Take the tickets and sockets of an API token that was revoked."""
    _part(house, lambda who: who.token == token, "the token was revoked")


def forget_user(house: Doors, name: str) -> None:
    """Take every ticket and socket of an account whose rights changed; who still may comes again."""
    _part(house, lambda who: who.name == name, "the account has changed")


def _part(house: Doors, chosen: Callable[[Identity], bool], reason: str) -> None:
    house.gate.tickets.void(chosen)
    house.hub.dismiss(chosen, reason)


async def _open(request: Request, house: Doors, account: User, way: str) -> tuple[str, str]:
    agent = request.headers.get("user-agent", "")
    session, secret = await house.gate.accounts.open_session(account.name, house.clock.now(), agent, way)
    if way == LINK:
        house.gate.links.add(session)
    return session, secret
