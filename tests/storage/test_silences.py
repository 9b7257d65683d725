"""Tests of storage/silences.py."""

import pytest

from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.errors import NotFound
from tests.storage.made import NOW, rows


def silence(name="s", owner="ada", starts_at=NOW):
    return Silence(
        id=f"{owner}-{name}", owner=owner, matchers={"symbol": "BTC/*", "tag": "ü"}, starts_at=starts_at,
        ends_at=NOW + 10, comment="night", created_at=NOW - 1,
    )  # fmt: skip


async def test_silence_lasts_until_it_ends(store):
    await store.add_silence(silence(), "ada")

    assert await store.silences("ada", NOW + 9) == [silence()]
    assert await store.silences("ada", NOW + 10) == []


async def test_silences_are_of_one_owner_or_of_all(store):
    later, first, theirs = (
        silence("a", starts_at=NOW + 2),
        silence("b"),
        silence(owner="bob", starts_at=NOW + 1),
    )
    for each in (later, first, theirs):
        await store.add_silence(each, "ada")

    assert await store.silences("ada", NOW) == [first, later]
    assert await store.silences(None, NOW) == [first, theirs, later]


async def test_silence_is_ended_once_by_its_owner(store, database):
    await store.add_silence(silence(), "ada")
    with pytest.raises(NotFound, match="no silence 'ada-s'"):
        await store.end_silence("bob", "ada-s", NOW + 3, "bob")

    await store.end_silence("ada", "ada-s", NOW + 3, "eve")

    assert await store.silences("ada", NOW + 3) == []
    with pytest.raises(NotFound):
        await store.end_silence("ada", "ada-s", NOW + 4, "ada")
    assert await rows(database, "select actor, action, subject, at from audit order by seq") == [
        ("ada", "silence.created", "ada-s", NOW - 1),
        ("eve", "silence.ended", "ada-s", NOW + 3),
    ]
