"""Who is wired to whom: build the application from settings, start it in order, stop it in reverse."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock, ScaledClock, SystemClock
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.engine.alerting import AlertEngine
from crypto_portfolio_analyzer.engine.measuring import measure_alerts
from crypto_portfolio_analyzer.errors import StorageError
from crypto_portfolio_analyzer.metrics import ROWS_WRITTEN, Metrics
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN, AccountStore
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.storage.coverage import CoverageStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.schema import upgrade
from crypto_portfolio_analyzer.streaming.addresses import Address
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.keeping import Keeper
from crypto_portfolio_analyzer.streaming.manager import StreamManager
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.measuring import measure
from crypto_portfolio_analyzer.streaming.transport import TRANSPORTS

FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "binance": ("coinbase", "kraken"),
    "coinbase": ("kraken", "binance"),
    "kraken": ("coinbase", "binance"),
}
"""Who takes over for whom, in order; a venue that is not named here has no fallback."""


class Ping(Struct, frozen=True):
    """One thing the process needs, whether it is well, and what to do if not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    needed: bool = True


class App:
    """The wired application. `async with app:` starts it; leaving stops it in reverse."""

    def __init__(self, settings: Settings, clock: Clock, *, simulated: bool) -> None:
        self.settings, self.clock, self.simulated = settings, clock, simulated
        self.started_at = clock.now()
        self.database = Database(settings.database_url)
        self.accounts = AccountStore(self.database)
        self.bars = BarStore(self.database, settings.retention_days)
        self.coverage = CoverageStore(self.database)
        self.bus = StreamEventBus(clock=clock)
        self.market = Market(clock=clock, bus=self.bus, simulated=simulated)
        self.streams = StreamManager(clock=clock)
        self.feeds = feeds_of(settings, clock, bus=self.bus, market=self.market, store=self.bars)
        self.keeper = Keeper(self.feeds, self.bus, self.bars, self.coverage, clock)
        self.alert_store = AlertStore(self.database)
        self.alerts = AlertEngine(
            store=self.alert_store,
            feeds=self.feeds,
            bus=self.bus,
            clock=clock,
            bars=self.bars,
            quota=settings.alerts_per_owner,
            unbound=(LOCAL_ADMIN,),
        )
        self.metrics = Metrics(EXCHANGES.names(), started_at=self.started_at / 1e9)
        self._stack = AsyncExitStack()
        measure(self.feeds, self.metrics)
        measure_alerts(self.alerts, self.metrics)
        self.metrics.read(ROWS_WRITTEN, lambda: {"bars": float(self.keeper.saved)})

    async def __aenter__(self) -> Self:
        """Bring the schema up to date, then start everything; what was started is stopped if a later step fails."""
        async with AsyncExitStack() as stack:
            await upgrade(self.settings.database_url)
            add_providers(self.feeds, self.settings)
            for start, stop in self._parts():
                await start()
                stack.push_async_callback(stop)
            self._stack = stack.pop_all()
        for symbol in self.settings.symbols:
            self.feeds.want(symbol)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything in reverse."""
        await self._stack.aclose()

    def _parts(self) -> list[tuple[Callable[[], Awaitable[object]], Callable[[], Awaitable[object]]]]:
        return [
            (self.database.start, self.database.stop),
            (self.bus.start, self.bus.stop),
            (self.keeper.start, self.keeper.stop),
            (self.streams.start, self.streams.stop),
            (self.feeds.start, self.feeds.stop),
            (self.alerts.start, self.alerts.stop),
        ]

    async def pings(self) -> list[Ping]:
        """Return how everything the process needs is doing."""
        return [await self._database_ping(), *self._alert_pings(), *self._feed_pings()]

    async def _database_ping(self) -> Ping:
        try:
            await self.database.ping()
        except StorageError as error:
            return Ping("database", ok=False, detail=str(error), remedy="check CRYPTO_ANALYZER_DATABASE_URL")
        return Ping("database", ok=True, detail="answers")

    def _alert_pings(self) -> list[Ping]:
        """Return how storing decisions is doing, while it is not."""
        error, waiting = self.alerts.committer.error, self.alerts.committer.waiting
        if error is None:
            return []
        detail = f"{waiting} decisions wait for the database: {error}"
        return [
            Ping(
                "alerts", ok=False, detail=detail, remedy="bring the database back; nothing is lost meanwhile"
            )
        ]

    def _feed_pings(self) -> list[Ping]:
        views = self.feeds.health()
        any_is_up = any(view.status in ("connected", "idle") for view in views)
        return [
            Ping(
                view.venue,
                ok=view.status in ("connected", "idle"),
                detail=f"{view.status}, {view.subscriptions} subscriptions",
                remedy="" if view.last_error is None else f"last error: {view.last_error}",
                needed=not any_is_up,
            )
            for view in views
        ]


def build(settings: Settings, *, clock: Clock | None = None, simulated: bool = False) -> App:
    """Return the application, not started. `simulated` labels every price as such."""
    chosen: Clock = clock or (ScaledClock(settings.time_scale) if settings.time_scale != 1 else SystemClock())
    return App(settings, chosen, simulated=simulated)


def feeds_of(
    settings: Settings,
    clock: Clock,
    *,
    bus: StreamEventBus | None = None,
    market: Market | None = None,
    store: BarStore | None = None,
) -> PriceFeedManager:
    """Return feeds that know where the venues are, not started: all that a price needs, and nothing that keeps it."""
    feeds = PriceFeedManager(
        clock=clock,
        bus=bus,
        market=market,
        addresses=_addresses(settings),
        store=store,
        transport=TRANSPORTS[settings.transport]() if settings.transport != "picows" else None,
    )
    feeds.market.simulated |= settings.simulated
    return feeds


def ask(feeds: PriceFeedManager, settings: Settings) -> None:
    """Want the configured symbols from the configured provider and its fallbacks."""
    add_providers(feeds, settings)
    for symbol in settings.symbols:
        feeds.want(symbol)


def add_providers(feeds: PriceFeedManager, settings: Settings) -> None:
    """Let the configured provider serve, and its fallbacks after it."""
    feeds.add_provider(settings.provider, is_primary=True)
    for name in FALLBACKS.get(settings.provider, ()):
        feeds.add_provider(name)


def _addresses(settings: Settings) -> dict[str, Address]:
    return {
        name: Address(settings.exchange(name).ws_url, settings.exchange(name).rest_url)
        for name in EXCHANGES.names()
    }
