"""Addresses that take other people's signals in and route them on: TradingView's webhooks, or whoever posts text."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from crypto_portfolio_analyzer.api.auth import OPEN, Reader, Trader
from crypto_portfolio_analyzer.api.channel_schemas import (
    HookFields,
    HookMadeView,
    HooksView,
    HookView,
    TakenView,
)
from crypto_portfolio_analyzer.api.channel_views import hook_view
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.once import once
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.core.notices.links import Hook
from crypto_portfolio_analyzer.engine.delivery.inbound import digest_of, read_signal
from crypto_portfolio_analyzer.errors import Fault, InvalidFields, NotFound
from crypto_portfolio_analyzer.storage.accounts import new_id

router = APIRouter(tags=["delivery"])

LONGEST_TOKEN = 128


def _token(token: str) -> str:
    if "\0" in token or len(token) > LONGEST_TOKEN:
        raise _unknown()
    return token


Token = Annotated[str, Depends(_token)]


@router.get("/api/hooks")
async def hooks(house: House, who: Reader) -> HooksView:
    """List one's own hooks, oldest first; their tokens are not kept."""
    return HooksView(hooks=[hook_view(each) for each in await house.hooks.hooks(who.owner)])


@router.post("/api/hooks", status_code=HTTPStatus.CREATED, dependencies=[once(Trader, "token")])
async def create(
    house: House, who: Trader, request: Request, response: Response, body: HookFields
) -> HookMadeView:
    """Make an address that takes signals in; whoever knows it can send, so it is shown this once."""
    await _check(house, who.owner, body)
    now = house.clock.now()
    hook = Hook(id=new_id(), owner=who.owner, name=body.name, channels=tuple(body.channels), created_at=now)
    token = await house.hooks.add(hook, now, who.actor, house.quotas.most("hooks", who.owner))
    base = house.public_url or str(request.base_url)
    response.headers["Location"] = f"/api/hooks/{hook.id}"
    return HookMadeView(
        **hook_view(hook).model_dump(), token=token, url=f"{base.rstrip('/')}/hooks/tradingview/{token}"
    )


@router.get("/api/hooks/{hook_id}")
async def hook(house: House, who: Reader, hook_id: str) -> HookView:
    """Return one hook."""
    return hook_view(await _hook(house, who.owner, hook_id))


@router.delete("/api/hooks/{hook_id}", status_code=HTTPStatus.NO_CONTENT)
async def remove(house: House, who: Trader, hook_id: str) -> None:
    """Close an address: what is posted there from now on is refused."""
    found = await _hook(house, who.owner, hook_id)
    await house.hooks.remove(who.owner, found.id, house.clock.now(), who.actor)


@router.post("/hooks/tradingview/{token}", status_code=HTTPStatus.ACCEPTED, dependencies=[OPEN])
async def take(house: House, request: Request, token: Token) -> TakenView:
    """Take a signal in, of text or JSON as TradingView posts it, and route it on; the token is the credential.

    It is stored before this is answered, and told by the hook's channels afterwards. The same signal again within a
    minute is answered alike and told once.
    """
    found = await house.hooks.by_token(token)
    if found is None:
        raise _unknown()
    body = await request.body()
    content = read_signal(body, request.headers.get("content-type", ""))
    taken = await house.hooks.take(found, content, digest_of(body), house.clock.now())
    if taken:
        house.delivery.wake()
    return TakenView(taken=taken)


def _unknown() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "no such hook", remedy="make one: POST /api/hooks")


async def _hook(house: Doors, owner: str, hook_id: str) -> Hook:
    for each in await house.hooks.hooks(owner):
        if each.id == hook_id:
            return each
    raise NotFound("hook", hook_id)


async def _check(house: Doors, owner: str, body: HookFields) -> None:
    """Refuse a name that is taken and channels that do not exist; raises InvalidFields."""
    own = await house.hooks.hooks(owner)
    faults = [Fault("name", "is taken", "choose another")] if body.name in {each.name for each in own} else []
    known = {name for each in await house.delivery.channels(owner) for name in (each.id, each.name)}
    faults += [
        Fault(f"channels.{place}", "is no channel of yours", "give ids or names of `GET /api/channels`")
        for place, name in enumerate(body.channels)
        if name not in known
    ]
    if faults:
        raise InvalidFields(faults)
