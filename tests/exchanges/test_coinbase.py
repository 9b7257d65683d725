"""Coinbase Exchange: what is asked for, and what its REST answers mean."""

import json

import pytest

from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookSnapshot,
    Fact,
    Instrument,
    Reject,
    RejectReason,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.core.venues import Channel, Request, Subscription
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.coinbase import Coinbase
from crypto_portfolio_analyzer.exchanges.recordings import RecordKind, read
from tests.exchanges.captures import records
from tests.fakes import MINUTE, NOON, SECOND

COINBASE = Coinbase()
ROW = {"time": "2026-11-20T11:59:58Z", "trade_id": 74, "price": "10.5", "size": "0.25", "side": "buy"}


def channels(text: str) -> dict[str, list[str]]:
    return {each["name"]: each["product_ids"] for each in json.loads(text)["channels"]}


def test_one_message_asks_for_all_channels_and_their_heartbeats():
    wishes = [Subscription("BTC/USD", Channel.TRADES), Subscription("ETH/USD", Channel.TICKER)]

    (message,) = COINBASE.subscribe(wishes, 1)

    assert json.loads(message.text)["type"] == "subscribe"
    assert channels(message.text) == {
        "matches": ["BTC-USD"],
        "ticker": ["ETH-USD"],
        "heartbeat": ["BTC-USD", "ETH-USD"],
    }
    assert message.request_id is None


def test_books_are_asked_for_where_no_key_is_needed():
    (message,) = COINBASE.subscribe([Subscription("BTC/USD", Channel.BOOK)], 1)

    assert "level2_batch" in channels(message.text)


def test_the_heartbeat_ends_with_the_trades():
    wishes = [Subscription("BTC/USD", Channel.TICKER), Subscription("ETH/USD", Channel.TRADES)]

    (message,) = COINBASE.unsubscribe(wishes, 1)

    assert channels(message.text) == {"ticker": ["BTC-USD"], "matches": ["ETH-USD"], "heartbeat": ["ETH-USD"]}


def test_a_lone_asset_is_priced_in_dollars():
    assert COINBASE.venue_symbol("BTC") == "BTC-USD"


def test_contracts_have_no_product():
    with pytest.raises(InvalidSymbol):
        COINBASE.venue_symbol("BTC/USDT:USDT")


def test_trades_from_an_id_on_are_asked_for_by_a_cursor_behind_them():
    request = COINBASE.trades_request("BTC/USD", from_id=500)

    assert request == Request("/products/BTC-USD/trades", {"limit": 1000, "after": 1500})


def test_the_newest_trades_need_no_cursor():
    assert COINBASE.trades_request("BTC/USD") == Request("/products/BTC-USD/trades", {"limit": 1000})


def test_trades_of_a_span_cannot_be_asked_for():
    assert COINBASE.trades_request("BTC/USD", start=NOON) is None


def test_past_trades_come_oldest_first():
    body = json.dumps([{**ROW, "trade_id": 75, "side": "sell"}, ROW]).encode()

    facts = COINBASE.decode_trades("BTC/USD", body, NOON)

    assert facts == [
        Trade("coinbase", "BTC/USD", 10.5, 0.25, "sell", 74, NOON - 2 * SECOND, NOON),
        Trade("coinbase", "BTC/USD", 10.5, 0.25, "buy", 75, NOON - 2 * SECOND, NOON),
    ]


def test_a_bad_past_trade_spoils_only_itself():
    body = json.dumps([{**ROW, "price": "inf"}, ROW]).encode()

    good, bad = COINBASE.decode_trades("BTC/USD", body, NOON)

    assert isinstance(good, Trade)
    assert isinstance(bad, Reject)
    assert bad.reason is RejectReason.INFINITE


@pytest.mark.parametrize("body", [b'{"message":"NotFound"}', b"", b"<html>", b"[[]]"])
def test_other_answers_are_refused(body):
    answers: list[Fact] = [
        *COINBASE.decode_trades("BTC/USD", body, NOON),
        *COINBASE.decode_bars("BTC/USD", "1m", body, NOON),
        *COINBASE.decode_tickers(["BTC/USD"], body, NOON),
        COINBASE.decode_book("BTC/USD", body, NOON),
    ]

    assert len(answers) == 4
    assert all(isinstance(answer, Reject) for answer in answers)
    assert COINBASE.decode_instruments(body) == []


def test_candles_are_asked_for_three_hundred_at_most():
    request = COINBASE.bars_request("BTC/USD", "1m", NOON, NOON + 1000 * MINUTE)

    assert request == Request(
        "/products/BTC-USD/candles",
        {"granularity": 60, "start": "2026-11-20T12:00:00Z", "end": "2026-11-20T16:59:59Z"},
    )


def test_the_candle_that_opens_at_the_end_is_not_asked_for():
    request = COINBASE.bars_request("BTC/USD", "5m", NOON, NOON + 10 * MINUTE)

    assert request is not None
    assert request.query["end"] == "2026-11-20T12:09:59Z"


def test_a_timeframe_the_venue_has_not_cannot_be_asked_for():
    assert COINBASE.bars_request("BTC/USD", "3m", NOON, NOON + MINUTE) is None


def test_candles_tell_low_before_high():
    body = json.dumps([[NOON // SECOND, 1, 4, 2, 3, 5.5], [NOON // SECOND - 60, 1, 4, 2, 3, 0]]).encode()

    first, second = COINBASE.decode_bars("BTC/USD", "1m", body, NOON + SECOND)

    assert isinstance(first, Bar)
    assert isinstance(second, Bar)
    assert (first.open_at, first.closed, second.open_at, second.closed) == (NOON - MINUTE, True, NOON, False)
    assert (second.open, second.high, second.low, second.close, second.volume) == (2.0, 4.0, 1.0, 3.0, 5.5)
    assert second.close_at == NOON + MINUTE


def test_recorded_candles_are_read(recorded_data):
    body = (recorded_data / "rest/coinbase/coinbase_candles.json").read_bytes()
    rows = json.loads(body)

    bars = COINBASE.decode_bars("BTC/USD", "1d", body, 1_800_000_000 * SECOND)

    assert [
        (b.open_at // SECOND, b.low, b.high, b.open, b.close, b.volume) for b in bars if isinstance(b, Bar)
    ] == [tuple(row) for row in reversed(rows)]


def test_statistics_of_one_product_are_a_polled_ticker():
    body = b'{"open":"100","high":"120","low":"90","last":"110","volume":"7","volume_30day":"9"}'

    (fact,) = COINBASE.decode_tickers(["BTC/USD"], body, NOON)

    assert COINBASE.tickers_request(["BTC/USD"]) == Request("/products/BTC-USD/stats")
    assert isinstance(fact, Ticker)
    assert (fact.symbol, fact.price, fact.change_24h, fact.change_percent_24h) == (
        "BTC/USD",
        110.0,
        10.0,
        10.0,
    )
    assert fact.polled


def test_statistics_of_several_products_are_picked_from_those_of_all():
    stats = {"open": "1", "high": "2", "low": "1", "last": "2", "volume": "7"}
    body = json.dumps(
        {name: {"stats_24hour": stats} for name in ("BTC-USD", "ETH-USD", "A-B", "odd")}
    ).encode()

    some = COINBASE.decode_tickers(["BTC/USD", "ETH/USD"], body, NOON)
    every = COINBASE.decode_tickers([], body, NOON)

    assert COINBASE.tickers_request([]) == Request("/products/stats")
    assert [fact.symbol for fact in some if isinstance(fact, Ticker)] == ["BTC/USD", "ETH/USD"]
    assert len(every) == 3


def test_recorded_products_are_instruments(recorded_data):
    (record,) = records(recorded_data / "rest/coinbase/products_2021-04-17.cf1.gz")

    found = COINBASE.decode_instruments(record.text)

    assert len(found) == len(json.loads(record.text))
    assert Instrument("coinbase", "SKL/EUR", "SKL-EUR", "SKL", "EUR", 0.0001, True) in found


def test_an_unreadable_product_is_left_out():
    body = b'[{"id":"A-B","base_currency":"A","quote_currency":"B","status":"delisted"},{"id":7},null]'

    assert COINBASE.decode_instruments(body) == [Instrument("coinbase", "A/B", "A-B", "A", "B", None, False)]


def test_a_recorded_book_answer_is_a_snapshot():
    body = b'{"bids":[["1","35",1]],"asks":[["2","10",4]],"sequence":406,"auction_mode":false,"auction":null}'

    fact = COINBASE.decode_book("BTC/USD", body, NOON)

    assert COINBASE.book_request("BTC/USD") is None
    assert fact == BookSnapshot("coinbase", "BTC/USD", ((1.0, 35.0),), ((2.0, 10.0),), 406, NOON, NOON)


def test_single_recorded_messages_are_understood(recorded_data):
    lines = (recorded_data / "ws/coinbase/single_messages_msgparser.jsonl").read_bytes().splitlines()
    decoder = COINBASE.decoder()

    facts = [fact for line in lines[:-1] for fact in decoder.decode(line, NOON)]

    assert [type(fact).__name__ for fact in facts] == [
        "Trade",
        "BookSnapshot",
        "BookDelta",
        "Other",
        "Ticker",
    ]
    assert isinstance(COINBASE.decode_book("BTC/USD", lines[-1], NOON), BookSnapshot)


def test_a_capture_read_as_a_recording_decodes_too(recorded_data):
    import gzip

    with gzip.open(recorded_data / "ws/coinbase/exchange_2021-04-17.cf1.gz") as lines:
        received = [each for each in read(lines) if each.kind is RecordKind.RECEIVED]
    decoder = COINBASE.decoder(books=False)

    facts = [fact for each in received for fact in decoder.decode(each.raw, each.at_ns)]

    assert sum(isinstance(fact, Trade) for fact in facts) == 73
