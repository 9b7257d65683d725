"""A silent subscription is asked about: the dead are opened anew, the quiet are left in peace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import msgspec
import pytest

from crypto_portfolio_analyzer.core.market import Gap, GapCause
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Request, Subscription
from crypto_portfolio_analyzer.errors import ConnectionLost
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.rest import RestClient
from crypto_portfolio_analyzer.streaming.seats import Seat
from crypto_portfolio_analyzer.streaming.venue import VenueFeed
from tests.fakes import FakeClock, settle, trade
from tests.streaming.hand import HandTransport

HOUR = 3600.0


class KnownTrades(RestClient):
    """The venue's REST side, played: it answers `aggTrades` from what traded."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__("", EXCHANGES["binance"].limits, clock)
        self.traded: dict[str, list[tuple[int, int]]] = {}
        self.asked: list[tuple[float, str]] = []
        self.is_down = False

    async def get(self, request: Request) -> bytes:
        await self._pace.spend(request.weight)
        name = str(request.query["symbol"])
        self.asked.append((self._clock.monotonic(), name))
        if self.is_down:
            raise ConnectionLost("venue", "down")
        first = int(request.query.get("fromId", 0))
        rows = [
            {
                "a": number,
                "p": "100.0",
                "q": "1.0",
                "f": number,
                "l": number,
                "T": at // 10**6,
                "m": False,
                "M": True,
            }
            for number, at in self.traded.get(name, [])
            if number >= first
        ]
        return msgspec.json.encode(rows)


class Ward:
    """A feed in virtual time whose line is connected and whose trades are told by hand."""

    def __init__(self, symbols: list[str]) -> None:
        self.clock = FakeClock()
        self.bus = StreamEventBus(clock=self.clock)
        self.rest = KnownTrades(self.clock)
        self.transport = HandTransport()
        self.gaps: list[Gap] = []
        self.bus.attach(self.gaps.append, (Gap,))
        self.feed = VenueFeed(
            EXCHANGES["binance"](),
            clock=self.clock,
            market=Market(clock=self.clock, bus=self.bus),
            bus=self.bus,
            rest=self.rest,
            transport=self.transport,  # type: ignore[arg-type]  # its clock is the virtual one
            random=Random(1),
        )
        self.symbols = symbols
        self.numbers = dict.fromkeys(symbols, 0)

    def trades(self, symbol: str, *, is_told: bool = True) -> None:
        """Let one trade happen, told by the stream or not."""
        self.numbers[symbol] += 1
        number, at = self.numbers[symbol], self.clock.now()
        self.rest.traded.setdefault(symbol.replace("/", ""), []).append((number, at))
        if is_told:
            (line,) = self.feed.plan.lines
            self.feed._trade(line, trade(number, at=at, symbol=symbol))

    async def pass_time(self, seconds: float, every: float = 20.0) -> None:
        """Advance, the venue's pings keeping the connection alive."""
        for _step in range(int(seconds / every)):
            await self.clock.advance(every)
            for line in self.feed.plan.lines:
                line.stream.last_frame_at = self.clock.now()

    def seat(self, symbol: str) -> Seat:
        return self.feed.seat(symbol)


@asynccontextmanager
async def ward(*symbols: str, is_whole: bool = True) -> AsyncIterator[Ward]:
    """Run a feed on these symbols; unless whole, only what concerns liveness, which lets hours pass quickly."""
    made = Ward(list(symbols))
    if is_whole:
        await made.feed.start()
    else:
        await made.feed.nursery.start()
        made.feed.nursery.spawn(made.feed.plan.run())
        made.feed.nursery.spawn(made.feed._liveness.run(2.0))
    made.feed.subscribe([Subscription(symbol, Channel.TRADES) for symbol in symbols])
    await settle(10)
    await made.clock.advance(1.0)
    await settle(10)
    for symbol in symbols:
        made.feed.plan.lines[0].heard(Subscription(symbol, Channel.TRADES))
    yield made
    await made.feed.stop()


async def test_two_hundred_quiet_pairs_are_left_in_peace_for_hours() -> None:
    names = [f"Q{number}/USDT" for number in range(200)]
    random = Random(5)
    async with ward(*names, is_whole=False) as made:
        for _turn in range(18):
            for name in random.sample(names, 20):
                made.trades(name)
            await made.pass_time(1200, every=40.0)

        assert len(made.transport.connections) <= 1 + 1
        assert sum(made.seat(name).dead_checks for name in names) <= 1
        assert made.gaps == []
        weight = sum(4 for at, _ in made.rest.asked if at > 5 * HOUR)
        assert weight <= 6000 * 60 / 10, "a tenth of an hour's budget"
        by_hour = [sum(at // HOUR == hour for at, _ in made.rest.asked) for hour in (0, 5)]
        assert by_hour[1] <= by_hour[0] * 1.5 + 200


async def test_a_busy_symbol_that_falls_silent_is_opened_anew_within_half_a_minute() -> None:
    async with ward("BTC/USDT") as made:
        for _turn in range(60):
            made.trades("BTC/USDT")
            await made.pass_time(1.0, every=1.0)
        for _turn in range(25):
            made.trades("BTC/USDT", is_told=False)
            await made.pass_time(1.0, every=1.0)

        assert [gap.cause for gap in made.gaps] == [GapCause.SILENCE]
        sent = made.transport.connections[0].texts
        assert ["UNSUBSCRIBE" in text for text in sent][:2] == [True, False]
        assert made.feed.backfilled >= 8
        assert made.seat("BTC/USDT").dead_checks == 1
        for _turn in range(5):
            made.trades("BTC/USDT")
            await made.pass_time(1.0, every=1.0)
        assert made.seat("BTC/USDT").dead_checks == 0, "the stream speaks again"


async def test_a_symbol_that_stays_dead_gets_a_new_connection() -> None:
    async with ward("BTC/USDT", "ETH/USDT") as made:
        for _turn in range(60):
            made.trades("BTC/USDT")
            await made.pass_time(1.0, every=1.0)
        for _turn in range(60):
            made.trades("BTC/USDT", is_told=False)
            await made.pass_time(1.0, every=1.0)

        assert len(made.transport.connections) >= 2


async def test_a_symbol_that_never_traded_is_quiet_not_dead() -> None:
    async with ward("NEW/USDT", is_whole=False) as made:
        await made.pass_time(2 * HOUR)

        assert made.gaps == []
        assert len(made.transport.connections) == 1
        assert len(made.rest.asked) < 80
        assert made.seat("NEW/USDT").quiet_checks == 6


async def test_a_symbol_whose_first_trades_are_not_told_is_dead() -> None:
    async with ward("NEW/USDT") as made:
        await made.pass_time(60)
        made.trades("NEW/USDT", is_told=False)
        await made.pass_time(200)

        assert any("UNSUBSCRIBE" in text for text in made.transport.connections[0].texts)


async def test_a_venue_whose_rest_is_down_is_not_called_dead() -> None:
    async with ward("BTC/USDT") as made:
        for _turn in range(20):
            made.trades("BTC/USDT")
            await made.pass_time(1.0, every=1.0)
        made.rest.is_down = True
        await made.pass_time(600)

        assert made.rest.asked
        assert made.gaps == []
        assert len(made.transport.connections) == 1


@pytest.mark.parametrize("is_lost", [True, False])
async def test_after_a_cut_the_ids_tell_whether_anything_was_lost(is_lost: bool) -> None:
    async with ward("BTC/USDT") as made:
        for _turn in range(20):
            made.trades("BTC/USDT")
            await made.pass_time(1.0, every=1.0)
        made.transport.connections[0].abort()
        if is_lost:
            made.trades("BTC/USDT", is_told=False)
        await made.pass_time(20.0, every=1.0)

        assert len(made.transport.connections) == 2
        assert [gap.cause for gap in made.gaps] == [GapCause.DISCONNECT] * is_lost
        seat = made.seat("BTC/USDT")
        assert seat.coverage.is_live
        assert seat.gaps_open == 0
        assert seat.lane.next_id == 21 + is_lost
