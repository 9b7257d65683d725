"""Tests of storage/outbox.py."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.notices.notification import MAX_AGE, Content, DeliveryState, Kind
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from tests.storage.made import NOW, add_channel, alert, fires, rows
from tests.storage.sending import SECOND, claimed, delivered, queued, retried

AUDIT = "select actor, action, subject, at from audit where action like 'delivery.%' order by seq"
LATER = NOW + 7 * SECOND


@pytest.fixture
async def phone(database):
    return await add_channel(database, "phone")


@pytest.fixture
async def bot(database):
    return await add_channel(database, "bot", ttl=60 * SECOND)


async def told(outbox, channel, name="a"):
    """Return a delivery that was told, after an attempt that may have been."""
    await queued(outbox, channel, name)
    (sent,) = await claimed(outbox, channel)
    await outbox.settle([delivered(sent, unsure=True, answer="ok", reference="7")], NOW)
    return await outbox.delivery("ada", sent.id)


async def test_notice_is_queued_for_its_channel(outbox, bot):
    content = Content(title="hello", text="<b>", data={"n": [1, None]})

    made = await outbox.queue(bot, Kind.TEST, content, NOW)

    assert made == await outbox.delivery("ada", made.id)
    assert (made.kind, made.content, made.channel_id, made.owner) == (Kind.TEST, content, bot.id, "ada")
    assert (made.state, made.due_at, made.created_at) == (DeliveryState.QUEUED, NOW, NOW)
    assert made.expires_at == NOW + 60 * SECOND
    assert "." not in made.id


async def test_same_key_queues_once(outbox, phone, bot):
    first = await outbox.queue(phone, Kind.NOTICE, Content(title="a"), NOW, key="off 1.0")
    again = await outbox.queue(phone, Kind.NOTICE, Content(title="b"), LATER, key="off 1.0")
    others = [
        await outbox.queue(bot, Kind.NOTICE, Content(title="a"), NOW, key="off 1.0"),
        await outbox.queue(phone, Kind.TEST, Content(title="a"), NOW, key="off 1.0"),
        await outbox.queue(phone, Kind.NOTICE, Content(title="a"), NOW),
        await outbox.queue(phone, Kind.NOTICE, Content(title="a"), NOW),
    ]

    assert again == first
    assert "." not in first.id
    assert len({first.id, *(each.id for each in others)}) == 5


async def test_told_again_under_the_old_key_and_for_another_while(outbox, phone, database):
    old = await told(outbox, phone)

    (again,) = await outbox.redeliver("ada", [old.id], LATER, "bob")

    assert again == replace(
        old, state=DeliveryState.QUEUED, attempts=0, due_at=LATER, settled_at=None, expires_at=LATER + MAX_AGE
    )
    assert again.unsure
    assert await rows(database, AUDIT) == [("bob", "delivery.redelivered", old.id, LATER)]
    assert [each.id for each in await claimed(outbox, phone, now=LATER)] == [old.id]


async def test_order_told_again_keeps_its_time_to_live(outbox, bot):
    old = await told(outbox, bot)

    (again,) = await outbox.redeliver("ada", [old.id], NOW + 59 * SECOND, "ada")

    assert again.expires_at == old.expires_at == NOW + 60 * SECOND


async def test_order_past_its_time_is_told_again_only_to_who_means_it_and_lives_once_more(outbox, bot):
    old, at = await told(outbox, bot), NOW + 60 * SECOND

    with pytest.raises(InvalidInput, match="1 of 1 are orders past their time to live"):
        await outbox.redeliver("ada", [old.id], at, "ada")
    assert await outbox.delivery("ada", old.id) == old
    (again,) = await outbox.redeliver("ada", [old.id], at, "ada", anyway=True)

    assert again.expires_at == at + 60 * SECOND


async def test_what_waits_for_a_channel_that_becomes_one_for_orders_is_an_order(outbox, phone):
    (waiting,) = await queued(outbox, phone, "a")

    await outbox.replace_channel(replace(phone, ttl=60 * SECOND), NOW, "ada")

    assert (await outbox.delivery("ada", waiting.id)).expires_at == NOW + 60 * SECOND


async def test_only_what_is_settled_is_told_again(outbox, phone, database):
    a, b, c = await queued(outbox, phone, "a", "b", "c")
    sent = await claimed(outbox, phone, 2)
    await outbox.settle([retried(sent[0], LATER)], NOW)

    assert await outbox.redeliver("ada", [a.id, b.id, c.id], NOW, "ada") == []
    assert await outbox.redeliver("ada", [], NOW, "ada") == []
    states = [(await outbox.delivery("ada", each.id)).state for each in (a, b, c)]
    assert states == [DeliveryState.RETRY_WAIT, DeliveryState.SENDING, DeliveryState.QUEUED]
    assert await rows(database, AUDIT) == []


async def test_what_is_somebody_elses_is_not_told_again(outbox, phone):
    old = await told(outbox, phone)

    for owner, ids in (("bob", [old.id]), ("ada", [old.id, "unknown"])):
        with pytest.raises(NotFound):
            await outbox.redeliver(owner, ids, LATER, owner)

    assert await outbox.delivery("ada", old.id) == old


async def test_nothing_is_told_again_by_a_removed_channel(outbox, phone):
    old = await told(outbox, phone)
    await outbox.remove_channel("ada", phone.id, NOW, "ada")

    with pytest.raises(InvalidInput, match="channel 'phone' was removed"):
        await outbox.redeliver("ada", [old.id], LATER, "ada")


async def test_hundreds_are_told_again(outbox, store, phone):
    made = await store.create([alert(f"a{n}", channels=("phone",)) for n in range(700)], NOW, "ada")
    await store.commit(fires(*made), NOW)
    sent = await claimed(outbox, phone, 700)
    await outbox.settle([delivered(each) for each in sent], NOW)

    again = await outbox.redeliver("ada", [each.id for each in sent], LATER, "ada")

    assert [each.id for each in again] == [each.id for each in sent]
    assert (await outbox.counts("ada"))[DeliveryState.QUEUED] == 700


async def test_what_waits_can_be_cancelled_and_told_after_all(outbox, phone, database):
    a, b, c = await queued(outbox, phone, "a", "b", "c")
    sent = await claimed(outbox, phone, 2)
    await outbox.settle([retried(sent[0], LATER)], NOW)

    assert await outbox.cancel("bob", [a.id, b.id, c.id], NOW, "bob") == 0
    assert await outbox.cancel("ada", [a.id, c.id, "unknown"], NOW, "eve") == 2
    assert await outbox.cancel("ada", [a.id, c.id], NOW, "eve") == 0

    now = [await outbox.delivery("ada", each.id) for each in (a, b, c)]
    assert [each.state for each in now] == ["cancelled", "sending", "cancelled"]
    assert [(each.reason, each.settled_at) for each in now[::2]] == [("by eve", NOW)] * 2
    assert [row[1:3] for row in await rows(database, AUDIT)] == [
        ("delivery.cancelled", a.id),
        ("delivery.cancelled", c.id),
    ]
    await outbox.redeliver("ada", [c.id], NOW, "ada")
    assert (await outbox.delivery("ada", c.id)).reason == ""
