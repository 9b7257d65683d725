"""Tests of storage/firings.py."""

import pytest

from crypto_portfolio_analyzer.core.alerts import Batch, Decision, Suppressed
from crypto_portfolio_analyzer.errors import NotFound
from tests.storage.made import NOW, alert, decision, rows, standing


@pytest.fixture
async def made(store):
    return await store.create([alert("a"), alert("b"), alert(owner="bob")], NOW, "ada")


@pytest.fixture
async def stored(store, made):
    """Six firings of ada's, in the order of her feed, and one of bob's."""
    a, b, theirs = made
    decisions = [
        decision(a, 1, event_at=NOW + 1),
        decision(b, 1, event_at=NOW + 2),
        decision(a, 2, event_at=NOW + 4, symbol="ETH/USDT"),
        decision(theirs, 1, event_at=NOW + 3),
        decision(a, 3, event_at=NOW + 3, late=True),
        decision(b, 2, event_at=NOW + 5),
        decision(a, 4, event_at=NOW + 6),
    ]
    return [
        each for each in await store.commit(Batch(decisions=decisions), NOW) if each.alert_id != theirs.id
    ]


async def test_firings_come_newest_first(store, stored):
    assert await store.firings("ada") == stored[::-1]
    assert await store.firings("ada", limit=2) == stored[:-3:-1]
    assert await store.firings("eve") == []


async def test_firings_are_found_by_alert_symbol_and_time(store, stored, made):
    async def found(**asked):
        return [each.seq for each in await store.firings("ada", **asked)]

    assert await found(alert_id=made[1].id) == [5, 2]
    assert await found(symbol="ETH/USDT") == [3]
    assert await found(since=NOW + 2, until=NOW + 4) == [4, 2]
    assert await found(alert_id=made[0].id, since=NOW + 4) == [6, 3]
    assert await found(alert_id=made[2].id) == []


async def test_feed_is_read_page_by_page_in_either_direction(store, stored):
    first = await store.firings("ada", limit=4)
    assert first + await store.firings("ada", before_seq=first[-1].seq, limit=4) == stored[::-1]

    oldest = await store.firings("ada", after_seq=0, limit=4)
    assert oldest + await store.firings("ada", after_seq=oldest[-1].seq, limit=4) == stored
    assert await store.firings("ada", after_seq=6) == []


async def test_firings_are_found_by_id_whoever_they_belong_to(store, stored, made):
    (theirs,) = await store.firings("bob")
    some = [stored[3].id, "unknown", stored[1].id]

    assert await store.stored(some) == [stored[1], stored[3]]
    assert await store.stored([theirs.id]) == [theirs]
    assert await store.stored([]) == []


async def test_firing_is_its_owners(store, stored):
    assert await store.firing("ada", stored[2].id) == stored[2]
    with pytest.raises(NotFound, match=f"no firing '{stored[2].id}'"):
        await store.firing("bob", stored[2].id)


async def test_firings_of_a_deleted_alert_are_still_there(store, stored, made):
    await store.remove("ada", made[0].id, NOW, "ada")

    assert await store.firings("ada") == stored[::-1]


async def test_firings_are_counted_by_alert(store, stored, made):
    assert await store.counts("ada", NOW) == {made[0].id: 4, made[1].id: 2}
    assert await store.counts("ada", NOW + 5) == {made[0].id: 1, made[1].id: 1}
    assert await store.counts("ada", NOW + 7) == {}


async def test_suppressed_triggers_come_newest_first(store, made):
    triggers = [
        Suppressed(
            alert_id=made[0].id, symbol="BTC/USDT", revision=1, event_at=NOW + n, price=1.0 + n, reason=reason
        )
        for n, reason in enumerate(["cooldown", "silence", "rearm"])
    ]
    decided = [Decision(standing=standing(made[0]), suppressed=each) for each in triggers]

    await store.commit(Batch(decisions=decided), NOW)

    assert await store.suppressed("ada", made[0].id) == triggers[::-1]
    assert await store.suppressed("ada", made[0].id, limit=1) == triggers[-1:]
    assert await store.suppressed("ada", made[1].id) == []


async def test_firing_is_seen_once_by_the_first(store, stored, database):
    first, second = stored[:2]

    assert await store.mark_seen("ada", first.id, "ada", NOW + 1)
    assert not await store.mark_seen("ada", first.id, "bob", NOW + 2)
    assert not await store.mark_seen("bob", second.id, "bob", NOW)
    assert not await store.mark_seen("ada", "unknown", "ada", NOW)

    assert await store.seen("ada", [first.id, second.id]) == {first.id: (NOW + 1, "ada")}
    assert await store.seen("bob", [first.id]) == {}
    assert await store.seen("ada", []) == {}
    query = "select actor, subject, at from audit where action = 'firing.seen'"
    assert await rows(database, query) == [("ada", first.id, NOW + 1)]
