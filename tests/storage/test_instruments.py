"""Tests of storage/instruments.py."""

from crypto_portfolio_analyzer.core.market import Instrument
from crypto_portfolio_analyzer.storage.instruments import InstrumentStore


def market(base, tick_size=0.01, active=True):
    return Instrument("binance", f"{base}/USDT", f"{base}USDT", base, "USDT", tick_size, active)


async def test_markets_come_back_by_symbol(database):
    store = InstrumentStore(database)
    await store.save("binance", [market("ETH", None), market("BTC")], now=7)

    assert await store.load("binance") == [market("BTC"), market("ETH", None)]
    assert await store.refreshed_at("binance") == 7


async def test_market_that_is_gone_stays_inactive(database):
    store = InstrumentStore(database)
    await store.save("binance", [market("LUNA"), market("BTC")], now=1)

    await store.save("binance", [market("BTC", 0.1), market("ADA")], now=2)

    assert await store.load("binance") == [market("ADA"), market("BTC", 0.1), market("LUNA", active=False)]
    assert await store.refreshed_at("binance") == 2


async def test_venues_are_apart(database):
    store = InstrumentStore(database)
    await store.save("binance", [market("BTC")], now=1)
    await store.save("kraken", [], now=2)

    assert await store.load("kraken") == []
    assert await store.refreshed_at("kraken") is None
    assert [item.active for item in await store.load("binance")] == [True]


async def test_three_thousand_markets_are_saved_twice(database):
    store = InstrumentStore(database)
    markets = [market(f"C{number}") for number in range(3000)]
    await store.save("binance", [*markets, markets[0]], now=1)
    await store.save("binance", markets, now=2)

    assert len(await store.load("binance")) == 3000
