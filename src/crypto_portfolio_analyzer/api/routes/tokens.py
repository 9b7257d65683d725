"""API tokens: what one's own programs come in with."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from crypto_portfolio_analyzer.api.auth import Person
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.identity import unknown_scopes
from crypto_portfolio_analyzer.api.once import once
from crypto_portfolio_analyzer.api.people_schemas import (
    SCOPES,
    TokenListView,
    TokenMadeView,
    TokenRequest,
    TokenView,
)
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.api.sessions import forget_token
from crypto_portfolio_analyzer.core.timeframes import DAY
from crypto_portfolio_analyzer.errors import Fault, InvalidFields
from crypto_portfolio_analyzer.storage.accounts import ApiToken

router = APIRouter(prefix="/api/auth/tokens", tags=["auth"])


@router.get("")
async def tokens(house: House, who: Person) -> TokenListView:
    """List one's own API tokens, without what opens doors."""
    return TokenListView(
        tokens=[token_view(each) for each in await house.gate.accounts.tokens.of_user(who.owner)]
    )


@router.post("", status_code=HTTPStatus.CREATED, dependencies=[once(Person, "token")])
async def create(house: House, response: Response, who: Person, body: TokenRequest) -> TokenMadeView:
    """Make an API token; it reaches as far as its scopes, and never farther than one's own role."""
    made = await made_token(house, who.owner, body, who.actor)
    response.headers["Location"] = f"/api/auth/tokens/{made.id}"
    return made


async def made_token(house: Doors, user: str, body: TokenRequest, actor: str) -> TokenMadeView:
    """Make a token of a user; raises InvalidFields for scopes nobody knows."""
    faults = [
        Fault(
            f"scopes.{body.scopes.index(scope)}", f"is no scope: {scope!r}", f"use one of {', '.join(SCOPES)}"
        )
        for scope in unknown_scopes(body.scopes)
    ]
    if faults:
        raise InvalidFields(faults)
    now = house.clock.now()
    until = None if body.expires_in_days is None else now + body.expires_in_days * DAY
    scopes = list(dict.fromkeys(body.scopes))
    made, secret = await house.gate.accounts.tokens.create(user, body.name, scopes, now, until, actor)
    return TokenMadeView(**token_view(made).model_dump(), token=secret)


@router.delete("/{token_id}", status_code=HTTPStatus.NO_CONTENT)
async def revoke(house: House, who: Person, token_id: str) -> None:
    """End an API token, its tickets and its sockets at once."""
    await house.gate.accounts.tokens.revoke(who.owner, token_id, house.clock.now(), who.actor)
    forget_token(house, token_id)


def token_view(token: ApiToken) -> TokenView:
    """Show a token, without what opens doors."""
    return TokenView(
        id=token.id,
        name=token.name,
        scopes=list(token.scopes),
        created_at=iso(token.created_at),
        expires_at=None if token.expires_at is None else iso(token.expires_at),
        last_used_at=None if token.used_at is None else iso(token.used_at),
    )
