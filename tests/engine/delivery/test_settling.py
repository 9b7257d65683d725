"""What became of deliveries is written in groups, until the store has it, and channels as they are by then."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.notices.notification import Channel, DeliveryState, Settlement
from crypto_portfolio_analyzer.engine.delivery.settling import GROUP, Book
from crypto_portfolio_analyzer.tasks import Nursery
from tests.engine.delivery.desk import Desk


class Desktop:
    def __init__(self):
        self.own = Desk()
        self.told: list[Settlement] = []
        self.learnt: list[Channel] = []
        self.book = Book(
            self.own.store,
            self.own.clock,
            settled=self.told.extend,
            learnt=lambda before, after: self.learnt.append(after),
        )

    async def claimed(self, count):
        channel = self.own.channel("hook")
        for _ in range(count):
            self.own.fire(channel)
        now = self.own.clock.now()
        works = await self.own.store.claim({channel.id: count}, now, now + 10**12, "me")
        return [
            Settlement(delivery_id=each.delivery.id, claim="me", state=DeliveryState.DELIVERED)
            for each in works
        ]


@pytest.fixture
async def desk():
    made, nursery = Desktop(), Nursery()
    await nursery.start()
    nursery.spawn(made.book.run())
    yield made
    await nursery.stop()


async def test_many_are_stored_in_few_transactions(desk):
    desk.book.put(await desk.claimed(2 * GROUP + 10))
    await desk.own.clock.advance(1)

    assert desk.own.store.groups == [GROUP, GROUP, 10]
    assert len(desk.told) == 2 * GROUP + 10


async def test_while_the_store_is_away_all_waits_and_then_is_stored_once(desk):
    some = await desk.claimed(3)
    desk.own.store.is_away = True
    desk.book.put(some)
    await desk.own.clock.advance(60)
    assert desk.book.is_behind
    assert desk.told == []

    desk.own.store.is_away = False
    await desk.own.clock.advance(6)

    assert not desk.book.is_behind
    assert desk.told == some


async def test_a_lesson_is_about_the_channel_as_it_is_by_then(desk):
    channel = desk.own.channel("hook", name="before")
    desk.own.store.by_id[channel.id] = replace(channel, name="edited meanwhile")
    desk.book.teach(channel, lambda known: replace(known, failures=known.failures + 1))
    await desk.own.clock.advance(1)

    assert desk.own.store.by_id[channel.id] == replace(channel, name="edited meanwhile", failures=1)
    assert [each.failures for each in desk.learnt] == [1]


async def test_a_lesson_about_nothing_new_or_nobody_is_not_stored(desk):
    channel = desk.own.channel("hook")
    desk.book.teach(channel, lambda known: known)
    del desk.own.store.by_id[desk.own.channel("hook").id]
    desk.book.teach(replace(channel, id="gone"), lambda known: replace(known, failures=9))
    await desk.own.clock.advance(1)

    assert desk.learnt == []
