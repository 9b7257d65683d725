"""Kraken: what is asked for, and what its REST answers mean."""

import json

import pytest

from crypto_portfolio_analyzer.core.market import Bar, Instrument, Reject, Ticker, Trade
from crypto_portfolio_analyzer.core.venues import Channel, Request, Subscription
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.kraken import Kraken
from tests.fakes import MINUTE, NOON, SECOND

KRAKEN = Kraken()


def test_each_channel_has_a_message_with_an_id():
    wishes = [
        Subscription(symbol, channel)
        for symbol in ("BTC/USD", "ADA/EUR")
        for channel in (Channel.TRADES, Channel.BARS)
    ]

    messages = KRAKEN.subscribe(wishes, 5)

    assert [json.loads(message.text) for message in messages] == [
        {
            "method": "subscribe",
            "params": {"channel": "trade", "symbol": ["BTC/USD", "ADA/EUR"]},
            "req_id": 5,
        },
        {
            "method": "subscribe",
            "params": {"channel": "ohlc", "symbol": ["BTC/USD", "ADA/EUR"], "interval": 1},
            "req_id": 6,
        },
    ]
    assert [message.request_id for message in messages] == [5, 6]


def test_books_are_asked_for_with_a_depth_and_ended_with_it():
    (message,) = KRAKEN.unsubscribe([Subscription("BTC/USD", Channel.BOOK)], 1)

    assert json.loads(message.text)["params"] == {"channel": "book", "symbol": ["BTC/USD"], "depth": 100}


def test_the_venue_answers_pings():
    assert json.loads(KRAKEN.ping(3) or "") == {"method": "ping", "req_id": 3}


@pytest.mark.parametrize(
    ("symbol", "pair"), [("BTC", "BTC/USD"), ("XBT/EUR", "BTC/EUR"), ("btc-usdt", "BTC/USDT")]
)
def test_pairs_are_spelled_canonically(symbol, pair):
    assert KRAKEN.venue_symbol(symbol) == pair


def test_contracts_have_no_pair():
    with pytest.raises(InvalidSymbol):
        KRAKEN.venue_symbol("BTC/USD:USD")


def test_trades_are_asked_for_after_an_instant():
    request = KRAKEN.trades_request("BTC/USD", start=NOON)

    assert request == Request("/0/public/Trades", {"pair": "XBTUSD", "count": 1000, "since": NOON - 1})
    assert KRAKEN.trades_request("BTC/USD", from_id=7) is None


def test_past_trades_are_exact_to_the_nanosecond():
    body = (
        b'{"error":[],"result":{"XXBTZUSD":[["30243.4","0.34507674",1795175998.123456789,"b","m","",61044952],'
        b'["30243.3","0.00376960",1795175998.2,"s","l","",61044953]],"last":"1795175998200000000"}}'
    )

    facts = KRAKEN.decode_trades("BTC/USD", body, NOON)

    at = NOON - 2 * SECOND
    assert facts == [
        Trade("kraken", "BTC/USD", 30243.4, 0.34507674, "buy", 61044952, at + 123_456_789, NOON),
        Trade("kraken", "BTC/USD", 30243.3, 0.0037696, "sell", 61044953, at + 200_000_000, NOON),
    ]


def test_candles_are_asked_for_from_the_second_before():
    request = KRAKEN.bars_request("BTC/USD", "5m", NOON, NOON + 60 * MINUTE)

    query = {"pair": "XBTUSD", "interval": 5, "since": NOON // SECOND - 1}
    assert request is not None
    assert (request.path, dict(request.query)) == ("/0/public/OHLC", query)
    assert KRAKEN.bars_request("BTC/USD", "3m", NOON, NOON) is None


def test_the_last_past_candle_is_forming():
    row = ["2", "4", "1", "3", "2.5", "10", 7]
    rows = [[NOON // SECOND - 60, *row], [NOON // SECOND, *row]]
    body = json.dumps({"error": [], "result": {"XXBTZUSD": rows, "last": NOON // SECOND - 60}}).encode()

    past, forming = KRAKEN.decode_bars("BTC/USD", "1m", body, NOON + SECOND)

    assert isinstance(past, Bar)
    assert isinstance(forming, Bar)
    assert (past.open_at, past.closed, forming.closed) == (NOON - MINUTE, True, False)
    assert (past.open, past.high, past.low, past.close) == (2.0, 4.0, 1.0, 3.0)
    assert (past.volume, past.quote_volume, past.trades) == (10.0, 25.0, 7)


def test_statistics_are_polled_tickers_under_any_name():
    told = {
        "a": ["2", "1", "1"],
        "b": ["1", "1", "1"],
        "c": ["1.5", "1"],
        "v": ["1", "9"],
        "p": ["1", "2"],
        "o": "1",
    }
    body = json.dumps({"error": [], "result": {"XXBTZUSD": told, "ADAEUR": told, "ODD": told}}).encode()

    some = KRAKEN.decode_tickers(["BTC/USD"], body, NOON)
    every = KRAKEN.decode_tickers([], body, NOON)

    assert KRAKEN.tickers_request(["BTC/USD", "ADA/EUR"]) == Request(
        "/0/public/Ticker", {"pair": "XBTUSD,ADAEUR"}
    )
    assert KRAKEN.tickers_request([]) == Request("/0/public/Ticker", {})
    assert [fact.symbol for fact in every if isinstance(fact, Ticker)] == ["BTC/USD", "ADA/EUR"]
    (fact,) = some
    assert isinstance(fact, Ticker)
    assert (fact.price, fact.bid, fact.ask, fact.open_24h, fact.polled) == (1.5, 1.0, 2.0, None, True)
    assert (fact.volume_24h, fact.quote_volume_24h) == (9.0, 18.0)


def test_pairs_are_instruments():
    pairs = {
        "XXBTZUSD": {"wsname": "XBT/USD", "tick_size": "0.1", "status": "online"},
        "ADAEUR": {"wsname": "ADA/EUR", "status": "cancel_only"},
        "XXBTZUSD.d": {"altname": "XBTUSD.d"},
        "ODD": {"wsname": "ODD"},
    }

    found = KRAKEN.decode_instruments(json.dumps({"error": [], "result": pairs}).encode())

    assert found == [
        Instrument("kraken", "BTC/USD", "BTC/USD", "BTC", "USD", 0.1, True),
        Instrument("kraken", "ADA/EUR", "ADA/EUR", "ADA", "EUR", None, False),
    ]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"error":["EGeneral:Unknown asset pair"]}', b'{"error":[],"result":[]}']
)
def test_other_answers_are_refused(body):
    for facts in (
        KRAKEN.decode_trades("BTC/USD", body, NOON),
        KRAKEN.decode_bars("BTC/USD", "1m", body, NOON),
        KRAKEN.decode_tickers(["BTC/USD"], body, NOON),
    ):
        assert [type(fact) for fact in facts] == [Reject]
    assert KRAKEN.decode_instruments(body) == []


def test_the_venues_own_error_is_shown():
    (fact,) = KRAKEN.decode_trades("BTC/USD", b'{"error":["EGeneral:Unknown asset pair"]}', NOON)

    assert isinstance(fact, Reject)
    assert "Unknown asset pair" in fact.detail


def test_there_are_no_book_answers():
    assert KRAKEN.book_request("BTC/USD") is None
    assert isinstance(KRAKEN.decode_book("BTC/USD", b"{}", NOON), Reject)
