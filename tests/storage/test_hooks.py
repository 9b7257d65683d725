"""Tests of storage/hooks.py."""

import asyncio

import pytest

from crypto_portfolio_analyzer.core.notices.links import Hook
from crypto_portfolio_analyzer.core.notices.notification import Content, DeliveryState, Kind
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.hooks import REPEAT_WINDOW, HookStore
from tests.storage.made import NOW, add_channel, rows

CONTENT = Content(title="BUY BTC", text="<b>now</b>", data={"ticker": "BTCUSDT"})


def hook(name="tv", owner="ada", **changes):
    return Hook(id=f"{owner}-{name}", owner=owner, name=name, created_at=NOW, **changes)


@pytest.fixture
def hooks(database):
    return HookStore(database)


async def test_hook_is_found_by_its_token_alone(hooks, database):
    tv = hook(channels=("phone", "ada-desk"))
    token = await hooks.add(tv, NOW, "ada")
    other = await hooks.add(hook("other"), NOW, "ada")

    assert await hooks.by_token(token) == tv
    assert await hooks.by_token(token[:-1]) is None
    assert await hooks.by_token("") is None
    assert token != other
    assert len(token) == 32
    stored = str(await rows(database, "select * from hooks")) + str(
        await rows(database, "select * from audit")
    )
    assert token not in stored


async def test_hooks_are_their_owners(hooks):
    token = await hooks.add(hook(), NOW, "ada")
    theirs = hook(owner="bob")
    await hooks.add(theirs, NOW, "bob")

    with pytest.raises(InvalidInput, match="hook 'tv' exists; choose another name"):
        await hooks.add(Hook(id="new", owner="ada", name="tv"), NOW, "ada")
    with pytest.raises(NotFound, match="no hook 'ada-tv'"):
        await hooks.remove("bob", "ada-tv", NOW, "bob")
    await hooks.remove("ada", "tv", NOW, "ada")

    assert await hooks.hooks("ada") == []
    assert await hooks.hooks("bob") == [theirs]
    assert await hooks.by_token(token) is None


async def test_hooks_are_in_the_audit(hooks, database):
    await hooks.add(hook(), NOW, "ada")
    await hooks.remove("ada", "ada-tv", NOW + 1, "eve")

    assert await rows(database, "select actor, action, subject, details, at from audit order by seq") == [
        ("ada", "hook.created", "ada-tv", '{"owner":"ada","name":"tv"}', NOW),
        ("eve", "hook.removed", "ada-tv", '{"owner":"ada","name":"tv"}', NOW + 1),
    ]


async def test_what_comes_in_is_stored_and_queued(hooks, outbox, database):
    await add_channel(database, "phone", ttl=60)
    await add_channel(database, "desk", is_default=True)
    await add_channel(database, "off", enabled=False)
    tv = hook(channels=("phone", "off"))
    await hooks.add(tv, NOW, "ada")

    assert await hooks.take(tv, CONTENT, "d1", NOW)

    (made,) = await outbox.deliveries("ada")
    assert (made.kind, made.content, made.channel_id) == (Kind.INBOUND, CONTENT, "ada-phone")
    assert (made.state, made.expires_at, made.firing_id) == (DeliveryState.QUEUED, NOW + 60, None)
    ((about, at, digest),) = await rows(database, "select id, at, digest from inbound")
    assert (made.id, at, digest) == (f"{about}_ada-phone", NOW, "d1")


async def test_hook_without_channels_goes_to_the_default_ones(hooks, outbox, database):
    for name, is_default in (("a", True), ("b", False), ("c", True)):
        await add_channel(database, name, is_default=is_default)
    await hooks.add(hook(), NOW, "ada")

    await hooks.take(hook(), CONTENT, "d1", NOW)

    assert [each.channel_id for each in await outbox.deliveries("ada")] == ["ada-c", "ada-a"]


async def test_repeat_is_taken_once(hooks, outbox, database):
    await add_channel(database, "phone", is_default=True)
    await hooks.add(hook(), NOW, "ada")
    await hooks.add(hook("other"), NOW, "ada")

    assert await hooks.take(hook(), CONTENT, "d1", NOW)
    assert not await hooks.take(hook(), CONTENT, "d1", NOW + REPEAT_WINDOW - 1)
    assert await hooks.take(hook(), CONTENT, "d2", NOW)
    assert await hooks.take(hook("other"), CONTENT, "d1", NOW)
    assert await hooks.take(hook(), CONTENT, "d1", NOW + REPEAT_WINDOW)
    assert (await outbox.counts())[DeliveryState.QUEUED] == 4


async def test_of_repeats_at_once_one_is_taken(hooks, outbox, database):
    await add_channel(database, "phone", is_default=True)
    await hooks.add(hook(), NOW, "ada")

    taken = await asyncio.gather(*(hooks.take(hook(), CONTENT, "d1", NOW) for _ in range(6)))

    assert sorted(taken) == [False] * 5 + [True]
    assert (await outbox.counts())[DeliveryState.QUEUED] == 1


async def test_nothing_comes_in_by_a_removed_hook(hooks, outbox, database):
    await add_channel(database, "phone", is_default=True)
    await hooks.add(hook(), NOW, "ada")
    await hooks.take(hook(), CONTENT, "d1", NOW)
    await hooks.remove("ada", "tv", NOW, "ada")

    assert not await hooks.take(hook(), CONTENT, "d2", NOW)
    assert await rows(database, "select * from inbound") == []
    assert (await outbox.counts())[DeliveryState.QUEUED] == 1


async def test_old_signals_are_forgotten(hooks, outbox, database):
    await hooks.add(hook(), NOW, "ada")
    await hooks.take(hook(), CONTENT, "d1", NOW)
    await hooks.take(hook(), CONTENT, "d2", NOW + 9)

    await outbox.prune(NOW + 9)

    assert await rows(database, "select digest from inbound") == [("d2",)]
