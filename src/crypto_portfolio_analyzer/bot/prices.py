"""Prices: of one symbol, watched for a moment if nobody does, or of all that somebody's alerts stand on."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.bot.pages import Page, data
from crypto_portfolio_analyzer.bot.symbols import market_of, meant, recent
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.words import Html, Words, joined
from crypto_portfolio_analyzer.channels.telegram_buttons import Button, Rows
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.market import Instrument
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.streaming.views import Latest, WatchState

PATIENCE = 5.0
"""Seconds that a price of a symbol nobody watches may take."""
_LOOK_EVERY = 0.1


async def price_command(talk: Talk, text: str) -> None:
    """Take `/price BTC`; without a symbol the prices of those that are watched for this person."""
    if not text.strip():
        await _known_prices(talk)
        return
    try:
        symbol = market_of(talk.app, text)
    except InvalidSymbol:
        await refuse_symbol(talk, text, "price")
        return
    latest = talk.app.market.latest(symbol)
    if latest is None:
        talk.house.beside.spawn(_first_price, talk, symbol)
    else:
        await _show(talk, latest)


async def price_of(talk: Talk, arguments: Sequence[str]) -> None:
    """Show the price of a button's symbol."""
    await price_command(talk, ":".join(arguments))


async def refuse_symbol(talk: Talk, text: str, purpose: str) -> None:
    """Say that a symbol is unknown, with those that may be meant as buttons for `purpose`."""
    near = meant(talk.app, text)
    shown = cut(text.strip(), 40)
    if not near:
        await talk.say("symbol.unknown", text=shown)
        return
    buttons = tuple(Button(each, data(purpose, each)) for each in near)
    await talk.show(Page(talk.words("symbol.meant", text=shown), (buttons,)))


async def _known_prices(talk: Talk) -> None:
    symbols = await recent(talk.app, talk.owner)
    found = [latest for latest in map(talk.app.market.latest, symbols) if latest is not None]
    lines = [price_line(talk, each) for each in found]
    await talk.show(Page(joined(*(lines or [talk.words("price.ask")]))))


async def _first_price(talk: Talk, symbol: str) -> None:
    """Watch a symbol until its first price comes; then let go of it."""
    app = talk.app
    app.feeds.want(symbol)
    try:
        until = app.clock.monotonic() + PATIENCE
        while (latest := app.market.latest(symbol)) is None and app.clock.monotonic() < until:
            view = app.feeds.find(symbol)
            if view is not None and view.state is WatchState.REFUSED:
                break
            await app.clock.sleep(_LOOK_EVERY)
        if latest is not None:
            await _show(talk, latest)
            return
        view = app.feeds.find(symbol)
        why = (view.reason if view else "") or talk.words.plain("price.no_answer", seconds=f"{PATIENCE:g}")
        await talk.say("price.none", symbol=symbol, why=cut(why, 200))
    finally:
        app.feeds.release(symbol)


async def _show(talk: Talk, latest: Latest) -> None:
    await talk.show(
        Page(price_line(talk, latest), _rows(talk.words, latest.symbol, may=talk.person.may_change))
    )


def _rows(words: Words, symbol: str, *, may: bool) -> Rows:
    chart = Button(words.plain("price.chart"), data("chart", symbol))
    return ((Button(words.plain("price.alert"), data("newfor", symbol)), chart),) if may else ((chart,),)


def price_line(talk: Talk, latest: Latest) -> Html:
    """Return a price with its change, its venue and its age."""
    language = talk.words.language
    age = max(0, talk.app.clock.now() - latest.received_at) / 1e9
    return talk.words(
        "price",
        sim="SIM " if latest.simulated else "",
        symbol=latest.symbol,
        price=price_text(latest, talk.app.market.instrument(latest.symbol), talk.words),
        change=formats.change(latest.change_percent_24h, language=language),
        venue=label_of(latest.source),
        age=formats.age(age, language=language),
    )


def price_text(latest: Latest | None, instrument: Instrument | None, words: Words) -> str:
    """Return a price in full decimals."""
    if latest is None:
        return ""
    tick = instrument.tick_size if instrument is not None else None
    return formats.price(latest.price, formats.digits_for(latest.price, tick), language=words.language)


def label_of(venue: str) -> str:
    """Return what a venue is called."""
    return EXCHANGES[venue].label if venue in EXCHANGES else venue
