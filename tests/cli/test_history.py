"""Bars of the past: page by page, from the provider or who takes its place."""

from itertools import pairwise

import pytest

from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.cli.history import past_bars
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.errors import FeedError
from crypto_portfolio_analyzer.settings import load

CLOCK = SystemClock()
MINUTES = parse_timeframe("1m")


def stretch(count):
    until = MINUTES.open_of(CLOCK.now())
    return until - count * MINUTES.length, until


@pytest.mark.parametrize("provider", ["binance", "coinbase"])
async def test_more_bars_than_a_page_holds_come_without_a_hole(simulated_market, provider):
    settings = load({**simulated_market.flags, "provider": provider}, env={})

    bars = await past_bars(settings, "BTC", MINUTES, *stretch(1200), clock=CLOCK)

    assert len(bars) == 1200
    assert {bar.venue for bar in bars} == {provider}
    assert all(one.close_at == other.open_at for one, other in pairwise(bars))


async def test_a_fallback_is_asked_if_the_provider_cannot_be_reached(simulated_market):
    flags = {**simulated_market.flags, "exchanges.binance.rest_url": "http://127.0.0.1:1"}

    bars = await past_bars(load(flags, env={}), "BTC", MINUTES, *stretch(10), clock=CLOCK)

    assert {bar.venue for bar in bars} == {"coinbase"}


async def test_nobody_to_ask_is_told(monkeypatch):
    flags = {f"exchanges.{name}.rest_url": "http://127.0.0.1:1" for name in ("binance", "coinbase", "kraken")}

    with pytest.raises(FeedError):
        await past_bars(load(flags, env={}), "BTC", MINUTES, *stretch(10), clock=CLOCK)


async def test_a_provider_without_history_is_not_found():
    with pytest.raises(Failed) as caught:
        await past_bars(load({"provider": "mock"}, env={}), "BTC", MINUTES, *stretch(10), clock=CLOCK)

    assert caught.value.problem.exit_code == 3
