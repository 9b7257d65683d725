"""The system: everything the process needs, the worst first, and what to do about it."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.bot.pages import Page, data
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.words import Words, joined
from crypto_portfolio_analyzer.channels.telegram_buttons import Button
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.notices.graphemes import cut

MOST_LINES = 10
_LONGEST = 120


async def system(talk: Talk, _arguments: Sequence[str] = ()) -> None:
    """Show how everything does."""
    app, words, reader = talk.app, talk.words, talk.reader
    pings = sorted(await app.pings(), key=lambda each: each.ok)
    lines = []
    for each in pings[:MOST_LINES]:
        mark = "✓" if each.ok else "✗" if each.needed else "△"
        lines.append(words("system.line", mark=mark, name=each.name, detail=cut(each.detail, _LONGEST)))
        if not each.ok and each.remedy:
            lines.append(words("system.remedy", remedy=cut(each.remedy, _LONGEST)))
    age = formats.duration((reader.now - app.started_at) / 1e9, language=words.language)
    uptime = words("system.uptime", age=age, alerts=len(app.alerts.symbols()))
    title = words("system", at=reader.moment(reader.now))
    row = (
        Button(words.plain("system.refresh"), data("system")),
        Button(words.plain("menu.back"), data("menu")),
    )
    await talk.show(Page(joined(title, *lines, uptime), (row,)))


async def verdict(talk: Talk) -> str:
    """Return in a few words how everything does."""
    trouble = sum(not each.ok and each.needed for each in await talk.app.pings())
    return _verdict(talk.words, trouble)


def _verdict(words: Words, trouble: int) -> str:
    return words.plain("verdict.trouble", count=trouble) if trouble else words.plain("verdict.well")
