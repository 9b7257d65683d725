"""Pictures in the chat: of a firing, or of a symbol as it stands."""

from collections.abc import Sequence
from uuid import uuid4

from crypto_portfolio_analyzer.bot.pages import Page
from crypto_portfolio_analyzer.bot.prices import price_line, refuse_symbol
from crypto_portfolio_analyzer.bot.symbols import market_of
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.core.alerts import Alert, Evidence, Firing
from crypto_portfolio_analyzer.core.notices.notification import (
    Channel,
    Delivery,
    Kind,
    Notification,
    Work,
    message_key,
)
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidInput, InvalidSymbol

USUAL = "1h"
TREND = "close on {timeframe} > ema(20) on {timeframe}"
"""What a picture that no alert asked for shows beside the candles."""


async def chart_command(talk: Talk, text: str) -> None:
    """Take `/chart BTC` and `/chart BTC 4h`."""
    symbol, _, timeframe = text.strip().partition(" ")
    if not symbol:
        await talk.say("chart.ask")
        return
    try:
        frame = parse_timeframe(timeframe.strip() or USUAL).name
        market = market_of(talk.app, symbol)
    except InvalidSymbol:
        await refuse_symbol(talk, symbol, "chart")
        return
    except InvalidInput as error:
        await talk.say("chart.bad", why=error)
        return
    talk.house.beside.spawn(_draw_symbol, talk, market, frame)


async def chart_of(talk: Talk, arguments: Sequence[str]) -> None:
    """Draw the symbol of a button."""
    await chart_command(talk, ":".join(arguments))


async def _draw_symbol(talk: Talk, symbol: str, timeframe: str) -> None:
    latest = talk.app.market.latest(symbol)
    text = price_line(talk, latest) if latest is not None else talk.words("plain", text=symbol)
    png = None
    if latest is not None and talk.house.picture is not None:
        now = talk.app.clock.now()
        condition = TREND.format(timeframe=timeframe)
        alert = Alert(
            id="", number=0, owner=talk.owner, name=symbol, symbols=(symbol,), condition=condition, timeframe=timeframe
        )  # fmt: skip
        evidence = Evidence(sentence="", leaves=(), values={}, before={}, venue=latest.source)
        firing = Firing(
            id=uuid4().hex,
            alert_id="",
            revision=1,
            symbol=symbol,
            key="",
            price=latest.price,
            event_at=now,
            received_at=now,
            detected_at=now,
            evidence=evidence,
        )
        png = await drawn(talk, firing, alert)
    if png is None:
        await talk.post(Page(talk.words("chart.none", symbol=symbol, timeframe=timeframe)))
    else:
        await talk.house.chats.picture(talk.person.chat, png, Page(text))


async def drawn(talk: Talk, firing: Firing, alert: Alert) -> bytes | None:
    """Return the picture of a firing in the person's language and zone; None if it cannot be drawn."""
    if talk.house.picture is None:
        return None
    options = {"language": talk.person.language, "zone": talk.person.zone}
    known = talk.person.channel
    channel = Channel(
        id=known.id if known else "",
        owner=talk.owner,
        type="telegram",
        name="",
        options={**(known.options if known else {}), **options},
    )
    delivery = Delivery(id=firing.id, number=0, owner=talk.owner, channel_id=channel.id, firing_id=firing.id)
    return await talk.house.picture(
        Notification(
            key=message_key(delivery.id),
            kind=Kind.FIRING,
            channel=channel,
            works=(Work(delivery=delivery, firing=firing, alert=alert),),
            type="alert.fired",
            at=talk.app.clock.now(),
            attempt=1,
            severity=alert.severity,
            headline="",
            language=talk.person.language,
            simulated=talk.app.simulated,
        )
    )
