"""Coinbase Advanced Trade frames to facts."""

import gzip
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crypto_portfolio_analyzer.core.books import BookOutcome, OrderBook
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
from crypto_portfolio_analyzer.exchanges.coinbase_advanced.decode import AdvancedDecoder
from tests.fakes import MINUTE, NOON, SECOND

CAPTURE = "ws/coinbase/advanced_2026-08-09.cf2.jsonl.gz"
TRADE = {
    "product_id": "BTC-USD",
    "trade_id": "20",
    "price": "65083.67",
    "size": "0.002186",
    "time": "2026-11-20T11:59:58.514318Z",
    "side": "SELL",
}
AT = NOON - 2 * SECOND + 514_318_000


def frame(channel: str, *events: dict[str, Any], number: int = 1, **more: object) -> bytes:
    message = {
        "channel": channel,
        "timestamp": "2026-11-20T11:59:59.5Z",
        "sequence_num": number,
        "events": events,
    }
    return json.dumps({**message, **more}, separators=(",", ":")).encode()


def trades(*told: dict[str, Any], number: int = 1) -> bytes:
    return frame("market_trades", {"type": "update", "trades": list(told)}, number=number)


def book(kind: str, *updates: tuple[str, str, str], number: int = 1, product: str = "BTC-USD") -> bytes:
    told = [{"side": side, "price_level": price, "new_quantity": size} for side, price, size in updates]
    return frame("l2_data", {"type": kind, "product_id": product, "updates": told}, number=number)


def decode(*frames: bytes, books: bool = True) -> list[Fact]:
    decoder = AdvancedDecoder(None, books=books)
    return [fact for each in frames for fact in decoder.decode(each, NOON)]


def test_a_market_trade_is_a_trade_of_the_other_side():
    assert decode(trades(TRADE)) == [
        Trade("coinbase_advanced", "BTC/USD", 65083.67, 0.002186, "buy", 20, AT, NOON),
    ]


def test_trades_keep_the_order_of_the_wire():
    facts = decode(trades({**TRADE, "trade_id": "22"}, {**TRADE, "trade_id": "21"}))

    assert [fact.trade_id for fact in facts if isinstance(fact, Trade)] == [22, 21]


@pytest.mark.parametrize("channel", ["ticker", "ticker_batch"])
def test_a_ticker_tells_the_change_its_percentage_stands_for(channel):
    told = {
        "product_id": "BTC-USD",
        "price": "110",
        "volume_24_h": "5",
        "price_percent_chg_24_h": "10",
        "best_bid": "109",
    }

    (fact,) = decode(frame(channel, {"type": "update", "tickers": [told]}))

    assert isinstance(fact, Ticker)
    assert (fact.price, fact.bid, fact.ask, fact.volume_24h) == (110.0, 109.0, None, 5.0)
    assert (fact.change_24h, fact.change_percent_24h) == (10.0, 10.0)
    assert fact.event_at == NOON - SECOND // 2


def test_candles_are_bars_of_five_minutes_and_closed_once_past():
    row = {"high": "3", "low": "1", "open": "1", "close": "2", "volume": "0", "product_id": "ETH-USD"}
    start = NOON // SECOND - 600
    told = [{**row, "start": str(start)}, {**row, "start": str(start + 300)}]

    past, forming = decode(frame("candles", {"type": "snapshot", "candles": told}))

    assert isinstance(past, Bar)
    assert isinstance(forming, Bar)
    assert (past.symbol, past.timeframe, past.open_at) == ("ETH/USD", "5m", NOON - 10 * MINUTE)
    assert (past.closed, forming.closed) == (True, False)


def test_heartbeats_and_acknowledgements_are_controls():
    beat = frame("heartbeats", {"current_time": "x", "heartbeat_counter": 41691}, number=1)
    ack = frame(
        "subscriptions", {"subscriptions": {"market_trades": ["A-B"], "ticker": ["A-B", "C-D"]}}, number=2
    )

    assert decode(beat, ack) == [
        Control("coinbase_advanced", ControlKind.HEARTBEAT, NOON, sequence=1),
        Control("coinbase_advanced", ControlKind.ACK, NOON, names=("A-B", "C-D"), sequence=2),
    ]


def test_an_error_is_a_refusal():
    (fact,) = decode(b'{"type":"error","message":"XX-USD is not a valid product"}')

    assert isinstance(fact, Control)
    assert (fact.kind, fact.symbol) == (ControlKind.REFUSED, "XX/USD")


def test_messages_of_other_channels_are_noted():
    assert decode(frame("status")) == [Other("coinbase_advanced", "status", NOON)]


def test_a_jump_of_the_sequence_is_told_before_the_facts():
    facts = decode(trades(TRADE, number=7), trades(TRADE, number=9), trades(TRADE, number=10))

    assert [type(fact) for fact in facts] == [Trade, Control, Trade, Trade]
    assert facts[1] == Control(
        "coinbase_advanced", ControlKind.STATUS, NOON, text="sequence jump 7->9", sequence=9
    )


@pytest.mark.parametrize("odd", [trades({**TRADE, "price": "nan"}, number=8), frame("status", number=8)])
def test_refused_and_unused_messages_count_in_the_sequence(odd):
    facts = decode(trades(TRADE, number=7), odd, trades(TRADE, number=9))

    assert not any(isinstance(fact, Control) for fact in facts)


def test_a_jump_is_told_once_even_if_its_message_is_refused():
    facts = decode(
        trades(TRADE, number=7), trades({**TRADE, "price": "nan"}, number=9), trades(TRADE, number=10)
    )

    assert [type(fact) for fact in facts] == [Trade, Control, Reject, Trade]


def test_a_decoder_knows_the_last_sequence():
    decoder = AdvancedDecoder(None, books=True)

    decoder.decode(trades(TRADE, number=41), NOON)

    assert decoder.sequence == 41


def test_a_jump_leaves_a_hole_in_every_book():
    keeper = OrderBook("BTC/USD")
    frames = [
        book("snapshot", ("bid", "1", "1"), ("offer", "2", "1"), number=1),
        book("update", ("bid", "1.5", "1"), number=2),
        book("update", ("bid", "1.6", "1"), number=4),
    ]

    outcomes = [keeper.apply(fact) for fact in decode(*frames) if isinstance(fact, BookSnapshot | BookDelta)]

    assert outcomes == [BookOutcome.APPLIED, BookOutcome.APPLIED, BookOutcome.GAP]


def test_a_book_opened_anew_follows_on():
    keeper = OrderBook("BTC/USD")
    opened = book("snapshot", ("bid", "1", "1"), ("offer", "2", "1"), number=1)
    frames = [
        opened,
        book("update", ("bid", "1.6", "1"), number=3),
        opened.replace(b'"sequence_num":1', b'"sequence_num":4'),
    ]

    for fact in decode(*frames):
        if isinstance(fact, BookSnapshot | BookDelta):
            keeper.apply(fact)

    assert keeper.best() == ((1.0, 1.0), (2.0, 1.0))


def test_unwanted_books_are_passed_over_but_counted():
    frames = [book("update", number=1), book("update", number=2), trades(TRADE, number=3)]

    facts = decode(*frames, books=False)

    assert [type(fact) for fact in facts] == [Other, Other, Trade]


def test_a_bad_trade_spoils_only_itself():
    good, bad = decode(trades(TRADE, {**TRADE, "size": "inf"}))

    assert isinstance(good, Trade)
    assert isinstance(bad, Reject)
    assert bad.reason is RejectReason.INFINITE


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (trades({**TRADE, "side": "buy"}), RejectReason.TYPE),
        (trades({**TRADE, "time": "soon"}), RejectReason.TIME),
        (trades({**TRADE, "product_id": "BIT-28FEB25-CDE"}), RejectReason.SYMBOL),
        (trades({**TRADE, "price": "1" * 41}), RejectReason.TOO_LONG),
        (frame("market_trades", {"trades": 7}), RejectReason.SHAPE),
        (frame("market_trades", {"trades": [7]}), RejectReason.SHAPE),
        (frame("ticker", {"tickers": []}, timestamp="2030-01-01T00:00:00Z"), RejectReason.TIME),
        (frame("candles", {"candles": []}, timestamp=7), RejectReason.TIME),
        (frame("heartbeats", {"heartbeat_counter": "x"}), RejectReason.SHAPE),
        (book("update", ("bid", "1e-40", "1")), RejectReason.EXPONENT),
        (book("update", ("bid", "1", "-1")), RejectReason.NEGATIVE),
        (book("update", ("ask", "1", "1")), RejectReason.TYPE),
        (book("update", ("bid", "1", "1"), product="X"), RejectReason.SYMBOL),
        (frame("l2_data", {"type": "update", "product_id": "A-B", "updates": 7}), RejectReason.SHAPE),
        (b"", RejectReason.JSON),
        (b'{"channel":"ticker"', RejectReason.JSON),
        (b"\xfe", RejectReason.JSON),
        (b"[]", RejectReason.SHAPE),
        (b"{}", RejectReason.SHAPE),
    ],
)
def test_bad_messages_are_refused_for_what_is_wrong_with_them(message, expected):
    facts = decode(message)

    assert [fact.reason for fact in facts if isinstance(fact, Reject)] == [expected]


def test_a_quantity_in_scientific_notation_is_read():
    (fact,) = decode(book("update", ("bid", "1", "1e-8")))

    assert isinstance(fact, BookDelta)
    assert fact.bids == ((1.0, 1e-8),)


Received = list[tuple[bytes, int]]


@pytest.fixture(scope="module")
def capture(recorded_data: Path) -> Received:
    with gzip.open(recorded_data / CAPTURE, "rt", encoding="utf-8") as lines:
        told = [json.loads(line, parse_float=Decimal) for line in lines]
    return [(each["data"].encode(), int(each["ts"] * 10**9)) for each in told if each["t"] == "recv"]


def test_every_recorded_frame_is_understood(capture):
    decoder = AdvancedDecoder(None, books=True)

    facts = [fact for text, at in capture for fact in decoder.decode(text, at)]

    assert not [fact for fact in facts if isinstance(fact, Reject | Other)]
    assert not [fact for fact in facts if isinstance(fact, Control) and fact.kind is ControlKind.STATUS]
    assert decoder.sequence == 637


def test_recorded_trades_equal_an_independent_count(capture):
    decoder = AdvancedDecoder(None, books=False)
    ours: dict[str, list[Trade]] = defaultdict(list)
    theirs: dict[str, list[dict[str, str]]] = defaultdict(list)
    for text, at in capture:
        for fact in decoder.decode(text, at):
            if isinstance(fact, Trade):
                ours[fact.symbol].append(fact)
        message = json.loads(text)
        for event in message["events"] if message["channel"] == "market_trades" else ():
            for told in event["trades"]:
                theirs[told["product_id"].replace("-", "/")].append(told)

    assert {symbol: len(each) for symbol, each in ours.items()} == {"BTC/USD": 137, "ETH/USD": 121}
    for symbol, rows in theirs.items():
        prices = [Decimal(row["price"]) for row in rows]
        found = [trade.price for trade in ours[symbol]]
        assert found == list(map(float, prices))
        assert (max(found), min(found)) == (float(max(prices)), float(min(prices)))
        assert [trade.trade_id for trade in ours[symbol]] == [int(row["trade_id"]) for row in rows]
        volume = sum(Decimal(repr(trade.quantity)) for trade in ours[symbol])
        assert volume == sum(Decimal(row["size"]) for row in rows)


def test_recorded_trades_take_from_the_side_they_print_at(capture):
    decoder = AdvancedDecoder(None, books=False)
    quotes: dict[str, tuple[float, float]] = {}
    agreed = []
    for text, at in capture:
        for fact in decoder.decode(text, at):
            if isinstance(fact, Ticker) and fact.bid and fact.ask:
                quotes[fact.symbol] = (fact.bid, fact.ask)
            elif isinstance(fact, Trade) and fact.symbol in quotes and b'"snapshot"' not in text:
                bid, ask = quotes[fact.symbol]
                agreed.append((abs(fact.price - ask) < abs(fact.price - bid)) == (fact.side == "buy"))

    assert len(agreed) > 50
    assert sum(agreed) / len(agreed) > 0.95


def test_recorded_books_are_never_crossed(capture):
    decoder = AdvancedDecoder(None, books=True)
    books = {symbol: OrderBook(symbol, max_levels=100_000) for symbol in ("BTC/USD", "ETH/USD")}
    plain: dict[str, dict[str, dict[Decimal, Decimal]]] = defaultdict(lambda: {"bid": {}, "offer": {}})
    for text, at in capture:
        for fact in decoder.decode(text, at):
            if isinstance(fact, BookSnapshot | BookDelta):
                assert books[fact.symbol].apply(fact) is BookOutcome.APPLIED
                assert not books[fact.symbol].is_crossed
        message = json.loads(text) if b'"l2_data"' in text[:40] else {"events": []}
        for event in message["events"]:
            for told in event["updates"]:
                side = plain[event["product_id"].replace("-", "/")][told["side"]]
                side[Decimal(told["price_level"])] = Decimal(told["new_quantity"])

    for symbol, sides in plain.items():
        bids, asks = books[symbol].depth(50)
        left = {name: sorted((p, q) for p, q in side.items() if q) for name, side in sides.items()}
        assert bids == [(float(p), float(q)) for p, q in left["bid"][::-1][:50]]
        assert asks == [(float(p), float(q)) for p, q in left["offer"][:50]]
