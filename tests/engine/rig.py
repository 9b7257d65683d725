"""An alert engine with a real store, its market in the hands of the test and its clock virtual."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Firing
from crypto_portfolio_analyzer.core.market import Instrument, Trade
from crypto_portfolio_analyzer.engine.alerting import AlertEngine
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.engine.ports import AlertStore
from crypto_portfolio_analyzer.streaming.addresses import Address
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.market import Market
from tests.fakes import FakeClock

NOWHERE = Address("ws://127.0.0.1:9", "http://127.0.0.1:9")
OWNER = "me"


class Desk:
    """The engine, and what it has told."""

    def __init__(self, store: AlertStore, clock: FakeClock, **options: Any) -> None:
        self.store, self.clock = store, clock
        self.bus = StreamEventBus(clock=clock)
        self.market = Market(clock=clock, bus=self.bus)
        self.feeds = PriceFeedManager(
            clock=clock, bus=self.bus, market=self.market, addresses={"binance": NOWHERE}
        )
        self.feeds.add_provider("binance", is_primary=True)
        self.engine = AlertEngine(store=store, feeds=self.feeds, bus=self.bus, clock=clock, **options)
        self.told: list[tuple[Alert, Firing]] = []
        self.engine.listen(lambda alert, firing: self.told.append((alert, firing)))
        self._number = 0

    @property
    def prices(self) -> list[float]:
        """The price of every firing that was told."""
        return [firing.price for _, firing in self.told]

    def tick(self, price: float, symbol: str = "BTC/USDT", *, ago: int = 0) -> None:
        """Let a trade happen, `ago` ns before now."""
        self._number += 1
        now = self.clock.now()
        trade = Trade("binance", symbol, price, 1.0, "buy", self._number, now - ago, now)
        self.market.entry(symbol).serve("binance")
        self.market.entry(symbol).trade(trade)
        self.bus.emit(trade)

    def ticks(self, *prices: float) -> None:
        """Let trades of BTC/USDT happen."""
        for price in prices:
            self.tick(price)

    def watched(self) -> list[str]:
        """Return the symbols whose streams are wanted."""
        return sorted(view.asked for view in self.feeds.watches())

    async def add(self, condition: str = "price > 100", name: str = "a", **fields: Any) -> Alert:
        """Create an alert of BTC/USDT."""
        if not fields.keys() & {"symbol", "symbols", "watchlist"}:
            fields["symbol"] = "BTC"
        asked = {
            "name": name,
            "condition": condition,
            "trigger": "every_time",
            "cooldown_seconds": 0,
            **fields,
        }
        draft = draft_of(asked, now=self.clock.now())
        return (await self.engine.create(OWNER, [draft], actor=OWNER))[0]

    async def stored(self) -> list[Firing]:
        """Return every stored firing, oldest first."""
        return await self.store.firings(OWNER, after_seq=0, limit=10_000)

    async def states(self, alert: Alert) -> dict[str, AlertState]:
        """Return where an alert stands, by symbol."""
        found = await self.engine.standings(OWNER, [alert.id])
        return {each.symbol: each.state for each in found[alert.id]}

    async def settled(self) -> None:
        """Wait until everything that was decided is stored."""
        await self.engine.committer.commit()

    def lists(self, *symbols: str) -> None:
        """Let the venue list markets."""
        pairs = [symbol.split("/") for symbol in symbols]
        self.market.learn(
            [Instrument("binance", f"{base}/{quote}", base + quote, base, quote) for base, quote in pairs]
        )


@asynccontextmanager
async def desk(store: AlertStore, clock: FakeClock | None = None, **options: Any) -> AsyncIterator[Desk]:
    """Run an engine over a market that the test makes."""
    made = Desk(store, clock or FakeClock(), **options)
    await made.bus.start()
    await made.engine.start()
    try:
        yield made
    finally:
        await made.engine.stop()
        await made.feeds.primary.rest.close()
        await made.bus.stop()
