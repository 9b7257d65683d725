"""Outages of the venue: whatever should have fired meanwhile fires late, once, and says so."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.core.alerts import Alert, Cause, Firing
from crypto_portfolio_analyzer.core.market import Arrival, Trade
from crypto_portfolio_analyzer.simulation.faults import parse_fault
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import TapeTrade
from tests.engine.simulated import SYMBOL, ask, fired, middle, platform, venue
from tests.fakes import MINUTE, NOON, SECOND
from tests.streaming.wire import until

HELD = 5 * SECOND
MS = 10**6


class HurriedClock:
    """A clock whose pace can be changed on the way."""

    def __init__(self, pace: float) -> None:
        self._pace, self._real = pace, time.monotonic_ns()
        self._elapsed = 0.0

    def go(self, pace: float) -> None:
        """Go on so many times as fast as ours."""
        self._elapsed = self.monotonic() * 1e9
        self._pace, self._real = pace, time.monotonic_ns()

    def now(self) -> int:
        return NOON + int(self.monotonic() * 1e9)

    def monotonic(self) -> float:
        return (self._elapsed + (time.monotonic_ns() - self._real) * self._pace) / 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._pace)


class Outage(NamedTuple):
    """How long the venue is away.

    `swing` is after how many seconds its price turns, `rate` its trades per second; `pace` how many times as fast as
    ours time goes while it can be reached.
    """

    seconds: float
    swing: float
    rate: float
    pace: float


# --- an independent count: of the tape alone ---------------------------------------------------------------


def crossings(trades: Iterable[TapeTrade], level: float) -> list[int]:
    """Return when the price crossed above a level; the first one is the reference."""
    apart = [(each.at, float(each.price) - level) for each in trades]
    return [at for (_, before), (at, now) in pairwise(each for each in apart if each[1]) if before < 0 < now]


def closings(trades: Iterable[TapeTrade], level: float) -> list[int]:
    """Return the ends of the minutes whose close crossed above a level."""
    ends = [
        TapeTrade(0, (minute + 1) * MINUTE, list(some)[-1].price, "1", "buy")
        for minute, some in groupby(trades, key=lambda each: each.at // MINUTE)
    ]
    return crossings(ends, level)


def holdings(trades: Sequence[TapeTrade], level: float) -> list[int]:
    """Return when the price had been above a level for HELD without a break."""
    found, since = [], None
    for each, after in pairwise(trades):
        since = None if float(each.price) <= level else each.at if since is None else since
        if since is not None and each.at < since + HELD <= after.at:
            found.append(since + HELD)
    return found


# --- the campaign ------------------------------------------------------------------------------------------


@dataclass
class Campaign:
    """Alerts over one level at a venue that goes away, and every trade that was judged."""

    server: VenueServer
    app: App
    clock: HurriedClock
    outage: Outage
    level: float
    alerts: dict[str, Alert]
    trades: list[Trade] = field(default_factory=list)
    away: list[tuple[int, int]] = field(default_factory=list)
    """From when it was away, and until when what had happened meanwhile was not here."""
    begins: dict[str, int] = field(default_factory=dict)
    """From when on the tape alone tells what had to fire."""
    close_the_tape: Callable[[], None] = lambda: None

    async def cut(self) -> None:
        """Let the venue be away once, time running fast, and wait until trades flow again."""
        began, seconds = self.clock.now(), self.outage.seconds
        self.server.inject(parse_fault(f"outage={seconds:g}s"))
        self.clock.go(max(self.outage.pace, seconds))
        await self.clock.sleep(max(0.5, seconds - 2))
        self.clock.go(self.outage.pace)
        await self.go_on(began + int(seconds * SECOND))
        self.away.append((began, self.clock.now()))
        await self.go_on(self.clock.now() + int(1.5 * self.outage.swing * SECOND))

    async def go_on(self, at: int) -> None:
        """Wait until live trades of an instant come."""

        def has_come() -> bool:
            last = self.trades[-1] if self.trades else None
            return last is not None and last.event_at > at and last.arrival is Arrival.LIVE

        await until(has_come, 30)

    def truth(self) -> list[TapeTrade]:
        """Return what really traded.

        It begins with the first trade below the level, since a ticker may have been the reference before; bars begin
        with the first whole one.
        """
        first, last = self.trades[0].trade_id, self.trades[-1].trade_id
        assert first is not None
        assert last is not None
        told = self.server.truth(SYMBOL, first, last)
        truth = told[next(place for place, each in enumerate(told) if float(each.price) < self.level) :]
        begins = truth[0].at
        self.begins = {"crossing": begins, "closing": (begins // MINUTE + 2) * MINUTE, "holding": begins}
        return truth

    def expected(self) -> dict[str, list[int]]:
        """Return when (ms) each alert had to fire, told from the tape alone."""
        truth = self.truth()
        whole = [each for each in truth if each.at >= self.begins["closing"] - MINUTE]
        instants = {
            "crossing": crossings(truth, self.level),
            "closing": closings(whole, self.level),
            "holding": holdings(truth, self.level),
        }
        return {name: [at // MS for at in some if at <= truth[-1].at] for name, some in instants.items()}


@asynccontextmanager
async def campaign(outage: Outage, database_url: str, folder: Path) -> AsyncIterator[Campaign]:
    """Run the application over a venue whose price swings around a level."""
    clock, swings = HurriedClock(outage.pace), int(outage.seconds / outage.swing) + 200
    market = venue(clock, rate=outage.rate, swings=swings, swing=outage.swing, volatility=0.0005)
    async with market as server, platform(server, database_url, folder, clock) as app:
        level = middle(server)
        alerts = {
            "crossing": await ask(app, f"price crosses above {level}", "crossing"),
            "closing": await ask(app, f"close crosses above {level}", "closing"),
            "holding": await ask(app, f"price > {level} for {HELD // SECOND}s", "holding"),
        }
        run = Campaign(server, app, clock, outage, level, alerts)
        run.close_the_tape = app.bus.attach(run.trades.append, (Trade,))
        await run.go_on(clock.now() + int(1.5 * outage.swing * SECOND))
        yield run


async def endured(outage: Outage, database_url: str, folder: Path) -> list[Firing]:
    """Let a venue go away until that hides something; compare what was stored with the tape; return what was hidden."""
    async with campaign(outage, database_url, folder) as run:
        for _cut in range(8):
            await run.cut()
            if run.app.alerts.committer.fired[Cause.GAP_BACKFILL]:
                break
        run.close_the_tape()  # what comes from here on may be judged, and is not compared
        await run.app.alerts.committer.commit()
        stored = sorted(await fired(run.app), key=lambda each: each.event_at)
        expected, end = run.expected(), run.trades[-1].event_at
    late: list[Firing] = []
    for name, alert in run.alerts.items():
        told = [
            each for each in stored if each.alert_id == alert.id and run.begins[name] < each.event_at <= end
        ]
        assert [each.event_at // MS for each in told] == expected[name], name
        for each in told:
            check_mark(each, run)
        late += [each for each in told if each.late]
    assert len({each.id for each in stored}) == len(stored)
    return late


def check_mark(firing: Firing, run: Campaign) -> None:
    """Assert that a firing says it is late, and why, if an outage has hidden it; and only then."""
    is_marked = firing.late, firing.cause
    assert is_marked in ((True, Cause.GAP_BACKFILL), (False, Cause.LIVE))
    assert not firing.approximated
    if any(
        began + SECOND < firing.event_at < began + run.outage.seconds * SECOND - SECOND
        for began, _ in run.away
    ):
        assert firing.late
    if not any(began - SECOND <= firing.event_at <= back for began, back in run.away):
        assert not firing.late
    arrivals = {each.trade_id: each.arrival for each in run.trades}
    if firing.evidence.trade_id is not None:
        assert firing.late is (arrivals[firing.evidence.trade_id] is Arrival.BACKFILLED)


def along(bars: Iterable[Sequence[TapeTrade]]) -> Iterator[tuple[int, float]]:
    """Yield the instants and prices that the trades of each minute are taken to have passed, known by its bar only."""
    for trades in bars:
        prices, begins = [float(each.price) for each in trades], trades[0].at // MINUTE * MINUTE
        low, high = min(prices), max(prices)
        extremes = (low, high) if prices[0] - low <= high - prices[0] else (high, low)
        for place, price in enumerate((prices[0], *extremes, prices[-1])):
            yield begins + place * MINUTE // 4, price


def approximated(truth: Sequence[TapeTrade], dark: Sequence[TapeTrade]) -> list[TapeTrade]:
    """Return the trades that came, and between them the paths of the minutes in the dark."""
    minutes = [list(some) for _, some in groupby(truth, key=lambda each: each.at // MINUTE)]
    over = [some for some in minutes if dark[0].at // MINUTE <= some[0].at // MINUTE < dark[-1].at // MINUTE]
    walked = [TapeTrade(0, at, repr(price), "1", "buy") for at, price in along(over)]
    light = [each for each in truth if each not in dark]
    cut_at = max(each.at for each in light if each.at < dark[0].at)
    return sorted([*light, *(each for each in walked if each.at > cut_at)], key=lambda each: each.at)


async def test_where_a_venue_tells_bars_only_what_they_hid_is_approximated(sqlite_url, tmp_path):
    async with campaign(Outage(600, swing=75, rate=0.2, pace=100), sqlite_url, tmp_path) as run:
        exchange = run.app.feeds.primary.exchange
        exchange.trades_request = lambda *_, **__: None  # type: ignore[method-assign]  # this venue has none
        await run.cut()
        run.close_the_tape()
        await run.app.alerts.committer.commit()
        stored = sorted(await fired(run.app), key=lambda each: each.event_at)

    truth, came = run.truth(), {each.trade_id for each in run.trades}
    dark = [each for each in truth if each.trade_id not in came]
    expected = {
        "crossing": crossings(approximated(truth, dark), run.level),
        "closing": closings([each for each in truth if each.at >= run.begins["closing"] - MINUTE], run.level),
    }
    for name, instants in expected.items():
        told = [
            each
            for each in stored
            if each.alert_id == run.alerts[name].id and run.begins[name] < each.event_at <= truth[-1].at
        ]
        assert [each.event_at // MS for each in told] == [at // MS for at in instants if at <= truth[-1].at]
        hidden = [each for each in told if dark[0].at < each.event_at < dark[-1].at]
        assert hidden
        for each in hidden:
            assert (each.approximated, each.late, each.cause) == (True, True, Cause.GAP_BACKFILL)
            assert each.evidence.bar_open_at == (each.event_at - (name == "closing")) // MINUTE * MINUTE
        for each in told:
            assert each in hidden or not each.late


@pytest.mark.parametrize(
    "outage",
    [
        pytest.param(Outage(1, swing=2, rate=4, pace=20), id="1 s"),
        pytest.param(Outage(60, swing=20, rate=1, pace=40), id="60 s"),
        pytest.param(Outage(600, swing=75, rate=0.2, pace=100), id="10 min"),
        pytest.param(Outage(3600, swing=75, rate=0.2, pace=100), id="1 h", marks=pytest.mark.long),
        pytest.param(Outage(21_600, swing=75, rate=0.2, pace=100), id="6 h", marks=pytest.mark.long),
    ],
)
async def test_an_outage_costs_no_firing_doubles_none_and_marks_what_it_hid(outage, sqlite_url, tmp_path):
    late = await endured(outage, sqlite_url, tmp_path)

    assert late
    if outage.seconds >= 600:
        assert len({each.alert_id for each in late}) == 3, "price, bars and spans were hidden"
