"""The market that never happened."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.exchanges.mock.walk import BASE_PRICES, Wanderer, base_price, mix
from tests.fakes import NOON, SECOND

HOUR = 3600 * SECOND
symbols = st.sampled_from(
    ["BTC/USDT", "ETH/USDT", "ADA/USDT", "DOT/USD", "LINK/EUR", "ETH/BTC", "PEPE/USDT", "X/Y"]
)


@pytest.mark.parametrize(
    ("asset", "price"), [("BTC", 50_000), ("ETH", 3_000), ("ADA", 1.5), ("DOT", 25), ("LINK", 20)]
)
def test_known_assets_wander_about_their_price(asset, price):
    assert BASE_PRICES[asset] == price
    assert base_price(f"{asset}/USDT") == price


def test_any_other_asset_has_a_price_of_its_own():
    prices = {base_price(f"{asset}/USDT") for asset in ("SHIB", "PEPE", "SOL", "XRP", "FOO")}

    assert len(prices) == 5
    assert all(0.01 <= price <= 100 for price in prices)
    assert base_price("FOO/USDT") == base_price("FOO/USDC")


def test_a_pair_of_coins_is_priced_by_both():
    assert base_price("ETH/BTC") == pytest.approx(0.06)


@given(symbols, st.integers(0, 1000), st.integers(0, 10 * 365 * 24))
@settings(max_examples=60, deadline=None)
def test_trades_are_in_order_positive_and_near_their_price(symbol, seed, hours):
    start = NOON - hours * HOUR
    wanderer = Wanderer(seed, symbol)

    trades = list(wanderer.trades(wanderer.number_after(start), start + 30 * SECOND))

    assert all(start < trade.at <= start + 30 * SECOND for trade in trades)
    assert all(
        second.number == first.number + 1 and second.at > first.at for first, second in pairwise(trades)
    )
    assert all(float(trade.price) > 0 and float(trade.quantity) > 0 for trade in trades)
    assert all(abs(float(trade.price) / base_price(symbol) - 1) < 0.2 for trade in trades)


@given(symbols, st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_a_price_moves_little_within_a_second(symbol, seed):
    wanderer = Wanderer(seed, symbol)
    trades = list(wanderer.trades(wanderer.number_after(NOON), NOON + 60 * SECOND))

    tick = 10.0 ** -len(trades[0].price.partition(".")[2])
    for first, second in pairwise(trades):
        seconds = 1 + (second.at - first.at) / SECOND
        assert abs(float(second.price) - float(first.price)) < 0.002 * seconds * float(first.price) + 2 * tick


def test_a_market_moves_within_a_day():
    wanderer = Wanderer(7, "BTC/USDT")

    prices = [float(wanderer.last_price(NOON + hour * HOUR)[1]) for hour in range(24)]

    assert max(prices) / min(prices) > 1.005


def test_what_happened_does_not_depend_on_who_asks_when():
    patient, late = Wanderer(7, "ETH/USDT"), Wanderer(7, "ETH/USDT")
    seen = {trade.number: trade for trade in patient.trades(patient.number_after(NOON), NOON + 60 * SECOND)}

    asked = list(late.trades(late.number_after(NOON + 40 * SECOND), NOON + 60 * SECOND))

    assert asked
    assert all(seen[trade.number] == trade for trade in asked)


def test_another_seed_is_another_market():
    first, second = (Wanderer(seed, "BTC/USDT").last_price(NOON)[1] for seed in (1, 2))

    assert first != second


@given(symbols, st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_statistics_of_a_day_hang_together(symbol, seed):
    wanderer = Wanderer(seed, symbol)
    trades = list(wanderer.trades(wanderer.number_after(NOON - 20 * SECOND), NOON))
    _, price = wanderer.last_price(NOON)

    day = wanderer.day(NOON, price)

    low, high = float(day.low), float(day.high)
    assert 0 < low <= min(float(price), float(day.open))
    assert high >= max(float(price), float(day.open))
    assert all(low <= float(trade.price) <= high for trade in trades)
    assert float(day.bid) < float(price) < float(day.ask)
    assert low <= float(day.quote_volume) / float(day.volume) * (1 + 1e-3) + 0.01 / float(day.volume)
    assert float(day.quote_volume) / float(day.volume) * (1 - 1e-3) - 0.01 / float(day.volume) <= high


def test_the_volume_of_a_day_is_about_what_trades_add_up_to():
    wanderer = Wanderer(7, "ADA/USDT")
    first = wanderer.number_after(NOON - HOUR)

    traded = sum(float(trade.quantity) for trade in wanderer.trades(first, NOON))

    assert traded * 24 == pytest.approx(float(wanderer.day(NOON, "1.5").volume), rel=0.25)


def test_bits_are_mixed():
    assert len({mix(number) for number in range(1000)}) == 1000
    assert all(0 <= mix(number) < 1 << 64 for number in (-1, 0, 1 << 70))
