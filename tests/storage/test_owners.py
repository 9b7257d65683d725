"""Tests of storage/owners.py."""

import asyncio

import pytest

from crypto_portfolio_analyzer.storage import owners
from crypto_portfolio_analyzer.storage.database import Database
from tests.storage.made import NOW, alert


@pytest.fixture
async def known(database):
    async with database.writing() as connection:
        await owners.add(connection, {"bob", "ada"})
        await owners.advance(connection, {"ada": 7})
        await owners.add(connection, {"ada", "eve"})


async def test_feeds_go_on_where_they_were(database, known):
    async with database.writing() as connection:
        assert await owners.hold(connection, ["eve", "ada", "nobody"]) == {"ada": 7, "eve": 0}
        await owners.advance(connection, {})


async def test_many_owners_are_held_at_once(database):
    names = [f"o{n:04}" for n in range(1100)]
    async with database.writing() as connection:
        await owners.add(connection, names)
        assert list(await owners.hold(connection, names[::-1])) == names


async def test_held_owner_is_waited_for(database, database_url, known):
    """What one holds the next gets when the first has finished, with what it did."""
    other = Database(database_url)
    ready = asyncio.Event()
    order = []

    async def first():
        async with database.writing() as connection:
            await owners.hold(connection, ["ada"])
            ready.set()
            for _ in range(20):
                await owners.advance(connection, {"ada": 8})
            order.append("first")

    async def second():
        await ready.wait()
        async with other.writing() as connection:
            assert await owners.hold(connection, ["ada"]) == {"ada": 8}
            order.append("second")

    async with asyncio.timeout(10):
        await asyncio.gather(second(), first())

    assert order == ["first", "second"]
    await other.stop()


async def test_living_alerts_are_held_with_their_owners(store, database):
    high, gone, off, theirs = await store.create(
        [alert(), alert("gone"), alert("off", enabled=False), alert(owner="bob", channels=("a",))], NOW, "ada"
    )
    await store.remove("ada", gone.id, NOW, "ada")

    async with database.writing() as connection:
        asked = [high.id, gone.id, off.id, theirs.id, "unknown"]
        living, seqs = await owners.hold_alerts(connection, asked)

    assert seqs == {"ada": 0, "bob": 0}
    assert {key: (row.owner, row.revision, row.enabled, row.channels) for key, row in living.items()} == {
        high.id: ("ada", 1, True, "[]"),
        off.id: ("ada", 1, False, "[]"),
        theirs.id: ("bob", 1, True, '["a"]'),
    }
