"""Feeds in this process: they run as long as they are looked at, and know what no venue has."""

import pytest

from crypto_portfolio_analyzer.cli.feeds import interval_url, opened, priced, unknown_symbol
from crypto_portfolio_analyzer.clock import ScaledClock, SystemClock
from crypto_portfolio_analyzer.errors import ConnectionLost, UnknownName
from crypto_portfolio_analyzer.settings import clock_of, load


def settings_of(simulated_market, **more):
    return load({**simulated_market.flags, **more}, env={})


async def test_prices_come_while_they_are_open(simulated_market):
    async with opened(settings_of(simulated_market, symbols="BTC,ETH")) as feeds:
        missing = await priced(feeds, 10)
        health = {feed.venue for feed in feeds.health()}

    assert missing == []
    assert health == {"binance", "coinbase", "kraken"}


@pytest.mark.parametrize(("asked", "nearest"), [("BTCC", "BTC"), ("ETHH/USDT", "ETH/USDT")])
async def test_a_symbol_that_no_venue_has_names_the_nearest(simulated_market, asked, nearest):
    async with opened(settings_of(simulated_market, symbols=asked)) as feeds:
        with pytest.raises(UnknownName) as caught:
            await priced(feeds, 10)

    assert (caught.value.name, caught.value.nearest) == (asked, nearest)


async def test_no_symbol_is_called_unknown_before_the_venues_told_their_markets():
    flags = {f"exchanges.{name}.{kind}": f"{scheme}://127.0.0.1:1" for name in ("binance", "coinbase", "kraken")
             for kind, scheme in (("ws_url", "ws"), ("rest_url", "http"))}  # fmt: skip
    async with opened(load({**flags, "symbols": "BTCC"}, env={})) as feeds:
        assert unknown_symbol(feeds, since=feeds.clock.monotonic()) is None
        with pytest.raises(ConnectionLost):
            await priced(feeds, 0.5)


def test_settings_choose_the_clock():
    assert isinstance(clock_of(load(env={})), SystemClock)
    assert isinstance(clock_of(load({"time_scale": 5}, env={})), ScaledClock)


def test_the_interval_of_the_mock_is_part_of_its_address():
    assert interval_url(0.5) == "mock:?interval=0.5"
    assert interval_url(None) is None
