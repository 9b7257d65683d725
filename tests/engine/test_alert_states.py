"""Where alerts stand, and what they say of themselves, judged or not."""

import pytest

from crypto_portfolio_analyzer.core.ordering import LaneState
from crypto_portfolio_analyzer.errors import NotFound
from tests.engine.rig import OWNER, desk
from tests.fakes import NOON, SECOND
from tests.streaming.wire import until


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


async def test_a_hold_is_not_over_while_its_trades_may_be_missing(store):
    async with desk(store) as run:
        await run.add("price > 100 for 1s")
        run.ticks(101)
        lane = run.feeds.primary.lanes["BTC/USDT"]
        lane.suspect()
        await run.clock.advance(3.5)
        assert run.told == []
        lane.state = LaneState.OPEN
        await run.clock.advance(2)
        await until(lambda: run.told)

        assert run.told[0][1].event_at == NOON + SECOND


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
