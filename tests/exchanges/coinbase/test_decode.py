"""Coinbase Exchange frames to facts."""

import json
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from crypto_portfolio_analyzer.core.books import BookOutcome, OrderBook
from crypto_portfolio_analyzer.core.market import (
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
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.coinbase.decode import CoinbaseDecoder, canonical
from tests.exchanges.captures import Frame, frames
from tests.fakes import NOON, SECOND

CAPTURE = "ws/coinbase/exchange_2021-04-17.cf1.gz"
MATCH = {
    "type": "match",
    "trade_id": 10,
    "maker_order_id": "ac928c66-ca53-498f-9c13-a110027a60e8",
    "taker_order_id": "132fb6ae-456b-4654-b4e0-d681ac05cea1",
    "side": "sell",
    "size": "5.23512",
    "price": "400.23",
    "product_id": "BTC-USD",
    "sequence": 50,
    "time": "2026-11-20T11:59:58.028459Z",
}
AT = NOON - 2 * SECOND + 28_459_000
TICKER = {
    "type": "ticker",
    "sequence": 37,
    "product_id": "ETH-USD",
    "price": "3120",
    "open_24h": "3000",
    "volume_24h": "99321.5",
    "low_24h": "2990",
    "high_24h": "3150",
    "best_bid": "3119.9",
    "best_ask": "3120.1",
    "side": "buy",
    "time": "2026-11-20T11:59:58Z",
    "trade_id": 370,
    "last_size": "0.1",
}


def one(message: object, decoder: CoinbaseDecoder | None = None) -> Fact:
    frame = message if isinstance(message, bytes) else json.dumps(message, separators=(",", ":")).encode()
    (fact,) = (decoder or CoinbaseDecoder(None, books=True)).decode(frame, NOON)
    return fact


def reason(message: object) -> RejectReason:
    fact = one(message)
    assert isinstance(fact, Reject), fact
    return fact.reason


@pytest.mark.parametrize("kind", ["match", "last_match"])
def test_a_match_is_a_trade_of_the_other_side(kind):
    fact = one({**MATCH, "type": kind})

    assert fact == Trade("coinbase", "BTC/USD", 400.23, 5.23512, "buy", 10, AT, NOON)


def test_matches_are_read_alike_the_first_time_and_later():
    decoder = CoinbaseDecoder(None, books=False)

    facts = [one({**MATCH, "trade_id": number}, decoder) for number in range(10, 14)]

    assert facts == [Trade("coinbase", "BTC/USD", 400.23, 5.23512, "buy", 10 + n, AT, NOON) for n in range(4)]


def test_instants_of_different_days_are_told_apart():
    decoder = CoinbaseDecoder(None, books=False)
    times = [
        "2026-11-20T00:00:00Z",
        "2026-11-19T23:59:59.999999Z",
        "2021-02-28T12:00:00.5Z",
        "2026-11-20T00:00:00.1Z",
    ]

    facts = [one({**MATCH, "time": time}, decoder) for time in times * 2]

    midnight = NOON - 43_200 * SECOND
    told = [fact.event_at for fact in facts if isinstance(fact, Trade)]
    assert told == [midnight, midnight - 1000, 1_614_513_600_500_000_000, midnight + SECOND // 10] * 2


def test_known_instruments_decide_the_symbol():
    decoder = CoinbaseDecoder({"BTC-USD": "XBT/DOLLAR"}, books=False)

    fact = one(MATCH, decoder)

    assert isinstance(fact, Trade)
    assert fact.symbol == "XBT/DOLLAR"


def test_a_ticker_tells_the_change_since_the_opening_price():
    fact = one(TICKER)

    assert isinstance(fact, Ticker)
    assert (fact.symbol, fact.price, fact.bid, fact.ask) == ("ETH/USD", 3120.0, 3119.9, 3120.1)
    assert (fact.change_24h, fact.change_percent_24h) == (120.0, 4.0)
    assert (fact.open_24h, fact.high_24h, fact.low_24h, fact.volume_24h) == (3000.0, 3150.0, 2990.0, 99321.5)
    assert (fact.last_trade_id, fact.event_at, fact.polled) == (370, NOON - 2 * SECOND, False)


def test_what_a_ticker_does_not_tell_is_unknown():
    fact = one({"type": "ticker", "product_id": "ETH-USD", "price": "1", "open_24h": "0", "best_bid": ""})

    assert isinstance(fact, Ticker)
    assert (fact.bid, fact.ask, fact.open_24h, fact.change_24h, fact.event_at) == (
        None,
        None,
        None,
        None,
        NOON,
    )


def test_a_heartbeat_names_the_last_trade():
    fact = one(
        {"type": "heartbeat", "sequence": 90, "last_trade_id": 20, "product_id": "BTC-USD", "time": "x"}
    )

    assert isinstance(fact, Control)
    assert (fact.kind, fact.symbol, fact.names) == (ControlKind.HEARTBEAT, "BTC/USD", ("BTC-USD",))
    assert (fact.sequence, fact.last_trade_id) == (90, 20)


def test_a_heartbeat_of_trade_zero_knows_of_none():
    fact = one({"type": "heartbeat", "sequence": 90, "last_trade_id": 0, "product_id": "BTC-USD"})

    assert isinstance(fact, Control)
    assert fact.last_trade_id is None


def test_an_acknowledgement_names_each_product_once():
    channels = [{"name": name, "product_ids": ["BTC-USD", "ETH-USD"]} for name in ("matches", "ticker")]

    fact = one({"type": "subscriptions", "channels": channels})

    assert fact == Control("coinbase", ControlKind.ACK, NOON, names=("BTC-USD", "ETH-USD"))


def test_an_error_names_the_product_it_is_about():
    fact = one({"type": "error", "message": "Failed to subscribe", "reason": "XX-USD is not a valid product"})

    assert isinstance(fact, Control)
    assert (fact.kind, fact.symbol, fact.names) == (ControlKind.REFUSED, "XX/USD", ("XX-USD",))
    assert fact.text == "Failed to subscribe: XX-USD is not a valid product"


def test_a_snapshot_and_an_update_are_book_facts():
    book = one({"type": "snapshot", "product_id": "BTC-USD", "asks": [["2", "1"]], "bids": [["1", "3"]]})
    delta = one(
        {
            "type": "l2update",
            "product_id": "BTC-USD",
            "changes": [["buy", "1", "0"], ["sell", "2.5", "4"]],
            "time": MATCH["time"],
        }
    )

    assert book == BookSnapshot("coinbase", "BTC/USD", ((1.0, 3.0),), ((2.0, 1.0),), 0, NOON, NOON)
    assert delta == BookDelta("coinbase", "BTC/USD", ((1.0, 0.0),), ((2.5, 4.0),), 0, 0, AT, NOON)


@pytest.mark.parametrize("kind", ["snapshot", "l2update"])
def test_unwanted_books_are_passed_over(kind):
    fact = one({"type": kind, "product_id": 7}, CoinbaseDecoder(None, books=False))

    assert fact == Other("coinbase", "book", NOON)


def test_messages_of_other_kinds_are_noted():
    assert one({"type": "open", "side": "buy"}) == Other("coinbase", "open", NOON)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"price": "nan"}, RejectReason.NAN),
        ({"price": "0"}, RejectReason.ZERO),
        ({"size": "-1"}, RejectReason.NEGATIVE),
        ({"size": "1e19"}, RejectReason.RANGE),
        ({"price": "1." + "0" * 60}, RejectReason.TOO_LONG),
        ({"price": "1e-40"}, RejectReason.EXPONENT),
        ({"time": "2026-11-20T12:01:01Z"}, RejectReason.TIME),
        ({"time": "2026-11-20T11:59:58"}, RejectReason.TIME),
        ({"time": "2008-01-01T00:00:00Z"}, RejectReason.TIME),
        ({"side": "both"}, RejectReason.TYPE),
        ({"trade_id": "x"}, RejectReason.TYPE),
        ({"product_id": "BTCUSD"}, RejectReason.SYMBOL),
        ({"product_id": "BTC-PERP-INTX"}, RejectReason.SYMBOL),
    ],
)
def test_a_bad_match_is_refused_for_what_is_wrong_with_it(change, expected):
    assert reason({**MATCH, **change}) is expected


@pytest.mark.parametrize("frame", [b"", b"{", b"\xff", b'{"type":"match"', b"[" * 50_000])
def test_what_is_no_json_is_refused(frame):
    assert reason(frame) is RejectReason.JSON


@pytest.mark.parametrize(
    "message", [[], 7, None, {}, {"type": None}, {"type": "match"}, {"type": "heartbeat"}]
)
def test_what_has_no_shape_is_refused(message):
    assert reason(message) is RejectReason.SHAPE


def test_a_bad_level_spoils_its_whole_message():
    changes = [["buy", "1", "1"], ["sell", "nan", "1"]]

    assert reason({"type": "l2update", "product_id": "BTC-USD", "changes": changes}) is RejectReason.NAN


@pytest.mark.parametrize("product", ["", "BTC", "BTC/USD", "btc-usd", "-", "A-B-C", "BTC-USD\n"])
def test_other_spellings_are_no_products(product):
    with pytest.raises(InvalidSymbol):
        canonical(product)


@pytest.fixture(scope="module")
def capture(recorded_data) -> list[Frame]:
    return list(frames(recorded_data / CAPTURE))


def test_every_recorded_frame_is_understood(capture):
    decoder = CoinbaseDecoder(None, books=True)

    facts = [fact for frame in capture for fact in decoder.decode(frame.text, frame.received_at)]

    assert len(facts) == len(capture) == 5573
    assert not [fact for fact in facts if isinstance(fact, Reject | Other)]


def counted(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Count trades with plain decimals, without any of our code."""
    found: dict[str, Any] = {}
    for told in messages:
        price, size = Decimal(told["price"]), Decimal(told["size"])
        row = found.setdefault(
            told["product_id"].replace("-", "/"), [0, price, price, price, price, Decimal(0)]
        )
        row[0] += 1
        row[2:6] = [price, max(row[3], price), min(row[4], price), row[5] + size]
    return found


def test_recorded_trades_equal_an_independent_count(capture):
    decoder = CoinbaseDecoder(None, books=False)
    ours: dict[str, list[Trade]] = defaultdict(list)
    for frame in capture:
        for fact in decoder.decode(frame.text, frame.received_at):
            if isinstance(fact, Trade):
                ours[fact.symbol].append(fact)

    messages = [json.loads(frame.text) for frame in capture]
    theirs = counted([each for each in messages if each["type"] in ("match", "last_match")])

    assert set(ours) == set(theirs)
    for symbol, (count, first, last, high, low, volume) in theirs.items():
        trades = ours[symbol]
        prices = [trade.price for trade in trades]
        assert len(trades) == count
        assert (prices[0], prices[-1], max(prices), min(prices)) == tuple(
            map(float, (first, last, high, low))
        )
        assert sum(Decimal(repr(trade.quantity)) for trade in trades) == volume


def test_recorded_trades_are_numbered_without_a_hole(capture):
    decoder = CoinbaseDecoder(None, books=False)
    ids: dict[str, list[int]] = defaultdict(list)
    for frame in capture:
        for fact in decoder.decode(frame.text, frame.received_at):
            if isinstance(fact, Trade):
                ids[fact.symbol].append(fact.trade_id or 0)

    assert all(numbers == list(range(numbers[0], numbers[0] + len(numbers))) for numbers in ids.values())


def test_recorded_tickers_name_the_taker_and_matches_the_maker(capture):
    sides: dict[tuple[str, int], dict[str, str]] = {}
    for frame in capture:
        told = json.loads(frame.text)
        if told["type"] in ("ticker", "match", "last_match"):
            kind = "ticker" if told["type"] == "ticker" else "match"
            sides.setdefault((told["product_id"], told["trade_id"]), {})[kind] = told["side"]

    both = [pair for pair in sides.values() if len(pair) == 2]
    assert len(both) > 50
    assert all(pair["ticker"] != pair["match"] for pair in both)


def test_recorded_books_are_never_crossed(capture):
    decoder = CoinbaseDecoder(None, books=True)
    books: dict[str, OrderBook] = {}
    plain: dict[str, dict[str, dict[Decimal, Decimal]]] = {}
    for frame in capture:
        for fact in decoder.decode(frame.text, frame.received_at):
            if not isinstance(fact, BookSnapshot | BookDelta):
                continue
            book = books.setdefault(fact.symbol, OrderBook(fact.symbol))
            assert book.apply(fact) is BookOutcome.APPLIED
            assert not book.is_crossed
        remember(plain, json.loads(frame.text))

    assert len(books) == 5
    for symbol, book in books.items():
        bids, asks = book.depth(20)
        sides = plain[symbol]
        assert bids == [(float(p), float(q)) for p, q in sorted(sides["buy"].items(), reverse=True)[:20]]
        assert asks == [(float(p), float(q)) for p, q in sorted(sides["sell"].items())[:20]]


def remember(plain: dict[str, dict[str, dict[Decimal, Decimal]]], told: dict[str, Any]) -> None:
    """Keep books of plain decimals, without any of our code."""
    symbol = told.get("product_id", "").replace("-", "/")
    if told["type"] == "snapshot":
        plain[symbol] = {
            side: {Decimal(price): Decimal(size) for price, size in told[name]}
            for side, name in (("buy", "bids"), ("sell", "asks"))
        }
    elif told["type"] == "l2update":
        for side, price, size in told["changes"]:
            plain[symbol][side][Decimal(price)] = Decimal(size)
            if not Decimal(size):
                del plain[symbol][side][Decimal(price)]
