"""The test of components: each is really at work, and a failure is told."""

import io

import pytest

from crypto_portfolio_analyzer.cli import trial as subject
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.cli.trial import Trial, examine, show
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.settings import load


@pytest.mark.parametrize("provider", ["binance", "coinbase", "kraken"])
async def test_every_component_works_on_real_protocols(simulated_market, provider):
    settings = load({**simulated_market.flags, "provider": provider, "symbols": "BTC"}, env={})

    trials = {trial.name: trial for trial in await examine(settings, SystemClock(), 0.3)}

    assert {name: trial.failure for name, trial in trials.items() if trial.failure} == {}
    assert trials["event bus"].measured["events"] == 1000
    assert trials["price feed"].measured["source"] == provider
    assert trials["stream manager"].measured["messages"]
    assert trials["websocket server"].measured["status"] == 200


async def test_what_cannot_be_reached_fails_and_says_so(monkeypatch):
    monkeypatch.setattr(subject, "FIRST_WITHIN", 2.0)
    flags = {f"exchanges.{name}.{kind}": f"{scheme}://127.0.0.1:1" for name in ("binance", "coinbase", "kraken")
             for kind, scheme in (("ws_url", "ws"), ("rest_url", "http"))}  # fmt: skip

    trials = {trial.name: trial for trial in await examine(load(flags, env={}), SystemClock(), 0.1)}

    assert trials["event bus"].passed
    assert not trials["price feed"].passed
    assert trials["price feed"].failure


@pytest.mark.parametrize(("failure", "mark", "sum_up"), [(None, "✓", "1 of 1"), ("too slow", "✗", "0 of 1")])
def test_each_is_a_line_with_its_measurements(failure, mark, sum_up):
    out = io.StringIO()

    show(Output(stdout=out, stderr=io.StringIO()), [Trial("event bus", {"events_per_second": 9}, failure)])

    first, last = out.getvalue().splitlines()
    assert first.startswith(f"{mark} event bus")
    assert first.endswith("events per second 9")
    assert last.startswith(sum_up)
