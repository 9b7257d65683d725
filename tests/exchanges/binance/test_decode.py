"""Binance frames to facts: each kind, the two ways of reading, and what is remembered."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from crypto_portfolio_analyzer.core.venues import MAX_FRAME_BYTES
from crypto_portfolio_analyzer.exchanges.binance import Binance
from tests.conformance.hostile import NUMBERS, SAYS_NOTHING
from tests.fakes import NOON, SECOND

MS = 1_000_000
SAMPLES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "samples" / "binance.jsonl").read_bytes().splitlines()
]
AGGREGATE, SINGLE, TICKER, MINI, _, QUOTE, FUTURES_QUOTE, KLINE, DEPTH, TOP = SAMPLES[:10]


def encode(message: object) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def changed(message: dict[str, Any], **fields: object) -> bytes:
    """Return a wrapped sample with some fields of its data replaced."""
    return encode({**message, "data": {**message["data"], **fields}})


def decode(frame: bytes, *, books: bool = True) -> list[Fact]:
    return list(Binance().decoder(books=books).decode(frame, NOON))


def one(message: object) -> Fact:
    (fact,) = decode(message if isinstance(message, bytes) else encode(message))
    return fact


def reason(frame: bytes) -> RejectReason:
    fact = one(frame)
    assert isinstance(fact, Reject), fact
    return fact.reason


def test_aggregate_trade_is_numbered_by_its_own_id_and_timed_by_the_trade():
    assert one(AGGREGATE) == Trade(
        "binance", "BTC/USDT", 64117.99, 0.0125, "sell", 3812345678, 1792411200120 * MS, NOON
    )


def test_a_buyer_who_is_no_maker_bought_as_taker():
    assert one(SINGLE) == Trade(
        "binance", "ETH/USDT", 3120.55, 1.2, "buy", 2212345678, 1792411200455 * MS, NOON
    )


def test_ticker_keeps_change_and_percent_and_the_two_volumes_apart():
    assert one(TICKER) == Ticker(
        "binance",
        "BTC/USDT",
        64117.99,
        1792411201015 * MS,
        NOON,
        bid=64117.98,
        ask=64117.99,
        open_24h=64330.6,
        high_24h=64500.0,
        low_24h=63238.0,
        volume_24h=14724.65375,
        quote_volume_24h=940099726.8286185,
        change_24h=-212.61,
        change_percent_24h=-0.33,
        last_trade_id=5981234562,
    )


def test_a_change_of_zero_is_zero_and_not_unknown():
    ticker = one(changed(TICKER, p="0.00000000", P="0.000", v="0.00000000"))

    assert isinstance(ticker, Ticker)
    assert (ticker.change_24h, ticker.change_percent_24h, ticker.volume_24h) == (0.0, 0.0, 0.0)


def test_an_idle_market_has_no_bid_no_open_and_no_last_trade():
    ticker = one(changed(TICKER, b="0.00000000", a="0.00000000", o="0.00000000", L=-1))

    assert isinstance(ticker, Ticker)
    assert (ticker.bid, ticker.ask, ticker.open_24h, ticker.last_trade_id) == (None, None, None, None)


def test_futures_tickers_lack_bid_and_ask():
    data = {key: value for key, value in TICKER["data"].items() if key not in ("b", "B", "a", "A", "x")}

    ticker = one({**TICKER, "data": data})

    assert isinstance(ticker, Ticker)
    assert ticker.bid is None


def test_mini_ticker_tells_what_it_has():
    ticker = one(MINI)

    assert isinstance(ticker, Ticker)
    assert (ticker.price, ticker.open_24h, ticker.volume_24h) == (64117.99, 64330.6, 14724.65375)
    assert (ticker.bid, ticker.change_24h, ticker.last_trade_id) == (None, None, None)


def test_spot_quote_happened_when_it_arrived():
    assert one(QUOTE) == Quote("binance", "BTC/USDT", 64117.98, 4.77471, 64117.99, 11.33198, NOON, NOON)


def test_futures_quote_tells_its_time():
    quote = one(FUTURES_QUOTE)

    assert isinstance(quote, Quote)
    assert quote.event_at == 1792411201017 * MS


def test_a_quote_nobody_bids_for_is_no_fault():
    assert one(changed(QUOTE, b="0.00000000", B="0.00000000")) == Other(
        "binance", "one-sided bookTicker", NOON
    )


def test_a_quote_with_a_quantity_at_price_zero_is_a_fault():
    assert reason(changed(QUOTE, b="0.00000000")) is RejectReason.ZERO


def test_bar_ends_a_millisecond_after_the_last_one():
    bar = one(KLINE)

    assert isinstance(bar, Bar)
    assert (bar.open_at, bar.close_at) == (1792411200000 * MS, 1792411260000 * MS)
    assert (bar.open, bar.high, bar.low, bar.close) == (64110.0, 64120.0, 64101.5, 64117.99)
    assert (bar.volume, bar.quote_volume, bar.buy_volume, bar.trades) == (0.38518, 24696.8811643, 0.17878, 63)
    assert (bar.timeframe, bar.closed) == ("1m", False)


def test_a_bar_whose_high_is_below_its_close_is_refused():
    assert reason(changed(KLINE, k={**KLINE["data"]["k"], "h": "64110.50000000"})) is RejectReason.RANGE


def test_depth_names_the_span_of_updates_and_keeps_removals():
    delta = one(DEPTH)

    assert isinstance(delta, BookDelta)
    assert (delta.first_id, delta.last_id, delta.previous_id) == (98494969440, 98494969448, None)
    assert delta.bids == ((64117.98, 4.77471), (64110.0, 0.0))


def test_futures_depth_names_the_update_before():
    delta = one(changed(DEPTH, pu=98494969439, T=1792411201090))

    assert isinstance(delta, BookDelta)
    assert delta.previous_id == 98494969439


def test_top_of_the_book_gets_its_symbol_from_the_stream():
    snapshot = one(TOP)

    assert isinstance(snapshot, BookSnapshot)
    assert (snapshot.symbol, snapshot.last_id, len(snapshot.bids)) == ("BTC/USDT", 98494969448, 2)


@pytest.mark.parametrize("message", [DEPTH, TOP, DEPTH["data"]])
def test_unwanted_books_are_passed_over(message):
    (fact,) = decode(encode(message), books=False)

    assert isinstance(fact, Other)


@pytest.mark.parametrize("message", [AGGREGATE, SINGLE, TICKER, MINI, QUOTE, KLINE, DEPTH])
def test_frames_without_an_envelope_say_the_same(message):
    assert one(message["data"]) == one(message)


def test_a_bad_element_spoils_only_itself():
    good = MINI["data"]
    frame = encode(
        {"stream": "!miniTicker@arr", "data": [good, {**good, "c": "nan"}, 7, {**good, "c": "5.0"}]}
    )

    facts = decode(frame)

    assert [type(fact) for fact in facts] == [Ticker, Reject, Reject, Ticker]
    assert [fact.reason for fact in facts if isinstance(fact, Reject)] == [
        RejectReason.NAN,
        RejectReason.SHAPE,
    ]


def test_a_huge_array_is_cut_and_said_so():
    facts = decode(b"[" + b"1," * 20_000 + b"1]")

    assert len(facts) == 10_001
    assert isinstance(facts[-1], Reject)
    assert facts[-1].reason is RejectReason.TOO_LARGE


def test_acknowledgements_name_their_request():
    assert one({"result": None, "id": 7}) == Control("binance", ControlKind.ACK, NOON, request_id=7)
    assert one({"result": ["a@trade", "b@trade"], "id": 8}) == Control(
        "binance", ControlKind.ACK, NOON, request_id=8, names=("a@trade", "b@trade")
    )


@pytest.mark.parametrize(
    "message",
    [
        {"error": {"code": 2, "msg": "Invalid request"}, "id": 4},
        {"code": 2, "msg": "Invalid request", "id": 4},
    ],
)
def test_a_refusal_names_its_request_and_why(message):
    assert one(message) == Control("binance", ControlKind.REFUSED, NOON, "2 Invalid request", 4)


@pytest.mark.parametrize("number", ["one", "9" * 40, None, 1.5, [1]])
def test_an_answer_to_no_request_of_ours_has_no_number(number):
    fact = one({"result": None, "id": number})

    assert isinstance(fact, Control)
    assert fact.request_id is None


def test_what_a_refusal_says_is_safe_to_print():
    fact = one(b'{"code":2,"msg":"\\u001b[31m\\ud800' + b"x" * 5000 + b'"}')

    assert isinstance(fact, Control)
    assert fact.text.isprintable()
    assert len(fact.text) <= 200


@pytest.mark.parametrize("wrap", [True, False])
def test_the_server_says_that_it_goes(wrap):
    event = {"e": "serverShutdown", "E": 1792411201456}

    fact = one({"stream": "!serverShutdown", "data": event} if wrap else event)

    assert isinstance(fact, Control)
    assert fact.kind is ControlKind.SHUTDOWN


@pytest.mark.parametrize(
    ("event", "kind"),
    [("markPriceUpdate", "markPriceUpdate"), ("executionReport", "executionReport"), ("x" * 90, "unknown")],
)
def test_messages_we_do_not_use_are_named_from_a_closed_set(event, kind):
    assert one({"e": event, "E": 1792411201456, "s": "BTCUSDT"}) == Other("binance", kind, NOON)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (b"", RejectReason.JSON),
        (b'{"stream":"btcusdt@aggTrade"', RejectReason.JSON),
        (b"\xff\xfe", RejectReason.JSON),
        (b"5", RejectReason.SHAPE),
        (b'{"stream":"btcusdt@trade","data":{}}', RejectReason.SHAPE),
        (b'{"stream":"btcusdt@trade","data":{"e":[1]}}', RejectReason.SHAPE),
        (b'{"stream":"x@trade","data":{"e":"bookTicker"}}', RejectReason.SHAPE),
        (changed(AGGREGATE, s="BTC/USDT"), RejectReason.SYMBOL),
        (changed(AGGREGATE, s="X" * 200), RejectReason.SYMBOL),
        (changed(AGGREGATE, s=5), RejectReason.SYMBOL),
        (changed(AGGREGATE, s=None), RejectReason.TYPE),
        (changed(AGGREGATE, T=1234567880), RejectReason.TIME),
        (changed(AGGREGATE, T=(NOON + 61 * SECOND) // MS), RejectReason.TIME),
        (changed(AGGREGATE, T="soon"), RejectReason.TYPE),
        (changed(AGGREGATE, a=-5), RejectReason.NEGATIVE),
        (changed(AGGREGATE, a=1 << 63), RejectReason.RANGE),
        (changed(AGGREGATE, a=1.5), RejectReason.TYPE),
        (changed(AGGREGATE, m="maybe"), RejectReason.TYPE),
        (changed(DEPTH, b=[["1"]]), RejectReason.SHAPE),
        (changed(DEPTH, b=[["1", "-1"]]), RejectReason.NEGATIVE),
        (changed(DEPTH, U=9, u=8), RejectReason.RANGE),
        (changed(KLINE, k=[]), RejectReason.SHAPE),
        (changed(KLINE, k={**KLINE["data"]["k"], "i": "7m"}), RejectReason.TYPE),
        (encode(AGGREGATE) + b" " * MAX_FRAME_BYTES, RejectReason.TOO_LARGE),
    ],
)
def test_a_reject_names_the_reason(frame, expected):
    assert reason(frame) is expected


def test_a_reject_says_where_and_stays_short():
    fact = one(changed(AGGREGATE, p="9" * 5000))

    assert isinstance(fact, Reject)
    assert fact.detail.startswith("aggTrade: p '999")
    assert len(fact.detail) < 100


def test_a_clock_a_little_behind_the_venue_is_tolerated():
    ahead = changed(AGGREGATE, T=(NOON + 59 * SECOND) // MS)
    decoder = Binance().decoder()

    facts = [decoder.decode(ahead, NOON)[0] for _ in range(3)]

    assert [type(fact) for fact in facts] == [Trade] * 3


def test_listed_instruments_decide_the_symbol():
    decoder = Binance().decoder({"BTCUSDT": "XBT/USDT"})

    (fact,) = decoder.decode(encode(AGGREGATE), NOON)

    assert isinstance(fact, Trade)
    assert fact.symbol == "XBT/USDT"


def test_hostile_symbols_cannot_grow_the_memory():
    decoder = Binance().decoder()
    for number in range(21_000):
        decoder.decode(changed(AGGREGATE, s=f"S{number}USDT"), NOON)

    assert len(decoder._names) == 20_000
    assert max(map(len, decoder._known.values())) <= 20_000
    (fact,) = decoder.decode(encode(SINGLE), NOON)
    assert isinstance(fact, Trade)


@pytest.mark.parametrize("message", [AGGREGATE, SINGLE, TICKER, MINI, QUOTE, KLINE, DEPTH])
def test_a_message_reads_the_same_the_first_and_the_tenth_time(message):
    decoder = Binance().decoder()

    facts = [decoder.decode(encode(message), NOON)[0] for _ in range(10)]

    assert all(fact == facts[0] for fact in facts)


texts = st.one_of(
    st.sampled_from([token for token in NUMBERS if token not in SAYS_NOTHING]),
    st.decimals(0, 10**12, places=8).map(lambda number: f'"{number}"'),
    st.builds('"{}e{}"'.format, st.integers(0, 10**6), st.integers(-40, 40)),
    st.builds('"{}.{}"'.format, st.integers(0, 10**6), st.text("0123456789", min_size=1, max_size=50)),
    st.sampled_from(
        ["true", "false", '"true"', "0", "1", '"7"', "7.0", "7e0", "1792411200000", "-1", "-0", '"-0.0"']
    ),
)


@given(
    data=st.data(),
    message=st.sampled_from([AGGREGATE, SINGLE, TICKER, MINI, QUOTE, KLINE, DEPTH]),
    text=texts,
)
@settings(max_examples=1500, deadline=None)
def test_the_quick_way_accepts_nothing_that_the_exact_way_refuses(data, message, text):
    inner = message["data"].get("k", message["data"])
    key = data.draw(st.sampled_from([key for key, value in inner.items() if not isinstance(value, list)]))
    replaced = {**inner, key: "\x01"}
    whole = {**message, "data": {**message["data"], "k": replaced} if "k" in message["data"] else replaced}
    frame = encode(whole).replace(b'"\\u0001"', text.encode())
    decoder = Binance().decoder()
    for _ in range(3):
        decoder.decode(encode(message), NOON)

    assert list(decoder.decode(frame, NOON)) == decode(frame)
