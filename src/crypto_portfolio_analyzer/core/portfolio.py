"""A portfolio's worth: holdings at prices, with the change of 24 hours. Money is Decimal."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from crypto_portfolio_analyzer.core.symbols import parse_symbol

HUNDRED = Decimal(100)


class Priced(Struct, frozen=True):
    """What one unit of an asset costs, and how much that changed in 24 h; None where nobody told."""

    price: Decimal
    change_24h: Decimal | None = None


class HoldingValue(Struct, frozen=True):
    """One holding at its price; value and change are None until a price is known."""

    symbol: str
    quantity: Decimal
    price: Decimal | None
    value: Decimal | None
    change_24h: Decimal | None


class PortfolioValue(Struct, frozen=True):
    """All holdings together. `is_complete` is False while one has no price: the total then lacks it."""

    holdings: tuple[HoldingValue, ...]
    total_value: Decimal
    total_change_24h: Decimal
    is_complete: bool

    @property
    def total_change_percent_24h(self) -> Decimal | None:
        """Return the change against the value 24 h ago, in percent points; None without such a value."""
        before = self.total_value - self.total_change_24h
        return self.total_change_24h / before * HUNDRED if before > 0 else None


def held_symbol(text: str) -> str:
    """Return the one spelling of what is held: a lone asset stays one, a pair is canonical; raises InvalidSymbol."""
    asked = parse_symbol(text)
    return asked.canonical() if asked.quote else asked.base


def value_of(holdings: Mapping[str, Decimal], prices: Mapping[str, Priced]) -> PortfolioValue:
    """Return what `holdings` (quantity by symbol) are worth at `prices`."""
    valued = [_value_one(symbol, quantity, prices.get(symbol)) for symbol, quantity in holdings.items()]
    return PortfolioValue(
        tuple(valued),
        _sum([each.value for each in valued]),
        _sum([each.change_24h for each in valued]),
        all(each.value is not None for each in valued),
    )


def _value_one(symbol: str, quantity: Decimal, priced: Priced | None) -> HoldingValue:
    if priced is None:
        return HoldingValue(symbol, quantity, None, None, None)
    change = None if priced.change_24h is None else quantity * priced.change_24h
    return HoldingValue(symbol, quantity, priced.price, quantity * priced.price, change)


def _sum(amounts: Sequence[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))
