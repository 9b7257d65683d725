"""Binance's spelling of markets: `BTCUSDT`, and for contracts `BTCUSD_PERP` or `BTCUSDT_210625`."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.core.symbols import parse_symbol, split_joined
from crypto_portfolio_analyzer.errors import InvalidSymbol

_MAX_LENGTH = 32


def infer(name: str, quotes: Sequence[str]) -> str:
    """Return the canonical symbol of a market not listed by the venue, split by the known `quotes`.

    Raises:
        InvalidSymbol: no known quote ends it, or it holds characters no market has.

    """
    joined, mark, suffix = name.partition("_")
    if not joined.isalnum() or len(name) > _MAX_LENGTH:
        raise InvalidSymbol(name)
    pair = split_joined(joined) if mark else split_joined(joined, quotes)
    if pair is None:
        raise InvalidSymbol(name)
    base, quote = pair
    if not mark:
        return f"{base}/{quote}"
    settle = base if quote == "USD" else quote
    if suffix == "PERP":
        return f"{base}/{quote}:{settle}"
    if suffix.isdecimal() and len(suffix) == len("210625"):
        return f"{base}/{quote}:{settle}-{suffix}"
    raise InvalidSymbol(name)


def join(symbol: str) -> str:
    """Return the venue's spelling of a spot symbol.

    Raises:
        InvalidSymbol: it has no quote, is a contract, or holds characters no market here has.

    """
    found = parse_symbol(symbol)
    if found.quote is None or found.settle is not None:
        raise InvalidSymbol(symbol, "write a spot market like BTC/USDT")
    joined = found.base + found.quote
    if not joined.isalnum():
        raise InvalidSymbol(symbol, "Binance names hold letters and digits only, like BTC/USDT")
    return joined
