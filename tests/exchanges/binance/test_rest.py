"""Binance's REST calls: what is asked, what it weighs, what the answers hold."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from crypto_portfolio_analyzer.core.market import Bar, BookSnapshot, Reject, RejectReason, Ticker, Trade
from crypto_portfolio_analyzer.core.venues import Request
from crypto_portfolio_analyzer.exchanges.binance import Binance
from tests.exchanges.captures import Body, records
from tests.fakes import NOON, SECOND

MS = 1_000_000
ROW = {
    "a": 26129,
    "p": "0.01633102",
    "q": "4.70443515",
    "f": 27781,
    "l": 27781,
    "T": 1792411200153,
    "m": True,
}
binance = Binance()


def answers(path: Path) -> Iterator[tuple[dict[str, list[str]], Any]]:
    """Yield the queries and bodies of a recording."""
    text = path.read_bytes()
    for line in (gzip.decompress(text) if path.suffix == ".gz" else text).splitlines():
        entry = json.loads(line)
        yield parse_qs(entry["query"]), entry["data"]


def encode(body: object) -> bytes:
    return json.dumps(body).encode()


def test_trades_are_asked_from_an_id():
    request = binance.trades_request("BTC/USDT", from_id=5, start=NOON)

    assert request == Request("/api/v3/aggTrades", {"symbol": "BTCUSDT", "limit": 1000, "fromId": 5}, 4)


def test_trades_are_asked_by_a_span_of_milliseconds():
    request = binance.trades_request("BTC/USDT", start=NOON + 1, end=NOON + SECOND + 1)

    assert request is not None
    assert (request.query["startTime"], request.query["endTime"]) == (NOON // MS + 1, NOON // MS + 1000)


def test_a_long_span_is_asked_by_its_start():
    request = binance.trades_request("BTC/USDT", start=NOON, end=NOON + 3600 * SECOND)

    assert request is not None
    assert "endTime" not in request.query


def test_single_trades_have_calls_of_their_own():
    single = Binance(trade_stream="trade")

    assert single.trades_request("BTC/USDT", from_id=5) == Request(
        "/api/v3/historicalTrades", {"symbol": "BTCUSDT", "limit": 1000, "fromId": 5}, 25
    )
    assert single.trades_request("BTC/USDT") == Request(
        "/api/v3/trades", {"symbol": "BTCUSDT", "limit": 1000}, 25
    )
    assert single.trades_request("BTC/USDT", start=NOON) is None


def test_bars_are_asked_up_to_the_last_millisecond():
    request = binance.bars_request("BTC/USDT", "1m", NOON, NOON + 60 * SECOND)

    assert request == Request(
        "/api/v3/klines",
        {
            "symbol": "BTCUSDT",
            "interval": "1m",
            "startTime": NOON // MS,
            "endTime": NOON // MS + 59_999,
            "limit": 1000,
        },
        2,
    )


@pytest.mark.parametrize("timeframe", ["7m", "45m", "", "1M "])
def test_a_timeframe_the_venue_lacks_is_not_asked(timeframe):
    assert binance.bars_request("BTC/USDT", timeframe, NOON, NOON + SECOND) is None


@pytest.mark.parametrize(
    ("count", "weight"), [(0, 80), (1, 2), (2, 2), (20, 2), (21, 40), (100, 40), (101, 80)]
)
def test_tickers_weigh_by_their_number(count, weight):
    request = binance.tickers_request([f"A{number}/USDT" for number in range(count)])

    assert request is not None
    assert request.weight == weight


def test_one_ticker_is_asked_by_name_and_several_by_a_list():
    one, two = binance.tickers_request(["BTC/USDT"]), binance.tickers_request(["BTC/USDT", "ETH/USDT"])

    assert one is not None
    assert two is not None
    assert (one.query, two.query) == ({"symbol": "BTCUSDT"}, {"symbols": '["BTCUSDT","ETHUSDT"]'})


def test_a_book_is_asked_with_a_thousand_levels():
    assert binance.book_request("BTC/USDT") == Request(
        "/api/v3/depth", {"symbol": "BTCUSDT", "limit": 1000}, 50
    )


def test_a_bad_row_is_a_reject_and_the_others_live():
    rows = [ROW, {**ROW, "p": "nan"}, {**ROW, "q": "1" * 50}, 5, {**ROW, "a": 26130}]

    facts = binance.decode_trades("BTC/USDT", encode(rows), NOON)

    assert [fact.trade_id for fact in facts if isinstance(fact, Trade)] == [26129, 26130]
    reasons = [fact.reason for fact in facts if isinstance(fact, Reject)]
    assert reasons == [RejectReason.NAN, RejectReason.TOO_LONG, RejectReason.SHAPE]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"code":-1121,"msg":"Invalid symbol."}', RejectReason.SHAPE),
        (b"<html>busy</html>", RejectReason.JSON),
        (b"", RejectReason.JSON),
        (b"[" * 100_000, RejectReason.JSON),
        (b"\xff", RejectReason.JSON),
    ],
)
def test_an_answer_that_is_none_is_one_reject(body, reason):
    for facts in (
        binance.decode_trades("BTC/USDT", body, NOON),
        binance.decode_bars("BTC/USDT", "1m", body, NOON),
        binance.decode_tickers([], body, NOON),
        [binance.decode_book("BTC/USDT", body, NOON)],
    ):
        (fact,) = facts
        assert isinstance(fact, Reject)
        assert fact.reason is reason
    assert binance.decode_instruments(body) == []


def test_unreadable_instruments_are_left_out():
    good = {"symbol": "BTCUSDT", "baseAsset": "BTC", "quoteAsset": "USDT", "status": "HALT", "filters": []}

    (found,) = binance.decode_instruments(encode({"symbols": [good, 5, {"symbol": "X"}]}))

    assert (found.symbol, found.active, found.tick_size) == ("BTC/USDT", False, None)


def test_recorded_instruments_have_their_price_step(recorded_data):
    path = recorded_data / "ws" / "binance" / "spot_2021-08-14_http_exchangeInfo.cf1.gz"
    (body,) = (record for record in records(path) if isinstance(record, Body))

    found = {each.symbol: each for each in binance.decode_instruments(body.text)}

    assert len(found) == 1589
    assert found["BTC/USDT"].tick_size == 0.01
    assert all(each.tick_size and each.venue == "binance" for each in found.values())


def test_recorded_aggregate_trades_are_read_row_by_row(recorded_data):
    trades = rejects = 0
    for _query, data in answers(recorded_data / "rest" / "binance" / "api_v3_aggTrades.jsonl.gz"):
        facts = binance.decode_trades("BTC/USDT", encode(data), NOON)
        for row, fact in zip(data, facts, strict=True):
            # the recorder mangled some rows: their `m` has no name
            assert isinstance(fact, Trade) == ("m" in row)
            if isinstance(fact, Trade):
                assert (fact.trade_id, fact.price, fact.quantity) == (
                    row["a"],
                    float(row["p"]),
                    float(row["q"]),
                )
                assert (fact.side, fact.event_at) == ("sell" if row["m"] else "buy", row["T"] * MS)
        trades += sum(isinstance(fact, Trade) for fact in facts)
        rejects += sum(isinstance(fact, Reject) for fact in facts)

    assert trades > 1000
    assert rejects == 9


def test_recorded_single_trades_are_read(recorded_data):
    single = Binance(trade_stream="trade")
    for name in ("api_v3_trades.jsonl.gz", "api_v3_historicalTrades.jsonl"):
        for _query, data in answers(recorded_data / "rest" / "binance" / name):
            facts = single.decode_trades("ETH/BTC", encode(data), NOON)
            assert [fact.trade_id for fact in facts if isinstance(fact, Trade)] == [row["id"] for row in data]


def test_recorded_bars_are_read(recorded_data):
    count = 0
    for query, data in answers(recorded_data / "rest" / "binance" / "api_v3_klines.jsonl.gz"):
        bars = binance.decode_bars("BTC/USDT", query["interval"][0], encode(data), NOON)
        for row, bar in zip(data, bars, strict=True):
            assert isinstance(bar, Bar)
            assert [bar.open, bar.high, bar.low, bar.close, bar.volume] == [float(text) for text in row[1:6]]
            assert (bar.open_at, bar.close_at) == (row[0] * MS, (row[6] + 1) * MS)
            assert (bar.quote_volume, bar.trades, bar.buy_volume) == (float(row[7]), row[8], float(row[9]))
            assert bar.closed
        count += len(bars)

    assert count > 3000


def test_recorded_tickers_are_read_from_one_and_from_many(recorded_data):
    for _query, data in answers(recorded_data / "rest" / "binance" / "api_v3_ticker_24hr.jsonl"):
        rows = data if isinstance(data, list) else [data]
        tickers = binance.decode_tickers([], encode(data), NOON)
        for row, ticker in zip(rows, tickers, strict=True):
            assert isinstance(ticker, Ticker)
            assert ticker.polled
            assert (ticker.price, ticker.change_24h) == (float(row["lastPrice"]), float(row["priceChange"]))
            assert ticker.change_percent_24h == float(row["priceChangePercent"])
            assert (ticker.volume_24h, ticker.quote_volume_24h) == (
                float(row["volume"]),
                float(row["quoteVolume"]),
            )


def test_recorded_books_are_read(recorded_data):
    for _query, data in answers(recorded_data / "rest" / "binance" / "api_v3_depth.jsonl"):
        book = binance.decode_book("BTC/USDT", encode(data), NOON)
        assert isinstance(book, BookSnapshot)
        assert book.last_id == data["lastUpdateId"]
        assert book.bids[0] == (float(data["bids"][0][0]), float(data["bids"][0][1]))
        assert book.event_at == NOON
