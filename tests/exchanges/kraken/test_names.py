"""Kraken's spellings."""

import pytest

from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.kraken.names import canonical, of_rest, rest_name


@pytest.mark.parametrize(
    ("pair", "symbol"),
    [("BTC/USD", "BTC/USD"), ("XBT/USD", "BTC/USD"), ("XDG/XBT", "DOGE/BTC"), ("AAPLx/USD", "AAPLX/USD")],
)
def test_pairs_have_one_canonical_symbol(pair, symbol):
    assert canonical(pair) == symbol


@pytest.mark.parametrize("pair", ["", "XBTUSD", "XBT/", "/USD", "A/B/C", "A B/USD", "BTC/USD\n"])
def test_other_texts_are_no_pairs(pair):
    with pytest.raises(InvalidSymbol):
        canonical(pair)


@pytest.mark.parametrize(
    ("symbol", "name"), [("BTC/USD", "XBTUSD"), ("DOGE/BTC", "XDGXBT"), ("ADA/EUR", "ADAEUR")]
)
def test_rest_has_its_own_names(symbol, name):
    assert rest_name(symbol) == name


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("XXBTZUSD", "BTC/USD"),
        ("XETHXXBT", "ETH/BTC"),
        ("XBTUSDT", "BTC/USDT"),
        ("ADAEUR", "ADA/EUR"),
        ("XDGUSD", "DOGE/USD"),
    ],
)
def test_rest_names_are_understood(name, symbol):
    assert of_rest(name) == symbol


def test_a_rest_name_without_a_known_quote_is_refused():
    with pytest.raises(InvalidSymbol):
        of_rest("ABCDEFGH")
