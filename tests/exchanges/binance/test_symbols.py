"""Binance's spelling of markets."""

import json

import pytest

from crypto_portfolio_analyzer.core.symbols import QUOTES
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.binance import Binance, BinanceUS
from crypto_portfolio_analyzer.exchanges.binance.symbols import infer, join
from tests.exchanges.captures import Body, records


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("BTCUSDT", "BTC/USDT"),
        ("1000SATSUSDT", "1000SATS/USDT"),
        ("ETHBTC", "ETH/BTC"),
        ("OMGBUSD", "OMG/BUSD"),
        ("ARBUSD", "AR/BUSD"),
        ("币安人生USDT", "币安人生/USDT"),
        ("BTCUSD_PERP", "BTC/USD:BTC"),
        ("BNBUSD_220624", "BNB/USD:BNB-220624"),
        ("ETHUSDT_210625", "ETH/USDT:USDT-210625"),
    ],
)
def test_venue_symbols_become_canonical(name, symbol):
    assert infer(name, Binance.quotes) == symbol


@pytest.mark.parametrize(
    "name",
    ["", "USDT", "BTC/USDT", "BTC-USDT", "BTCUSDT ", "BTCUSDT_", "BTCUSDT_SOON", "_PERP", "A" * 30 + "USDT"],
)
def test_what_cannot_be_a_market_is_refused(name):
    with pytest.raises(InvalidSymbol):
        infer(name, Binance.quotes)


@pytest.mark.parametrize("name", ["DOTUSD", "BNBUSD", "BTCUSD"])
def test_dollars_are_dollars_in_the_us(name):
    assert infer(name, BinanceUS.quotes) == f"{name[:3]}/USD"


@pytest.mark.parametrize(
    ("symbol", "name"), [("BTC/USDT", "BTCUSDT"), ("btc-usdt", "BTCUSDT"), ("BTCUSDT", "BTCUSDT")]
)
def test_spot_symbols_are_joined(symbol, name):
    assert join(symbol) == name


@pytest.mark.parametrize("symbol", ["BTC", "BTC/USD:BTC", "BTC/US$", "A.B/USDT", "", "BTC/USDT/ETH"])
def test_what_is_no_spot_market_has_no_spelling(symbol):
    with pytest.raises(InvalidSymbol):
        join(symbol)


def test_real_markets_are_split_as_the_venue_splits_them(recorded_data):
    path = recorded_data / "ws" / "binance" / "spot_2021-08-14_http_exchangeInfo.cf1.gz"
    (body,) = (record for record in records(path) if isinstance(record, Body))
    markets = json.loads(body.text)["symbols"]

    wrong = [
        market["symbol"]
        for market in markets
        if infer(market["symbol"], Binance.quotes) != f"{market['baseAsset']}/{market['quoteAsset']}"
    ]

    assert len(markets) == 1589
    assert wrong == []
    assert {market["quoteAsset"] for market in markets} <= set(QUOTES)
