"""Tests of storage/standings.py."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import AlertState, Batch, Cursor
from crypto_portfolio_analyzer.storage import standings as module
from tests.storage.made import NOW, alert, rows, standing


@pytest.fixture
async def made(store):
    return await store.create([alert(f"a{n}") for n in range(3)], NOW, "ada")


async def test_standing_comes_back_as_it_was_stored(store, made):
    stored = standing(
        made[0], epoch=2**40, state=AlertState.COOLDOWN, reason="until 12:00", fired=3, since=NOW,
        last_fired_at=NOW - 1, cooldown_until=NOW + 1, key=NOW - 2, suppressed=9, memory=bytes(range(256)),
    )  # fmt: skip

    await store.set_state([stored, standing(made[1])], NOW)

    assert await store.standings() == [stored, standing(made[1])]
    assert await store.standings([made[1].id, "unknown"]) == [standing(made[1])]
    assert await store.standings([]) == []


async def test_every_standing_is_read_however_many(store, made, monkeypatch):
    monkeypatch.setattr(module, "READ", 4)
    stored = [standing(each, symbol=symbol) for each in made for symbol in "ABC"]

    await store.commit(Batch(dirty=stored[::-1]), NOW)

    assert await store.standings() == stored
    assert await store.standings([each.id for each in made] + [str(n) for n in range(1000)]) == stored


async def test_later_state_replaces_the_earlier(store, made):
    warming, armed = (standing(made[0], state=state) for state in (AlertState.WARMING, AlertState.ARMED))

    await store.set_state([warming, armed], NOW)
    assert await store.standings() == [armed]
    await store.set_state([warming], NOW)
    assert await store.standings() == [warming]
    await store.set_state([], NOW)


async def test_states_are_by_owner_and_alert(store, made):
    (theirs,) = await store.create([alert(owner="bob")], NOW, "bob")
    await store.set_state([standing(made[0], symbol=symbol) for symbol in "BA"], NOW)
    await store.set_state([standing(made[1]), standing(made[2]), standing(theirs)], NOW)
    await store.remove("ada", made[1].id, NOW, "ada")

    assert await store.states("ada") == {
        made[0].id: [standing(made[0], symbol="A"), standing(made[0], symbol="B")],
        made[2].id: [standing(made[2])],
    }
    assert await store.states("eve") == {}
    some = [each.id for each in made[1:]] + [theirs.id, "unknown"]
    assert await store.states("ada", some) == {made[2].id: [standing(made[2])]}
    assert await store.states("ada", []) == {}


@pytest.mark.parametrize("change", ["remove", "pause", "replace"])
async def test_state_of_an_alert_that_changed_is_not_taken(store, made, change):
    if change == "remove":
        await store.remove("ada", made[0].id, NOW, "ada")
    elif change == "pause":
        await store.enable("ada", made[0].id, False, NOW, "ada")
    else:
        await store.replace(made[0], NOW, "ada")

    await store.set_state([standing(made[0]), standing(made[1])], NOW)

    assert await store.standings() == [standing(made[1])]


async def test_paused_alert_takes_the_state_paused(store):
    (paused,) = await store.create([alert(enabled=False)], NOW, "ada")
    state = standing(paused, state=AlertState.PAUSED)

    await store.set_state([state, replace(state, revision=2), standing(paused)], NOW)

    assert await store.standings() == [state]


@pytest.mark.parametrize("state", AlertState)
async def test_what_ends_an_alert_is_in_the_audit(store, database, made, state):
    await store.set_state([standing(made[0], state=state, reason="why")], NOW + 5)

    found = await rows(
        database, "select actor, action, subject, at from audit where at > 0 order by seq desc limit 1"
    )
    over = state in (AlertState.DONE, AlertState.EXPIRED, AlertState.ERROR)
    assert (found == [("engine", f"alert.{state}", made[0].id, NOW + 5)]) is over


async def test_cursors_come_back(store):
    cursors = [Cursor("BTC/USDT", "binance", 5, 2**60, 1e-9), Cursor("BTC/USDT", "kraken", 6)]

    await store.commit(Batch(cursors=cursors), NOW)
    await store.commit(Batch(cursors=[Cursor("BTC/USDT", "kraken", 7)]), NOW)

    assert sorted(await store.cursors(), key=lambda each: each.venue) == [
        cursors[0],
        Cursor("BTC/USDT", "kraken", 7),
    ]
