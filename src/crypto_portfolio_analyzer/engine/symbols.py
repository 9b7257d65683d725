"""Symbols as the feeds see them: canonical, listed where the venue has told its markets, `*` spelt out."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from crypto_portfolio_analyzer.core.alerts import EVERY_SYMBOL
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.errors import Fault, InvalidSymbol
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager


def canonical_all(
    texts: Iterable[str], feeds: PriceFeedManager, path: str = "symbol"
) -> tuple[tuple[str, ...], list[Fault]]:
    """Return the canonical symbols of `texts`, each once, and what is wrong with the others."""
    found: dict[str, None] = {}
    faults = []
    for text in texts:
        if text == EVERY_SYMBOL:
            found[text] = None
            continue
        try:
            found[canonical(text, feeds)] = None
        except InvalidSymbol as error:
            faults.append(Fault(path, f"{error.text[:40]!r} is not a symbol", error.remedy))
    return tuple(found), faults


def canonical(text: str, feeds: PriceFeedManager) -> str:
    """Return the market that a text names at the first provider, a lone asset in that venue's default quote.

    Raises:
        InvalidSymbol: the text is no symbol, or the venue has told its markets and this is none of them.

    """
    feed = feeds.primary
    symbol = parse_symbol(text).canonical(feed.exchange.default_quote)
    feed.exchange.venue_symbol(symbol)
    if feeds.market.is_listed(feed.exchange.name, symbol) is False and not _is_elsewhere(symbol, feeds):
        raise InvalidSymbol(text, _remedy(symbol, feeds))
    return symbol


def every_symbol(feeds: PriceFeedManager) -> Sequence[str]:
    """Return every active market that the first provider lists in its default quote."""
    feed = feeds.primary
    ending = f"/{feed.exchange.default_quote}"
    listed = feeds.market.listed(feed.exchange.name)
    return [each.symbol for each in listed if each.active and each.symbol.endswith(ending)]


def _is_elsewhere(symbol: str, feeds: PriceFeedManager) -> bool:
    return any(feeds.market.is_listed(name, symbol) for name in feeds.feeds)


def _remedy(symbol: str, feeds: PriceFeedManager) -> str:
    venue = feeds.primary.exchange
    known = [each.symbol for each in feeds.market.listed(venue.name)]
    near = get_close_matches(symbol, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "look it up among the venue's markets"
    return f"{venue.label} lists no {symbol}; {hint}"
