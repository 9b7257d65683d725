"""Bars of a past that is easy to make."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from tests.fakes import NOON

Prices = tuple[float, float, float, float]


def bar(
    place: int, prices: Prices, *, timeframe: str = "1m", volume: float = 1.0, symbol: str = "BTC/USDT"
) -> Bar:
    """Return the bar so many lengths after noon with this open, high, low and close."""
    length = parse_timeframe(timeframe).length
    at = NOON + place * length
    return Bar("file", symbol, timeframe, at, at + length, *prices, volume, True, at + length)


def flat(closes: Sequence[float], *, timeframe: str = "1m", symbol: str = "BTC/USDT") -> list[Bar]:
    """Return bars that go from each close to the next in a straight line."""
    opens = [closes[0], *closes[:-1]]
    pairs = enumerate(zip(opens, closes, strict=True))
    return [
        bar(place, (first, max(first, last), min(first, last), last), timeframe=timeframe, symbol=symbol)
        for place, (first, last) in pairs
    ]
