"""Tests of storage/watchlists.py."""

import pytest

from crypto_portfolio_analyzer.errors import NotFound
from tests.storage.made import NOW, rows


async def test_watchlist_keeps_its_symbols_in_order(store):
    await store.set_watchlist("ada", "majors", ["ETH/USDT", "BTC/USDT"], NOW, "ada")

    assert await store.watchlist("ada", "majors") == ("ETH/USDT", "BTC/USDT")


async def test_watchlist_is_replaced_and_removed(store, database):
    await store.set_watchlist("ada", "majors", ["ETH/USDT"], NOW, "ada")
    await store.set_watchlist("ada", "majors", ["BTC/USDT"], NOW + 1, "ada")
    assert await store.watchlist("ada", "majors") == ("BTC/USDT",)

    await store.set_watchlist("ada", "majors", [], NOW + 2, "ada")

    with pytest.raises(NotFound, match="no watchlist 'majors'"):
        await store.watchlist("ada", "majors")
    actions = [row[0] for row in await rows(database, "select action from audit order by seq")]
    assert actions == ["watchlist.set", "watchlist.set", "watchlist.removed"]


async def test_watchlist_is_its_owners(store):
    await store.set_watchlist("ada", "majors", ["ETH/USDT"], NOW, "ada")
    await store.set_watchlist("bob", "majors", ["SOL/USDT"], NOW, "bob")

    assert await store.watchlist("ada", "majors") == ("ETH/USDT",)
    with pytest.raises(NotFound):
        await store.watchlist("eve", "majors")


async def test_an_owners_watchlists_are_listed_by_name(store):
    await store.set_watchlist("ada", "zoo", ["ETH/USDT"], NOW, "ada")
    await store.set_watchlist("ada", "majors", ["BTC/USDT", "ETH/USDT"], NOW, "ada")
    await store.set_watchlist("bob", "other", ["SOL/USDT"], NOW, "bob")

    found = await store.watchlists("ada")

    assert list(found.items()) == [("majors", ("BTC/USDT", "ETH/USDT")), ("zoo", ("ETH/USDT",))]
