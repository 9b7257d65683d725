"""The menu, what can be said, and the commands as Telegram's clients list them."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.bot.pages import Page, data
from crypto_portfolio_analyzer.bot.standing import counted
from crypto_portfolio_analyzer.bot.system_page import verdict
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.words import Words, joined
from crypto_portfolio_analyzer.channels.telegram_buttons import Button
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.engine.ports import SETTLED

COMMANDS = (
    "start", "alerts", "new", "edit", "delete", "pause", "price", "chart", "streams", "status", "portfolio",
    "silence", "settings", "language", "help",
)  # fmt: skip
"""In the order of use."""
ROWS = (("alerts", "new"), ("streams", "portfolio"), ("system", "silence", "settings"))


async def menu(talk: Talk, _arguments: Sequence[str] = ()) -> None:
    """Show the menu, with how many alerts there are and how everything does."""
    words = talk.words
    stored = await talk.app.alert_store.states(talk.owner)
    alerts = await talk.app.alert_store.of_owner(talk.owner, limit=10_000)
    resting = {
        alert for alert, some in stored.items() if some and all(each.state in SETTLED for each in some)
    }
    armed = sum(each.enabled and each.id not in resting for each in alerts)
    text = words(
        "menu",
        simulated=words.plain("menu.simulated") if talk.app.simulated else "",
        alerts=counted(words, len(alerts)),
        armed=formats.count(armed, language=words.language),
        verdict=await verdict(talk),
    )
    rows = tuple(tuple(Button(words.plain(f"menu.{name}"), data(name)) for name in row) for row in ROWS)
    await talk.show(Page(text, rows))


async def help_page(talk: Talk, _text: str = "") -> None:
    """Show every command."""
    words = talk.words
    lines = [words("help.line", command=name, about=about) for name, about in commands_of(words)]
    menu_row = (Button(words.plain("menu.back"), data("menu")),)
    await talk.show(Page(joined(words("help"), *lines, words("help.example")), (menu_row,)))


def commands_of(words: Words) -> list[tuple[str, str]]:
    """Return every command with what it is for."""
    return [(name, words.plain(f"command.{name}")) for name in COMMANDS]
