"""Tests of storage/commits.py."""

import asyncio
import math

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import (
    AlertState,
    Batch,
    Cause,
    Cursor,
    Decision,
    Evidence,
    Suppressed,
)
from crypto_portfolio_analyzer.core.notices.notification import MAX_AGE, DeliveryState, Settlement
from crypto_portfolio_analyzer.errors import StorageError
from tests.storage.made import NOW, add_channel, alert, decision, fires, firing, rows, standing

DELIVERIES = (
    "select firing_id, channel_id, state, due_at, attempts from deliveries order by firing_id, channel_id"
)
LATER = NOW + 100


@pytest.fixture
async def channels(database):
    await add_channel(database, "phone")
    await add_channel(database, "desk")
    await add_channel(database, "off", enabled=False)
    await add_channel(database, "phone", owner="bob")


@pytest.fixture
async def high(store, channels):
    wanted = ("phone", "ada-desk", "off", "bob-phone", "nowhere", "ada-phone")
    return (await store.create([alert(channels=wanted)], NOW, "ada"))[0]


async def stored_of(database, *tables):
    return [(await rows(database, f"select count(*) from {table}"))[0][0] for table in tables]


async def test_firing_is_stored_with_all_that_belongs_to_it(store, database, high):
    cursor = Cursor("BTC/USDT", "binance", NOW + 1, 77, 65_000.1)
    made = decision(high)

    stored = await store.commit(Batch(decisions=[made], cursors=[cursor]), LATER)

    assert stored == [replace(made.firing, stored_at=LATER, seq=1)]
    assert await store.firing("ada", made.firing.id) == stored[0]
    assert await store.standings() == [made.standing]
    assert await store.cursors() == [cursor]
    assert await rows(database, DELIVERIES) == [
        (made.firing.id, "ada-desk", "queued", LATER, 0),
        (made.firing.id, "ada-phone", "queued", LATER, 0),
    ]
    audit = "select actor, subject, at from audit where action = 'alert.fired'"
    assert await rows(database, audit) == [("engine", high.id, LATER)]


async def test_each_delivery_knows_when_it_is_worth_nothing_any_more(store, outbox, database):
    await add_channel(database, "bot", ttl=60 * 10**9)
    await add_channel(database, "phone")
    (high,) = await store.create([alert(channels=("bot", "phone"))], NOW, "ada")

    (fired,) = await store.commit(fires(high), LATER)

    bot, phone = (await outbox.of_firings("ada", [fired.id]))[fired.id]
    assert (bot.expires_at, phone.expires_at) == (fired.event_at + 60 * 10**9, fired.event_at + MAX_AGE)
    assert (bot.owner, bot.kind, bot.created_at, bot.id) == ("ada", "firing", LATER, f"{fired.id}_ada-bot")


async def test_alert_that_names_no_channel_goes_to_the_default_ones(store, outbox, database):
    await add_channel(database, "phone", is_default=True)
    await add_channel(database, "desk", is_default=True)
    await add_channel(database, "bot")
    await add_channel(database, "theirs", owner="bob", is_default=True)
    made = await store.create(
        [alert("a"), alert("b", channels=("bot",)), alert("c", channels=("no",))], NOW, "ada"
    )

    fired = await store.commit(fires(*made), LATER)

    found = await outbox.of_firings("ada", [each.id for each in fired])
    told = [[each.channel_id for each in found.get(firing.id, ())] for firing in fired]
    assert told == [["ada-desk", "ada-phone"], ["ada-bot"], []]
    assert await rows(database, "select told_to from firings order by seq") == [(2,), (1,), (0,)]


async def test_channel_that_is_not_proven_is_told_nothing(store, database):
    await add_channel(database, "phone", verified_at=None, is_default=True)
    made = await store.create([alert("a"), alert("b", channels=("phone",))], NOW, "ada")

    await store.commit(fires(*made), LATER)

    assert await stored_of(database, "firings", "deliveries") == [2, 0]


@pytest.mark.parametrize("change", ["remove", "pause"])
async def test_what_waits_of_an_alert_that_is_deleted_or_paused_is_cancelled(
    store, outbox, database, high, change
):
    (other,) = await store.create([alert("other", channels=("phone",))], NOW, "ada")
    await store.commit(fires(high, other), NOW)
    wishes = {"ada-desk": 1}
    (work,) = await outbox.claim(wishes, NOW, LATER, "me")
    failed = Settlement(
        delivery_id=work.delivery.id, claim="me", state=DeliveryState.RETRY_WAIT, due_at=LATER
    )
    await outbox.settle([failed], NOW)

    if change == "remove":
        await store.remove("ada", high.id, LATER, "ada")
    else:
        await store.enable("ada", high.id, False, LATER, "ada")

    reason = {"remove": "the alert was deleted", "pause": "the alert was paused"}[change]
    query = "select channel_id, state, reason, settled_at from deliveries order by number"
    assert await rows(database, query) == [
        ("ada-desk", "cancelled", reason, LATER),
        ("ada-phone", "cancelled", reason, LATER),
        ("ada-phone", "queued", "", None),
    ]


async def test_firing_comes_back_as_it_was_decided(store, high):
    odd = Evidence("s", (), {"rsi(14)": None}, {}, "kraken", None, NOW, 9, "within 12:03–12:04")
    made = firing(high, late=True, approximated=True, cause=Cause.GAP_BACKFILL, evidence=odd, price=1e-12)

    await store.commit(Batch(decisions=[Decision(standing=standing(high), firing=made)]), LATER)

    assert await store.firing("ada", made.id) == replace(made, stored_at=LATER, seq=1)


async def test_unknown_numbers_stay_unknown(store, high):
    evidence = Evidence("s", (), {"price": math.nan}, {}, "binance")
    made = firing(high, price=math.nan, evidence=evidence)
    trigger = Suppressed(
        alert_id=high.id, symbol="BTC/USDT", revision=1, event_at=NOW, price=math.nan, reason="cooldown"
    )
    judged = Decision(standing=standing(high), firing=made, suppressed=trigger)

    await store.commit(Batch(decisions=[judged], cursors=[Cursor("A", "b", 1, None, None)]), LATER)

    stored = await store.firing("ada", made.id)
    assert math.isnan(stored.price)
    assert stored.evidence.values == {"price": None}
    assert math.isnan((await store.suppressed("ada", high.id))[0].price)
    assert await store.cursors() == [Cursor("A", "b", 1, None, None)]


async def test_same_batch_again_changes_nothing(store, database, high):
    trigger = Suppressed(
        alert_id=high.id, symbol="BTC/USDT", revision=1, event_at=NOW, price=1.0, reason="cooldown"
    )
    quiet = Decision(standing=standing(high, 2), suppressed=trigger)
    batch = Batch(decisions=[decision(high), quiet], cursors=[Cursor("BTC/USDT", "binance", 5)])
    await store.commit(batch, LATER)
    tables = "firings", "deliveries", "audit", "suppressed", "standings", "evaluation_cursors"
    before = await stored_of(database, *tables)

    assert await store.commit(batch, LATER + 1) == []

    assert await stored_of(database, *tables) == before == [1, 2, 2, 1, 1, 1]
    assert await store.suppressed("ada", high.id) == [trigger]


async def test_same_firing_twice_in_a_batch_is_one(store, high):
    assert len(await store.commit(Batch(decisions=[decision(high), decision(high)]), LATER)) == 1


@pytest.mark.parametrize("change", ["remove", "pause", "replace", "resume"])
async def test_what_was_decided_of_an_alert_that_changed_is_left_out(store, database, high, change):
    (other,) = await store.create([alert("other")], NOW, "ada")
    trigger = Suppressed(
        alert_id=high.id, symbol="BTC/USDT", revision=1, event_at=NOW, price=1.0, reason="cooldown"
    )
    decided = [decision(high), Decision(standing=standing(high, 2), suppressed=trigger), decision(other)]
    dirty = [standing(high, symbol="ETH/USDT"), standing(other, symbol="ETH/USDT")]
    if change == "remove":
        await store.remove("ada", high.id, NOW, "ada")
    elif change == "replace":
        await store.replace(high, NOW, "ada")
    else:
        await store.enable("ada", high.id, False, NOW, "ada")
        if change == "resume":
            await store.enable("ada", high.id, True, NOW, "ada")

    batch = Batch(decisions=decided, dirty=dirty, cursors=[Cursor("BTC/USDT", "binance", 5)])
    stored = await store.commit(batch, LATER)

    assert [each.alert_id for each in stored] == [other.id]
    assert {each.alert_id for each in await store.standings()} == {other.id}
    assert await stored_of(database, "firings", "deliveries", "suppressed", "evaluation_cursors") == [
        1,
        0,
        0,
        1,
    ]


async def test_alert_that_never_was_is_left_out(store, database):
    assert await store.commit(fires(alert("ghost")), LATER) == []
    assert await stored_of(database, "firings", "standings") == [0, 0]


async def test_all_or_nothing(store, database, high):
    broken = Batch(decisions=[decision(high)], cursors=[Cursor("BTC/USDT", "binance", None)])  # type: ignore[arg-type]

    with pytest.raises(StorageError):
        await store.commit(broken, LATER)

    tables = "firings", "deliveries", "standings", "evaluation_cursors"
    assert await stored_of(database, *tables) == [0, 0, 0, 0]
    assert [each.seq for each in await store.commit(fires(high), LATER)] == [1]


async def test_newest_of_each_standing_and_cursor_is_kept(store, high):
    batch = Batch(
        decisions=[decision(high, 1), decision(high, 2)],
        dirty=[standing(high, 3, memory=b"\x00\xff")],
        cursors=[Cursor("BTC/USDT", "binance", 1), Cursor("BTC/USDT", "binance", 2, 9)],
    )

    assert [each.key for each in await store.commit(batch, LATER)] == ["1", "2"]

    assert await store.standings() == [standing(high, 3, memory=b"\x00\xff")]
    assert await store.cursors() == [Cursor("BTC/USDT", "binance", 2, 9)]


async def test_what_ends_without_a_firing_is_in_the_audit(store, database, high):
    expired = standing(high, state=AlertState.EXPIRED, reason="its time is over")

    await store.commit(Batch(decisions=[Decision(standing=expired)]), LATER)

    query = "select subject, details from audit where action = 'alert.expired'"
    assert await rows(database, query) == [(high.id, '{"symbol":"BTC/USDT","reason":"its time is over"}')]


async def test_a_thousand_firings_of_many_owners_are_one_commit(store, channels):
    """More than fit one statement; each owner's feed counts its own."""
    asked = [alert(f"a{n}", owner=("ada", "bob", "eve")[n % 3], channels=("phone",)) for n in range(1300)]
    made = await store.create(asked, NOW, "ada")

    first = await store.commit(fires(*made), LATER)
    again = await store.commit(fires(*made, epoch=2), LATER)

    for owner in ("ada", "bob", "eve"):
        seqs = [each.seq for each in first + again if each.alert_id.startswith(owner)]
        assert seqs == list(range(1, len(seqs) + 1))
    assert [each.alert_id for each in first] == [each.id for each in made]


async def test_two_engines_store_and_tell_a_firing_once(store, other_store, database, high):
    async def judge(each):
        return [new for epoch in range(20) for new in await each.commit(fires(high, epoch=epoch), NOW)]

    mine, theirs = await asyncio.gather(judge(store), judge(other_store))

    told = mine + theirs
    assert sorted(each.seq for each in told) == list(range(1, 21))
    assert len({each.id for each in told}) == 20
    assert await stored_of(database, "firings", "deliveries") == [20, 40]


async def test_reader_who_resumes_misses_nothing(store, other_store):
    """While two engines store, a client that asks again and again sees every place of its feed in order."""
    a, b = await store.create([alert("a"), alert("b")], NOW, "ada")
    seen: list[int] = []

    async def write(each, of):
        for epoch in range(25):
            await each.commit(fires(of, epoch=epoch), NOW)

    async def read():
        while len(seen) < 50:
            last = seen[-1] if seen else 0
            seen.extend(each.seq for each in await store.firings("ada", after_seq=last))

    async with asyncio.timeout(20):
        await asyncio.gather(write(store, a), write(other_store, b), read())

    assert seen == list(range(1, 51))


async def test_writers_of_many_owners_do_not_lock_each_other_out(store, other_store):
    made = await store.create([alert(owner=f"o{n}") for n in range(20)], NOW, "ada")

    async def write(each, order, epochs):
        for epoch in epochs:
            await each.commit(fires(*order, epoch=epoch), NOW)

    async with asyncio.timeout(20):
        await asyncio.gather(
            write(store, made, range(8)),
            write(other_store, made[::-1], range(4, 12)),
            write(store, made, range(8)),
        )

    assert {len(await store.firings(f"o{n}")) for n in range(20)} == {12}
