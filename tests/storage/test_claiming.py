"""Tests of storage/claiming.py."""

import asyncio

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Batch
from crypto_portfolio_analyzer.core.notices.notification import Content, DeliveryState, Kind, Settlement
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from tests.storage.made import NOW, SEALING, add_channel, alert, decision, fires, rows
from tests.storage.sending import SECOND, UNTIL, claimed, delivered, queued, retried, titles


@pytest.fixture
async def phone(database):
    return await add_channel(database, "phone")


@pytest.fixture
async def desk(database):
    return await add_channel(database, "desk")


def held(delivery, due_at):
    """Return the settlement of a delivery that is kept for later, as over quiet hours."""
    state = DeliveryState.QUEUED
    return Settlement(
        delivery_id=delivery.id, claim=delivery.claim, state=state, reason="quiet", due_at=due_at
    )


async def test_claimed_are_the_first_and_nobody_elses(outbox, other_outbox, phone):
    await queued(outbox, phone, "a", "b", "c")

    mine = await claimed(outbox, phone, 2)
    theirs = await claimed(other_outbox, phone, 2, claim="they")

    assert titles(mine) == ["a", "b"]
    assert {(each.state, each.claim) for each in mine} == {(DeliveryState.SENDING, "me")}
    assert theirs == []  # c waits for what is being sent before it
    assert titles(await claimed(outbox, phone, 2)) == ["c"]


async def test_delivery_comes_with_its_firing_and_the_alert_as_it_was_then(outbox, store, phone):
    (high,) = await store.create([alert(channels=("phone",))], NOW, "ada")
    first = (await store.commit(fires(high), NOW))[0]
    newer = await store.replace(replace(high, condition="price > 70000", name="higher"), NOW, "ada")
    second = (await store.commit(Batch(decisions=[decision(newer, 9)]), NOW))[0]

    works = await outbox.claim({phone.id: 5}, NOW, UNTIL, "me")

    assert [each.firing for each in works] == [first, second]
    assert [each.alert for each in works] == [high, newer]
    assert [each.delivery.kind for each in works] == [Kind.FIRING, Kind.FIRING]


async def test_firing_of_a_deleted_alert_that_is_told_again_still_has_its_alert(outbox, store, phone):
    (high,) = await store.create([alert(channels=("phone",))], NOW, "ada")
    await store.commit(fires(high), NOW)
    (told,) = await claimed(outbox, phone)
    await outbox.settle([delivered(told)], NOW)
    await store.remove("ada", high.id, NOW, "ada")
    await outbox.redeliver("ada", [told.id], NOW, "ada")

    (work,) = await outbox.claim({phone.id: 1}, NOW, UNTIL, "me")

    assert work.alert == high


async def test_notice_has_no_firing(outbox, phone):
    await outbox.queue(phone, Kind.TEST, Content(title="does it ring?", data={"a": 1}), NOW)

    (work,) = await outbox.claim({phone.id: 1}, NOW, UNTIL, "me")

    assert (work.firing, work.alert) == (None, None)
    assert work.delivery.content == Content(title="does it ring?", data={"a": 1})


async def test_what_waits_to_be_tried_again_holds_up_what_comes_after(outbox, phone):
    await queued(outbox, phone, "a", "b", "c")
    a, b = await claimed(outbox, phone, 2)
    await outbox.settle([delivered(a), retried(b, NOW + 5 * SECOND)], NOW)

    assert await claimed(outbox, phone) == []
    assert [(each.due_at, each.due) for each in await outbox.lanes(NOW)] == [(NOW + 5 * SECOND, 0)]
    assert titles(await claimed(outbox, phone, now=NOW + 5 * SECOND)) == ["b", "c"]


async def test_what_comes_before_a_second_try_is_not_held_up_by_it(outbox, phone):
    await queued(outbox, phone, "a", "b")
    a, b = await claimed(outbox, phone)
    await outbox.settle([delivered(a), retried(b, NOW + 5 * SECOND)], NOW)
    await outbox.redeliver("ada", [a.id], NOW, "ada")

    assert [(each.due_at, each.due) for each in await outbox.lanes(NOW)] == [(NOW, 1)]
    assert titles(await claimed(outbox, phone)) == ["a"]


async def test_what_is_kept_for_later_holds_up_nothing(outbox, phone):
    await queued(outbox, phone, "a", "b")
    (a,) = await claimed(outbox, phone, 1)
    await outbox.settle([held(a, NOW + 5 * SECOND)], NOW)

    assert [(each.due_at, each.due) for each in await outbox.lanes(NOW)] == [(NOW, 1)]
    assert titles(await claimed(outbox, phone)) == ["b"]


async def test_in_channels_without_order_nothing_holds_up_anything(database, phone, desk):
    outbox = DeliveryStore(database, SEALING, unordered=["webhook"])
    other = await add_channel(database, "chat", type="telegram")
    for each in (phone, other):
        await queued(outbox, each, "a", "b", "c")
        (a,) = await claimed(outbox, each, 1)
        await outbox.settle([retried(a, NOW + 5 * SECOND)], NOW)

    lanes = {each.channel.id: (each.due_at, each.due) for each in await outbox.lanes(NOW)}
    assert lanes == {phone.id: (NOW, 2), other.id: (NOW + 5 * SECOND, 0)}
    assert titles(await claimed(outbox, phone, 1)) == ["b"]
    assert titles(await claimed(outbox, phone, 1, claim="they")) == ["c"]
    assert await claimed(outbox, other) == []


@pytest.mark.parametrize(
    "change", [{"enabled": False}, {"verified_at": None}, {"paused_until": NOW + SECOND}], ids=str
)
async def test_nothing_is_claimed_of_a_channel_that_is_not_to_be_told(outbox, phone, change):
    await queued(outbox, phone, "a")
    await outbox.note_health(replace(phone, **change))

    assert await claimed(outbox, phone) == []
    lanes = [(each.due_at, each.due) for each in await outbox.lanes(NOW)]
    assert lanes == ([(NOW + SECOND, 1)] if "paused_until" in change else [])

    await outbox.note_health(phone)
    assert titles(await claimed(outbox, phone)) == ["a"]


async def test_nothing_is_claimed_of_a_removed_or_unknown_channel(outbox, phone):
    await queued(outbox, phone, "a")
    await outbox.remove_channel("ada", phone.id, NOW, "ada")

    assert await outbox.claim({phone.id: 1, "unknown": 1}, NOW, UNTIL, "me") == []
    assert await outbox.claim({}, NOW, UNTIL, "me") == []
    assert await outbox.lanes(NOW) == []


async def test_many_channels_are_claimed_from_at_once_each_up_to_its_wish(outbox, phone, desk):
    await queued(outbox, phone, "a", "b", "c")
    await queued(outbox, desk, "d", "e")

    works = await outbox.claim({phone.id: 2, desk.id: 5, "unknown": 3}, NOW, UNTIL, "me")

    assert titles(each.delivery for each in works) == ["a", "b", "d", "e"]


async def test_lanes_tell_who_waits_since_when_and_how_much(outbox, phone, desk, database):
    await add_channel(database, "idle")
    await queued(outbox, desk, "a", at=NOW + 7)
    await queued(outbox, phone, "b", "c", at=NOW + 3)

    lanes = await outbox.lanes(NOW + 5)

    assert [(each.channel, each.due_at, each.due) for each in lanes] == [
        (desk, NOW + 7, 0),
        (phone, NOW + 3, 2),
    ]


@pytest.mark.parametrize("unordered", [(), ("webhook",)], ids=["ordered", "unordered"])
async def test_five_thousand_are_claimed_by_two_workers_each_exactly_once(
    database, database_url, store, unordered
):
    names = [f"c{n}" for n in range(50)]
    for name in names:
        await add_channel(database, name)
    made = await store.create([alert(f"a{n}", channels=(*names,)) for n in range(100)], NOW, "ada")
    await store.commit(fires(*made), NOW)
    other = Database(database_url)
    outboxes = [DeliveryStore(each, SEALING, unordered) for each in (database, other)]
    assert (await outboxes[0].counts())[DeliveryState.QUEUED] == 5_000
    wishes = {f"ada-{name}": 7 for name in names}
    got: list[list[int]] = [[], []]

    async def work(who):
        outbox = outboxes[who]
        while (await outbox.counts())[DeliveryState.QUEUED]:
            works = await outbox.claim(wishes, NOW, UNTIL, f"worker {who}")
            got[who] += [work.delivery.number for work in works]
            await outbox.settle([delivered(work.delivery) for work in works], NOW)

    async with asyncio.timeout(50):
        await asyncio.gather(*(work(who) for who in (0, 1, 0, 1)))

    assert sorted(got[0] + got[1]) == list(range(1, 5_001))
    assert await rows(database, "select count(*), max(number) from attempts") == [(5_000, 1)]
    if unordered and not database.is_sqlite:
        assert min(map(len, got)) > 0  # the test is about two, not about one
    await other.stop()
