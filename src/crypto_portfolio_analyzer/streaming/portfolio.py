"""S1's `PortfolioMonitor`: what holdings are worth, anew with each price."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from crypto_portfolio_analyzer.core.portfolio import PortfolioValue, Priced, value_of
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.updates import PriceUpdate

logger = logging.getLogger(__name__)

ValueHandler = Callable[[PortfolioValue], Awaitable[None] | None]


class PortfolioMonitor:
    """Live value of holdings; publishes a portfolio update on the bus with each new price.

    With a `feeds` manager of yours it shares its streams, else it runs one of its own.
    """

    def __init__(self, *, feeds: PriceFeedManager | None = None, bus: StreamEventBus | None = None) -> None:
        self._feeds, self._owns_feeds = feeds, feeds is None
        self._given_bus, self._bus = bus, bus or (feeds.bus if feeds else None)
        self._holdings: dict[str, Decimal] = {}
        self._prices: dict[str, Priced] = {}
        self._handlers: list[ValueHandler] = []
        self._is_running = False

    def add_holding(self, symbol: str, quantity: Decimal) -> None:
        """Hold `quantity` more of `symbol`.

        Raises:
            InvalidSymbol: the text is no symbol.
            InvalidInput: the quantity is not a positive, finite Decimal.

        """
        parse_symbol(symbol)
        _check(quantity)
        is_new = symbol not in self._holdings
        self._holdings[symbol] = self._holdings.get(symbol, Decimal(0)) + quantity
        if is_new and self._is_running and self._feeds is not None:
            self._feeds.want(symbol)

    def remove_holding(self, symbol: str) -> None:
        """Hold `symbol` no longer; raises NotFound."""
        if self._holdings.pop(symbol, None) is None:
            raise NotFound("holding", symbol)
        self._prices.pop(symbol, None)
        if self._is_running and self._feeds is not None:
            self._feeds.release(symbol)

    def update_holding(self, symbol: str, quantity: Decimal) -> None:
        """Set the quantity held; raises NotFound, InvalidInput."""
        if symbol not in self._holdings:
            raise NotFound("holding", symbol)
        _check(quantity)
        self._holdings[symbol] = quantity

    async def start_monitoring(self, provider: str = "binance") -> None:
        """Follow the prices of all holdings; does nothing if it does so already.

        Raises:
            UnknownName: no exchange of that name.

        """
        if self._is_running:
            return
        feeds = self._feeds or PriceFeedManager(bus=None)
        self._feeds, self._bus = feeds, self._given_bus or feeds.bus
        if not feeds.feeds or self._owns_feeds:
            feeds.add_provider(provider, is_primary=True)
        self._is_running = True
        for symbol in self._holdings:
            feeds.want(symbol)
        feeds.add_handler(self._price)
        await feeds.start()

    async def stop_monitoring(self) -> None:
        """Stop following prices."""
        if not self._is_running or self._feeds is None:
            return
        self._is_running = False
        self._feeds.remove_handler(self._price)
        for symbol in self._holdings:
            self._feeds.release(symbol)
        if self._owns_feeds:
            await self._feeds.stop()
            self._feeds = None

    def get_current_value(self) -> PortfolioValue:
        """Return the value at the newest known prices."""
        return value_of(self._holdings, self._prices)

    def get_holdings_summary(self) -> list[dict[str, Any]]:
        """Return each holding with quantity, price, value, 24 h change and share of the total (0 to 1)."""
        value = self.get_current_value()
        total = value.total_value
        return [
            {
                "symbol": each.symbol,
                "quantity": each.quantity,
                "price": each.price,
                "value": each.value,
                "change_24h": each.change_24h,
                "weight": each.value / total if each.value is not None and total else None,
            }
            for each in value.holdings
        ]

    def add_value_change_handler(self, handler: ValueHandler) -> None:
        """Call `handler(value)` whenever the value changed; it may be a coroutine function."""
        self._handlers.append(handler)

    async def _price(self, update: PriceUpdate) -> None:
        asked = parse_symbol(update.symbol)  # somebody else may have spelled it first
        held = [symbol for symbol in self._holdings if parse_symbol(symbol) == asked]
        if not held:
            return
        before = self.get_current_value()
        for symbol in held:
            self._prices[symbol] = Priced(update.price, update.change_24h)
        value = self.get_current_value()
        if value == before:
            return
        if self._bus is not None:
            await self._bus.publish_portfolio_update(portfolio_data(value), update.source)
        for handler in self._handlers:
            await _call(handler, value)


async def _call(handler: ValueHandler, value: PortfolioValue) -> None:
    try:
        result = handler(value)
        if inspect.isawaitable(result):
            await result
    except Exception:  # the supervisor of foreign code
        logger.exception("portfolio handler failed")


def portfolio_data(value: PortfolioValue) -> dict[str, Any]:
    """Return a portfolio's value in S1's event shape: JSON numbers, totals over the priced holdings."""
    percent = value.total_change_percent_24h
    return {
        "total_value": float(value.total_value),
        "total_change_24h": float(value.total_change_24h),
        "total_change_percent_24h": None if percent is None else round(float(percent), 6),
        "is_complete": value.is_complete,
        "holdings": [
            {
                "symbol": each.symbol,
                "amount": float(each.quantity),
                "value": None if each.value is None else float(each.value),
                "change_24h": None if each.change_24h is None else float(each.change_24h),
            }
            for each in value.holdings
        ],
    }


def _check(quantity: Decimal) -> None:
    given: object = quantity
    if not isinstance(given, Decimal) or not quantity.is_finite() or quantity <= 0:
        raise InvalidInput(f"{quantity!r} is not a quantity; give a positive Decimal, like Decimal('2.0')")
