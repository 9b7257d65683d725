"""Channels: whom and what we tell; made, tested, changed, and linked to people elsewhere."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from crypto_portfolio_analyzer.api.auth import Reader, Trader
from crypto_portfolio_analyzer.api.channel_schemas import (
    ChannelFields,
    ChannelMadeView,
    ChannelsView,
    ChannelTypesView,
    ChannelView,
    ConfirmRequest,
    LinkCodeView,
    LinksView,
    PreviewRequest,
    PreviewView,
)
from crypto_portfolio_analyzer.api.channel_views import link_view, made_view, preview_view, type_view
from crypto_portfolio_analyzer.api.delivery_schemas import DeliveryDetailView
from crypto_portfolio_analyzer.api.delivery_views import delivery_views, detail_view
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.identity import Identity
from crypto_portfolio_analyzer.api.once import ONCE, once
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.core.notices.links import TELEGRAM
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.engine.delivery.delivering import Made
from crypto_portfolio_analyzer.errors import Fault, InvalidFields, NotFound, UnknownName
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN

router = APIRouter(prefix="/api/channels", tags=["channels"])

CODE_LIFETIME = 10 * MINUTE
MOST_PERSON = 64


def _named(channel_id: str) -> str:
    if "\0" in channel_id or len(channel_id) > 200:
        raise NotFound("channel", channel_id)
    return channel_id


ChannelId = Annotated[str, Depends(_named)]


@router.get("")
async def channels(house: House, who: Reader) -> ChannelsView:
    """List one's own channels, oldest first."""
    return ChannelsView(channels=[house.shown(each) for each in await house.delivery.channels(who.owner)])


@router.post("", status_code=HTTPStatus.CREATED, dependencies=[once(Trader, "secret")])
async def create(house: House, who: Trader, response: Response, body: ChannelFields) -> ChannelMadeView:
    """Make a channel; what it signs with is told this once.

    Somebody else's destination must be confirmed before anything but the question is sent there.
    """
    kind = str(body.root.get("type"))
    if kind not in house.channel_types:
        unknown = UnknownName("channel type", kind, house.channel_types)
        raise InvalidFields([Fault("type", str(unknown), "see /api/channels/types")])
    made = await house.delivery.add_channel(who.owner, body.root, actor=who.actor, trusted=_is_trusted(who))
    response.headers["Location"] = f"/api/channels/{made.channel.id}"
    return _made(house, made)


@router.get("/types")
async def types(house: House, who: Reader) -> ChannelTypesView:
    """List every type of channel with its options, and whether the operator has set what it needs."""
    return ChannelTypesView(types=[type_view(each) for each in house.channel_types.values()])


@router.post("/preview")
async def preview(house: House, who: Trader, body: PreviewRequest) -> PreviewView:
    """Show what a firing of an alert would say, to one channel or in general; nothing is sent."""
    return preview_view(await house.delivery.preview(who.owner, body.channel, body.alert))


@router.post("/telegram/link", status_code=HTTPStatus.CREATED, dependencies=[once(Trader, "code")])
async def link(house: House, who: Trader) -> LinkCodeView:
    """Make a code that links a Telegram account to this one: good once, for ten minutes."""
    now = house.clock.now()
    code = await house.links.new_code(who.owner, TELEGRAM, now)
    bot = house.bot_name()
    return LinkCodeView(
        code=code,
        url=f"https://t.me/{bot}?start={code}" if bot else None,
        expires_at=iso(now + CODE_LIFETIME),
    )


@router.get("/telegram/links")
async def links(house: House, who: Reader) -> LinksView:
    """List the Telegram accounts that act for one here."""
    found = await house.links.links(who.owner)
    return LinksView(links=[link_view(each) for each in found if each.platform == TELEGRAM])


@router.delete("/telegram/links/{person}", status_code=HTTPStatus.NO_CONTENT)
async def unlink(house: House, who: Trader, person: str) -> None:
    """Let a Telegram account act for one no more."""
    known = [each.person for each in await house.links.links(who.owner) if each.platform == TELEGRAM]
    if person not in known:
        raise NotFound("link", person[:MOST_PERSON])
    await house.links.unlink(who.owner, TELEGRAM, person, house.clock.now(), who.actor)


@router.get("/{channel_id}")
async def channel(house: House, who: Reader, channel_id: ChannelId) -> ChannelView:
    """Return one channel, by id or by name."""
    return house.shown(await house.delivery.store.channel(who.owner, channel_id))


@router.patch("/{channel_id}")
async def change(house: House, who: Trader, channel_id: ChannelId, body: ChannelFields) -> ChannelView:
    """Change some fields of a channel; secrets that are not given stay, enabling clears why it was off."""
    found = await house.delivery.store.channel(who.owner, channel_id)
    return house.shown(
        await house.delivery.edit_channel(
            who.owner, found.id, body.root, actor=who.actor, trusted=_is_trusted(who)
        )
    )


@router.delete("/{channel_id}", status_code=HTTPStatus.NO_CONTENT)
async def remove(house: House, who: Trader, channel_id: ChannelId) -> None:
    """Forget a channel: what waits for it is cancelled, its name is free."""
    found = await house.delivery.store.channel(who.owner, channel_id)
    await house.delivery.remove_channel(who.owner, found.id, actor=who.actor)


@router.post("/{channel_id}/test", dependencies=[ONCE])
async def test(house: House, who: Trader, channel_id: ChannelId) -> DeliveryDetailView:
    """Send a test by the real path, and tell what became of it; also when the other end refused."""
    found = await house.delivery.store.channel(who.owner, channel_id)
    tested = await house.delivery.test(who.owner, found.id)
    [view] = await delivery_views(house.delivery.store, house.alert_store, who.owner, [tested.delivery])
    return detail_view(view, tested.attempts)


@router.post("/{channel_id}/rotate", dependencies=[once(Trader, "secret")])
async def rotate(house: House, who: Trader, channel_id: ChannelId) -> ChannelMadeView:
    """Give a channel a new signing secret, told this once; the old one goes on signing beside it for a day."""
    found = await house.delivery.store.channel(who.owner, channel_id)
    return _made(house, await house.delivery.rotate_secret(who.owner, found.id, actor=who.actor))


@router.post("/{channel_id}/confirm")
async def confirm(house: House, who: Trader, channel_id: ChannelId, body: ConfirmRequest) -> ChannelView:
    """Take the code that was sent to the channel's other end, which shows whose that is; without one send another."""
    found = await house.delivery.store.channel(who.owner, channel_id)
    return house.shown(await house.delivery.confirm(who.owner, found.id, body.code, actor=who.actor))


def _is_trusted(who: Identity) -> bool:
    """Tell whether somebody is the operator, whose destinations need no proof."""
    return who.owner == LOCAL_ADMIN


def _made(house: Doors, made: Made) -> ChannelMadeView:
    return made_view(house.shown(made.channel), made.secret)
