"""The outbox against a model of it, by random steps of two workers: claims, crashes, late answers, people."""

import asyncio

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from crypto_portfolio_analyzer.core.notices.notification import (
    Attempt,
    AttemptOutcome,
    Content,
    DeliveryState,
    Kind,
    Settlement,
)
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from crypto_portfolio_analyzer.storage.delivery_tables import deliveries
from crypto_portfolio_analyzer.storage.queueing import call_off
from tests.storage.made import SEALING, add_channel
from tests.storage.outbox_model import LEASE, Entry, Model

NAMES = ("a", "b")
WORKERS = st.sampled_from(["w1", "w2"])
CHANNELS = st.sampled_from(NAMES)
OUTCOMES = st.sampled_from(
    [DeliveryState.DELIVERED, DeliveryState.RETRY_WAIT, DeliveryState.DEAD, DeliveryState.QUEUED]
)


class Outbox(RuleBasedStateMachine):
    """Two workers and a person at one outbox; `url` says which database."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model = Model()
        self.now = 1
        self.held: dict[str, list[str]] = {"w1": [], "w2": []}

    def run(self, work):
        return self.runner.run(work)

    @initialize()
    def begin(self):
        self.run(self._begin())

    async def _begin(self):
        self.database = Database(self.url)
        async with self.database.writing() as connection:
            for table in ("attempts", "deliveries", "channels"):
                await connection.execute(text(f"delete from {table}"))  # names of ours
        self.store = DeliveryStore(self.database, SEALING)
        self.channels = {name: await add_channel(self.database, name, verified_at=0) for name in NAMES}
        for name in NAMES * 3:
            await self._queue(name)

    def teardown(self):
        if hasattr(self, "database"):
            self.run(self.database.stop())
        self.runner.close()

    @rule(name=CHANNELS)
    def queue(self, name):
        self.run(self._queue(name))

    async def _queue(self, name):
        made = await self.store.queue(self.channels[name], Kind.NOTICE, Content(title="t"), self.now)
        self.model.entries.append(Entry(made.id, name, due_at=self.now))

    @rule(worker=WORKERS, name=CHANNELS, count=st.integers(1, 3))
    def claim(self, worker, name, count):
        self._claim(worker, name, count)

    def _claim(self, worker, name, count):
        asked = {self.channels[name].id: count}
        works = self.run(self.store.claim(asked, self.now, self.now + LEASE, worker))
        got = [each.delivery.id for each in works]
        assert got == self.model.claim(name, count, self.now, worker)
        self.held[worker] += got

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data(), worker=WORKERS, state=OUTCOMES, wait=st.integers(0, 15))
    def settle(self, data, worker, state, wait):
        """Report some of what a worker believes to hold, perhaps long after it was taken away."""
        mine = sorted(set(self.held[worker]))
        ids = data.draw(st.lists(st.sampled_from(mine), unique=True, min_size=1)) if mine else []
        tried = state is not DeliveryState.QUEUED
        asked = [
            Settlement(
                delivery_id=each, claim=worker, state=state, due_at=self.now + wait,
                attempt=Attempt(delivery_id=each, number=1, at=self.now, took=0, outcome=AttemptOutcome.FAILED)
                if tried else None,
            )
            for each in ids
        ]  # fmt: skip
        settled = self.run(self.store.settle(asked, self.now))
        assert set(settled) == {
            each for each in ids if self.model.settle(each, worker, state, self.now + wait, tried)
        }
        self.held[worker] = [each for each in self.held[worker] if each not in ids]

    @rule(worker=WORKERS)
    def crash(self, worker):
        self.held[worker] = []

    @rule(worker=WORKERS)
    def renew(self, worker):
        self.run(self.store.renew(self.held[worker], worker, self.now + LEASE))
        self.model.renew(self.held[worker], worker, self.now + LEASE)

    @rule(seconds=st.sampled_from([LEASE // 2, LEASE - LEASE // 2, LEASE, LEASE + 1]))
    def time_passes(self, seconds):
        """Let time pass: up to the end of a claim exactly, or just beyond it; then look for those who are gone."""
        self._pass(seconds)

    @rule(worker=WORKERS, name=CHANNELS)
    def overtake(self, worker, name):
        """Freeze everybody so long that a worker takes over what the other still believes to hold."""
        self._pass(LEASE + 1)
        self._claim(worker, name, 3)

    def _pass(self, seconds):
        self.now += seconds
        assert self.run(self.store.rescue(self.now)) == self.model.rescue(self.now)

    @rule(name=CHANNELS)
    def call_off(self, name):
        self.run(self._call_off(deliveries.columns.channel_id == self.channels[name].id))
        self.model.call_off(name)

    async def _call_off(self, condition):
        async with self.database.writing() as connection:
            await call_off(connection, condition, "why", self.now)

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data())
    def redeliver(self, data):
        one = data.draw(st.sampled_from([each.id for each in self.model.entries]))
        self.run(self.store.redeliver("ada", [one], self.now, "ada"))
        self.model.redeliver(one, self.now)

    @invariant()
    def store_is_the_model(self):
        if hasattr(self, "store"):
            self.run(self._compare())

    async def _compare(self):
        stored = sorted(await self.store.deliveries("ada", limit=10_000), key=lambda each: each.number)
        assert [
            (each.id, each.state, each.due_at, each.claim, each.attempts, each.unsure) for each in stored
        ] == [
            (each.id, each.state, each.due_at, each.claim, each.attempts, each.unsure)
            for each in self.model.entries
        ]
        async with self.database.reading() as connection:
            tries = (await connection.scalars(text("select delivery_id from attempts order by id"))).all()
        assert sorted(tries) == sorted(self.model.tries)
        assert [each.broken for each in await self.store.law() if each.broken] == []


def play(url, examples, steps):
    """Let hypothesis look for steps after which store and model differ."""
    machine = type("Played", (Outbox,), {"url": url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_the_outbox_keeps_its_promises(database_url):
    play(database_url, examples=8, steps=25)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_whatever_happens_for_long_the_outbox_keeps_its_promises(database_url):
    play(database_url, examples=400, steps=60)
