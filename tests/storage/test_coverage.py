"""Tests of storage/coverage.py."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crypto_portfolio_analyzer.core.coverage import Changes, CoverageLedger, CoverageStatus, Interval
from crypto_portfolio_analyzer.storage.coverage import CoverageStore
from crypto_portfolio_analyzer.storage.database import Database

LIVE, BACKFILLED, APPROXIMATED, MISSING = CoverageStatus


async def save(store, changes, symbol="BTC/USDT"):
    await store.save([("binance", symbol, changes)])


async def loaded(store, **span):
    return await store.load("binance", "BTC/USDT", **span)


async def test_ledger_comes_back_after_a_restart(database, database_url):
    ledger = CoverageLedger()
    ledger.open_live(100)
    ledger.close(200)
    ledger.open_live(260)
    ledger.extend(300)
    await save(CoverageStore(database), ledger.take_changes())
    await database.stop()

    again = Database(database_url)
    restored = CoverageLedger(await loaded(CoverageStore(again)))

    assert restored.intervals() == ledger.intervals()
    await again.stop()


async def test_growing_interval_stays_one_row(database):
    store, ledger = CoverageStore(database), CoverageLedger()
    ledger.open_live(100)
    for at in (150, 200, 250):
        ledger.extend(at)
        await save(store, ledger.take_changes())

    assert await loaded(store) == [Interval(100, 250, LIVE)]


async def test_later_marks_replace_what_they_touch(database):
    store, ledger = CoverageStore(database), CoverageLedger()
    ledger.open_live(100)
    ledger.extend(200)
    await save(store, ledger.take_changes())
    ledger.mark(120, 140, MISSING)
    await save(store, ledger.take_changes())
    ledger.mark(120, 130, BACKFILLED)
    await save(store, ledger.take_changes())

    assert await loaded(store) == ledger.intervals()


async def test_more_than_a_batch_is_saved(database):
    store = CoverageStore(database)
    change = Changes(1, (Interval(1, 5, LIVE),))
    await store.save([("binance", f"S{number}/USDT", change) for number in range(1203)])

    assert await store.prune(10) == 1203


async def test_symbols_and_venues_are_apart(database):
    store = CoverageStore(database)
    first, second = Changes(1, (Interval(1, 5, LIVE),)), Changes(1, (Interval(2, 3, MISSING),))

    await store.save(
        [("kraken", "BTC/USDT", second), ("binance", "ETH/USDT", second), ("binance", "BTC/USDT", first)]
    )

    assert await loaded(store) == [Interval(1, 5, LIVE)]
    assert await store.load("kraken", "BTC/USDT") == [Interval(2, 3, MISSING)]


@pytest.mark.parametrize(
    ("span", "found"), [({"start": 20}, [20, 30]), ({"end": 21}, [10, 20]), ({}, [10, 20, 30])]
)
async def test_intervals_that_overlap_are_loaded(database, span, found):
    store = CoverageStore(database)
    await save(store, Changes(10, tuple(Interval(at, at + 10, LIVE) for at in (10, 20, 30))))

    assert [interval.from_at for interval in await loaded(store, **span)] == found


async def test_old_intervals_are_pruned(database):
    store = CoverageStore(database)
    await save(store, Changes(10, tuple(Interval(at, at + 10, LIVE) for at in (10, 20, 30))))

    assert await store.prune(30) == 1
    assert [interval.from_at for interval in await loaded(store)] == [20, 30]


async def test_nothing_to_save_is_no_error(database):
    store = CoverageStore(database)
    await store.save([])
    await save(store, Changes(0, ()))

    assert await loaded(store) == []


async def test_people_can_read_the_times(database):
    at = 1_751_500_800 * 10**9
    await save(CoverageStore(database), Changes(at, (Interval(at, at + 10**9, LIVE),)))

    async with database.reading() as connection:
        query = text("select cast(until_at as text) from readable_coverage")
        assert (await connection.scalar(query)).replace("T", " ").startswith("2025-07-03 00:00:01")


async def test_a_venue_is_read_whole_from_an_instant_on(database):
    store = CoverageStore(database)
    old, new = Interval(0, 50, LIVE), Interval(50, 90, MISSING)
    await save(store, Changes(0, (old, new)))
    await save(store, Changes(10, (Interval(10, 70, LIVE),)), symbol="ETH/USDT")
    await store.save([("kraken", "BTC/USDT", Changes(0, (old,)))])

    found = await store.of_venue("binance", 60)

    assert sorted(found, key=lambda each: each.from_at) == [Interval(10, 70, LIVE), new]


CALLS = st.lists(
    st.tuples(
        st.sampled_from(["open_live", "extend", "close", "arm", "disarm", "mark", "save"]),
        st.integers(1, 30),
        st.integers(0, 60),
        st.sampled_from(CoverageStatus),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CALLS)
async def test_stored_ledger_equals_the_one_in_memory(database, calls):
    store, ledger, now = CoverageStore(database), CoverageLedger(), 0
    await store.prune(10**9)
    for call, by, back, status in [*calls, ("save", 0, 0, LIVE)]:
        now += by
        if call == "save":
            changes = ledger.take_changes()
            if changes:
                await save(store, changes)
            assert await loaded(store) == ledger.intervals()
        elif call == "mark":
            ledger.mark(max(0, now - back), now, status)
        else:
            getattr(ledger, call)(now)
