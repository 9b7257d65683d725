"""The portfolio: what the talking owner's holdings are worth."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.bot.pages import Page, data
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.words import Words, joined
from crypto_portfolio_analyzer.channels.telegram_buttons import Button
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.portfolio import PortfolioValue

MOST_LINES = 10


async def portfolio(talk: Talk, _arguments: Sequence[str] = ()) -> None:
    """Show what the holdings are worth, or that there are none."""
    value = talk.app.portfolios.worth(talk.owner).value
    menu = Button(talk.words.plain("menu.back"), data("menu"))
    if not value.holdings:
        await talk.show(Page(talk.words("portfolio.none"), ((menu,),)))
        return
    await talk.show(Page(worth(talk.words, value), ((menu,),)))


def worth(words: Words, value: PortfolioValue) -> str:
    """Return the whole worth, then each holding's."""
    percent = value.total_change_percent_24h
    change = formats.change(None if percent is None else float(percent), language=words.language)
    title = words("portfolio", value=_money(words, float(value.total_value)), change=change)
    lines = [
        words(
            "portfolio.line",
            symbol=each.symbol,
            quantity=each.quantity,
            value=formats.UNKNOWN if each.value is None else _money(words, float(each.value)),
        )
        for each in value.holdings[:MOST_LINES]
    ]
    return joined(title, *lines, "" if value.is_complete else words("portfolio.partial"))


def _money(words: Words, value: float) -> str:
    return formats.price(value, 2, language=words.language)
