"""The plan spreads wishes over as few connections as the venue's limits allow, and never breaks one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from random import Random

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Subscription
from crypto_portfolio_analyzer.simulation.faults import parse_fault
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.streaming.lines import Line
from crypto_portfolio_analyzer.streaming.plan import Plan
from crypto_portfolio_analyzer.streaming.transport import OnFrame
from crypto_portfolio_analyzer.tasks import Nursery
from tests.streaming.wire import until

NAMES = [f"C{number}" for number in range(600)]


class Ground:
    """A plan at a simulated venue; frames are decoded for their controls only."""

    def __init__(self, server: VenueServer, clock: ScaledClock, size: int | None) -> None:
        self.server, self.clock = server, clock
        self.nursery = Nursery()
        exchange = EXCHANGES[server.name]()
        if size is not None:
            exchange.limits = replace(exchange.limits, subscriptions_per_connection=size)  # type: ignore[misc]
        self.quote = exchange.default_quote
        self.downs = 0
        self.plan = Plan(
            exchange,
            server.ws_url,
            clock=clock,
            nursery=self.nursery,
            reader=self._reader,
            on_down=self._down,
            transport=None,
            random=Random(1),
        )

    def _down(self, _line: Line, _ended: object) -> None:
        self.downs += 1

    def _reader(self, line: Line) -> OnFrame:
        def receive(frame: bytes) -> None:
            line.stream.frames += 1
            line.stream.last_frame_at = self.clock.now()
            if b'"id"' in frame or b"subscri" in frame or b"error" in frame:
                for fact in line.decoder.decode(frame, self.clock.now()):
                    if type(fact).__name__ == "Control":
                        line.control(fact)  # type: ignore[arg-type]

        return receive

    def wishes(self, names: Sequence[str], *channels: Channel) -> list[Subscription]:
        """Return subscriptions of base assets."""
        return [
            Subscription(f"{name}/{self.quote}", each)
            for name in names
            for each in channels or (Channel.TRADES,)
        ]

    def want(self, wishes: Sequence[Subscription]) -> None:
        """Want them all at once."""
        for each in wishes:
            self.plan.want(each)

    def carried(self) -> int:
        """Return how many subscriptions the venue knows of."""
        return sum(len(each.subscriptions) for each in self.server.connections.values())

    async def ready(self) -> None:
        """Wait until everything wanted is answered."""
        await until(lambda: self.plan.lines and all(line.is_ready for line in self.plan.lines), 15)


@asynccontextmanager
async def ground(
    venue: str, names: Sequence[str], *, size: int | None = None, scale: float = 20.0
) -> AsyncIterator[Ground]:
    """Run a plan at a simulated venue with little to say."""
    clock = ScaledClock(scale)
    tape = Tape(7, names, start_at=clock.now(), trades_per_second=0.05)
    async with VenueServer(venue, tape, clock=clock) as server:
        made = Ground(server, clock, size)
        await made.nursery.start()
        made.nursery.spawn(made.plan.run())
        made.nursery.spawn(made.plan.care())
        try:
            yield made
        finally:
            made.plan.stop()
            await made.nursery.stop()
            assert server.failed is None


async def test_wishes_of_a_moment_share_one_connection() -> None:
    async with ground("binance", NAMES[:20]) as made:
        made.want(made.wishes(NAMES[:20]))
        await made.ready()

        assert len(made.plan.lines) == len(made.server.connections) == 1
        assert made.carried() == made.plan.size == 20
        assert made.plan.status() == "connected"


async def test_eleven_hundred_wishes_take_two_connections_at_binance() -> None:
    async with ground("binance", NAMES[:550]) as made:
        made.want(made.wishes(NAMES[:550], Channel.TRADES, Channel.TICKER))
        await made.ready()

        assert sorted(len(line.subscriptions) for line in made.plan.lines) == [76, 1024]
        assert made.carried() == 1100
        assert made.server.violations.total() == 0


@pytest.mark.parametrize(("venue", "connections"), [("binance", 4), ("coinbase", 4), ("kraken", 4)])
async def test_no_connection_carries_more_than_the_limit(venue: str, connections: int) -> None:
    async with ground(venue, NAMES[:40], size=10) as made:
        made.want(made.wishes(NAMES[:40]))
        await made.ready()

        assert [len(line.subscriptions) for line in made.plan.lines] == [10] * connections
        assert made.server.violations.total() == 0


@pytest.mark.parametrize("venue", ["binance", "coinbase", "kraken"])
async def test_wishes_come_and_go_on_a_live_connection(venue: str) -> None:
    async with ground(venue, NAMES[:60]) as made:
        made.want(made.wishes(NAMES[:20]))
        await made.ready()
        for start in (20, 30, 40, 50):
            made.want(made.wishes(NAMES[start : start + 10]))
            await made.clock.sleep(0.3)
        for each in made.wishes(NAMES[:15]):
            made.plan.drop(each)
        await made.ready()
        beats = 2 if venue == "coinbase" else 1  # heartbeats count there
        await until(lambda: made.carried() == 45 * beats)

        assert len(made.server.connections) == 1
        assert made.downs == 0
        assert made.server.violations.total() == 0
        assert not made.plan.wants_symbol(made.wishes(NAMES[:1])[0].symbol)


async def test_a_hundred_single_wishes_keep_the_message_rate() -> None:
    async with ground("binance", NAMES[:101], scale=30.0) as made:
        made.want(made.wishes(NAMES[:1]))
        await made.ready()
        for each in made.wishes(NAMES[1:101]):
            made.plan.want(each)
            await made.clock.sleep(0.05)
        await made.ready()

        assert made.carried() == 101
        assert made.server.violations.total() == 0


async def test_the_last_wish_closes_the_connection() -> None:
    async with ground("kraken", NAMES[:3]) as made:
        made.want(made.wishes(NAMES[:3]))
        await made.ready()
        for each in made.wishes(NAMES[:3]):
            made.plan.drop(each)
        await until(lambda: not made.server.connections)

        assert (made.plan.lines, made.plan.size, made.plan.status()) == ([], 0, "idle")


async def test_what_the_venue_refuses_is_put_aside_and_costs_the_others_nothing() -> None:
    for venue in ("binance", "coinbase", "kraken"):
        async with ground(venue, NAMES[:5]) as made:
            made.want(made.wishes(NAMES[:2]))
            await made.ready()
            made.want(made.wishes([*NAMES[2:5], "NOPE"]))
            symbol = made.wishes(["NOPE"])[0].symbol
            await until(partial(made.plan.refusal, symbol))
            await made.ready()

            assert made.plan.size == 6
            assert sum(len(line.subscriptions) for line in made.plan.lines) == 5
            assert made.downs == 0
            made.plan.drop(made.wishes(["NOPE"])[0])
            assert made.plan.refusal(symbol) is None


async def test_a_connection_with_nothing_but_refusals_is_closed_by_us() -> None:
    """Coinbase cuts a connection that subscribed to nothing within 5 s, which would be repeated for ever."""
    async with ground("coinbase", NAMES[:1]) as made:
        made.want(made.wishes(["NOPE"]))
        await until(lambda: made.plan.refusal("NOPE/USD"))
        await until(lambda: not made.server.connections)
        await made.clock.sleep(20)

        assert len(made.server.past) == 1
        assert made.plan.status() == "idle"


async def test_a_replaced_connection_is_closed_after_its_successor_is_ready() -> None:
    async with ground("binance", NAMES[:5]) as made:
        made.want(made.wishes(NAMES[:5], Channel.TRADES, Channel.TICKER))
        await made.ready()
        (old,) = made.plan.lines
        made.plan.replace_soon(old)
        made.plan.replace_soon(old)
        await until(lambda: made.plan.lines and old not in made.plan.lines, 15)

        (new,) = made.plan.lines
        assert set(new.subscriptions) == set(old.subscriptions)
        await until(lambda: len(made.server.connections) == 1)
        assert made.plan.reconnects() == 0


async def test_a_cut_is_counted_and_frames_stay_counted_after_a_connection_is_gone() -> None:
    async with ground("kraken", NAMES[:2]) as made:
        made.want(made.wishes(NAMES[:2]))
        await made.ready()
        made.server.inject(parse_fault("close=1006"))
        await until(lambda: made.downs == 1)
        await until(lambda: made.plan.reconnects() == 1)
        await made.ready()
        assert made.plan.statuses() == {"connected": 1}
        frames = made.plan.frames()
        for each in made.wishes(NAMES[:2]):
            made.plan.drop(each)
        await until(lambda: not made.plan.lines)

        assert made.plan.frames() >= frames
        assert made.plan.reconnects() == 1


async def test_a_stopped_plan_runs_again() -> None:
    async with ground("kraken", NAMES[:2]) as made:
        made.want(made.wishes(NAMES[:2]))
        await made.ready()
        made.plan.stop()
        await made.nursery.stop()
        await until(lambda: not made.server.connections)
        await made.nursery.start()
        made.nursery.spawn(made.plan.run())
        await made.ready()

        assert made.carried() == 2
