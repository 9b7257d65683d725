"""Symbols as people type them: the market they mean, or what they may have meant."""

from difflib import get_close_matches

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.engine.symbols import canonical
from crypto_portfolio_analyzer.errors import InvalidSymbol

MOST_MEANT = 3
MOST_RECENT = 6
_LONGEST = 24
"""Characters of a symbol that a button carries."""


def market_of(app: App, text: str) -> str:
    """Return the canonical symbol that a text names; raises InvalidSymbol."""
    return canonical(text, app.feeds)


def meant(app: App, text: str) -> list[str]:
    """Return the markets whose names are closest to a text that names none."""
    known = {each.symbol for each in app.market.listed(app.feeds.primary.exchange.name)}
    known |= {each.symbol for each in app.feeds.watches()}
    bases: dict[str, str] = {}
    ending = f"/{app.feeds.primary.exchange.default_quote}"
    for symbol in sorted(known, key=lambda each: not each.endswith(ending)):
        bases.setdefault(symbol.partition("/")[0], symbol)
    near = get_close_matches(_base(text), bases, n=MOST_MEANT, cutoff=0.5)
    return [bases[each] for each in near if len(bases[each].encode()) <= _LONGEST]


def _base(text: str) -> str:
    try:
        return parse_symbol(text).base
    except InvalidSymbol:
        return text.strip().upper()[:_LONGEST]


async def recent(app: App, owner: str) -> list[str]:
    """Return the symbols of an owner's newest alerts, then those that are watched anyway."""
    alerts = await app.alert_store.of_owner(owner, limit=1000)
    own = [each.symbols[0] for each in reversed(alerts) if len(each.symbols) == 1]
    watched = [each.symbol for each in app.feeds.watches()]
    found = dict.fromkeys(each for each in (*own, *watched) if "/" in each and len(each.encode()) <= _LONGEST)
    return list(found)[:MOST_RECENT]
