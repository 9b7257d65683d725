"""Alerts are taken into judgement and let go of, and what that changes is stored."""

import asyncio

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import AlertState, Batch, Standing
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.errors import InvalidFields
from tests.engine.facts import alert, cursor, standing
from tests.engine.rig import OWNER, desk
from tests.fakes import NOON, SECOND
from tests.streaming.wire import until


async def states(store):
    return {(each.alert_id, each.symbol): each.state for each in await store.standings()}


async def test_a_stored_condition_that_cannot_be_read_is_an_error_with_the_reason(store):
    made = (await store.create([alert(condition="price >")], NOON, OWNER))[0]
    async with desk(store) as run:
        await run.settled()
        told = (await run.engine.standings(OWNER, [made.id]))[made.id]

    assert [(each.state, bool(each.reason)) for each in told] == [(AlertState.ERROR, True)]
    assert await states(store) == {(made.id, "BTC/USDT"): AlertState.ERROR}


async def test_what_is_done_stays_done_after_a_start(store):
    made = (await store.create([alert()], NOON, OWNER))[0]
    await store.set_state([standing(made, state=AlertState.DONE)], NOON)
    async with desk(store) as run:
        run.ticks(101)
        await run.settled()

        assert (run.told, run.watched()) == ([], [])


async def test_what_had_no_data_is_judged_again_when_facts_come(store):
    made = (await store.create([alert()], NOON, OWNER))[0]
    await store.set_state([standing(made, state=AlertState.NO_DATA)], NOON)
    async with desk(store) as run:
        run.ticks(101)
        await until(lambda: run.told)


async def test_a_new_standing_is_stored_with_the_alert(store):
    async with desk(store) as run:
        made = await run.add()

        assert await states(store) == {(made.id, "BTC/USDT"): AlertState.ARMED}


async def test_an_edit_does_not_expire_with_the_revision_before(store):
    async with desk(store) as run:
        made = await run.add(expires_at="10s")
        asked = {"name": "a", "condition": "price > 100", "symbol": "BTC", "expires_at": "60s"}
        await run.engine.edit(OWNER, "a", draft_of(asked, now=run.clock.now()), actor=OWNER)
        await run.clock.advance(20)
        await run.settled()
        assert await run.states(made) == {"BTC/USDT": AlertState.ARMED}
        await run.clock.advance(45)
        await run.settled()
        assert await run.states(made) == {"BTC/USDT": AlertState.EXPIRED}


async def test_an_alert_that_expired_while_nobody_ran_still_hears_what_was_before(store):
    made = (await store.create([alert(expires_at=NOON - SECOND)], NOON - 10 * SECOND, OWNER))[0]
    await store.commit(Batch(cursors=[cursor(NOON - 3 * SECOND)]), NOON)
    async with desk(store) as run:
        run.tick(101, ago=2 * SECOND)
        await until(lambda: run.told)
        await run.clock.advance(5)
        await run.settled()

        assert run.prices == [101]
        assert made.id not in {told.id for told, _ in run.told[1:]}


@pytest.mark.parametrize("count", [1, 3])
async def test_a_standing_is_known_by_its_symbol(store, count):
    symbols = tuple(f"S{number}/USDT" for number in range(count))
    made = (await store.create([alert(symbols=symbols)], NOON, OWNER))[0]
    base = Standing(alert_id=made.id, symbol="", revision=1, state=AlertState.DONE)
    await store.set_state([replace(base, symbol=symbols[0])], NOON)
    async with desk(store) as run:
        assert run.engine.symbols() == dict.fromkeys(symbols[1:], 1)


async def test_an_alert_expires_by_the_clock_alone(store):
    async with desk(store) as run:
        alert = await run.add(expires_at="10s")
        await run.clock.advance(9)
        run.ticks(101)
        await until(lambda: run.told)
        await run.clock.advance(10)
        await run.settled()

        assert await run.states(alert) == {"BTC/USDT": "expired"}
        assert [each.state for each in await store.standings([alert.id])] == ["expired"]
        run.ticks(99, 102)
        await run.settled()
        assert len(run.told) == 1
        assert run.watched() == []


async def test_an_alert_over_a_watchlist_follows_it(store):
    async with desk(store) as run:
        await run.engine.set_watchlist(OWNER, "majors", ["BTC", "ETH"], actor=OWNER)
        await run.add(watchlist="majors", trigger="once")
        assert run.engine.symbols() == {"BTC/USDT": 1, "ETH/USDT": 1}
        run.tick(101, "ETH/USDT")
        await until(lambda: run.told)

        await run.engine.set_watchlist(OWNER, "majors", ["ETH", "SOL"], actor=OWNER)
        assert run.engine.symbols() == {"SOL/USDT": 1}  # ETH has fired once and for all
        run.tick(101, "SOL/USDT")
        run.tick(99, "ETH/USDT")
        run.tick(101, "ETH/USDT")
        run.tick(101, "BTC/USDT")
        await until(lambda: len(run.told) == 2)
        await run.settled()
        assert [firing.symbol for _, firing in run.told] == ["ETH/USDT", "SOL/USDT"]
        with pytest.raises(InvalidFields):
            await run.engine.set_watchlist(OWNER, "majors", ["what?"], actor=OWNER)


async def test_a_watchlist_changed_by_another_door_is_noticed(store):
    async with desk(store) as run:
        await store.set_watchlist(OWNER, "majors", ["BTC/USDT"], NOON, OWNER)
        await run.add(watchlist="majors")
        await store.set_watchlist(OWNER, "majors", ["SOL/USDT"], NOON, OWNER)
        for _second in range(12):
            await run.clock.advance(1)
            await asyncio.sleep(0.02)
        await until(lambda: run.engine.symbols() == {"SOL/USDT": 1})


async def test_every_symbol_is_what_the_venue_lists_and_comes_to_list(store):
    async with desk(store) as run:
        run.lists("BTC/USDT", "ETH/USDT", "ETH/BTC")
        await run.add(symbol="*")
        assert run.engine.symbols() == {"BTC/USDT": 1, "ETH/USDT": 1}

        run.lists("NEW/USDT")
        await run.engine.sweep(with_lists=True)
        run.tick(101, "NEW/USDT")
        await until(lambda: run.told)
        assert run.engine.symbols() == {"BTC/USDT": 1, "ETH/USDT": 1, "NEW/USDT": 1}
