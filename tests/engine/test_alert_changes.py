"""Alerts as people change them: made all or none, judged as they are now, final when they are said to be over."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.errors import InvalidCondition, InvalidFields, InvalidInput, NotFound
from crypto_portfolio_analyzer.tasks import Nursery
from tests.engine.rig import OWNER, desk
from tests.fakes import NOON
from tests.streaming.wire import until


def draft(name="a", condition="price > 100", **fields):
    asked = {"symbol": "BTC", "trigger": "every_time", "cooldown_seconds": 0, **fields}
    return draft_of({"name": name, "condition": condition, **asked}, now=NOON)


async def test_an_edited_alert_is_judged_as_it_is_now_and_its_stream_stays_open(store):
    async with desk(store) as run:
        alert = await run.add()
        run.ticks(99)
        edited = await run.engine.edit(OWNER, "a", draft(condition="price > 200"), actor=OWNER)
        run.ticks(150, 201)
        await until(lambda: run.told)

        assert (edited.id, edited.revision, alert.revision) == (alert.id, 2, 1)
        assert [(told.revision, firing.price) for told, firing in run.told] == [(2, 201)]
        await run.clock.advance(5)
        assert run.watched() == ["BTC/USDT"]


@pytest.mark.parametrize("way", ["remove", "pause"])
async def test_the_end_of_an_alert_is_final_in_the_middle_of_a_storm(store, way):
    async with desk(store) as run:
        await run.add()
        storms = Nursery()
        await storms.start()

        async def storm():
            while True:
                run.ticks(99, 101)
                await store.cursors()

        storms.spawn(storm())
        await until(lambda: len(run.told) > 20)
        await getattr(run.engine, way)(OWNER, "a", actor=OWNER)
        told, stored = len(run.told), len(await run.stored())
        run.ticks(99, 101, 99, 101)
        await storms.stop()
        await run.settled()

        assert len(run.told) == told
        assert len(await run.stored()) == stored == told


async def test_a_paused_alert_begins_anew_when_it_is_resumed(store):
    async with desk(store) as run:
        alert = await run.add("price crosses above 100")
        run.ticks(99)
        await run.engine.pause(OWNER, "a", actor=OWNER)
        assert await run.states(alert) == {"BTC/USDT": "paused"}
        run.ticks(101)
        await run.engine.resume(OWNER, "a", actor=OWNER)
        run.ticks(102, 99, 103)
        await until(lambda: run.told)
        await run.settled()

        assert run.prices == [103]


async def test_resuming_what_runs_changes_nothing(store):
    async with desk(store) as run:
        await run.add("price crosses above 100")
        run.ticks(99)
        again = await run.engine.resume(OWNER, "a", actor=OWNER)
        run.ticks(101)
        await until(lambda: run.told)

        assert again.revision == 1


@pytest.mark.parametrize("by", ["id", "name"])
async def test_a_deletion_can_be_taken_back_and_counting_goes_on(store, by):
    async with desk(store) as run:
        alert = await run.add()
        run.ticks(99, 101, 99)
        await until(lambda: run.told)
        await run.settled()
        await run.engine.remove(OWNER, "a", actor=OWNER)
        run.ticks(102, 99)
        await run.engine.restore(OWNER, getattr(alert, by), actor=OWNER)
        run.ticks(103)
        await until(lambda: len(run.told) == 2)

        assert run.prices == [101, 103]
        assert [each.fired for each in (await run.engine.standings(OWNER, [alert.id]))[alert.id]] == [2]
        assert len({each.id for each in await run.stored()}) == 2


async def test_all_are_made_or_none(store):
    async with desk(store) as run:
        run.lists("BTC/USDT", "DOGE/USDT")
        with pytest.raises(InvalidFields) as caught:
            await run.engine.create(
                OWNER,
                [
                    draft("one"),
                    draft("two", symbol="DOGGE"),
                    replace(draft("three"), watchlist="none", symbols=()),
                ],
                actor=OWNER,
            )
        faults = {fault.path: f"{fault.problem} {fault.remedy}" for fault in caught.value.faults}
        assert set(faults) == {"alerts[1].symbol", "alerts[2].watchlist"}
        assert "DOGE/USDT" in faults["alerts[1].symbol"]
        with pytest.raises(InvalidInput, match="one"):
            await run.engine.create(OWNER, [draft("one"), draft("one")], actor=OWNER)

        assert await store.of_owner(OWNER) == []
        assert run.watched() == []


async def test_a_condition_that_cannot_be_read_is_shown_with_its_place(store):
    async with desk(store) as run:
        with pytest.raises(InvalidCondition):
            await run.engine.create(OWNER, [replace(draft(), condition="price >")], actor=OWNER)
        wrong = replace(draft("b"), condition="price >")
        with pytest.raises(InvalidFields, match=r"alerts\[1\].condition"):
            await run.engine.create(OWNER, [draft(), wrong], actor=OWNER)


async def test_the_same_key_makes_an_alert_once(store):
    async with desk(store) as run:
        first = await run.engine.create(OWNER, [draft(trigger="once")], actor=OWNER, key="k")
        run.ticks(101)
        await until(lambda: run.told)
        second = await run.engine.create(OWNER, [draft(trigger="once")], actor=OWNER, key="k")
        run.ticks(99, 101)
        await run.settled()

        assert [each.id for each in first] == [each.id for each in second]
        assert len(run.told) == 1
        assert await run.states(first[0]) == {"BTC/USDT": "done"}


async def test_the_same_key_is_answered_at_the_quota_too(store):
    async with desk(store, quota=1) as run:
        first = await run.engine.create(OWNER, [draft()], actor=OWNER, key="k")

        assert await run.engine.create(OWNER, [draft()], actor=OWNER, key="k") == first
        with pytest.raises(InvalidFields, match="limit of 1"):
            await run.engine.create(OWNER, [draft("b")], actor=OWNER, key="another")
        with pytest.raises(InvalidInput, match="came with another request"):
            await run.engine.create(OWNER, [draft("b")], actor=OWNER, key="k")


async def test_an_owner_has_a_quota_and_the_local_admin_none(store):
    async with desk(store, quota=2, unbound=("admin",)) as run:
        await run.add(name="one")
        with pytest.raises(InvalidFields, match="limit of 2"):
            await run.engine.create(OWNER, [draft("two"), draft("three")], actor=OWNER)
        await run.add(name="two")
        many = [draft(str(number)) for number in range(5)]

        assert len(await run.engine.create("admin", many, actor="admin")) == 5


async def test_others_alerts_do_not_exist(store):
    async with desk(store) as run:
        alert = await run.add()

        assert await run.engine.standings("somebody else", [alert.id]) == {alert.id: []}
        for way in ("remove", "pause", "resume", "restore"):
            with pytest.raises(NotFound):
                await getattr(run.engine, way)("somebody else", alert.id, actor="somebody else")
        with pytest.raises(NotFound):
            await run.engine.edit("somebody else", alert.id, draft(), actor="somebody else")
