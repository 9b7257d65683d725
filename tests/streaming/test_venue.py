"""A venue's feed against a venue that fails: nothing lost unmarked, nothing doubled, no limit broken."""

import pytest

from crypto_portfolio_analyzer.core.coverage import CoverageStatus
from crypto_portfolio_analyzer.core.market import Arrival, GapCause
from crypto_portfolio_analyzer.core.venues import Channel
from tests.streaming.rig import rig
from tests.streaming.wire import until

VENUES = pytest.mark.parametrize("venue", ["binance", "coinbase", "kraken"])


@VENUES
async def test_trades_come_as_they_were_in_order_and_once(venue: str) -> None:
    async with rig(venue) as run:
        await run.flowing(20)

        run.check_truth()
        assert run.gaps == []
        assert run.feed.rejects.total() == 0
        assert run.server.violations.total() == 0
        assert all(run.feed.seat(symbol).coverage.is_live for symbol in run.symbols)


@VENUES
@pytest.mark.parametrize("outage", [1, 10, 40])
async def test_an_outage_is_back_filled(venue: str, outage: int) -> None:
    async with rig(venue) as run:
        run.fault(f"outage={outage}s")
        await run.sleep(outage)
        await run.flowing(5, timeout=40)

        run.check_truth()
        assert run.gaps
        assert all(gap.cause is GapCause.DISCONNECT for gap in run.gaps)
        fetched = [
            trade for trades in run.trades.values() for trade in trades if trade.arrival is Arrival.BACKFILLED
        ]
        assert len(fetched) == run.feed.backfilled > 0
        assert run.server.violations.total() == 0
        await until(lambda: all(run.feed.seat(symbol).gaps_open == 0 for symbol in run.symbols))
        ledger = run.feed.seat(run.symbols[0]).coverage
        kinds = {interval.status for interval in ledger.intervals()}
        assert CoverageStatus.BACKFILLED in kinds


async def test_a_skipped_trade_is_a_gap_that_is_fetched() -> None:
    async with rig() as run:
        run.fault("skip=2")
        await until(lambda: run.gaps)
        await run.flowing(5)

        run.check_truth()
        assert {gap.cause for gap in run.gaps} == {GapCause.SEQUENCE}


async def test_doubles_and_disorder_inside_the_window_change_nothing() -> None:
    async with rig(scale=4.0, rate=8.0) as run:
        run.fault("duplicate=20% for=1h")
        run.fault("reorder=150ms share=30% for=1h")
        await run.flowing(40, timeout=40)

        run.check_truth()
        assert sum(run.feed.seat(symbol).lane.duplicates for symbol in run.symbols) > 0


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1008, 1012])
async def test_a_close_costs_no_trade(code: int) -> None:
    async with rig() as run:
        run.fault(f"close={code}")
        await run.flowing(5)

        run.check_truth()


@VENUES
async def test_the_announced_end_of_a_connection_costs_no_tick(venue: str) -> None:
    """The venue cuts by age (24 h, here 40 s); a second connection is there before."""
    async with rig(venue, lifetime=40.0) as run:
        await run.sleep(60)
        await run.flowing(2)

        run.check_truth()
        assert run.gaps == []
        assert run.server.violations.total() == 0


async def test_an_announced_shutdown_costs_no_tick() -> None:
    async with rig() as run:
        run.fault("shutdown=10s")
        await run.sleep(15)
        await run.flowing(5)

        run.check_truth()
        assert run.gaps == []
        assert run.feed.backfilled == 0


async def test_a_subscription_that_is_acknowledged_and_silent_is_found_and_opened_anew() -> None:
    async with rig(symbols=("BTC", "ETH")) as run:
        begin = run.clock.monotonic()
        run.fault("mute=btcusdt@aggTrade")
        await until(lambda: any(gap.cause is GapCause.SILENCE for gap in run.gaps), 20)
        found_after = run.clock.monotonic() - begin
        await run.flowing(5, timeout=30)

        assert found_after <= 30
        run.check_truth()


async def test_a_half_open_connection_is_found() -> None:
    async with rig() as run:
        run.fault("silence=deaf")
        await run.flowing(5, timeout=30)

        run.check_truth()


async def test_quiet_symbols_raise_no_false_alarm() -> None:
    async with rig(symbols=("BTC", "ETH", "SOL"), scale=60.0, rate=0.1) as run:
        await run.sleep(300)

        assert run.feed.plan.reconnects() == 0
        assert [gap for gap in run.gaps if gap.cause is GapCause.SILENCE] == []
        assert run.server.violations.total() == 0
        run.check_truth()


async def test_rest_that_refuses_leaves_the_span_marked_and_prices_flowing() -> None:
    async with rig() as run:
        run.fault("rest=503 for=10m")
        run.fault("outage=5s")
        await run.sleep(5)
        await run.flowing(5, timeout=60)
        await until(lambda: all(run.feed.seat(symbol).gaps_open == 0 for symbol in run.symbols), 60)

        assert run.missed()
        for symbol in run.missed():
            kinds = {interval.status for interval in run.feed.seat(symbol).coverage.intervals()}
            assert CoverageStatus.MISSING in kinds


async def test_a_ban_is_obeyed() -> None:
    async with rig() as run:
        run.fault("rest=418 for=20s retry=30s")
        run.fault("close=1006")
        await run.sleep(20)
        asked = sum(run.server.requests.values())
        await run.sleep(8)

        assert sum(run.server.requests.values()) == asked, "no request while the venue said to wait"


async def test_hostile_frames_between_the_good_ones_cost_nothing() -> None:
    async with rig() as run:
        run.fault("garbage=2000")
        await until(lambda: run.feed.rejects.total() > 1000)
        await run.flowing(5)

        run.check_truth()
        assert run.feed.plan.reconnects() == 0


async def test_order_books_stay_in_step() -> None:
    async with rig(channels=(Channel.TRADES, Channel.BOOK)) as run:
        book = run.feed.seat(run.symbols[0]).book
        assert book is not None
        await until(lambda: book.best() is not None, 10)
        await run.flowing(10)

        assert not book.is_crossed
        await until(lambda: book.best() is not None)
        (bid, _), (ask, _) = book.best() or ((0, 0), (0, 0))
        assert 0 < bid < ask


async def test_the_last_wish_closes_the_stream() -> None:
    async with rig(symbols=("BTC",)) as run:
        run.feed.unsubscribe(list(run.feed.plan._wanted))
        await until(lambda: not run.server.connections, 5)

        assert run.feed.seats == {}
