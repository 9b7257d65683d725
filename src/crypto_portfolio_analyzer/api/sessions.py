"""From a proven account to a session: the cookie for pages, the pair of tokens for programs."""

from fastapi import Request, Response

from crypto_portfolio_analyzer.api.auth import COOKIE
from crypto_portfolio_analyzer.api.doors import Doors
from crypto_portfolio_analyzer.api.identity import Role
from crypto_portfolio_analyzer.api.schemas import TokensView
from crypto_portfolio_analyzer.api.tokens import LIFETIME_SECONDS
from crypto_portfolio_analyzer.storage.accounts import User

SESSION_DAYS = 30


async def enter(request: Request, response: Response, house: Doors, account: User) -> None:
    """Open a session for a page and put it into the cookie."""
    _, secret = await house.gate.accounts.open_session(account.name, house.clock.now())
    response.set_cookie(
        COOKIE,
        secret,
        max_age=SESSION_DAYS * 86_400,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


async def grant(house: Doors, account: User) -> TokensView:
    """Open a session for a program and return its tokens."""
    session, secret = await house.gate.accounts.open_session(account.name, house.clock.now())
    return pair(house, account, session, secret)


def pair(house: Doors, account: User, session: str, secret: str) -> TokensView:
    """Return an access token of a session together with its next refresh token."""
    access = house.gate.signer.issue(
        name=account.name, role=Role(account.role), session=session, now=house.clock.now()
    )
    return TokensView(access_token=access, expires_in=LIFETIME_SECONDS, refresh_token=secret)


async def end(house: Doors, session: str) -> None:
    """End a session everywhere at once: tokens, tickets, sockets."""
    await house.gate.accounts.close_session(session)
    house.gate.revoke(session)
    house.hub.dismiss(lambda who: who.session == session, "logged out")
