"""Symbols: every spelling people use, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.symbols import (
    QUOTES,
    Symbol,
    parse_symbol,
    same_market,
    split_joined,
)
from crypto_portfolio_analyzer.errors import InvalidSymbol


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("BTC/USDT", Symbol("BTC", "USDT")),
        ("btc-usdt", Symbol("BTC", "USDT")),
        ("BTC_USDT", Symbol("BTC", "USDT")),
        ("  btcusdt ", Symbol("BTC", "USDT")),
        ("BINANCE:BTCUSDT", Symbol("BTC", "USDT")),
        ("COINBASE:BTC-USD", Symbol("BTC", "USD")),
        ("BTC/USDT:USDT", Symbol("BTC", "USDT", "USDT")),
        ("BTC/USD:BTC-220624", Symbol("BTC", "USD", "BTC-220624")),
        ("1000SATS/USDT", Symbol("1000SATS", "USDT")),
        ("币安人生/USDT", Symbol("币安人生", "USDT")),
        ("BTC", Symbol("BTC")),
        ("pepe", Symbol("PEPE")),
    ],
)
def test_every_usual_spelling_is_understood(text, symbol):
    assert parse_symbol(text) == symbol


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("DOTUSD", ("DOT", "USD")),
        ("BNBUSD", ("BNB", "USD")),
        ("SHIBUSD", ("SHIB", "USD")),
        ("APTUSD", ("APT", "USD")),
        ("BTCTUSD", ("BTC", "TUSD")),
        ("OMGBUSD", ("OMG", "BUSD")),
        ("BNBBTC", ("BNB", "BTC")),
        ("DOTUSDT", ("DOT", "USDT")),
        ("SOLETH", ("SOL", "ETH")),
        ("USDCUSDT", ("USDC", "USDT")),
        ("FDUSDUSDT", ("FDUSD", "USDT")),
        ("BTCFDUSD", ("BTC", "FDUSD")),
        ("ADAEUR", ("ADA", "EUR")),
    ],
)
def test_joined_spellings_are_split_where_the_market_is(text, pair):
    symbol = parse_symbol(text)

    assert (symbol.base, symbol.quote) == pair


@pytest.mark.parametrize(
    "name", ["WBTC", "STETH", "CBETH", "FDUSD", "TUSD", "USDT", "JITOSOL", "BTC", "DOGE"]
)
def test_an_asset_that_looks_like_a_pair_is_an_asset(name):
    assert parse_symbol(name) == Symbol(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "/",
        "BTC/",
        "/USDT",
        "BTC//USDT",
        "BTC USDT",
        "BTC/US DT",
        "'",
        "\x00",
        "A" * 49,
        "BTC/USDT:",
        "🚀",
    ],
)
def test_what_names_no_market_is_refused(text):
    with pytest.raises(InvalidSymbol):
        parse_symbol(text)


def test_a_lone_asset_takes_the_default_quote():
    assert parse_symbol("BTC").canonical() == "BTC/USDT"
    assert parse_symbol("BTC").canonical("USD") == "BTC/USD"
    assert parse_symbol("BTC/EUR").canonical("USD") == "BTC/EUR"


@pytest.mark.parametrize("quote", QUOTES)
def test_every_known_quote_is_split_off(quote):
    assert split_joined(f"XYZA{quote}") == ("XYZA", quote)


def test_a_venue_splits_by_its_own_quotes():
    assert split_joined("DOTUSD", ("TUSD", "USDT")) == ("DO", "TUSD")
    assert split_joined("BTCXYZ") is None
    assert split_joined("USDT", ("USDT",)) is None


@pytest.mark.parametrize(
    ("asked", "canonical", "same"),
    [
        ("BTC", "BTC/USDT", True),
        ("BTC", "BTC/USD", True),
        ("BTC", "BTC/EUR", False),
        ("BTC", "ETH/USDT", False),
        ("BTC", "BTC/USDT:USDT", False),
        ("BTC/USDT", "BTC/USDT", True),
        ("BTC/USDT", "BTC/USD", False),
    ],
)
def test_which_market_may_answer(asked, canonical, same):
    assert same_market(parse_symbol(asked), canonical) is same


assets = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=20)


@given(base=assets, quote=assets, mark=st.sampled_from("/-_"))
def test_a_written_pair_reads_back(base, quote, mark):
    symbol = parse_symbol(f"{base}{mark}{quote}")

    assert symbol == Symbol(base, quote)
    assert parse_symbol(symbol.canonical()) == symbol


def read(text: str) -> Symbol | InvalidSymbol:
    try:
        return parse_symbol(text)
    except InvalidSymbol as error:
        return error


@given(text=st.text(max_size=60))
def test_any_text_is_a_symbol_or_refused_in_a_printable_sentence(text):
    found = read(text)

    if isinstance(found, InvalidSymbol):
        assert str(found).isprintable()
    else:
        assert parse_symbol(found.canonical()).base == found.base
