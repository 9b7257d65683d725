"""Kraken's wire formats."""

import json

import pytest

from crypto_portfolio_analyzer.simulation.book import Book
from crypto_portfolio_analyzer.simulation.kraken_wire import Wire
from tests.fakes import NOON


@pytest.fixture
def wires(tape) -> dict[str, Wire]:
    return {wire.symbol: wire for wire in map(Wire, tape.venue("kraken", ("USD", "USDT")).listings)}


@pytest.mark.parametrize(
    ("symbol", "rest_name", "altname", "wsname"),
    [
        ("BTC/USD", "XXBTZUSD", "XBTUSD", "XBT/USD"),
        ("BTC/USDT", "XBTUSDT", "XBTUSDT", "XBT/USDT"),
        ("ETH/USD", "XETHZUSD", "ETHUSD", "ETH/USD"),
        ("ADA/USD", "ADAUSD", "ADAUSD", "ADA/USD"),
    ],
)
def test_pairs_have_krakens_three_spellings(wires, symbol, rest_name, altname, wsname):
    wire = wires[symbol]

    assert (wire.rest_name, wire.altname, wire.wsname) == (rest_name, altname, wsname)


def test_trades_have_the_documented_fields_and_numbers_all_their_decimals(wires):
    text = wires["BTC/USD"].trades("update", [(3, NOON, 6_400_010, 20_000, False)]).decode()
    [trade] = json.loads(text)["data"]

    assert list(trade) == ["symbol", "side", "price", "qty", "ord_type", "trade_id", "timestamp"]
    assert '"price":64000.10,"qty":0.20000000' in text
    assert (trade["side"], trade["timestamp"]) == ("sell", "2026-11-20T12:00:00.000000Z")


def test_tickers_have_the_documented_fields(wires, market):
    ticker = wires["BTC/USD"].ticker(
        "snapshot", market.day(0, NOON), 6_400_010, market.books.at(0, NOON), NOON
    )

    assert list(json.loads(ticker)["data"][0]) == [
        "symbol", "bid", "bid_qty", "ask", "ask_qty", "last", "volume", "vwap", "low", "high", "change", "change_pct",
        "timestamp",
    ]  # fmt: skip


def test_bars_have_the_documented_fields_and_end_where_the_next_begins(wires, market):
    bars = market.bars(0, NOON - 10**12, NOON, minutes=5, now=NOON)
    first, second, *_ = json.loads(wires["BTC/USD"].bars("snapshot", bars, 5, at=NOON, skew=0))["data"]

    assert list(first) == [
        "symbol", "open", "high", "low", "close", "trades", "volume", "vwap", "interval_begin", "interval", "timestamp",
    ]  # fmt: skip
    assert first["timestamp"] == second["interval_begin"].replace("000Z", "Z")


def test_the_checksum_is_made_of_asks_then_bids_without_points_and_leading_zeros(wires):
    from zlib import crc32

    book = Book(1, {4_550: 10, 4_549: 200}, {4_551: 3_000_000})

    assert wires["ADA/USD"].checksum(book) == crc32(b"455130000000000000455010000000045492000000000")


def test_rest_trades_are_rows_of_seven(wires):
    assert wires["BTC/USD"].rest_trade((3, NOON, 6_400_010, 20_001, True)) == [
        "64000.10", "0.20001000", NOON / 1e9, "b", "m", "", wires["BTC/USD"].trade_id(3),
    ]  # fmt: skip
