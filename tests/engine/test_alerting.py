"""The alert engine: armed from the next fact on, stored before it is told, final when it is said to be over."""

from collections import Counter

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.errors import InvalidCondition, InvalidFields, InvalidInput, NotFound
from crypto_portfolio_analyzer.streaming.bus import EventType, StreamEvent
from crypto_portfolio_analyzer.tasks import Nursery
from tests.engine.rig import OWNER, desk
from tests.fakes import NOON, SECOND
from tests.streaming.wire import until


def draft(name="a", condition="price > 100", **fields):
    asked = {"symbol": "BTC", "trigger": "every_time", "cooldown_seconds": 0, **fields}
    return draft_of({"name": name, "condition": condition, **asked}, now=NOON)


async def test_an_alert_is_judged_from_the_next_fact_on_and_told_when_it_is_stored(store):
    async with desk(store) as run:
        alert = await run.add()
        run.ticks(99, 101, 99, 102)
        await until(lambda: len(run.told) == 2)

        assert run.prices == [101, 102]
        assert [each.id for each in await run.stored()] == [firing.id for _, firing in run.told]
        assert await run.states(alert) == {"BTC/USDT": "armed"}
        fired = run.told[0][1]
        assert set(fired.evidence.values.values()) == {101}
        assert set(fired.evidence.before.values()) == {99}
        assert fired.received_at <= fired.detected_at <= fired.stored_at


async def test_the_bus_hears_of_a_firing(store):
    async with desk(store) as run:
        heard: list[StreamEvent] = []
        run.bus.subscribe("test", heard.append, event_types={EventType.ALERT_TRIGGERED})
        await run.add(message="up it goes")
        run.ticks(101)
        await until(lambda: heard)

        data = heard[0].data
        assert (data["symbol"], data["price"], data["message"]) == ("BTC/USDT", 101, "up it goes")
        assert data["event_at"] == "2026-11-20T12:00:00+00:00"


async def test_the_first_alert_opens_a_stream_and_the_last_closes_it_within_five_seconds(store):
    async with desk(store) as run:
        await run.add(name="one")
        await run.add(name="two")
        assert run.watched() == ["BTC/USDT"]
        assert run.engine.symbols() == {"BTC/USDT": 2}

        await run.engine.remove(OWNER, "one", actor=OWNER)
        await run.clock.advance(10)
        assert run.watched() == ["BTC/USDT"]
        await run.engine.remove(OWNER, "two", actor=OWNER)
        assert run.engine.symbols() == {}
        await run.clock.advance(5)
        assert run.watched() == []


async def test_what_fired_for_the_last_time_closes_its_stream_too(store):
    async with desk(store) as run:
        alert = await run.add(trigger="once")
        run.ticks(101)
        await until(lambda: run.told)
        await run.clock.advance(5)

        assert run.watched() == []
        assert await run.states(alert) == {"BTC/USDT": "done"}


async def test_another_symbol_in_the_condition_is_followed_as_well(store):
    async with desk(store) as run:
        await run.add('"ETH/USDT".price > 10')
        assert run.watched() == ["BTC/USDT", "ETH/USDT"]
        assert run.engine.symbols() == {"BTC/USDT": 1}

        run.tick(11, "ETH/USDT")
        await until(lambda: run.told)
        await run.engine.remove(OWNER, "a", actor=OWNER)
        await run.clock.advance(5)
        assert run.watched() == []


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


async def test_a_deletion_can_be_taken_back_and_counting_goes_on(store):
    async with desk(store) as run:
        alert = await run.add()
        run.ticks(99, 101, 99)
        await until(lambda: run.told)
        await run.settled()
        await run.engine.remove(OWNER, "a", actor=OWNER)
        run.ticks(102, 99)
        await run.engine.restore(OWNER, alert.id, actor=OWNER)
        run.ticks(103)
        await until(lambda: len(run.told) == 2)

        assert run.prices == [101, 103]


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


async def test_an_owner_has_a_quota_and_the_local_admin_none(store):
    async with desk(store, quota=2, unbound=("admin",)) as run:
        await run.add(name="one")
        with pytest.raises(InvalidFields, match="limit of 2"):
            await run.engine.create(OWNER, [draft("two"), draft("three")], actor=OWNER)
        await run.add(name="two")
        many = [draft(str(number)) for number in range(5)]

        assert len(await run.engine.create("admin", many, actor="admin")) == 5


async def test_a_silence_keeps_matching_alerts_quiet_until_it_ends(store):
    async with desk(store) as run:
        alert = await run.add(tags=["night"])
        await run.add(name="other")
        until_then = run.clock.now() + 60 * SECOND
        quiet = Silence(
            id="s", owner=OWNER, matchers={"tag": "night"}, starts_at=run.clock.now(), ends_at=until_then
        )
        await run.engine.silence(quiet, actor=OWNER)
        run.ticks(99, 101, 99)
        await until(lambda: run.told)
        await run.settled()
        assert [told.name for told, _ in run.told] == ["other"]
        assert len(await store.suppressed(OWNER, alert.id)) == 1

        await run.clock.advance(61)
        run.ticks(102, 99)
        await until(lambda: len(run.told) == 3)
        await run.engine.silence(replace(quiet, id="t", ends_at=until_then * 2), actor=OWNER)
        await run.engine.end_silence(OWNER, "t", actor=OWNER)
        run.ticks(103)
        await until(lambda: len(run.told) == 5)
        assert Counter(told.name for told, _ in run.told) == {"other": 3, "a": 2}


async def test_monitoring_can_be_stopped_and_started(store):
    async with desk(store) as run:
        alert = await run.add("price crosses above 100")
        run.ticks(99)
        assert await run.engine.start_monitoring() is False
        assert await run.engine.stop_monitoring() == 1
        assert await run.engine.stop_monitoring() is None
        assert (run.engine.is_monitoring, run.watched(), run.engine.symbols()) == (False, [], {})
        run.ticks(101, 99)
        await run.add(name="made meanwhile")
        await run.settled()
        assert run.told == []
        assert await run.states(alert) == {"BTC/USDT": "armed"}

        assert await run.engine.start_monitoring() is True
        assert run.engine.symbols() == {"BTC/USDT": 2}
        run.ticks(102)
        await until(lambda: len(run.told) == 2)


async def test_what_rests_after_firing_is_counted(store):
    async with desk(store) as run:
        await run.add(cooldown_seconds=60)
        assert run.engine.cooling() == 0
        run.ticks(101)
        await until(lambda: run.told)
        assert run.engine.cooling() == 1
        await run.clock.advance(61)
        assert run.engine.cooling() == 0


async def test_alerts_explain_themselves_judged_or_not(store):
    async with desk(store) as run:
        await run.add()
        run.ticks(99)
        held = (await run.engine.explain(OWNER, "a"))[0]
        assert (held.state, held.holds, [leaf.distance for leaf in held.leaves]) == ("armed", False, [1.0])

        await run.engine.pause(OWNER, "a", actor=OWNER)
        paused = (await run.engine.explain(OWNER, "a"))[0]
        assert (paused.state, paused.symbol, paused.holds) == ("paused", "BTC/USDT", None)
        with pytest.raises(NotFound):
            await run.engine.explain("somebody else", "a")


async def test_others_alerts_do_not_exist(store):
    async with desk(store) as run:
        alert = await run.add()

        assert await run.engine.standings("somebody else", [alert.id]) == {alert.id: []}
        for way in ("remove", "pause", "resume", "restore"):
            with pytest.raises(NotFound):
                await getattr(run.engine, way)("somebody else", alert.id, actor="somebody else")
        with pytest.raises(NotFound):
            await run.engine.edit("somebody else", alert.id, draft(), actor="somebody else")


async def test_who_ended_listening_hears_no_more(store):
    async with desk(store) as run:
        heard = []
        end = run.engine.listen(lambda alert, firing: heard.append(firing))
        await run.add()
        run.ticks(101)
        await until(lambda: heard)
        end()
        end()
        run.ticks(99, 102)
        await until(lambda: len(run.told) == 2)

        assert len(heard) == 1


async def test_history_that_cannot_be_had_leaves_an_alert_warming_and_says_why(store):
    async with desk(store) as run:
        alert = await run.add("close > 100")
        await until(lambda: run.engine.demand.troubles)
        told = (await run.engine.standings(OWNER, [alert.id]))[alert.id]

        assert [each.state for each in told] == ["warming"]
        assert "history cannot be fetched" in told[0].reason


async def test_a_symbol_without_any_price_is_without_data_after_a_while(store):
    async with desk(store) as run:
        alert = await run.add()
        assert await run.states(alert) == {"BTC/USDT": "armed"}
        await run.clock.advance(31)
        assert await run.states(alert) == {"BTC/USDT": "no_data"}
        run.ticks(101)
        await until(lambda: run.told)
        assert await run.states(alert) == {"BTC/USDT": "armed"}


async def test_what_was_decided_is_stored_when_it_stops_and_goes_on_when_it_starts(store):
    async with desk(store) as run:
        await run.add("price crosses above 100")
        await run.add("price > 100", name="once", trigger="once")
        run.ticks(99, 101, 98)
    assert [each.price for each in await store.firings(OWNER)] == [101, 101]

    async with desk(store) as run:
        assert run.engine.symbols() == {"BTC/USDT": 1}
        run.ticks(102)
        await until(lambda: run.told)
        assert run.prices == [102]
        assert len({each.id for each in await run.stored()}) == 3
