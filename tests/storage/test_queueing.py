"""Tests of storage/queueing.py."""

import pytest

from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Kind
from crypto_portfolio_analyzer.storage.delivery_tables import deliveries
from crypto_portfolio_analyzer.storage.queueing import Target, call_off, meant, new_row, put, targets
from tests.storage.made import NOW, add_channel, rows
from tests.storage.sending import SECOND, claimed, queued, retried

A, B, C = (Target(f"id-{name}", name, name != "b", None) for name in "abc")


@pytest.mark.parametrize(
    ("wanted", "told"),
    [((), [A, C]), (("b",), [B]), (("id-b", "b"), [B]), (("c", "nowhere", "a"), [A, C]), (("nowhere",), [])],
)
def test_channels_are_meant_by_id_or_name_or_by_default(wanted, told):
    assert meant([A, B, C], wanted) == told


async def test_only_channels_that_may_be_told_are_targets(database):
    await add_channel(database, "off", enabled=False)
    await add_channel(database, "unproven", verified_at=None)
    await add_channel(database, "desk", ttl=5, is_default=True)
    await add_channel(database, "phone", owner="bob")

    async with database.reading() as connection:
        assert await targets(connection, ["ada", "eve", "bob"]) == {
            "ada": [Target("ada-desk", "desk", True, 5)],
            "bob": [Target("bob-phone", "phone", False, None)],
        }
        assert await targets(connection, []) == {}


async def test_deliveries_are_numbered_in_the_order_of_queueing(database, outbox):
    await add_channel(database, "phone")
    target = Target("ada-phone", "phone", False, 7)
    made = [
        new_row(f"n{n}", target, "ada", Kind.NOTICE, NOW, NOW + 1, content='{"title":""}') for n in range(900)
    ]

    async with database.writing() as connection:
        await put(connection, made)
        await put(connection, [])

    assert await rows(database, "select id from deliveries order by number") == [
        (f"n{n}_ada-phone",) for n in range(900)
    ]
    assert (await outbox.delivery("ada", "n7_ada-phone")).expires_at == NOW + 7


async def test_call_off_cancels_what_waits_and_marks_what_is_being_sent(database, outbox):
    phone = await add_channel(database, "phone")
    other = await add_channel(database, "other")
    a, b, c, d = await queued(outbox, phone, "a", "b", "c", "d")
    (kept,) = await queued(outbox, other, "e")
    first, _ = await claimed(outbox, phone, 2)
    await outbox.settle([retried(first, NOW + SECOND)], NOW)

    async with database.writing() as connection:
        off = await call_off(connection, deliveries.columns.channel_id == phone.id, "why", NOW + 2)
        again = await call_off(connection, deliveries.columns.channel_id == phone.id, "other", NOW + 3)

    assert (off, again) == ([a.id, c.id, d.id], [])
    states = [(await outbox.delivery("ada", each.id)).state for each in (a, b, c, d, kept)]
    assert states == ["cancelled", "sending", "cancelled", "cancelled", DeliveryState.QUEUED]
    assert (
        await rows(database, "select reason, settled_at from deliveries where state = 'cancelled'")
        == [("why", NOW + 2)] * 3
    )
