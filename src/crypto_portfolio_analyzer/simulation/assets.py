"""What is traded on the simulated venues: prices and steps that look like the real ones."""

from msgspec import Struct

from crypto_portfolio_analyzer.simulation.noise import seed_of


class Asset(Struct, frozen=True):
    """A base asset: price in dollars at the start, decimals of price and quantity, how busy it is."""

    name: str
    price: float
    price_decimals: int
    quantity_decimals: int
    activity: float = 1.0
    """Trades per second relative to the tape's rate."""


_KNOWN = {
    asset.name: asset
    for asset in (
        Asset("BTC", 64_000.0, 2, 5, 2.0),
        Asset("ETH", 3_100.0, 2, 4, 2.0),
        Asset("SOL", 152.0, 2, 3, 1.5),
        Asset("BNB", 585.0, 2, 3),
        Asset("XRP", 0.53, 4, 0, 1.5),
        Asset("DOGE", 0.124, 5, 0),
        Asset("ADA", 0.46, 4, 1),
        Asset("AVAX", 27.5, 2, 2),
        Asset("DOT", 6.2, 3, 2),
        Asset("LINK", 14.6, 2, 2),
        Asset("LTC", 82.0, 2, 3),
        Asset("BCH", 410.0, 1, 3, 0.5),
        Asset("TRX", 0.128, 4, 1, 0.5),
        Asset("UNI", 8.1, 3, 2, 0.5),
        Asset("ATOM", 6.7, 3, 2, 0.5),
        Asset("NEAR", 5.2, 3, 1, 0.5),
        Asset("XLM", 0.102, 4, 0, 0.5),
        Asset("ETC", 23.4, 2, 2, 0.5),
        Asset("FIL", 4.4, 3, 2, 0.3),
        Asset("ALGO", 0.138, 4, 0, 0.3),
    )
}

DEFAULT_SYMBOLS = tuple(_KNOWN)


def asset_of(name: str) -> Asset:
    """Return the known asset, or an invented one whose price depends only on its name."""
    if name in _KNOWN:
        return _KNOWN[name]
    size = seed_of("price", name)
    exponent = size % 6 - 2
    return Asset(name, (1 + size % 900 / 100) * 10.0**exponent, max(2, 4 - exponent), max(0, exponent + 1))
