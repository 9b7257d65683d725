"""Portfolios: what each owner holds, and what it is worth now.

Every holding is a wish at the shared feeds, taken back when the holding goes. Nothing happens per tick: who wants
to know a value asks, and gets the holdings at the market's newest prices.
"""

import asyncio
from collections.abc import Collection, Mapping
from decimal import Decimal

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.portfolio import PortfolioValue, Priced, held_symbol, value_of
from crypto_portfolio_analyzer.core.symbols import USD_LIKE, parse_symbol
from crypto_portfolio_analyzer.errors import Fault, InvalidFields, InvalidSymbol, NotFound
from crypto_portfolio_analyzer.storage.holdings import HoldingStore
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.views import Latest


class Worth(Struct, frozen=True):
    """What holdings are worth, and which prices say so: by the holding's symbol, none where none is known."""

    value: PortfolioValue
    latest: Mapping[str, Latest]
    stale: frozenset[str]
    """Holdings whose price is older than the market's rhythm explains."""

    @property
    def is_simulated(self) -> bool:
        """Whether any of the prices is."""
        return any(each.simulated for each in self.latest.values())


class Portfolios:
    """Everybody's holdings. An owner may have `quota` of them, unless it is one of the `unbound`."""

    def __init__(
        self,
        *,
        store: HoldingStore,
        feeds: PriceFeedManager,
        market: Market,
        clock: Clock,
        quota: int,
        unbound: Collection[str] = (),
    ) -> None:
        self._store, self._feeds, self._market, self._clock = store, feeds, market, clock
        self._quota, self._unbound = quota, frozenset(unbound)
        self._held: dict[str, dict[str, Decimal]] = {}
        self._wanted: set[tuple[str, str]] = set()
        self._changing = asyncio.Lock()
        """Held from the change in the store to the one here, so that both happen in the same order."""

    async def start(self) -> None:
        """Learn what is held, and want its prices."""
        self._held = await self._store.holdings()
        for owner, held in self._held.items():
            for symbol in held:
                self._want(owner, symbol)

    async def stop(self) -> None:
        """Take every wish back."""
        for owner, symbol in list(self._wanted):
            self._release(owner, symbol)

    def worth(self, owner: str) -> Worth:
        """Return what an owner's holdings are worth at the newest prices."""
        held = self._held.get(owner, {})
        latest = {symbol: found for symbol in held if (found := self._latest(symbol)) is not None}
        prices = {symbol: _priced(found) for symbol, found in latest.items()}
        stale = frozenset(symbol for symbol in held if self._is_stale(latest.get(symbol)))
        return Worth(value_of(held, prices), latest, stale)

    async def hold(self, owner: str, text: str, quantity: Decimal, *, actor: str) -> str:
        """Let an owner hold that much of a symbol in any spelling; return the symbol as it is kept.

        Raises:
            InvalidSymbol: the text is no symbol, or no provider knows such.
            InvalidFields: it is priced in what does not add up with the rest.
            InvalidInput: the owner has as many holdings as there may be.

        """
        symbol = _kept(text)
        async with self._changing:
            is_new = self._want(owner, symbol, is_asked=True)
            try:
                most = None if owner in self._unbound else self._quota
                await self._store.hold(owner, symbol, quantity, self._clock.now(), actor, most)
            except BaseException:
                if is_new:
                    self._release(owner, symbol)
                raise
            held = self._held.get(owner, {}) | {symbol: quantity}
            self._held[owner] = dict(sorted(held.items()))
        return symbol

    async def drop(self, owner: str, text: str, *, actor: str) -> None:
        """Let an owner hold none of a symbol; raises NotFound."""
        try:
            symbol = held_symbol(text)
        except InvalidSymbol as error:
            raise NotFound("holding", text) from error
        async with self._changing:
            await self._store.drop(owner, symbol, self._clock.now(), actor)
            self._held.get(owner, {}).pop(symbol, None)
            self._release(owner, symbol)

    def _latest(self, symbol: str) -> Latest | None:
        watch = self._feeds.find(symbol)
        return None if watch is None else self._market.latest(watch.symbol)

    def _is_stale(self, latest: Latest | None) -> bool:
        return latest is not None and self._market.is_stale(latest.symbol)

    def _want(self, owner: str, symbol: str, *, is_asked: bool = False) -> bool:
        """Want the price of a holding, once; what no provider can spell any more has no price, unless one asks."""
        if (owner, symbol) in self._wanted:
            return False
        try:
            self._feeds.want(symbol)
        except InvalidSymbol:
            if is_asked:
                raise
            return False
        self._wanted.add((owner, symbol))
        return True

    def _release(self, owner: str, symbol: str) -> None:
        if (owner, symbol) in self._wanted:
            self._wanted.discard((owner, symbol))
            self._feeds.release(symbol)


def _priced(latest: Latest) -> Priced:
    change = latest.change_24h
    return Priced(Decimal(repr(latest.price)), None if change is None else Decimal(repr(change)))


def _kept(text: str) -> str:
    """Return the spelling of a holding that adds up with others in dollars; raises InvalidSymbol, InvalidFields."""
    asked = parse_symbol(text)
    if asked.settle or (asked.quote and asked.quote not in USD_LIKE):
        problem = f"is priced in {asked.settle or asked.quote}, and a portfolio adds up in dollars"
        raise InvalidFields([Fault("symbol", problem, f"write {asked.base}")])
    return held_symbol(text)
