"""`data`: prices, bars and what is stored, from a simulated venue."""

import csv
import io

import pytest


def test_price_shows_the_newest_of_each_symbol(cli, market):
    told = cli("data", "price", "BTC", "ETH/USDT", "--json")

    prices = told.document["prices"]
    assert [(each["symbol"], each["market"]) for each in prices] == [
        ("BTC", "BTC/USDT"),
        ("ETH/USDT", "ETH/USDT"),
    ]
    assert all(float(each["price"]) > 0 and each["source"] == "binance" for each in prices)


def test_price_is_a_table_for_people(cli, market):
    told = cli("data", "price", "BTC")

    head, row = told.out.splitlines()
    assert head.split() == ["SYMBOL", "PRICE", "24H", "SOURCE", "AGE", "NOTE"]
    assert row.startswith("BTC/USDT")


@pytest.mark.parametrize("command", [["price"], ["history"], ["refresh"]])
def test_unknown_providers_and_symbols_are_exit_2(cli, market, command):
    assert cli("data", *command, "BTC", "--provider", "krakn").exit_code == 2
    assert cli("data", *command, "%%").exit_code == 2


def test_unknown_symbol_names_the_nearest(cli, market):
    told = cli("data", "price", "BTCC")

    assert told.exit_code == 2
    assert "did you mean 'BTC'?" in told.err


def test_history_shows_closed_bars_oldest_first(cli, market):
    document = cli("data", "history", "BTC", "--timeframe", "1h", "--limit", "5", "--json").document

    opens = [bar["open_at"] for bar in document["bars"]]
    assert len(opens) == 5
    assert opens == sorted(opens)
    assert (document["market"], document["timeframe"], document["source"]) == ("BTC/USDT", "1h", "binance")
    assert all(bar["closed"] and float(bar["low"]) <= float(bar["high"]) for bar in document["bars"])


def test_history_as_csv_is_what_back_tests_read(cli, market):
    told = cli("data", "history", "BTC", "--limit", "1500", "--csv")

    rows = list(csv.DictReader(io.StringIO(told.out)))
    assert len(rows) == 1500
    assert list(rows[0]) == ["timestamp", "open", "high", "low", "close", "volume"]


def test_history_of_a_span(cli, market):
    document = cli("data", "history", "BTC", "--limit", "3", "--json").document
    start, end = document["bars"][0]["open_at"], document["bars"][2]["open_at"]

    spanned = cli("data", "history", "BTC", "--start", start, "--end", end, "--json").document

    assert spanned["bars"] == document["bars"][:2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--start", "yesterday"], "--start 'yesterday' is no instant"),
        (["--start", "2026-01-02", "--end", "2026-01-01"], "is not before"),
        (["--timeframe", "7m"], "does not divide a UTC day"),
    ],
)
def test_spans_that_cannot_be_are_named(cli, market, options, said):
    told = cli("data", "history", "BTC", *options)

    assert told.exit_code == 2
    assert said in told.err


def test_history_of_a_venue_without_one_is_not_found(cli):
    assert cli("data", "history", "BTC", "--provider", "mock").exit_code == 3


def test_an_unreachable_venue_is_exit_4(cli, monkeypatch):
    for venue in ("BINANCE", "COINBASE", "KRAKEN"):
        monkeypatch.setenv(f"CRYPTO_ANALYZER_EXCHANGES__{venue}__REST_URL", "http://127.0.0.1:1")

    assert cli("data", "history", "BTC").exit_code == 4


def test_what_was_refreshed_is_stored(cli, market):
    assert cli("data", "status", "--json").document["bars"] == []

    stored = cli("data", "refresh", "BTC", "--days", "0.1", "--json").document["stored"]
    held = cli("data", "status", "--json").document["bars"]

    assert stored == [{"symbol": "BTC", "market": "BTC/USDT", "venue": "binance", "bars": 144}]
    (row,) = held
    assert (row["venue"], row["symbol"], row["timeframe"], row["bars"]) == ("binance", "BTC/USDT", "1m", 144)
    assert "BTC/USDT" in cli("data", "status").out
