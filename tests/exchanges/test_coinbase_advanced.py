"""Coinbase Advanced Trade: what is asked for, and what its REST answers mean."""

import gzip
import json

import pytest

from crypto_portfolio_analyzer.core.market import Bar, Instrument, Reject, RejectReason, Ticker, Trade
from crypto_portfolio_analyzer.core.venues import Channel, Request, Subscription
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.coinbase_advanced import CoinbaseAdvanced
from tests.fakes import MINUTE, NOON, SECOND

ADVANCED = CoinbaseAdvanced()
PRODUCTS = "/api/v3/brokerage/market/products"
ROW = {
    "trade_id": "7",
    "product_id": "BTC-USD",
    "price": "10.5",
    "size": "0.25",
    "time": "2026-11-20T11:59:58Z",
    "side": "BUY",
    "exchange": "coinbase",
}


def test_each_channel_has_a_message_and_the_heartbeats_one():
    wishes = [Subscription("BTC/USD", Channel.TRADES), Subscription("BTC/USD", Channel.BOOK)]

    messages = ADVANCED.subscribe(wishes, 1)

    assert [json.loads(message.text) for message in messages] == [
        {"type": "subscribe", "product_ids": ["BTC-USD"], "channel": "market_trades"},
        {"type": "subscribe", "product_ids": ["BTC-USD"], "channel": "level2"},
        {"type": "subscribe", "channel": "heartbeats"},
    ]


def test_the_heartbeats_go_on_when_a_channel_ends():
    (message,) = ADVANCED.unsubscribe([Subscription("BTC/USD", Channel.TICKER)], 1)

    assert json.loads(message.text)["type"] == "unsubscribe"
    assert json.loads(message.text)["channel"] == "ticker"


def test_contracts_have_no_product():
    with pytest.raises(InvalidSymbol):
        ADVANCED.venue_symbol("BTC/USDC:USDC")


def test_trades_of_a_span_are_asked_for_in_whole_seconds():
    request = ADVANCED.trades_request("BTC/USD", start=NOON + 1, end=NOON + SECOND + 1)

    query = {"limit": 1000, "start": NOON // SECOND, "end": NOON // SECOND + 2}
    assert request == Request(f"{PRODUCTS}/BTC-USD/ticker", query)


def test_trades_cannot_be_found_by_their_id_alone():
    assert ADVANCED.trades_request("BTC/USD", from_id=7) is None
    assert ADVANCED.trades_request("BTC/USD") == Request(f"{PRODUCTS}/BTC-USD/ticker", {"limit": 1000})


def test_past_trades_come_oldest_first():
    body = json.dumps({"trades": [{**ROW, "trade_id": "8"}, ROW], "best_bid": "10"}).encode()

    facts = ADVANCED.decode_trades("BTC/USD", body, NOON)

    assert [fact.trade_id for fact in facts if isinstance(fact, Trade)] == [7, 8]
    assert facts[0] == Trade("coinbase_advanced", "BTC/USD", 10.5, 0.25, "sell", 7, NOON - 2 * SECOND, NOON)


def test_candles_are_asked_for_by_name_and_within_the_limit():
    request = ADVANCED.bars_request("BTC/USD", "1m", NOON, NOON + 1000 * MINUTE)

    start = NOON // SECOND
    query: dict[str, str | int] = {
        "granularity": "ONE_MINUTE",
        "start": start,
        "end": start + 350 * 60 - 1,
        "limit": 350,
    }
    assert request == Request(f"{PRODUCTS}/BTC-USD/candles", query)
    assert ADVANCED.bars_request("BTC/USD", "3m", NOON, NOON + MINUTE) is None


def test_past_candles_come_oldest_first():
    row = {"low": "1", "high": "4", "open": "2", "close": "3", "volume": "5"}
    starts = [NOON // SECOND, NOON // SECOND - 60]
    body = json.dumps({"candles": [{**row, "start": str(start)} for start in starts]}).encode()

    bars = ADVANCED.decode_bars("BTC/USD", "1m", body, NOON + SECOND)

    told = [(bar.open_at, bar.close_at, bar.closed) for bar in bars if isinstance(bar, Bar)]
    assert told == [(NOON - MINUTE, NOON, True), (NOON, NOON + MINUTE, False)]


def test_one_product_is_a_polled_ticker():
    product = {
        "product_id": "BTC-USD",
        "price": "110",
        "price_percentage_change_24h": "10",
        "volume_24h": "",
        "high_24h": "0",
    }

    (fact,) = ADVANCED.decode_tickers(["BTC/USD"], json.dumps(product).encode(), NOON)

    assert ADVANCED.tickers_request(["BTC/USD"]) == Request(f"{PRODUCTS}/BTC-USD")
    assert isinstance(fact, Ticker)
    assert (fact.change_24h, fact.volume_24h, fact.high_24h, fact.polled) == (10.0, None, None, True)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error":"NOT_FOUND","message":"no product"}', b"<html>"])
def test_other_answers_are_refused(body):
    for facts in (
        ADVANCED.decode_trades("BTC/USD", body, NOON),
        ADVANCED.decode_bars("BTC/USD", "1m", body, NOON),
        ADVANCED.decode_tickers(["BTC/USD"], body, NOON),
    ):
        assert [type(fact) for fact in facts] == [Reject]
    assert ADVANCED.decode_instruments(body) == []


def test_there_are_no_book_answers():
    fact = ADVANCED.decode_book("BTC/USD", b"{}", NOON)

    assert ADVANCED.book_request("BTC/USD") is None
    assert isinstance(fact, Reject)


def test_recorded_products_are_instruments_and_tickers(recorded_data):
    with gzip.open(recorded_data / "ws/coinbase/advanced_2026-08-09.cf2.jsonl.gz", "rt") as lines:
        body = next(each["data"] for each in map(json.loads, lines) if each["t"] == "http").encode()
    products = json.loads(body)["products"]
    now = 1_786_309_548 * SECOND

    instruments = ADVANCED.decode_instruments(body)
    tickers = ADVANCED.decode_tickers([], body, now)
    some = ADVANCED.decode_tickers(["ETH/USD", "BTC/USD"], body, now)

    spot = [each for each in products if each["product_type"] == "SPOT"]
    assert len(instruments) == len(spot)
    assert Instrument("coinbase_advanced", "BTC/USD", "BTC-USD", "BTC", "USD", 0.01, True) in instruments
    priced = [each["product_id"].replace("-", "/") for each in products if each["price"]]
    assert [fact.symbol for fact in tickers if isinstance(fact, Ticker)] == priced
    assert {fact.symbol for fact in some if isinstance(fact, Ticker)} == {"BTC/USD", "ETH/USD"}
    assert not [
        fact for fact in tickers if isinstance(fact, Reject) and fact.reason is not RejectReason.SYMBOL
    ]
