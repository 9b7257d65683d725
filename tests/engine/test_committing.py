"""Committing: what was decided is stored, then told, once; while the store is away it waits."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial

import pytest
import pytest_asyncio

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.alerts import AlertState, Batch, Cause
from crypto_portfolio_analyzer.engine.committing import Committer, joined
from crypto_portfolio_analyzer.errors import StorageUnavailable
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.tasks import Nursery
from tests.engine.facts import Judged, Outage, alert, cursor, decision, standing
from tests.fakes import NOON
from tests.streaming.wire import until


class Desk:
    """A committer, what it is given by hand, and what it tells."""

    def __init__(self, store, scale=1.0):
        self.judged, self.told, self.clock = Judged(), [], ScaledClock(scale)
        self.committer = Committer(store, self.clock, take=self.judged.take, tell=self.tell)

    def tell(self, decisions, firings):
        self.told += firings

    def decides(self, *decisions, **more):
        self.judged.batch = Batch(decisions=list(decisions), **more)
        self.committer.wake()


def has_failed(desk, often):
    return desk.committer.failures > often


class Forgetful(AlertStore):
    """A store that loses the line so many times after it has made a commit, before it can say so."""

    silent = 0

    async def commit(self, batch, now):
        stored = await super().commit(batch, now)
        if self.silent:
            self.silent -= 1
            raise StorageUnavailable("the line was lost")
        return stored


@asynccontextmanager
async def running(committer):
    nursery = Nursery()
    await nursery.start()
    nursery.spawn(committer.run())
    nursery.spawn(committer.flush_always())
    yield
    await nursery.stop()


@pytest_asyncio.fixture
async def made(store):
    return (await store.create([alert()], NOON, "me"))[0]


@pytest.fixture
def desk(store):
    return Desk(store)


async def test_a_decision_is_stored_and_then_told(desk, store, made):
    async with running(desk.committer):
        desk.decides(decision(made), cursors=[cursor()])
        await until(lambda: desk.told)

    stored = await store.firings("me")
    assert [each.id for each in stored] == [each.id for each in desk.told]
    assert await store.cursors() == [cursor()]
    assert desk.committer.fired == {Cause.LIVE: 1}
    assert [sum(each.counts) for each in desk.committer.latencies.values()] == [1, 1, 1]


async def test_the_same_firing_is_told_once_however_often_it_is_decided(desk, made):
    for _turn in range(3):
        desk.decides(decision(made), decision(made))
        assert await desk.committer.commit()

    assert len(desk.told) == 1
    assert desk.committer.refused == 5


@pytest.mark.parametrize("silent", [1, 3])
async def test_what_was_stored_by_a_commit_that_seemed_to_fail_is_told_all_the_same(database, made, silent):
    forgetful = Forgetful(database)
    desk = Desk(forgetful)
    desk.decides(decision(made, "1"))
    assert await desk.committer.commit()
    forgetful.silent = silent
    for key in range(2, 2 + silent):
        desk.decides(decision(made, "1"), decision(made, str(key)))
        assert not await desk.committer.commit()
    desk.decides(decision(made, str(2 + silent)))
    assert await desk.committer.commit()

    stored = await forgetful.firings("me", after_seq=0)
    assert [each.id for each in desk.told] == [each.id for each in stored]
    assert [each.seq for each in desk.told] == list(range(1, 3 + silent))
    assert desk.committer.refused == silent


async def test_memory_is_stored_without_a_decision_within_a_second_or_so(store, made):
    desk = Desk(store, scale=20.0)
    async with running(desk.committer):
        desk.judged.batch = Batch(dirty=[standing(made, memory=b"side")], cursors=[cursor()])
        await until(lambda: not desk.judged.batch)
        await until(lambda: not desk.committer.lock.locked())

    assert [each.memory for each in await store.standings()] == [b"side"]
    assert desk.told == []


async def test_who_holds_the_lock_knows_that_nothing_is_half_told(desk, store, made):
    async with running(desk.committer):
        async with desk.committer.lock:
            desk.decides(decision(made))
            await asyncio.sleep(0)
            await store.remove("me", made.id, NOON, "me")
        await until(lambda: desk.committer.refused)

    assert desk.told == []
    assert await store.firings("me") == []


async def test_what_was_missed_while_nobody_ran_says_so(desk, made):
    desk.committer.resumed_at = NOON + 1
    late = {"cause": Cause.GAP_BACKFILL, "late": True}
    desk.decides(
        decision(made, "1", **late), decision(made, "2", event_at=NOON + 1, **late), decision(made, "3")
    )
    await desk.committer.commit()

    assert [each.cause for each in desk.told] == [Cause.RESTART, Cause.GAP_BACKFILL, Cause.LIVE]


async def test_a_database_that_is_away_for_a_while_loses_nothing(postgres_database):
    database = Database(postgres_database)
    store = AlertStore(database)
    made = (await store.create([alert()], NOON, "me"))[0]
    desk = Desk(store, scale=10.0)
    async with running(desk.committer):
        async with Outage(postgres_database):
            for key in "123":
                desk.decides(decision(made, key), cursors=[cursor(NOON + int(key))])
                failures = desk.committer.failures
                await until(partial(has_failed, desk, failures))
            assert desk.committer.error is not None
            assert desk.committer.waiting == 3
            assert desk.told == []
        await until(lambda: desk.told, 15)
    stored = await store.firings("me", after_seq=0)
    cursors = await store.cursors()
    await database.stop()

    assert [each.key for each in stored] == ["1", "2", "3"]
    assert cursors == [cursor(NOON + 3)]
    assert desk.committer.error is None
    assert desk.committer.waiting == 0


async def test_what_somebody_else_decided_comes_after_what_was_judged(desk, store, made):
    desk.committer.add([standing(made, state=AlertState.WARMING)])
    desk.committer.decide([standing(made, state=AlertState.EXPIRED)])
    desk.decides(decision(made), dirty=[standing(made, memory=b"older")])
    await desk.committer.commit()

    assert [each.state for each in await store.standings()] == [AlertState.EXPIRED]
    assert len(desk.told) == 1


def test_joined_batches_keep_decisions_in_order_and_the_newest_memory():
    one, two = alert("one"), alert("two")
    first = Batch(
        decisions=[decision(one, "1")],
        dirty=[standing(one, memory=b"old"), standing(two, memory=b"old")],
        cursors=[cursor(1)],
    )
    second = Batch(decisions=[decision(two, "2")], dirty=[standing(one, memory=b"new")], cursors=[cursor(2)])

    both = joined(first, second)

    assert [each.firing and each.firing.key for each in both.decisions] == ["1", "2"]
    assert both.dirty == [standing(one, memory=b"new")]
    assert both.cursors == [cursor(2)]
    assert joined(Batch(), second) is second
