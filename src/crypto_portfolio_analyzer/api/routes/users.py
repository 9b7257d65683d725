"""Users: who may come in, and what they may do."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as FromPath

from crypto_portfolio_analyzer.api.auth import ADMIN, Admin
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.identity import Role
from crypto_portfolio_analyzer.api.once import once
from crypto_portfolio_analyzer.api.people_schemas import (
    LoginLinkView,
    UserChange,
    UserMadeView,
    UserRequest,
    UsersView,
    UserView,
)
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.api.sessions import forget_user
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.storage.accounts import CODE_LIFETIME, User

router = APIRouter(prefix="/api/users", tags=["users"])

Name = Annotated[str, FromPath(description="the name of an account", examples=["anna"])]


@router.get("", dependencies=[ADMIN])
async def users(house: House) -> UsersView:
    """List every account, by name."""
    return UsersView(users=[_view(each) for each in await house.gate.accounts.users()])


@router.post("", status_code=HTTPStatus.CREATED, dependencies=[once(Admin, "login_url")])
async def add(
    request: Request, response: Response, house: House, who: Admin, body: UserRequest
) -> UserMadeView:
    """Add an account without a password, and return the link by which it comes in once, within a quarter of an hour."""
    user = await house.gate.accounts.add_user(body.name, body.role, house.clock.now(), who.actor)
    url, until = await _link(request, house, user.name, who.actor)
    response.headers["Location"] = f"/api/users/{user.name}"
    return UserMadeView(**_view(user).model_dump(), login_url=url, login_expires_at=until)


@router.get("/{name}", dependencies=[ADMIN])
async def user(house: House, name: Name) -> UserView:
    """Return one account."""
    return _view(await house.gate.accounts.user(name))


@router.patch("/{name}")
async def change(house: House, who: Admin, name: Name, body: UserChange) -> UserView:
    """Give an account another role, shut it out or let it in again; its logins end, its sockets at once."""
    accounts, now = house.gate.accounts, house.clock.now()
    if not body.model_fields_set:
        raise InvalidInput("nothing is to be changed; give role or disabled")
    await accounts.user(name)
    if "role" in body.model_fields_set:
        await accounts.set_role(name, body.role, now, who.actor)
    if "disabled" in body.model_fields_set:
        act = accounts.disable_user if body.disabled else accounts.enable_user
        await act(name, now, who.actor)
    forget_user(house, name)
    return _view(await accounts.user(name))


@router.post("/{name}/login-link", dependencies=[once(Admin, "login_url")])
async def login_link(request: Request, house: House, who: Admin, name: Name) -> LoginLinkView:
    """Return a link that lets an account in once, without password and second factor: hand it over safely."""
    url, until = await _link(request, house, name, who.actor)
    return LoginLinkView(login_url=url, expires_at=until)


@router.delete("/{name}/totp", status_code=HTTPStatus.NO_CONTENT)
async def drop_factor(house: House, who: Admin, name: Name) -> None:
    """Ask an account for no second factor any more: its owner has lost it."""
    await house.gate.accounts.second_factor.drop(name, house.clock.now(), who.actor)


async def _link(request: Request, house: Doors, name: str, actor: str) -> tuple[str, str]:
    """Return a one-time link and until when it is good."""
    now = house.clock.now()
    code = await house.gate.accounts.issue_code(name, now, actor=actor)
    base = (house.public_url or str(request.base_url)).rstrip("/")
    return f"{base}/login?code={code}", iso(now + CODE_LIFETIME)


def _view(user: User) -> UserView:
    return UserView(
        name=user.name,
        role=Role(user.role),
        created_at=iso(user.created_at),
        disabled_at=None if user.disabled_at is None else iso(user.disabled_at),
        has_password=user.has_password,
        totp=user.totp,
    )
