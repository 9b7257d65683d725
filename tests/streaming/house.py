"""A price feed manager against several simulated venues on one tape and one scaled clock."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.market import SourceChange
from crypto_portfolio_analyzer.simulation.faults import parse_fault
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.streaming.addresses import Address
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.updates import PriceUpdate
from crypto_portfolio_analyzer.streaming.views import WatchState, WatchView
from tests.streaming.wire import until


class House:
    """The feeds, the venues, and what was told."""

    def __init__(self, clock: ScaledClock, tape: Tape, servers: dict[str, VenueServer]) -> None:
        self.clock, self.tape, self.servers = clock, tape, servers
        self.bus = StreamEventBus(clock=clock)
        self.market = Market(clock=clock, bus=self.bus, simulated=True)
        self.feeds = PriceFeedManager(
            clock=clock,
            bus=self.bus,
            market=self.market,
            addresses={name: Address(each.ws_url, each.rest_url) for name, each in servers.items()},
            random=Random(3),
        )
        self.changes: list[SourceChange] = []
        self.updates: list[PriceUpdate] = []
        self.bus.attach(self.changes.append, (SourceChange,))
        self.feeds.add_handler(self.updates.append)

    def fault(self, venue: str, text: str) -> None:
        """Let a fault happen at a venue now."""
        self.servers[venue].inject(parse_fault(text))

    def view(self, text: str) -> WatchView:
        """Return the watch of a symbol."""
        found = self.feeds.find(text)
        assert found is not None
        return found

    async def heard(self, venue: str, symbol: str) -> None:
        """Wait until a venue's stream has told a price of a symbol, and enough trades to know its rhythm."""
        seats = self.feeds.feeds[venue].seats
        await until(lambda: symbol in seats and seats[symbol].price and seats[symbol].lane.count > 30, 15)

    async def state(self, text: str, state: WatchState, timeout: float = 15.0) -> float:
        """Wait until a watch is in a state; return after how many scaled seconds that was."""
        began = self.clock.monotonic()
        await until(lambda: self.view(text).state is state, timeout)
        return self.clock.monotonic() - began

    async def source(self, text: str, source: str, timeout: float = 15.0) -> float:
        """Wait until a venue serves a watch; return after how many scaled seconds that was."""
        began = self.clock.monotonic()
        await until(lambda: self.view(text).source == source, timeout)
        return self.clock.monotonic() - began


@asynccontextmanager
async def house(
    *venues: str, symbols: Sequence[str] = ("BTC", "ETH"), scale: float = 20.0, rate: float = 4.0
) -> AsyncIterator[House]:
    """Run venues, the first one primary, and feeds that want nothing yet."""
    clock = ScaledClock(scale)
    tape = Tape(7, symbols, start_at=clock.now(), trades_per_second=rate)
    async with AsyncExitStack() as stack:
        servers = {}
        for name in venues:
            servers[name] = await stack.enter_async_context(VenueServer(name, tape, clock=clock))
        running = House(clock, tape, servers)
        for name in venues:
            running.feeds.add_provider(name)
        await running.bus.start()
        await running.feeds.start()
        try:
            yield running
        finally:
            await running.feeds.stop()
            await running.bus.stop()
            assert all(server.failed is None for server in servers.values())
