"""What the market does to standings is shown: silence, refusal, history that cannot be had."""

import asyncio

from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.alerts import AlertState
from crypto_portfolio_analyzer.core.market import Instrument
from crypto_portfolio_analyzer.simulation.faults import parse_fault
from tests.engine.rig import OWNER
from tests.engine.simulated import ask, listen, platform, settings, venue
from tests.streaming.wire import until


async def standing(app, alert):
    return (await app.alerts.standings(OWNER, [alert.id]))[alert.id][0]


async def reached(app, alert, state):
    """Wait until an alert is in a state; return the reason."""
    async with asyncio.timeout(20):
        while (told := await standing(app, alert)).state is not state:
            await app.clock.sleep(0.5)
    return told.reason


async def test_a_silent_market_is_no_data_until_it_speaks_again(sqlite_url, tmp_path):
    clock = ScaledClock(20.0)
    async with venue(clock) as server, platform(server, sqlite_url, tmp_path, clock) as app:
        heard = listen(app)
        alert = await ask(app, "price > 1")
        await until(lambda: len(heard) > 50, 20)
        server.inject(parse_fault("outage=60s"))

        assert "no venue" in await reached(app, alert, AlertState.NO_DATA)
        await reached(app, alert, AlertState.ARMED)


async def test_a_symbol_that_no_venue_lists_is_an_error_with_the_reason(sqlite_url, tmp_path):
    clock = ScaledClock(20.0)
    async with venue(clock) as server:
        known = settings(server, sqlite_url, tmp_path)
        lone = known.model_copy(update={"provider": "kraken", "exchanges": {**known.exchanges}})
        async with build(lone, clock=clock) as app:
            alert = await ask(app, "price > 1", symbol="BTC/USD")
            app.market.learn(
                [Instrument(name, "X/USD", "XUSD", "X", "USD") for name in ("kraken", "coinbase", "binance")]
            )

            assert "lists no BTC/USD" in await reached(app, alert, AlertState.ERROR)
