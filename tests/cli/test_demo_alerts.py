"""The demo's alerts: made once, for the admin, and the first of them fires soon."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.cli.demo_alerts import EXAMPLES, TAG, add_examples
from crypto_portfolio_analyzer.cli.simulated import SimulatedVenues
from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.settings import load
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN

SCALE = 10
SOON = 30 * 10**9
PATIENCE = 20.0


@asynccontextmanager
async def market(folder):
    """Run the application on a simulated venue, ten times as fast; nothing else is reachable."""
    clock = ScaledClock(SCALE)
    async with SimulatedVenues(["binance"], clock=clock) as venues:
        flags = {
            "data_dir": folder,
            "database_url": f"sqlite:///{folder}/analyzer.db",
            "exchanges.coinbase.ws_url": "ws://127.0.0.1:9",
            "exchanges.kraken.ws_url": "ws://127.0.0.1:9",
            **venues.flags(),
        }
        async with build(load(flags, env={}), clock=clock, simulated=True) as app:
            yield app


async def test_the_first_firing_comes_within_half_a_minute_of_the_market(tmp_path):
    async with market(tmp_path) as app:
        told = asyncio.get_running_loop().create_future()
        app.alerts.listen(lambda _alert, firing: None if told.done() else told.set_result(firing))
        began = app.clock.now()
        await add_examples(app)
        first = await asyncio.wait_for(told, PATIENCE)

    assert first.stored_at - began < SOON
    assert first.evidence.values


async def test_they_are_the_admins_labelled_and_one_is_paused(tmp_path):
    async with market(tmp_path) as app:
        made = await add_examples(app)

        assert [each.name for each in made] == [each["name"] for each in EXAMPLES]
        assert await app.alert_store.of_owner(LOCAL_ADMIN) == made
        assert {each.tags for each in made} == {(TAG,)}
        assert [each.enabled for each in made].count(False) == 1


async def test_whoever_has_alerts_gets_none(tmp_path):
    async with market(tmp_path) as app:
        made = await add_examples(app)
        for each in made[1:]:
            await app.alerts.remove(LOCAL_ADMIN, each.id, actor=LOCAL_ADMIN)

        assert await add_examples(app) == []
        assert [each.id for each in await app.alert_store.of_owner(LOCAL_ADMIN)] == [made[0].id]


@pytest.mark.parametrize("fields", EXAMPLES, ids=lambda fields: fields["name"])
def test_none_of_them_needs_a_second_look(fields):
    assert read_condition(fields["condition"]).cautions == ()
