"""Kraken's spellings: old asset codes, and the pair names of REST."""

import re

from crypto_portfolio_analyzer.core.symbols import split_joined
from crypto_portfolio_analyzer.errors import InvalidSymbol

_CURRENT = {"XBT": "BTC", "XDG": "DOGE"}
_OLD = {current: old for old, current in _CURRENT.items()}
_PAIR = re.compile(r"([A-Za-z0-9.]{1,24})/([A-Za-z0-9.]{1,24})")
_LEGACY = re.compile(r"[XZ]([A-Z]{3})[XZ]([A-Z]{3})")
"""`XXBTZUSD`: X marks a coin, Z a currency; only the oldest pairs are called so."""


def canonical(pair: str) -> str:
    """Return `BTC/USD` for `BTC/USD`, `XBT/USD`; raises InvalidSymbol."""
    match = _PAIR.fullmatch(pair)
    if match is None:
        raise InvalidSymbol(pair)
    return _joined(match[1].upper(), match[2].upper())


def rest_name(symbol: str) -> str:
    """Return the pair name REST understands, `XBTUSD` for `BTC/USD`."""
    base, _, quote = symbol.partition("/")
    return _OLD.get(base, base) + _OLD.get(quote, quote)


def of_rest(name: str) -> str:
    """Return `BTC/USD` for `XXBTZUSD`, `XBTUSD`; raises InvalidSymbol."""
    legacy = _LEGACY.fullmatch(name)
    if legacy:
        return _joined(legacy[1], legacy[2])
    parts = split_joined(name)
    if parts is None:
        raise InvalidSymbol(name)
    return _joined(*parts)


def _joined(base: str, quote: str) -> str:
    return f"{_CURRENT.get(base, base)}/{_CURRENT.get(quote, quote)}"
