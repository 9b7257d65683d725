"""A venue's feed against a simulated venue, and the truth to compare with."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.market import Arrival, Bar, Gap, Trade
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Subscription
from crypto_portfolio_analyzer.simulation.faults import Fault, parse_fault
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.rest import RestClient
from crypto_portfolio_analyzer.streaming.venue import VenueFeed
from tests.streaming.wire import until

SYMBOLS = {"binance": "USDT", "coinbase": "USD", "kraken": "USD"}


class Rig:
    """One feed, one simulated venue, one scaled clock for both."""

    def __init__(
        self, server: VenueServer, clock: ScaledClock, symbols: Sequence[str], lifetime: float | None = None
    ) -> None:
        self.server, self.clock = server, clock
        self.bus = StreamEventBus(clock=clock)
        self.market = Market(clock=clock, bus=self.bus, simulated=True)
        exchange = EXCHANGES[server.name]()
        if lifetime is not None:
            exchange.limits = replace(exchange.limits, lifetime=lifetime)  # type: ignore[misc]  # this one only
            server.dialect.limits = replace(server.dialect.limits, lifetime=lifetime)  # type: ignore[misc]
        self.feed = VenueFeed(
            exchange,
            clock=clock,
            market=self.market,
            bus=self.bus,
            rest=RestClient(server.rest_url, exchange.limits, clock),
            ws_url=server.ws_url,
            random=Random(1),
        )
        self.symbols = [f"{base}/{SYMBOLS[server.name]}" for base in symbols]
        self.trades: dict[str, list[Trade]] = defaultdict(list)
        self.gaps: list[Gap] = []
        self.bars: list[Bar] = []
        self.bus.attach(lambda fact: self.trades[fact.symbol].append(fact), (Trade,))
        self.bus.attach(self.gaps.append, (Gap,))
        self.bus.attach(self.bars.append, (Bar,))

    def want(self, *channels: Channel) -> None:
        """Want channels of every symbol and serve them from here."""
        for symbol in self.symbols:
            self.feed.subscribe(
                [Subscription(symbol, channel) for channel in channels or (Channel.TRADES, Channel.TICKER)]
            )
            entry = self.market.entry(symbol)
            entry.serve(self.server.name)
            self.feed.seat(symbol).entry = entry

    def fault(self, text: str) -> Fault:
        """Let a fault happen now."""
        fault = parse_fault(text)
        self.server.inject(fault)
        return fault

    async def flowing(self, more: int = 3, timeout: float = 20.0) -> None:
        """Wait until `more` live trades of every symbol came from now on."""
        before = {symbol: len(self.trades[symbol]) for symbol in self.symbols}
        await until(
            lambda: all(
                len(self.trades[symbol]) >= before[symbol] + more
                and self.trades[symbol][-1].arrival is Arrival.LIVE
                for symbol in self.symbols
            ),
            timeout,
        )

    async def sleep(self, seconds: float) -> None:
        """Let scaled time pass."""
        await self.clock.sleep(seconds)

    def missed(self) -> dict[str, list[int]]:
        """Return the ids between the first and the last trade that never came, by symbol."""
        lost = {}
        for symbol, trades in self.trades.items():
            numbers = {trade.trade_id for trade in trades if trade.trade_id is not None}
            missing = sorted(set(range(min(numbers), max(numbers) + 1)) - numbers)
            if missing:
                lost[symbol] = missing
        return lost

    def check_truth(self) -> None:
        """Assert that every trade came once, in order, as it was."""
        for symbol in self.symbols:
            trades = [trade for trade in self.trades[symbol] if trade.arrival is not Arrival.LATE]
            numbers = [trade.trade_id or 0 for trade in trades]
            assert numbers == sorted(set(numbers)), f"{symbol} out of order or doubled"
            truth = {each.trade_id: each for each in self.server.truth(symbol, numbers[0], numbers[-1])}
            assert set(truth) == set(numbers), f"{symbol} missed {sorted(set(truth) - set(numbers))[:5]}"
            for trade in trades:
                told = truth[trade.trade_id or 0]
                assert (trade.price, trade.quantity, trade.side) == (
                    float(told.price),
                    float(told.quantity),
                    told.side,
                )


@asynccontextmanager
async def rig(
    venue: str = "binance",
    symbols: Sequence[str] = ("BTC", "ETH", "SOL"),
    *,
    scale: float = 10.0,
    rate: float = 4.0,
    channels: Sequence[Channel] = (),
    faults: Sequence[Fault] = (),
    lifetime: float | None = None,
) -> AsyncIterator[Rig]:
    """Run a simulated venue and a feed on it, trades already flowing."""
    clock = ScaledClock(scale)
    tape = Tape(7, [f"{base}/USD" for base in symbols], start_at=clock.now(), trades_per_second=rate)
    async with VenueServer(venue, tape, clock=clock, faults=faults) as server:
        running = Rig(server, clock, symbols, lifetime)
        await running.feed.start()
        await running.market.start()
        try:
            running.want(*channels)
            await running.flowing()
            yield running
        finally:
            await running.market.stop()
            await running.feed.stop()
            assert server.failed is None
