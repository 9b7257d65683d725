"""Kraken's WebSocket v1, as recordings hold it."""

import json
from decimal import Decimal
from typing import Any
from zlib import crc32

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
    Quote,
    Reject,
    RejectReason,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.exchanges.kraken.decode import KrakenDecoder
from tests.exchanges.captures import Frame, frames
from tests.fakes import MINUTE, NOON, SECOND

CAPTURE = "ws/other/kraken.ws.50.cf1.gz"
TRADE = ["5541.20000", "0.15850568", "1795175998.321597", "s", "l", ""]
AT = NOON - 2 * SECOND + 321_597_000


def decode(message: object, *, books: bool = True) -> list[Fact]:
    return list(KrakenDecoder(None, books=books).decode(json.dumps(message).encode(), NOON))


def reasons(message: object) -> list[RejectReason]:
    return [fact.reason for fact in decode(message) if isinstance(fact, Reject)]


def test_trades_tell_the_taker_and_have_no_id():
    facts = decode([0, [TRADE, [*TRADE[:3], "b", "m", ""]], "trade", "XBT/USD"])

    assert facts == [
        Trade("kraken", "BTC/USD", 5541.2, 0.15850568, side, None, AT, NOON) for side in ("sell", "buy")
    ]


def test_a_ticker_tells_today_and_the_last_day():
    told = {
        "a": ["5525.4", 1, "1.0"],
        "b": ["5525.1", 1, "1.0"],
        "c": ["5500", "0.004"],
        "v": ["1", "3000"],
        "p": ["1", "5600"],
        "t": [1, 2],
        "l": ["1", "5400"],
        "h": ["1", "5700"],
        "o": ["1", "5000"],
    }

    (fact,) = decode([340, told, "ticker", "XBT/USD"])

    assert isinstance(fact, Ticker)
    assert (fact.price, fact.bid, fact.ask) == (5500.0, 5525.1, 5525.4)
    assert (fact.open_24h, fact.high_24h, fact.low_24h) == (5000.0, 5700.0, 5400.0)
    assert (fact.change_24h, fact.change_percent_24h) == (500.0, 10.0)
    assert (fact.volume_24h, fact.quote_volume_24h, fact.event_at) == (3000.0, 16_800_000.0, NOON)


def test_a_candle_is_a_bar_that_ends_at_a_whole_minute():
    row = ["1795175998.1", "1795176000.435743", "2", "4", "1", "3", "2.5", "10", 7]

    (fact,) = decode([42, row, "ohlc-5", "XBT/USD"])

    assert isinstance(fact, Bar)
    assert (fact.timeframe, fact.open_at, fact.close_at) == ("5m", NOON - 5 * MINUTE, NOON)
    assert (fact.open, fact.high, fact.low, fact.close) == (2.0, 4.0, 1.0, 3.0)
    assert (fact.volume, fact.quote_volume, fact.trades) == (10.0, 25.0, 7)


def test_a_spread_is_a_quote():
    (fact,) = decode([0, ["5698.4", "5700", "1795175998.321597", "1.5", "0.5"], "spread", "XBT/USD"])

    assert fact == Quote("kraken", "BTC/USD", 5698.4, 1.5, 5700.0, 0.5, AT, NOON)


@pytest.mark.parametrize(
    ("message", "kind", "text"),
    [
        ({"event": "heartbeat"}, ControlKind.HEARTBEAT, "heartbeat"),
        ({"event": "pong", "reqid": 4}, ControlKind.HEARTBEAT, "pong"),
        ({"event": "systemStatus", "status": "online"}, ControlKind.STATUS, "online"),
        ({"event": "error", "errorMessage": "Malformed request"}, ControlKind.REFUSED, "Malformed request"),
    ],
)
def test_events_are_controls(message, kind, text):
    assert decode(message) == [Control("kraken", kind, NOON, text=text)]


def test_an_answer_names_its_pair():
    ok = {"event": "subscriptionStatus", "channelName": "trade", "pair": "XBT/USD", "status": "subscribed"}

    assert decode(ok) == [
        Control(
            "kraken", ControlKind.ACK, NOON, text="subscribed trade", names=("XBT/USD",), symbol="BTC/USD"
        )
    ]
    (refused,) = decode({**ok, "status": "error", "errorMessage": "Currency pair not supported"})
    assert isinstance(refused, Control)
    assert (refused.kind, refused.text) == (ControlKind.REFUSED, "Currency pair not supported")


def test_other_channels_and_events_are_noted():
    assert decode([1, [], "openOrders", "x"]) == [Other("kraken", "openOrders", NOON)]
    assert decode({"event": "news"}) == [Other("kraken", "news", NOON)]


def test_unwanted_books_are_passed_over():
    assert decode([1, {"as": []}, "book-10", "XBT/USD"], books=False) == [Other("kraken", "book", NOON)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ([0, [["nan", *TRADE[1:]], TRADE], "trade", "XBT/USD"], [RejectReason.NAN]),
        ([0, [[*TRADE[:2], "17"]], "trade", "XBT/USD"], [RejectReason.TIME]),
        ([0, [[*TRADE[:3], "x"]], "trade", "XBT/USD"], [RejectReason.TYPE]),
        ([0, [TRADE], "trade", "XBTUSD"], [RejectReason.SYMBOL]),
        ([0, 7, "trade", "XBT/USD"], [RejectReason.SHAPE]),
        ([0, {"c": []}, "ticker", "XBT/USD"], [RejectReason.SHAPE]),
        ([0, {"c": ["1", "1"], "v": ["1", "inf"]}, "ticker", "XBT/USD"], [RejectReason.INFINITE]),
        ([0, ["1", "2", "3"], "ohlc-1", "XBT/USD"], [RejectReason.TIME]),
        ([0, {"as": [["0", "1", "1795175998"]]}, "book-10", "XBT/USD"], [RejectReason.ZERO]),
        ([0, {"a": [["1", "1", "17"]]}, "book-10", "XBT/USD"], [RejectReason.TIME]),
        ([0, 7, "book-10", "XBT/USD"], [RejectReason.SHAPE]),
        ([], [RejectReason.SHAPE]),
        ([0, [], "trade", 7], [RejectReason.SHAPE]),
    ],
)
def test_bad_arrays_are_refused_for_what_is_wrong_with_them(message, expected):
    if message and isinstance(message[-1], int):
        message = [*message[:-1], None]
    assert reasons(message) == expected


@pytest.fixture(scope="module")
def capture(recorded_data) -> list[Frame]:
    return list(frames(recorded_data / CAPTURE))


def test_every_recorded_frame_is_understood_and_every_checksum_fits(capture):
    decoder = KrakenDecoder(None, books=True)

    facts = [fact for frame in capture for fact in decoder.decode(frame.text, frame.received_at)]

    assert not [fact for fact in facts if isinstance(fact, Reject | Other)]
    statuses = [fact.text for fact in facts if isinstance(fact, Control) and fact.kind is ControlKind.STATUS]
    assert statuses == ["online"]
    assert sum(isinstance(fact, BookDelta) for fact in facts) == 4269


def test_a_recorded_book_with_a_lost_update_is_found_out(capture):
    decoder = KrakenDecoder(None, books=True)
    lost = 0
    told: list[str] = []
    for frame in capture:
        if b'"book-1000","XMR/USD"' in frame.text and b'"c"' in frame.text and lost < 5:
            lost += 1
            continue
        told += [
            fact.text for fact in decoder.decode(frame.text, frame.received_at) if isinstance(fact, Control)
        ]

    assert "checksum mismatch XMR/USD" in told


def test_recorded_books_are_never_crossed_and_equal_plain_ones(capture):
    decoder = KrakenDecoder(None, books=True)
    books: dict[str, OrderBook] = {}
    plain: dict[str, dict[str, dict[Decimal, tuple[str, str]]]] = {}
    for frame in capture:
        for fact in decoder.decode(frame.text, frame.received_at):
            if isinstance(fact, BookSnapshot | BookDelta):
                book = books.setdefault(fact.symbol, OrderBook(fact.symbol))
                assert book.apply(fact) is BookOutcome.APPLIED
                assert not book.is_crossed
        message = json.loads(frame.text)
        if isinstance(message, list):
            remember(plain, message)

    assert len(books) == 10
    for symbol, sides in plain.items():
        bids, asks = books[symbol].depth(1000)
        assert bids == [(float(p), float(q)) for p, q in best(sides["b"], is_bid=True)]
        assert asks == [(float(p), float(q)) for p, q in best(sides["a"], is_bid=False)]


def best(side: dict[Decimal, tuple[str, str]], *, is_bid: bool) -> list[tuple[str, str]]:
    return [texts for _, texts in sorted(side.items(), reverse=is_bid)[:1000]]


def remember(plain: dict[str, dict[str, dict[Decimal, tuple[str, str]]]], message: list[Any]) -> None:
    """Keep books of texts, without any of our code, and check the venue's sum over them."""
    symbol = message[-1].replace("XBT", "BTC")
    sides = plain.setdefault(symbol, {"a": {}, "b": {}})
    checksum = None
    for part in message[1:-2]:
        checksum = part.get("c", checksum)
        for name, rows in part.items():
            for price, quantity, *_ in rows if name in ("a", "b", "as", "bs") else ():
                sides[name[0]].pop(Decimal(price), None)
                if Decimal(quantity):
                    sides[name[0]][Decimal(price)] = (price, quantity)
    if checksum is not None:
        top = [*best(sides["a"], is_bid=False)[:10], *best(sides["b"], is_bid=True)[:10]]
        text = "".join(part.replace(".", "").lstrip("0") for pair in top for part in pair)
        assert crc32(text.encode()) == int(checksum)
