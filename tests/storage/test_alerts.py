"""Tests of storage/alerts.py."""

import asyncio

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import AlertState, Rearm, Severity, Trigger
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage import alerts as module
from crypto_portfolio_analyzer.storage.alerts import RESTORE_GRACE
from crypto_portfolio_analyzer.storage.idempotency import KEY_LIFETIME
from tests.storage.made import NOW, add_channel, alert, fires, rows, standing


async def created(store, *alerts, now=NOW, key=None):
    return await store.create(alerts, now, "ada", key)


@pytest.fixture
async def high(store):
    return (await created(store, alert()))[0]


async def names(store, owner="ada", **asked):
    return [each.name for each in await store.of_owner(owner, **asked)]


async def test_alert_comes_back_as_it_was_made(store):
    asked = alert(
        symbols=("BTC/USDT", "ETH/USDT"), condition='rsi(14) < 30 and name = "ü"', timeframe="4h",
        trigger=Trigger.ONCE_PER_BAR, cooldown=2**60, rearm=Rearm(level=0.1), fresh=True, expires_at=NOW + 5,
        max_triggers=3, severity=Severity.CRITICAL, message="{symbol} 🚀", channels=("phone",), tags=("a", "b"),
        watchlist="majors", enabled=False, source="yaml",
    )  # fmt: skip

    (made,) = await created(store, asked)

    assert made == replace(asked, number=made.number, created_at=NOW, updated_at=NOW)
    assert await store.get("ada", asked.id) == await store.get("ada", "high") == made
    assert await store.revisions("ada", asked.id) == [made]


async def test_alerts_survive_a_restart(store, other_store, database, high):
    await database.stop()

    assert await other_store.get("ada", "high") == high


async def test_nothing_is_made_of_nothing(store):
    assert await created(store) == []


async def test_numbers_grow_and_are_never_given_twice(store):
    first = await created(store, *(alert(f"a{n}") for n in range(1200)))
    await store.remove("ada", "a1199", NOW, "ada")
    (later,) = await created(store, alert("later"))

    numbers = [each.number for each in (*first, later)]
    assert numbers == sorted(set(numbers))
    assert [each.name for each in first] == [f"a{n}" for n in range(1200)]


async def test_taken_name_refuses_all_and_is_named(store, high):
    with pytest.raises(InvalidInput, match="alert 'high' exists; choose another name"):
        await created(store, alert("new"), alert("high", id="another"))
    with pytest.raises(InvalidInput, match="alert 'twin' exists"):
        await created(store, alert("twin", id="1"), alert("twin", id="2"))

    assert await names(store) == ["high"]


async def test_name_is_taken_once_whoever_asks_at_the_same_time(store, other_store, high):
    tries = [created(each, alert("low", id=str(n))) for n, each in enumerate([store, other_store] * 4)]

    done = await asyncio.gather(*tries, return_exceptions=True)

    assert sorted(type(each).__name__ for each in done) == ["InvalidInput"] * 7 + ["list"]


async def test_other_owners_may_use_the_same_name(store, high):
    (theirs,) = await created(store, alert(owner="bob"))

    assert await store.get("bob", "high") == theirs
    assert await store.get("ada", "high") == high


async def test_what_belongs_to_somebody_else_does_not_exist(store, high):
    for call in (
        store.get("bob", high.id),
        store.remove("bob", high.id, NOW, "bob"),
        store.restore("bob", high.id, NOW, "bob"),
        store.enable("bob", high.id, False, NOW, "bob"),
        store.replace(replace(high, owner="bob"), NOW, "bob"),
        store.revisions("bob", high.id),
        store.suppressed("bob", high.id),
    ):
        with pytest.raises(NotFound, match=f"no alert '{high.id}'"):
            await call
    assert await names(store, "bob") == []


async def test_repeated_request_makes_nothing_twice(store, other_store):
    asked = [alert("a"), alert("b")]
    first = await created(store, *asked, key="k")

    again = [replace(each, id=f"new {each.id}") for each in asked]
    answers = await asyncio.gather(
        *(created(each, *again, now=NOW + 5, key="k") for each in (store, other_store))
    )

    assert answers == [first, first]
    assert await names(store) == ["a", "b"]


async def test_requests_with_one_key_at_the_same_time_make_one_alert(store, other_store, high):
    done = await asyncio.gather(
        *(created(each, alert("low", id=str(n)), key="k") for n, each in enumerate([store, other_store] * 4))
    )

    assert len({made.id for (made,) in done}) == 1
    assert await names(store) == ["high", "low"]


async def test_key_with_another_request_is_refused(store):
    await created(store, alert(), key="k")

    with pytest.raises(InvalidInput, match="idempotency key 'k' came with another request"):
        await created(store, alert("low"), key="k")
    assert await names(store) == ["high"]


async def test_key_is_its_owners_and_forgotten_after_a_while(store):
    await created(store, alert(), key="k")
    await created(store, alert("low", owner="bob"), key="k")
    await created(store, alert("low"), now=NOW + KEY_LIFETIME, key="k")

    assert await names(store) == ["high", "low"]


async def test_refused_request_leaves_no_key(store, high):
    with pytest.raises(InvalidInput):
        await created(store, alert(id="x"), key="k")

    assert len(await created(store, alert("low"), key="k")) == 1


async def test_new_revision_replaces_the_old_and_begins_anew(store, high):
    await store.set_state([standing(high)], NOW)

    new = await store.replace(replace(high, condition="price < 1", name="low"), NOW + 1, "bob")

    assert new == replace(high, condition="price < 1", name="low", revision=2, updated_at=NOW + 1)
    assert await store.get("ada", high.id) == new
    assert await store.revisions("ada", high.id) == [new, high]
    assert await store.standings() == []


async def test_revision_cannot_take_a_name(store, high):
    await created(store, alert("low"))

    with pytest.raises(InvalidInput, match="'low' exists"):
        await store.replace(replace(high, name="low"), NOW, "ada")
    assert (await store.replace(high, NOW, "ada")).revision == 2


async def test_deleted_alert_is_gone_and_its_name_free(store, high):
    assert await store.remove("ada", "high", NOW, "ada") == high

    with pytest.raises(NotFound):
        await store.get("ada", high.id)
    with pytest.raises(NotFound):
        await store.remove("ada", high.id, NOW, "ada")
    assert await names(store) == []
    assert len(await created(store, alert(id="new"))) == 1


async def test_deletion_can_be_taken_back_for_a_while(store, high):
    await store.set_state([standing(high, 7)], NOW)
    await store.remove("ada", high.id, NOW, "ada")

    assert await store.restore("ada", high.id, NOW + RESTORE_GRACE - 1, "ada") == high

    assert await store.get("ada", "high") == high
    assert await store.standings() == [standing(high, 7)]
    with pytest.raises(NotFound):
        await store.restore("ada", high.id, NOW + 1, "ada")
    await store.remove("ada", high.id, NOW, "ada")
    with pytest.raises(NotFound):
        await store.restore("ada", high.id, NOW + RESTORE_GRACE, "ada")


async def test_restored_alert_cannot_take_a_name(store, high):
    await store.remove("ada", "high", NOW, "ada")
    await created(store, alert(id="new"))

    with pytest.raises(InvalidInput, match="'high' exists"):
        await store.restore("ada", high.id, NOW + 1, "ada")
    await store.remove("ada", "high", NOW + 2, "ada")
    assert (await store.restore("ada", "high", NOW + 3, "ada")).id == "new"


async def test_paused_alert_keeps_its_standings_as_paused(store, high):
    await store.set_state([standing(high, 3)], NOW)

    paused = await store.enable("ada", high.id, False, NOW + 1, "bob")

    assert paused == replace(high, enabled=False, updated_at=NOW + 1)
    assert await store.get("ada", high.id) == paused
    (kept,) = await store.standings()
    assert kept == standing(high, 3, state=AlertState.PAUSED, reason="by bob", since=NOW + 1)
    assert await store.enable("ada", high.id, False, NOW + 2, "bob") == paused


async def test_resumed_alert_is_a_new_revision_that_begins_anew(store, high):
    """The epochs begin anew, so the firings of the old revision must not be taken for those of the new."""
    await store.set_state([standing(high, 3)], NOW)
    await store.enable("ada", high.id, False, NOW + 1, "ada")

    resumed = await store.enable("ada", high.id, True, NOW + 2, "ada")

    assert resumed == replace(high, revision=2, updated_at=NOW + 2)
    assert await store.revisions("ada", high.id) == [resumed, high]
    assert await store.standings() == []


@pytest.mark.parametrize("state", [AlertState.DONE, AlertState.EXPIRED, AlertState.ERROR])
async def test_resuming_begins_anew_what_was_over(store, high, state):
    await store.set_state([standing(high, state=state)], NOW)

    assert (await store.enable("ada", high.id, True, NOW, "ada")).revision == 2


async def test_resuming_leaves_alone_what_runs(store, high):
    await store.set_state([standing(high, 3)], NOW)

    assert await store.enable("ada", high.id, True, NOW + 1, "ada") == high
    assert await store.standings() == [standing(high, 3)]


@pytest.mark.parametrize("end", ["remove", "pause"])
async def test_end_of_an_alert_cancels_what_waits_to_be_delivered(store, database, end):
    await add_channel(database, "phone")
    high, low = await created(store, alert(channels=("phone",)), alert("low", channels=("phone",)))
    sent, _ = await store.commit(fires(high, low), NOW)
    await store.commit(fires(high, epoch=2), NOW)
    async with database.writing() as connection:
        await connection.exec_driver_sql(
            f"update deliveries set state = 'delivered' where firing_id = '{sent.id}'"
        )

    if end == "remove":
        await store.remove("ada", high.id, NOW, "ada")
    else:
        await store.enable("ada", high.id, False, NOW, "ada")

    query = "select alert_id, deliveries.state from deliveries join firings on firings.id = firing_id"
    assert sorted(await rows(database, query)) == [
        (high.id, "cancelled"),
        (high.id, "delivered"),
        (low.id, "queued"),
    ]


async def test_alerts_come_in_the_order_they_were_made_page_by_page(store):
    made = await created(store, *(alert(f"a{n}") for n in (3, 1, 2, 5, 4)))
    await created(store, alert("foreign", owner="bob"))

    first = await store.of_owner("ada", limit=2)
    rest = await store.of_owner("ada", after=first[-1].number, limit=9)

    assert first + rest == made


async def test_alerts_are_found_by_a_symbol_they_stand_on(store):
    await store.set_watchlist("ada", "majors", ["BTC/USDT", "ETH/USDT"], NOW, "ada")
    await store.set_watchlist("bob", "mine", ["BTC/USDT"], NOW, "bob")
    await created(
        store,
        alert("two", symbols=("SOL/USDT", "BTC/USDT")),
        alert("longer", symbols=("WBTC/USDT", "BTC/USDT:USDT", "btc/usdt", "BTC_USDT")),
        alert("every", symbols=("*",)),
        alert("watched", symbols=(), watchlist="majors"),
        alert("not his", symbols=(), watchlist="mine"),
    )

    assert await names(store, symbol="BTC/USDT") == ["two", "every", "watched"]
    assert await names(store, symbol="BTC_USDT") == ["longer", "every"]
    assert await names(store, symbol="%") == ["every"]


async def test_every_enabled_alert_is_loaded_in_blocks(store, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 4)
    mine = await created(store, *(alert(f"a{n}") for n in range(9)))
    await created(store, alert("off", enabled=False))
    theirs = await created(store, alert(owner="bob"))
    await store.remove("ada", "a3", NOW, "ada")

    blocks = [list(block) async for block in store.armed()]

    assert [len(block) for block in blocks] == [4, 4, 1]
    assert [each for block in blocks for each in block] == [*mine[:3], *mine[4:], *theirs]


async def test_every_change_is_in_the_audit(store, database, high):
    await store.enable("ada", high.id, False, NOW + 1, "bob")
    await store.enable("ada", high.id, True, NOW + 2, "bob")
    await store.replace(high, NOW + 3, "ada")
    await store.remove("ada", high.id, NOW + 4, "ada")
    await store.restore("ada", high.id, NOW + 5, "eve")

    assert await rows(database, "select actor, action, subject, at from audit order by seq") == [
        ("ada", "alert.created", high.id, NOW),
        ("bob", "alert.paused", high.id, NOW + 1),
        ("bob", "alert.resumed", high.id, NOW + 2),
        ("ada", "alert.changed", high.id, NOW + 3),
        ("ada", "alert.deleted", high.id, NOW + 4),
        ("eve", "alert.restored", high.id, NOW + 5),
    ]


@pytest.mark.parametrize("end", ["remove", "pause", "replace"])
async def test_end_of_an_alert_is_final_when_it_returns(store, other_store, high, end):
    """While another process stores firings without pause, nothing of the alert is stored after the answer."""
    ended = asyncio.Event()
    counts = []

    async def storm():
        epoch = 0
        while not ended.is_set():
            epoch += 1
            await other_store.commit(fires(high, epoch=epoch), NOW)
        assert await other_store.commit(fires(high, epoch=epoch + 1), NOW) == []

    async def finish():
        while not await store.firings("ada", limit=1):
            await asyncio.sleep(0)
        if end == "remove":
            await store.remove("ada", high.id, NOW, "ada")
        elif end == "pause":
            await store.enable("ada", high.id, False, NOW, "ada")
        else:
            await store.replace(high, NOW, "ada")
        counts.append(await store.counts("ada", 0))
        ended.set()

    async with asyncio.timeout(10):
        await asyncio.gather(storm(), finish())

    assert counts == [await store.counts("ada", 0)]
