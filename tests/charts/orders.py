"""Orders for pictures that are easy to make."""

from random import Random
from typing import Any

from crypto_portfolio_analyzer.core.notices.pictures import Candle, Curve, Pane, PictureOrder
from tests.fakes import MINUTE, NOON


def candles(
    count: int = 64, base: float = 65_000.0, seed: int = 1, without: range = range(0)
) -> tuple[Candle, ...]:
    """Return candles of a random walk, some left out."""
    random, price, made = Random(seed), base, []
    for number in range(count):
        close = price * (1 + random.gauss(0, 0.003))
        high, low = max(price, close) * 1.001, min(price, close) * 0.999
        if number not in without:
            made.append(Candle(NOON + number * 15 * MINUTE, price, high, low, close))
        price = close
    return tuple(made)


def order(**changes) -> PictureOrder:
    """Return an order for a picture of a crossing."""
    drawn = changes.pop("candles", None) or candles()
    last = drawn[-1]
    values: dict[str, Any] = {
        "symbol": "BTC/USDT", "timeframe": "15m", "venue": "binance", "at": last.open_at + 7 * MINUTE,
        "price": last.close, "digits": 2, "length": 15 * MINUTE, "candles": drawn,
        "condition": "crosses above 65,000", "levels": (65_000.0,), "change": 2.31,
    }  # fmt: skip
    return PictureOrder(**values | changes)


def pane(count: int = 64) -> Pane:
    """Return a pane of a series that crosses its threshold."""
    values = (None, None, *(50.0 + number % 30 for number in range(count - 2)))
    return Pane(curves=(Curve(values),), levels=(70.0,))
