"""Who is wired to whom: build the application from settings, start it in order, stop it in reverse."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from crypto_portfolio_analyzer.app.alive import LifeSign
from crypto_portfolio_analyzer.app.disk import free_bytes
from crypto_portfolio_analyzer.app.feeding import add_providers, feeds_of
from crypto_portfolio_analyzer.app.pings import Ping, pings_of
from crypto_portfolio_analyzer.app.portfolios import Portfolios
from crypto_portfolio_analyzer.app.world import sealing_of, world_of
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, ChannelType
from crypto_portfolio_analyzer.charts.drawing import Drawing
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.engine.alerting import AlertEngine
from crypto_portfolio_analyzer.engine.delivery.delivering import DeliveryEngine
from crypto_portfolio_analyzer.engine.delivery.measuring import measure_deliveries
from crypto_portfolio_analyzer.engine.delivery.picturing import Picturing
from crypto_portfolio_analyzer.engine.delivery.timing import Timing
from crypto_portfolio_analyzer.engine.measuring import measure_alerts
from crypto_portfolio_analyzer.metrics import ALIVE_SIGNS, DATA_FREE, ROWS_WRITTEN, Metrics
from crypto_portfolio_analyzer.settings import Settings, clock_of
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN, AccountStore
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor
from crypto_portfolio_analyzer.storage.audit_chain import PURPOSE as CHAIN_PURPOSE
from crypto_portfolio_analyzer.storage.audit_log import AuditLog
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.storage.coverage import CoverageStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from crypto_portfolio_analyzer.storage.holdings import HoldingStore
from crypto_portfolio_analyzer.storage.hooks import HookStore
from crypto_portfolio_analyzer.storage.links import LinkStore
from crypto_portfolio_analyzer.storage.schema import upgrade
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.keeping import Keeper
from crypto_portfolio_analyzer.streaming.manager import StreamManager
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.measuring import measure

FEED, ENGINE, DELIVERY, API, TOKENS, PREDICTIONS = (
    "feed",
    "engine",
    "delivery",
    "api",
    "tokens",
    "predictions",
)
ROLES = (FEED, ENGINE, DELIVERY, API, TOKENS, PREDICTIONS)
"""The parts a process can run; the last two come with what they serve."""

Part = tuple[Callable[[], Awaitable[object]], Callable[[], Awaitable[object]]]
"""How something is started, and how it is stopped."""


class App:
    """The wired application. `async with app:` starts the parts its roles need; leaving stops them in reverse."""

    def __init__(
        self, settings: Settings, clock: Clock, *, simulated: bool, roles: Collection[str] = ROLES
    ) -> None:
        self.settings, self.clock, self.simulated, self.roles = settings, clock, simulated, frozenset(roles)
        self.started_at = clock.now()
        sealing = sealing_of(settings)
        self.database = Database(settings.database_url, audit_keys=sealing.derived(CHAIN_PURPOSE))
        self.audit = AuditLog(self.database, Anchor(settings.data_dir), clock)
        self.accounts = AccountStore(self.database, sealing)
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
        self.portfolios = Portfolios(
            store=HoldingStore(self.database),
            feeds=self.feeds,
            market=self.market,
            clock=clock,
            quota=settings.holdings_per_owner,
            unbound=(LOCAL_ADMIN,),
        )
        self.links, self.hooks = LinkStore(self.database), HookStore(self.database)
        self.drawing = Drawing()
        self.picturing = Picturing(self.feeds, self.bars, clock, self.drawing.draw)
        self.channel_types = self._channel_types()
        self.delivery = self._delivery()
        self.alerts.listen(lambda _alert, _firing: self.delivery.wake())
        url = settings.alive_url.get_secret_value() if settings.alive_url else None
        self.life_sign = LifeSign(url, settings.alive_seconds, clock, self.pings)
        self.metrics = self._measured()
        self._stack = AsyncExitStack()

    def _measured(self) -> Metrics:
        """Return the metrics, everything that counts handed in."""
        metrics = Metrics(
            EXCHANGES.names(), channel_types=list(self.channel_types), started_at=self.started_at / 1e9
        )
        measure(self.feeds, metrics)
        measure_alerts(self.alerts, metrics)
        measure_deliveries(self.delivery, metrics, self.clock)
        metrics.read(ALIVE_SIGNS, lambda: self.life_sign.counts)
        metrics.read(DATA_FREE, lambda: free_bytes(self.settings.data_dir))
        metrics.read(ROWS_WRITTEN, lambda: {"bars": float(self.keeper.saved)})
        return metrics

    def _channel_types(self) -> dict[str, ChannelType]:
        world = world_of(self.settings, self.clock, self._price, self.picturing)
        return {name: CHANNELS[name](world) for name in CHANNELS.names()}

    def _delivery(self) -> DeliveryEngine:
        """Return the engine of deliveries; programs do not care about the order of what they are told."""
        unordered = [name for name, kind in self.channel_types.items() if not kind.ordered]
        return DeliveryEngine(
            store=DeliveryStore(self.database, sealing_of(self.settings), unordered),
            channels=self.channel_types,
            clock=self.clock,
            simulated=self.simulated,
            public_url=self.settings.public_url or "",
            quota=self.settings.channels_per_owner,
            unbound=(LOCAL_ADMIN,),
            breadth=self._breadth,
            move=self._move,
            timing=Timing(is_alone=self.database.is_sqlite),
        )

    def _price(self, symbol: str) -> float | None:
        """Return the newest fresh price of a symbol."""
        latest = self.market.latest(symbol)
        return None if latest is None or self.market.is_stale(symbol) else latest.price

    def _move(self, symbol: str) -> float | None:
        """Return by how many percent a symbol has moved over 24 hours, where that is known."""
        latest = self.market.latest(symbol)
        return None if latest is None else latest.change_percent_24h

    def _breadth(self) -> tuple[int, int]:
        """Return how many symbols are rising and how many falling over 24 hours."""
        moves = [move for move in map(self._move, self.market.symbols()) if move is not None]
        return sum(move > 0 for move in moves), sum(move < 0 for move in moves)

    async def __aenter__(self) -> Self:
        """Bring the schema up to date, then start everything; what was started is stopped if a later step fails."""
        async with AsyncExitStack() as stack:
            await upgrade(self.settings.database_url)
            add_providers(self.feeds, self.settings)
            for start, stop in self._parts():
                await start()
                stack.push_async_callback(stop)
            self._stack = stack.pop_all()
        if FEED in self.roles:
            for symbol in self.settings.symbols:
                self.feeds.want(symbol)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything in reverse."""
        await self._stack.aclose()

    async def pings(self) -> list[Ping]:
        """Return how everything the process needs is doing."""
        return await pings_of(self)

    def _parts(self) -> list[Part]:
        """Return what is started, in order: telling before deciding, so that the last decision is still told."""
        parts: list[Part] = [(self.database.start, self.database.stop), (self.audit.start, self.audit.stop)]
        if FEED in self.roles:
            parts += [
                (self.bus.start, self.bus.stop),
                (self.keeper.start, self.keeper.stop),
                (self.streams.start, self.streams.stop),
                (self.feeds.start, self.feeds.stop),
            ]
        if API in self.roles:
            parts += [(self.portfolios.start, self.portfolios.stop)]
        if DELIVERY in self.roles:
            parts += [(self.drawing.start, self.drawing.stop), (self.delivery.start, self.delivery.stop)]
        if ENGINE in self.roles:
            parts += [(self.alerts.start, self.alerts.stop)]
        return [*parts, (self.life_sign.start, self.life_sign.stop)]


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    simulated: bool = False,
    roles: Collection[str] = ROLES,
) -> App:
    """Return the application, not started. `simulated` labels every price as such."""
    return App(settings, clock or clock_of(settings), simulated=simulated, roles=roles)
