"""A gap is closed by trades, else by bars, else marked; live trades wait and stay in order."""

from itertools import pairwise

import pytest

from crypto_portfolio_analyzer.core.coverage import CoverageStatus
from crypto_portfolio_analyzer.core.market import Arrival, BarKind
from crypto_portfolio_analyzer.streaming import backfill
from tests.streaming.rig import Rig, rig
from tests.streaming.wire import until


async def outage(run: Rig, seconds: float) -> set[CoverageStatus]:
    """Cut the venue off for a while; return how the first symbol is covered in the end."""
    run.fault(f"outage={seconds}s")
    await run.sleep(seconds)
    await until(lambda: run.gaps, 30)
    await run.flowing(5, timeout=40)
    await until(lambda: all(run.feed.seat(symbol).gaps_open == 0 for symbol in run.symbols), 30)
    return {interval.status for interval in run.feed.seat(run.symbols[0]).coverage.intervals()}


@pytest.mark.parametrize("venue", ["binance", "coinbase"])
async def test_a_gap_longer_than_a_page_is_fetched_page_by_page(venue: str) -> None:
    async with rig(venue, symbols=("BTC",), rate=40.0) as run:
        statuses = await outage(run, 40)

        run.check_truth()
        assert run.feed.backfilled > 2000
        assert CoverageStatus.BACKFILLED in statuses
        assert run.server.violations.total() == 0


async def test_live_trades_wait_for_the_fetched_ones() -> None:
    async with rig(symbols=("BTC",)) as run:
        run.fault("slow=2s for=60s")
        await outage(run, 20)

        assert Arrival.BACKFILLED in {trade.arrival for trade in run.trades["BTC/USDT"]}
        run.check_truth()


async def test_a_rest_side_that_comes_back_closes_the_gap() -> None:
    async with rig(symbols=("BTC",)) as run:
        run.fault("rest=503 for=12s")
        statuses = await outage(run, 10)

        run.check_truth()
        assert CoverageStatus.BACKFILLED in statuses


async def test_quiet_minutes_of_a_gap_are_bars_once_its_trades_are_here() -> None:
    async with rig(symbols=("BTC",), rate=0.01, scale=200.0) as run:
        await outage(run, 600)

        run.check_truth()
        bars = [bar for bar in run.market.bars("BTC/USDT", "1m") if bar.closed]
        assert all(one.close_at == other.open_at for one, other in pairwise(bars))
        assert BarKind.EMPTY in {bar.kind for bar in bars}


async def test_bars_stand_for_trades_that_cannot_be_had() -> None:
    async with rig(symbols=("BTC",), scale=30.0) as run:
        run.feed.exchange.trades_request = lambda *_, **__: None  # type: ignore[method-assign]
        statuses = await outage(run, 70)

        assert CoverageStatus.APPROXIMATED in statuses
        bars = run.market.bars("BTC/USDT", "1m")
        assert BarKind.APPROXIMATED in {bar.kind for bar in bars}
        opens = [bar.open_at for bar in bars]
        assert opens == sorted(set(opens))


async def test_a_span_that_nobody_knows_is_marked_missing() -> None:
    async with rig(symbols=("BTC",)) as run:
        run.feed.exchange.trades_request = lambda *_, **__: None  # type: ignore[method-assign]
        run.feed.exchange.bars_request = lambda *_, **__: None  # type: ignore[method-assign]
        statuses = await outage(run, 20)

        assert CoverageStatus.MISSING in statuses
        assert run.missed()
        assert run.market.entry("BTC/USDT").is_covered, "new minutes are whole again"


async def test_many_gaps_at_once_keep_the_rest_budget() -> None:
    names = ["BTC", "ETH", "SOL", "BNB", "XRP", "DOGE", "ADA", "AVAX", "DOT", "LINK", "LTC", "UNI"]
    assert len(names) > 2 * backfill.AT_ONCE
    async with rig("kraken", symbols=names, rate=2.0) as run:
        await outage(run, 10)

        run.check_truth()
        assert run.server.violations.total() == 0
