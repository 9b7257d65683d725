"""Silences: not to be told for a while, of everything or of one symbol; alerts go on being judged."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from crypto_portfolio_analyzer.bot.pages import Page, data, rows_of
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.words import Words, joined
from crypto_portfolio_analyzer.channels.telegram_buttons import Button
from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR
from crypto_portfolio_analyzer.engine.drafts import duration_of
from crypto_portfolio_analyzer.engine.symbols import canonical
from crypto_portfolio_analyzer.errors import InvalidInput, InvalidSymbol, NotFound

OFFERED = (1, 4, 24)
"""Hours."""
LONGEST = 366 * DAY
MOST_SHOWN = 5
EVERYTHING: Mapping[str, str] = {"name": "*"}


async def silence_page(talk: Talk, _arguments: Sequence[str] = ()) -> None:
    """Show the silences in force, and what can be silenced."""
    words, reader = talk.words, talk.reader
    silences = await talk.app.alert_store.silences(talk.owner, reader.now)
    lines = [
        words("silence.line", what=_what(words, each.matchers), at=reader.moment(each.ends_at))
        for each in silences[:MOST_SHOWN]
    ]
    offers = (
        Button(words.plain("silence.for", span=f"{hours} h"), data("quiet", hours)) for hours in OFFERED
    )
    endings = (
        (Button(words.plain("silence.end", what=_what(words, each.matchers)), data("loud", each.id)),)
        for each in silences[:MOST_SHOWN]
    )
    menu = Button(words.plain("menu.back"), data("menu"))
    text = joined(words("silence"), *(lines or [words("silence.none")]))
    await talk.show(Page(text, (*rows_of(offers, 3), *endings, (menu,))))


async def silence_command(talk: Talk, text: str) -> None:
    """Take `/silence`, `/silence 4h` and `/silence BTC 4h`."""
    *symbol, span = text.split() or [""]
    if not span:
        await silence_page(talk)
        return
    try:
        length = duration_of(span)
    except InvalidInput:
        await talk.say("silence.bad", text=cut(span, 40))
        return
    try:
        matchers = {"symbol": canonical(" ".join(symbol), talk.app.feeds)} if symbol else EVERYTHING
    except InvalidSymbol:
        await talk.say("symbol.unknown", text=cut(" ".join(symbol), 40))
        return
    made = await silenced(talk, matchers, min(length, LONGEST))
    what, at = _what(talk.words, matchers), talk.reader.moment(made.ends_at)
    await talk.say("silence.made", what=what, at=at)


async def quiet(talk: Talk, arguments: Sequence[str]) -> None:
    """Silence everything; arguments: hours."""
    hours = int(arguments[0]) if arguments and arguments[0].isdecimal() else 0
    if hours in OFFERED:
        await silenced(talk, EVERYTHING, hours * HOUR)
        await silence_page(talk)


async def loud(talk: Talk, arguments: Sequence[str]) -> None:
    """End a silence; arguments: its id."""
    try:
        await talk.app.alerts.end_silence(talk.owner, arguments[0] if arguments else "", actor=talk.actor)
    except NotFound:
        talk.toast = talk.words.plain("silence.ended")
    await silence_page(talk)


async def silenced(talk: Talk, matchers: Mapping[str, str], length: int) -> Silence:
    """Put a silence of `length` (ns) in force; one with the same matchers that lasts as long stands for it."""
    now = talk.app.clock.now()
    for each in await talk.app.alert_store.silences(talk.owner, now):
        if dict(each.matchers) == dict(matchers) and each.starts_at <= now and each.ends_at >= now + length:
            return each
    made = Silence(
        id=uuid4().hex,
        owner=talk.owner,
        matchers=dict(matchers),
        starts_at=now,
        ends_at=now + length,
        created_at=now,
    )
    await talk.app.alerts.silence(made, actor=talk.actor)
    return made


def _what(words: Words, matchers: Mapping[str, str]) -> str:
    if dict(matchers) == EVERYTHING:
        return words.plain("silence.all")
    shown = ", ".join(value if name == "symbol" else f"{name} {value}" for name, value in matchers.items())
    return cut(shown, 40)
