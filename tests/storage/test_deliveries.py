"""Tests of storage/deliveries.py."""

import pytest
from sqlalchemy import text

from crypto_portfolio_analyzer.core.alerts import Batch
from crypto_portfolio_analyzer.core.notices.notification import Content, DeliveryState, Kind, Law
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage import deliveries as module
from tests.storage.made import NOW, add_channel, alert, decision
from tests.storage.sending import SECOND, UNTIL, attempt, claimed, delivered, queued, retried


@pytest.fixture
async def phone(database):
    return await add_channel(database, "phone")


@pytest.fixture
async def desk(database):
    return await add_channel(database, "desk")


@pytest.fixture
async def fired(store, phone, desk):
    """Three firings of two of ada's alerts, told to both of her channels."""
    a, b = await store.create(
        [alert("a", channels=("phone", "desk")), alert("b", channels=("desk",))], NOW, "ada"
    )
    decisions = [decision(a, 1), decision(b, 1), decision(a, 2)]
    return await store.commit(Batch(decisions=decisions), NOW)


async def change(database, statement):
    """Change the database behind everybody's back."""
    async with database.writing() as connection:
        await connection.execute(text(statement))


async def test_log_is_read_newest_first_page_by_page(outbox, fired):
    every = await outbox.deliveries("ada")

    assert [each.number for each in every] == [5, 4, 3, 2, 1]
    first = await outbox.deliveries("ada", limit=2)
    assert first + await outbox.deliveries("ada", before=first[-1].number) == every
    assert await outbox.deliveries("bob") == []


async def test_log_is_searched(outbox, fired, phone, desk):
    notice = await outbox.queue(phone, Kind.NOTICE, Content(title="n"), NOW + SECOND)
    (sent,) = await claimed(outbox, phone, 1)
    await outbox.settle([delivered(sent)], NOW)

    async def found(**asked):
        return [each.number for each in await outbox.deliveries("ada", **asked)]

    assert await found(channel_id=phone.id) == [6, 5, 2]
    assert await found(firing_id=fired[0].id) == [2, 1]
    assert await found(alert_id=fired[0].alert_id) == [5, 4, 2, 1]
    assert await found(alert_id=fired[1].alert_id, channel_id=desk.id) == [3]
    assert await found(states=[DeliveryState.DELIVERED]) == [2]
    assert await found(states=[DeliveryState.DELIVERED, DeliveryState.QUEUED], channel_id=phone.id) == [
        6,
        5,
        2,
    ]
    assert await found(kind=Kind.NOTICE) == [6]
    assert await found(since=NOW + SECOND) == [6]
    assert await found(until=NOW + SECOND, kind=Kind.FIRING, before=3) == [2, 1]
    assert notice.number == 6


async def test_delivery_is_its_owners(outbox, fired):
    (one, *_) = await outbox.deliveries("ada")

    assert await outbox.delivery("ada", one.id) == one
    with pytest.raises(NotFound, match=f"no delivery '{one.id}'"):
        await outbox.delivery("bob", one.id)


async def test_deliveries_are_found_by_firing(outbox, fired):
    first, second, _ = fired

    found = await outbox.of_firings("ada", [first.id, second.id, "unknown"])

    assert {key: [each.channel_id for each in its] for key, its in found.items()} == {
        first.id: ["ada-desk", "ada-phone"],
        second.id: ["ada-desk"],
    }
    assert await outbox.of_firings("bob", [first.id]) == {}
    assert await outbox.of_firings("ada", []) == {}


async def test_deliveries_of_one_message_are_found_by_its_name_there(outbox, phone, desk):
    await queued(outbox, phone, "a", "b", "c")
    await queued(outbox, desk, "d")
    a, b, c = await claimed(outbox, phone)
    (d,) = await claimed(outbox, desk)
    told = [(a, "5:77"), (b, "5:77"), (c, "5:78"), (d, "5:77")]
    await outbox.settle([delivered(each, reference=name) for each, name in told], NOW)

    assert [each.id for each in await outbox.of_message("ada", phone.id, "5:77")] == [b.id, a.id]
    assert await outbox.of_message("bob", phone.id, "5:77") == []
    assert await outbox.of_message("ada", phone.id, "") == []


async def test_of_many_deliveries_the_last_attempts_are_read_at_once(outbox, phone, monkeypatch):
    monkeypatch.setattr("crypto_portfolio_analyzer.storage.rows.BATCH", 2)
    made = await queued(outbox, phone, "a", "b", "c")
    (a, b, _) = await claimed(outbox, phone)
    await outbox.settle([retried(a, NOW), delivered(b)], NOW)
    (again,) = await claimed(outbox, phone, 1)
    last = attempt(again, at=NOW + 9 * SECOND, status=204)
    await outbox.settle([delivered(again, attempt=last)], NOW)

    found = await outbox.last_attempts([each.id for each in made])

    assert found == {a.id: last, b.id: attempt(b)}


async def test_states_are_counted(outbox, database, fired, phone):
    theirs = await add_channel(database, "phone", owner="bob")
    await queued(outbox, theirs, "x")
    await outbox.settle([delivered(each) for each in await claimed(outbox, phone, 1)], NOW)

    mine = await outbox.counts("ada")
    assert mine == dict.fromkeys(DeliveryState, 0) | {DeliveryState.QUEUED: 4, DeliveryState.DELIVERED: 1}
    assert (await outbox.counts())[DeliveryState.QUEUED] == 5


async def test_old_attempts_are_forgotten(outbox, phone, monkeypatch):
    monkeypatch.setattr(module, "PRUNE_BATCH", 2)
    await queued(outbox, phone, *"abcdef")
    sent = await claimed(outbox, phone)
    await outbox.settle(
        [delivered(each, attempt=attempt(each, at=NOW + n)) for n, each in enumerate(sent)], NOW
    )

    assert await outbox.prune(NOW) == 0
    assert await outbox.prune(NOW + 5) == 5
    assert [len(await outbox.attempts(each.id)) for each in sent] == [0, 0, 0, 0, 0, 1]
    assert (await outbox.counts())[DeliveryState.DELIVERED] == 6


async def test_law_holds_through_the_life_of_deliveries(outbox, fired, phone, desk):
    await outbox.queue(phone, Kind.NOTICE, Content(title="not counted"), NOW)
    a, b = (await claimed(outbox, phone))[:2]
    await outbox.settle([delivered(a), retried(b, NOW + SECOND)], NOW)
    await claimed(outbox, desk, 2)
    await outbox.cancel("ada", [(await outbox.deliveries("ada", channel_id=desk.id))[0].id], NOW, "ada")

    assert await outbox.law() == [
        Law(desk.id, 3, {DeliveryState.CANCELLED: 1, DeliveryState.SENDING: 2}),
        Law(phone.id, 2, {DeliveryState.DELIVERED: 1, DeliveryState.RETRY_WAIT: 1}),
    ]
    await outbox.rescue(UNTIL + 1)
    await outbox.remove_channel("ada", desk.id, NOW, "ada")
    assert all(not each.broken for each in await outbox.law())


@pytest.mark.parametrize(
    ("damage", "flaw"),
    [
        ("state = 'lost'", "is in no known state"),
        ("state = 'sending'", "is sent by nobody, or held without being sent"),
        ("claim = 'x', claimed_until = 1", "is sent by nobody, or held without being sent"),
        ("state = 'dead'", "is settled at no time, or pending although it was settled"),
        ("settled_at = 1", "is settled at no time, or pending although it was settled"),
        ("state = 'delivered', settled_at = 1", "was told without an attempt"),
        ("attempts = 1", "was told without an attempt"),
        ("called_off = 'x'", "was called off and is not cancelled"),
        ("owner = 'bob'", "goes to the channel of another owner"),
        ("kind = 'notice'", "is about a firing it does not name"),
        ("content = '{}'", "has nothing to tell, or two things"),
    ],
)
async def test_delivery_that_contradicts_itself_breaks_the_law(outbox, database, fired, phone, damage, flaw):
    (one, *_) = await outbox.deliveries("ada", channel_id=phone.id)

    await change(database, f"update deliveries set {damage} where number = {one.number}")

    broken = [reason for each in await outbox.law() for reason in each.broken]
    assert broken == [f"{one.id}: {flaw}"]


async def test_what_waits_for_a_removed_channel_breaks_the_law(outbox, database, fired, phone):
    await change(database, f"update channels set deleted_at = 1 where id = '{phone.id}'")

    assert [len(each.broken) for each in await outbox.law()] == [0, 2]


async def test_delivery_that_is_missing_or_too_many_breaks_the_law(outbox, database, fired):
    await change(database, "delete from deliveries where number = 3")
    await change(database, f"update firings set told_to = 1 where id = '{fired[0].id}'")

    *_, law = await outbox.law()

    assert (law.channel_id, law.told) == ("", 2)
    assert sorted(law.broken) == sorted(
        [f"{fired[0].id}: stored with 1, has 2", f"{fired[1].id}: stored with 1, has 0"]
    )
