"""Storms: connections cut again and again, and floods of hostile frames. No limit broken, no trade lost."""

import asyncio
from functools import partial

import pytest

from crypto_portfolio_analyzer.core.coverage import CoverageStatus
from crypto_portfolio_analyzer.core.market import Arrival, RejectReason
from crypto_portfolio_analyzer.simulation.faults import FaultKind
from tests.streaming.rig import Rig, rig
from tests.streaming.wire import until

VENUES = pytest.mark.parametrize("venue", ["binance", "coinbase", "kraken"])


async def storm(run: Rig, cuts: int) -> None:
    """Cut every connection, wait until all are back, `cuts` times."""
    server, plan = run.server, run.feed.plan
    for turn in range(1, cuts + 1):
        run.fault("close=1006")
        await until(partial(lambda least: len(server.past) >= least, turn), 20)
        await until(lambda: server.connections and all(line.is_ready for line in plan.lines), 60)
    await run.flowing(5, timeout=60)


async def settled(run: Rig) -> None:
    """Wait until no gap is open any more."""
    await until(lambda: all(run.feed.seat(symbol).gaps_open == 0 for symbol in run.symbols), 60)


async def weathered(venue: str, cuts: int) -> None:
    async with rig(venue) as run:
        await storm(run, cuts)
        await settled(run)

        assert run.server.violations.total() == 0
        assert len(run.server.past) >= cuts
        assert all(run.feed.seat(symbol).coverage.is_live for symbol in run.symbols)
        run.check_truth()


@VENUES
async def test_four_storms_break_no_limit_and_lose_no_trade(venue: str) -> None:
    await weathered(venue, 4)


@pytest.mark.long
@pytest.mark.timeout(600)
@VENUES
async def test_fifty_storms_break_no_limit_and_lose_no_trade(venue: str) -> None:
    await weathered(venue, 50)


async def flooded(frames: int, timeout: float) -> None:
    async with rig(rate=8.0) as run:
        run.fault(f"garbage={frames}")
        injected = run.server.faults.injected
        await until(lambda: injected[FaultKind.GARBAGE] == frames, timeout)
        connection = next(iter(run.server.connections.values()))
        await until(lambda: run.feed.plan.frames() >= connection.sent, timeout)
        await run.flowing(5)

        told = run.feed.rejects.total() + run.feed.facts["other"]
        assert told >= frames
        assert set(run.feed.rejects) <= set(RejectReason)
        assert len(run.feed.rejects) >= 5
        assert run.feed.plan.reconnects() == 0
        assert run.gaps == []
        assert run.server.violations.total() == 0
        run.check_truth()


async def test_five_thousand_hostile_frames_cost_no_trade_and_no_connection() -> None:
    await flooded(5_000, 20)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_hundred_thousand_hostile_frames_cost_no_trade_and_no_connection() -> None:
    await flooded(100_000, 200)


@pytest.mark.long
@pytest.mark.timeout(300)
@VENUES
async def test_ten_minutes_of_outage_are_back_filled(venue: str) -> None:
    async with rig(venue, scale=30.0) as run:
        run.fault("outage=10m")
        await run.sleep(600)
        await run.flowing(5, timeout=120)
        await settled(run)

        run.check_truth()
        assert run.server.violations.total() == 0
        assert run.feed.backfilled > 1000
        kinds = {interval.status for interval in run.feed.seat(run.symbols[0]).coverage.intervals()}
        assert CoverageStatus.BACKFILLED in kinds


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_three_lifetimes_of_a_connection_cost_no_trade() -> None:
    """Binance cuts after 24 h; a connection lives an hour here, so that the test ends within three minutes."""
    async with rig("binance", symbols=("BTC",), scale=60.0, rate=1.0, lifetime=3600.0) as run:
        for _hour in range(3):
            await run.sleep(3600)
        await run.flowing(2)

        run.check_truth()
        assert run.gaps == []
        assert run.server.violations.total() == 0
        assert len(run.server.past) >= 3
        assert {trade.arrival for trade in run.trades["BTC/USDT"]} == {Arrival.LIVE}


@pytest.mark.long
@pytest.mark.timeout(120)
async def test_a_storm_of_everything_at_once_ends_in_order() -> None:
    async with rig("binance") as run:
        for fault in (
            "duplicate=10% for=60s",
            "garbage=3000",
            "rest=503 for=10s",
            "close=1006",
            "outage=5s",
            "skip=2",
        ):
            run.fault(fault)
            await run.sleep(5)
        await run.sleep(60)
        await run.flowing(5, timeout=60)
        await settled(run)
        await asyncio.sleep(0)

        assert run.server.violations.total() == 0
        numbers = [
            trade.trade_id or 0 for trade in run.trades["BTC/USDT"] if trade.arrival is not Arrival.LATE
        ]
        assert numbers == sorted(set(numbers))
