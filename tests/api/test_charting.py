"""Charts: the past a venue is asked for once, and what was missed between bars."""

from collections.abc import AsyncIterator

import pytest_asyncio

from crypto_portfolio_analyzer.api.charting import Asked, Charting
from crypto_portfolio_analyzer.api.past import Span
from crypto_portfolio_analyzer.core.conditions.charted import read_charted
from crypto_portfolio_analyzer.core.coverage import Changes, CoverageStatus, Interval
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.storage.coverage import CoverageStore
from tests.api.house import House
from tests.streaming.house import House as Venues
from tests.streaming.house import house as venues


def charting_of(run: Venues, house: House) -> Charting:
    """Return charts over simulated venues with the store of a house."""
    database = house.app.database
    return Charting(
        market=run.feeds.market,
        feeds=run.feeds,
        bars=BarStore(database),
        coverage=CoverageStore(database),
        clock=run.clock,
    )


@pytest_asyncio.fixture
async def run() -> AsyncIterator[Venues]:
    """Simulated venues with a past, one of which serves BTC/USDT."""
    async with venues("binance", scale=1.0) as opened:
        opened.feeds.want("BTC/USDT")
        await opened.heard("binance", "BTC/USDT")
        yield opened


async def test_a_chart_of_any_timeframe_has_its_past_from_the_venue(run: Venues, house: House) -> None:
    view = run.view("BTC/USDT")
    charting = charting_of(run, house)
    for timeframe in ("1m", "45m", "1d"):
        found = await charting.bars(view, Span(timeframe, None, None, 40))

        assert len(found) >= 39
        assert all(bar.timeframe == timeframe for bar in found)


async def test_a_venue_is_asked_once_and_remembered_by_the_store(run: Venues, house: House) -> None:
    view = run.view("BTC/USDT")
    charting = charting_of(run, house)
    first = await charting.bars(view, Span("1h", None, None, 30))
    run.fault("binance", "rest=503 for=10m")
    again = await charting_of(run, house).bars(view, Span("1h", None, None, 30))

    assert [bar.open_at for bar in again[:-1]] == [bar.open_at for bar in first[:-1]]


async def test_a_dead_venue_costs_the_past_only(run: Venues, house: House) -> None:
    run.fault("binance", "rest=503 for=10m")
    view = run.view("BTC/USDT")

    found = await charting_of(run, house).bars(view, Span("4h", None, None, 30))

    assert len(found) < 30


async def test_indicators_are_warmed_by_bars_before_those_shown(run: Venues, house: House) -> None:
    view = run.view("BTC/USDT")
    told, count = await charting_of(run, house).indicators(
        view, [read_charted("ema(20)", "5m")], Span("5m", None, None, 10)
    )

    assert count == 10
    assert told[0].settled_at is not None
    assert all(value is not None for _at, value in told[0].lines[0].points)


async def test_holes_and_what_the_ledger_knows_are_gaps(house: House) -> None:
    now = house.app.clock.now() // MINUTE * MINUTE
    start = now - 20 * MINUTE
    known = [stored(start + each * MINUTE) for each in range(20) if each not in (5, 6)]
    spans = [(10, 12, CoverageStatus.BACKFILLED), (14, 15, CoverageStatus.LIVE)]
    intervals = tuple(
        Interval(start + begin * MINUTE, start + end * MINUTE, status) for begin, end, status in spans
    )
    await house.app.coverage.save([("binance", "BTC/USDT", Changes(start, intervals))])
    view = house.app.feeds.find("BTC")
    assert view is not None
    gaps = await house.server.doors.charting.gaps(view, known)

    assert [((each.from_at - start) // MINUTE, each.status) for each in gaps[:2]] == [
        (5, CoverageStatus.MISSING),
        (10, CoverageStatus.BACKFILLED),
    ]
    assert gaps[0].until_at - gaps[0].from_at == 2 * MINUTE


async def test_without_bars_there_are_no_gaps(house: House) -> None:
    view = house.app.feeds.find("BTC")
    assert view is not None

    assert await house.server.doors.charting.gaps(view, []) == []


def test_what_was_asked_grows_only_where_it_touches() -> None:
    asked = Asked(10, 20, 100)

    assert asked.holds(12, 20, 99)
    assert not asked.holds(12, 20, 100)
    assert not asked.holds(5, 20, 0)
    assert asked.joined(5, 10) == (5, 20)
    assert asked.joined(1, 5) == (1, 5)


def stored(open_at: int) -> Bar:
    values = (1.0, 1.0, 1.0, 1.0, 1.0)
    return Bar("binance", "BTC/USDT", "1m", open_at, open_at + MINUTE, *values, True, open_at)
