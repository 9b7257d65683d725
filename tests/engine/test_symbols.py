"""Symbols are canonical as the feeds see them, and those that no venue lists are refused with the nearest one."""

import pytest

from crypto_portfolio_analyzer.core.market import Instrument
from crypto_portfolio_analyzer.engine.symbols import canonical, canonical_all, every_symbol
from crypto_portfolio_analyzer.errors import InvalidInput, InvalidSymbol
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager


def listed(symbol: str, venue: str = "binance", *, active: bool = True) -> Instrument:
    base, _, quote = symbol.partition("/")
    return Instrument(venue, symbol, base + quote, base, quote, active=active)


@pytest.fixture
def feeds():
    made = PriceFeedManager()
    made.add_provider("binance", is_primary=True)
    made.add_provider("coinbase")
    return made


@pytest.mark.parametrize(
    ("text", "symbol"),
    [("BTC", "BTC/USDT"), ("btcusdt", "BTC/USDT"), ("ETH-BTC", "ETH/BTC"), ("BINANCE:SOLUSDC", "SOL/USDC")],
)
def test_every_spelling_is_understood(feeds, text, symbol):
    assert canonical(text, feeds) == symbol


def test_a_lone_asset_is_priced_as_the_first_provider_does(feeds):
    feeds.add_provider("kraken", is_primary=True)

    assert canonical("BTC", feeds) == "BTC/USD"


def test_without_a_provider_nothing_can_be_meant():
    with pytest.raises(InvalidInput, match="no provider"):
        canonical("BTC", PriceFeedManager())


def test_an_unlisted_symbol_names_the_nearest_one(feeds):
    feeds.market.learn([listed("BTC/USDT"), listed("DOGE/USDT")])

    with pytest.raises(InvalidSymbol, match="did you mean DOGE/USDT"):
        canonical("DOGGE", feeds)
    assert canonical("DOGE", feeds) == "DOGE/USDT"


def test_a_symbol_that_only_a_fallback_lists_will_do(feeds):
    feeds.market.learn([listed("BTC/USDT"), listed("RARE/USDT", "coinbase")])

    assert canonical("RAREUSDT", feeds) == "RARE/USDT"


def test_before_a_venue_has_told_its_markets_any_symbol_will_do(feeds):
    assert canonical("NOPE", feeds) == "NOPE/USDT"


def test_all_are_read_each_once_and_what_is_wrong_is_told_with_its_place(feeds):
    found, faults = canonical_all(["BTC", "btcusdt", "what?", "*"], feeds, "symbols")

    assert found == ("BTC/USDT", "*")
    assert [(fault.path, "what?" in fault.problem, bool(fault.remedy)) for fault in faults] == [
        ("symbols", True, True)
    ]


def test_every_symbol_is_what_is_active_in_the_default_quote(feeds):
    assert every_symbol(feeds) == []
    feeds.market.learn(
        [
            listed("BTC/USDT"),
            listed("ETH/BTC"),
            listed("OLD/USDT", active=False),
            listed("XRP/USDT", "coinbase"),
            listed("ETH/USDT"),
        ]
    )

    assert every_symbol(feeds) == ["BTC/USDT", "ETH/USDT"]
