"""Tests of storage/channels.py."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.notices.notification import DeliveryState
from crypto_portfolio_analyzer.errors import ConfigError, InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.channels import ChannelStore
from crypto_portfolio_analyzer.storage.sealing import Sealing
from tests.storage.made import NOW, SEALING, channel, rows
from tests.storage.sending import claimed, queued, retried

AUDIT = "select actor, action, subject, details, at from audit order by seq"
LATER = NOW + 100
OTHER_KEY = "YKc6Hitd-UXD4fYHuPJ4hNnt31_5Xuh4T3PxdnIanT0="


async def test_channel_comes_back_as_it_was_stored(outbox):
    odd = channel(
        name="ntfy é",
        is_default=True,
        enabled=False,
        ttl=5,
        verified_at=None,
        disabled_reason="410",
        failing_since=3,
        failures=7,
        paused_until=9,
        options={"url": "https://h", "list": [1, "a"], "deep": {"a": None}, "flag": False, "rate": 0.5},
    )

    assert await outbox.add_channel(odd, "ada") == odd
    assert await outbox.channel("ada", odd.id) == odd == await outbox.channel("ada", "ntfy é")


async def test_options_are_read_by_nobody_else(outbox, database, database_url):
    phone = await outbox.add_channel(channel(), "ada")
    await outbox.replace_channel(replace(phone, name="other"), LATER, "ada")
    await outbox.remove_channel("ada", phone.id, LATER, "ada")

    stored = str(await rows(database, "select * from channels")) + str(await rows(database, AUDIT))
    assert "canary" not in stored
    assert "127.0.0.1" not in stored
    assert await rows(database, "select sealed from channels") == [("",)]


async def test_every_change_by_a_person_is_in_the_audit(outbox, database):
    phone = await outbox.add_channel(channel(), "ada")
    await outbox.note_health(replace(phone, failures=1))
    await outbox.replace_channel(replace(phone, enabled=False), LATER, "bob")
    await outbox.remove_channel("ada", phone.id, LATER + 1, "eve")

    entries = await rows(database, AUDIT)
    assert [(who, what, of, at) for who, what, of, _, at in entries] == [
        ("ada", "channel.created", phone.id, NOW),
        ("bob", "channel.changed", phone.id, LATER),
        ("eve", "channel.deleted", phone.id, LATER + 1),
    ]
    assert entries[0][3] == '{"owner":"ada","name":"phone","type":"webhook","enabled":true,"default":false}'


async def test_names_are_unique_to_an_owner(outbox):
    phone = await outbox.add_channel(channel(), "ada")
    desk = await outbox.add_channel(channel("desk"), "ada")
    await outbox.add_channel(channel(owner="bob"), "bob")

    with pytest.raises(InvalidInput, match="channel 'phone' exists; choose another name"):
        await outbox.add_channel(channel(id="new"), "ada")
    with pytest.raises(InvalidInput, match="channel 'desk' exists"):
        await outbox.replace_channel(replace(phone, name="desk"), LATER, "ada")

    await outbox.remove_channel("ada", "desk", LATER, "ada")
    renamed = await outbox.replace_channel(replace(phone, name="desk"), LATER, "ada")
    assert renamed == replace(phone, name="desk", updated_at=LATER)
    assert await outbox.channels("ada") == [renamed]
    assert desk.id != renamed.id


async def test_channel_is_its_owners(outbox):
    phone = await outbox.add_channel(channel(), "ada")

    for ask in (
        outbox.channel("bob", phone.id),
        outbox.remove_channel("bob", phone.id, NOW, "bob"),
        outbox.replace_channel(replace(phone, owner="bob"), NOW, "bob"),
        outbox.channel("ada", "unknown"),
    ):
        with pytest.raises(NotFound, match="no channel"):
            await ask

    assert await outbox.channels("bob") == []
    assert await outbox.channels("ada") == [phone]


async def test_id_goes_before_a_name_that_looks_like_one(outbox):
    phone = await outbox.add_channel(channel(), "ada")
    await outbox.add_channel(channel(phone.id, id="sly"), "ada")

    assert await outbox.channel("ada", phone.id) == phone


async def test_channels_come_oldest_first_and_by_type(outbox):
    second = await outbox.add_channel(channel("b", created_at=NOW + 1), "ada")
    first = await outbox.add_channel(channel("z"), "ada")
    chat = await outbox.add_channel(channel("chat", owner="bob", type="telegram"), "bob")

    assert await outbox.channels("ada") == [first, second]
    assert await outbox.all_channels("webhook") == [first, second]
    assert await outbox.all_channels("telegram") == [chat]
    assert await outbox.all_channels("pigeon") == []


async def test_removed_channel_is_gone_with_what_waited_for_it(outbox):
    phone = await outbox.add_channel(channel(), "ada")
    await queued(outbox, phone, "a", "b", "c")
    a, b = await claimed(outbox, phone, 2)
    await outbox.settle([retried(a, LATER)], NOW)

    assert await outbox.remove_channel("ada", phone.id, LATER, "ada") == phone

    states = {each.id: each for each in await outbox.deliveries("ada")}
    assert states[b.id].state is DeliveryState.SENDING
    cancelled = [each for each in states.values() if each.id != b.id]
    assert [(each.state, each.reason, each.settled_at) for each in cancelled] == [
        (DeliveryState.CANCELLED, "the channel was removed", LATER)
    ] * 2
    with pytest.raises(NotFound):
        await outbox.channel("ada", phone.id)
    assert await outbox.all_channels("webhook") == []


async def test_what_the_attempts_teach_is_stored(outbox):
    phone = await outbox.add_channel(channel(), "ada")
    learned = replace(
        phone,
        enabled=False,
        disabled_reason="blocked",
        failing_since=NOW,
        failures=5,
        paused_until=LATER,
        verified_at=None,
        options={"chat": "-100"},
    )

    await outbox.note_health(replace(learned, name="not learned", is_default=True))

    assert await outbox.channel("ada", phone.id) == learned


async def test_what_was_learned_of_a_channel_that_was_changed_meanwhile_is_forgotten(outbox):
    old = await outbox.add_channel(channel(), "ada")
    new = await outbox.replace_channel(replace(old, options={"url": "https://new"}), LATER, "ada")

    await outbox.note_health(replace(old, enabled=False, disabled_reason="gone"))
    assert await outbox.channel("ada", old.id) == new

    await outbox.remove_channel("ada", old.id, LATER, "ada")
    await outbox.note_health(new)
    assert await outbox.channels("ada") == []


async def test_keys_are_replaced(database, outbox):
    made = [await outbox.add_channel(channel(name), "ada") for name in ("a", "b")]
    await outbox.remove_channel("ada", "b", NOW, "ada")
    old = "q3n0Wz7x9sXH5N2d8mYg2i6hHq2cVbJp4oV1kRt0uLw="

    assert await ChannelStore(database, Sealing([OTHER_KEY, old])).reseal() == 1

    assert await ChannelStore(database, Sealing([OTHER_KEY])).channels("ada") == made[:1]
    with pytest.raises(ConfigError, match="sealed with another key"):
        await ChannelStore(database, SEALING).channels("ada")
    with pytest.raises(ConfigError):
        await ChannelStore(database, SEALING).reseal()
