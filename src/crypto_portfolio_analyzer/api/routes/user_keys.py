"""What administrators do with other people's keys: API tokens and passwords."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from crypto_portfolio_analyzer.api.auth import Requires
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.identity import Identity, Policy
from crypto_portfolio_analyzer.api.once import once
from crypto_portfolio_analyzer.api.people_schemas import (
    PasswordGiven,
    TokenListView,
    TokenMadeView,
    TokenRequest,
)
from crypto_portfolio_analyzer.api.proofs import turn
from crypto_portfolio_analyzer.api.routes.tokens import made_token, token_view
from crypto_portfolio_analyzer.api.routes.users import Name
from crypto_portfolio_analyzer.api.sessions import forget_token, forget_user

router = APIRouter(prefix="/api/users/{name}", tags=["users"])

Keeper = Annotated[Identity, Depends(Requires(Policy.ADMIN, in_person=True))]
"""An administrator who logged in."""


@router.get("/tokens")
async def tokens(house: House, who: Keeper, name: Name) -> TokenListView:
    """List somebody's API tokens, without what opens doors."""
    user = await house.gate.accounts.user(name)
    found = await house.gate.accounts.tokens.of_user(user.name)
    return TokenListView(tokens=[token_view(each) for each in found])


@router.post("/tokens", status_code=HTTPStatus.CREATED, dependencies=[once(Keeper, "token")])
async def create(
    house: House, response: Response, who: Keeper, name: Name, body: TokenRequest
) -> TokenMadeView:
    """Make an API token that acts for somebody; it never reaches farther than their role."""
    made = await made_token(house, name, body, who.actor)
    response.headers["Location"] = f"/api/users/{name}/tokens/{made.id}"
    return made


@router.delete("/tokens/{token_id}", status_code=HTTPStatus.NO_CONTENT)
async def revoke(house: House, who: Keeper, name: Name, token_id: str) -> None:
    """End somebody's API token, its tickets and its sockets at once."""
    await house.gate.accounts.tokens.revoke(name, token_id, house.clock.now(), who.actor)
    forget_token(house, token_id)


@router.put("/password", status_code=HTTPStatus.NO_CONTENT)
async def set_password(house: House, who: Keeper, name: Name, body: PasswordGiven) -> None:
    """Give somebody a password; every login of theirs ends."""
    async with turn(house):
        await house.gate.accounts.set_password(name, body.password, house.clock.now(), who.actor)
    forget_user(house, name)
