"""The alert engine: armed from the next fact on, stored before it is told, streams open while they are needed."""

from collections import Counter

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.streaming.bus import EventType, StreamEvent
from tests.engine.rig import OWNER, desk
from tests.fakes import SECOND
from tests.streaming.wire import until


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
