"""Kraken v2 frames to facts."""

import json
from typing import Any
from zlib import crc32

import pytest

from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    Control,
    ControlKind,
    Fact,
    Other,
    Reject,
    RejectReason,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.exchanges.kraken.decode import KrakenDecoder
from tests.fakes import MINUTE, NOON, SECOND

TRADE = {
    "symbol": "BTC/USD",
    "side": "sell",
    "price": 64117.9,
    "qty": 0.0125,
    "ord_type": "market",
    "trade_id": 91234567,
    "timestamp": "2026-11-20T11:59:58.120456Z",
}
AT = NOON - 2 * SECOND + 120_456_000
CANDLE = {
    "symbol": "ALGO/USD",
    "open": 2.0,
    "high": 4.0,
    "low": 1.0,
    "close": 3.0,
    "trades": 7,
    "volume": 10.0,
    "vwap": 2.5,
    "interval_begin": "2026-11-20T11:59:00.000000000Z",
    "interval": 1,
}
TICKER = {
    "symbol": "BTC/USD",
    "bid": 9.5,
    "ask": 0,
    "last": 10,
    "volume": 3,
    "vwap": 9,
    "change": -1,
    "change_pct": -9.1,
}
SNAPSHOT = (
    b'{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":45283.5,"qty":0.10000000}],'
    b'"asks":[{"price":45285.2,"qty":0.00100000}],"checksum":%d}]}'
)


def message(channel: str, *data: dict[str, Any], kind: str = "update", **more: object) -> bytes:
    return json.dumps(
        {"channel": channel, "type": kind, "data": list(data), **more}, separators=(",", ":")
    ).encode()


def decode(*frames: bytes, books: bool = True) -> list[Fact]:
    decoder = KrakenDecoder(None, books=books)
    return [fact for frame in frames for fact in decoder.decode(frame, NOON)]


def test_a_trade_tells_the_taker():
    assert decode(message("trade", TRADE)) == [
        Trade("kraken", "BTC/USD", 64117.9, 0.0125, "sell", 91234567, AT, NOON),
    ]


def test_trades_are_read_alike_the_first_time_and_later():
    first, second, third = decode(*[message("trade", TRADE)] * 3)

    assert first == second == third


def test_a_snapshot_holds_many_trades_in_wire_order():
    facts = decode(message("trade", TRADE, {**TRADE, "trade_id": 5}, kind="snapshot"))

    assert [fact.trade_id for fact in facts if isinstance(fact, Trade)] == [91234567, 5]


def test_a_ticker_tells_changes_and_no_instant():
    (fact,) = decode(message("ticker", TICKER))

    assert isinstance(fact, Ticker)
    assert (fact.price, fact.bid, fact.ask, fact.event_at) == (10.0, 9.5, None, NOON)
    assert (fact.change_24h, fact.change_percent_24h) == (-1.0, -9.1)
    assert (fact.volume_24h, fact.quote_volume_24h) == (3.0, 27.0)


def test_a_ticker_may_tell_its_instant():
    (fact,) = decode(message("ticker", {**TICKER, "timestamp": TRADE["timestamp"]}))

    assert isinstance(fact, Ticker)
    assert fact.event_at == AT


@pytest.mark.parametrize(("told_at", "is_closed"), [("11:59:59", False), ("12:00:00", True)])
def test_a_candle_is_closed_once_the_venue_is_past_it(told_at, is_closed):
    (fact,) = decode(message("ohlc", CANDLE, timestamp=f"2026-11-20T{told_at}.000000001Z"))

    assert isinstance(fact, Bar)
    assert (fact.timeframe, fact.open_at, fact.close_at) == ("1m", NOON - MINUTE, NOON)
    assert (fact.open, fact.high, fact.low, fact.close) == (2.0, 4.0, 1.0, 3.0)
    assert (fact.volume, fact.quote_volume, fact.trades, fact.closed) == (10.0, 25.0, 7, is_closed)


def test_a_book_with_its_checksum_is_a_snapshot():
    (fact,) = decode(SNAPSHOT % crc32(b"45285210000045283510000000"))

    assert fact == BookSnapshot("kraken", "BTC/USD", ((45283.5, 0.1),), ((45285.2, 0.001),), 1, NOON, NOON)


def test_a_wrong_checksum_is_told():
    book, control = decode(SNAPSHOT % 7)

    assert isinstance(book, BookSnapshot)
    assert isinstance(control, Control)
    assert (control.kind, control.text) == (ControlKind.STATUS, "checksum mismatch BTC/USD")


def test_the_depth_is_that_of_the_acknowledgement():
    ack = {
        "method": "subscribe",
        "result": {"channel": "book", "depth": 10, "symbol": "BTC/USD"},
        "success": True,
    }
    bids = [{"price": price, "qty": 1.0} for price in range(20, 10, -1)]
    book = {"symbol": "BTC/USD", "bids": bids, "asks": []}
    better = {"symbol": "BTC/USD", "bids": [{"price": 21, "qty": 1.0}], "asks": []}

    *_, delta = decode(
        json.dumps(ack).encode(), message("book", book, kind="snapshot"), message("book", better)
    )

    assert isinstance(delta, BookDelta)
    assert delta.bids == ((21.0, 1.0), (11.0, 0.0))


def test_unwanted_books_are_passed_over():
    assert decode(SNAPSHOT % 7, books=False) == [Other("kraken", "book", NOON)]


@pytest.mark.parametrize(
    ("frame", "control"),
    [
        (b'{"channel":"heartbeat"}', Control("kraken", ControlKind.HEARTBEAT, NOON)),
        (
            b'{"channel":"status","type":"update","data":[{"system":"online","connection_id":13834774380200032777}]}',
            Control("kraken", ControlKind.STATUS, NOON, text="online"),
        ),
        (
            b'{"method":"pong","req_id":9,"time_in":"x"}',
            Control("kraken", ControlKind.HEARTBEAT, NOON, text="pong", request_id=9),
        ),
        (
            b'{"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD"},"success":true,"req_id":7}',
            Control(
                "kraken",
                ControlKind.ACK,
                NOON,
                text="subscribe trade",
                request_id=7,
                names=("BTC/USD",),
                symbol="BTC/USD",
            ),
        ),
        (
            b'{"method":"subscribe","success":false,"error":"Currency pair not supported XX/USD","symbol":"XX/USD"}',
            Control(
                "kraken",
                ControlKind.REFUSED,
                NOON,
                text="Currency pair not supported XX/USD",
                names=("XX/USD",),
                symbol="XX/USD",
            ),
        ),
        (
            b'{"error":"Malformed request","method":"error"}',
            Control("kraken", ControlKind.REFUSED, NOON, text="Malformed request"),
        ),
    ],
)
def test_what_concerns_the_connection_is_a_control(frame, control):
    assert decode(frame) == [control]


def test_messages_of_other_channels_are_noted():
    assert decode(message("instrument")) == [Other("kraken", "instrument", NOON)]


def test_a_bad_trade_spoils_only_itself():
    good, bad = decode(message("trade", TRADE, {**TRADE, "qty": 0}))

    assert isinstance(good, Trade)
    assert isinstance(bad, Reject)
    assert bad.reason is RejectReason.ZERO


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (message("trade", {**TRADE, "side": "b"}), RejectReason.TYPE),
        (message("trade", {**TRADE, "symbol": "BTC-USD"}), RejectReason.SYMBOL),
        (message("trade", {**TRADE, "timestamp": "2026-11-20T12:02:00Z"}), RejectReason.TIME),
        (message("trade", TRADE).replace(b"0.0125", b"1" * 41), RejectReason.TOO_LONG),
        (message("trade", TRADE).replace(b"0.0125", b"NaN"), RejectReason.NAN),
        (message("ticker", {**TICKER, "last": 0}), RejectReason.ZERO),
        (message("ohlc", {**CANDLE, "interval": 2}), RejectReason.SHAPE),
        (message("ohlc", CANDLE, timestamp="2030-01-01T00:00:00Z"), RejectReason.TIME),
        (message("ohlc", CANDLE, timestamp=7), RejectReason.TIME),
        ((SNAPSHOT % 7).replace(b"0.10000000", b"-0.1"), RejectReason.NEGATIVE),
        ((SNAPSHOT % 7).replace(b"45283.5", b"0"), RejectReason.ZERO),
        ((SNAPSHOT % 7).replace(b"45283.5", b"9" * 41), RejectReason.TOO_LONG),
        ((SNAPSHOT % 7).replace(b"BTC/USD", b"BTC"), RejectReason.SYMBOL),
        ((SNAPSHOT % 7).replace(b'"bids"', b'"b"'), RejectReason.SHAPE),
        (message("trade"), None),
        (b'{"channel":"trade"}', RejectReason.SHAPE),
        (b'{"channel":"status","data":7}', RejectReason.SHAPE),
        (b"7", RejectReason.SHAPE),
        (b"{}", RejectReason.SHAPE),
        (b"\xff", RejectReason.JSON),
        (b'{"channel":', RejectReason.JSON),
    ],
)
def test_bad_messages_are_refused_for_what_is_wrong_with_them(frame, expected):
    assert [fact.reason for fact in decode(frame) if isinstance(fact, Reject)] == [expected] * (
        expected is not None
    )
