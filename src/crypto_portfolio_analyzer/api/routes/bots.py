"""Trading bots: channels whose other end acts on what it is told, and the words they understand."""

from fastapi import APIRouter

from crypto_portfolio_analyzer.api.auth import Reader, Trader
from crypto_portfolio_analyzer.api.channel_schemas import (
    BotsView,
    BotTemplatesView,
    PreviewRequest,
    PreviewView,
)
from crypto_portfolio_analyzer.api.channel_views import bot_type_view, preview_view, template_view
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.channels.bot_webhook import BotChannel
from crypto_portfolio_analyzer.channels.orders import order_of
from crypto_portfolio_analyzer.channels.signal_templates import signal_templates
from crypto_portfolio_analyzer.core.notices.notification import Notification
from crypto_portfolio_analyzer.errors import DeliveryFailed, Fault, InvalidFields

router = APIRouter(prefix="/api/bots", tags=["delivery"])


@router.get("")
async def bots(house: House, who: Reader) -> BotsView:
    """List one's own channels that trade: each order is sent once a pair at a time, and dropped when it is late."""
    found = [house.shown(each) for each in await house.delivery.channels(who.owner)]
    return BotsView(bots=[each for each in found if each.trades])


@router.get("/templates")
async def templates(house: House, who: Reader) -> BotTemplatesView:
    """List what each kind of bot understands: templates of the channel type `bot`, and types of their own."""
    own = [
        kind
        for kind in house.channel_types.values()
        if kind.name != BotChannel.name and kind.policy_ttl({}) is not None
    ]
    return BotTemplatesView(
        templates=[
            *(template_view(name, each) for name, each in signal_templates().items()),
            *map(bot_type_view, own),
        ]
    )


@router.post("/preview")
async def preview(house: House, who: Trader, body: PreviewRequest) -> PreviewView:
    """Show what a bot would be sent for a firing of an alert, in its own words; nothing is sent."""
    told = await house.delivery.preview(who.owner, body.channel, body.alert)
    view = preview_view(told)
    if told.channel.type == BotChannel.name and not view.body:
        view.body = _order(house, told)
    return view


def _order(house: Doors, told: Notification) -> str:
    """Return the body of an order, its secrets masked; raises InvalidFields for what is none."""
    shown = house.delivery.shown(told.channel)
    fields = shown.get("fields")
    try:
        template = signal_templates()[str(shown["bot"])]
        return template.body(order_of(told), fields if isinstance(fields, dict) else {})
    except DeliveryFailed as error:
        raise InvalidFields([Fault("alert", str(error))]) from error
