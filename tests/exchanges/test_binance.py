"""Binance and Binance.US: addresses and messages, and the recorded captures whole."""

import json
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from crypto_portfolio_analyzer.core.market import Bar, BookDelta, Control, Fact, Other, Quote, Reject, Trade
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Subscription
from crypto_portfolio_analyzer.exchanges.binance import ALL_TICKERS, Binance, BinanceUS
from tests.exchanges.captures import frames
from tests.fakes import NOON

BASE = "wss://stream.binance.com:9443"
CAPTURES = {
    "spot_2021-04-04_BTC-ETH-DOT": {BookDelta: 2688, Trade: 1910, Bar: 118},
    "spot_2021-08-14": {BookDelta: 546, Quote: 412, Trade: 28, Bar: 17},
    "us_2021-10-12": {BookDelta: 336, Quote: 128, Trade: 11, Bar: 5},
    "tr_2023-04-10": {BookDelta: 84, Quote: 47, Bar: 8},
    "usdm_futures_2021-07-22": {BookDelta: 764, Quote: 613, Trade: 91, Bar: 67},
}
every_capture = pytest.mark.parametrize("name", CAPTURES)


def wanted(count: int, channel: Channel = Channel.TRADES) -> list[Subscription]:
    return [Subscription(f"A{number}/USDT", channel) for number in range(count)]


def test_streams_are_named_as_the_venue_names_them():
    asked = [Subscription("BTC/USDT", channel) for channel in Channel]

    assert Binance().url(BASE, asked) == (
        f"{BASE}/stream?streams=btcusdt@aggTrade/btcusdt@ticker/btcusdt@bookTicker/btcusdt@kline_1m/btcusdt@depth@100ms"
    )


def test_single_trades_are_streamed_on_request():
    assert Binance("trade").url(BASE, wanted(1)) == f"{BASE}/stream?streams=a0usdt@trade"


def test_the_address_carries_a_hundred_names():
    url = Binance().url(BASE, wanted(250))

    assert Binance().in_url(wanted(250)) == 100
    assert url.count("@aggTrade") == 100
    assert url.endswith("a99usdt@aggTrade")


def test_without_a_wish_the_address_is_bare():
    assert Binance().url(BASE + "/", []) == f"{BASE}/stream"


def test_letters_outside_ascii_are_escaped_in_the_address_only():
    asked = [Subscription("币/USDT", Channel.TRADES)]

    assert Binance().url(BASE, asked) == f"{BASE}/stream?streams=%E5%B8%81usdt@aggTrade"
    assert json.loads(Binance().subscribe(asked, 1)[0].text)["params"] == ["币usdt@aggTrade"]


def test_messages_hold_two_hundred_names_and_count_up():
    first, second = Binance().subscribe(wanted(250), 7)

    assert [len(first.subscriptions), len(second.subscriptions)] == [200, 50]
    assert json.loads(second.text) == {
        "method": "SUBSCRIBE",
        "params": [f"a{number}usdt@aggTrade" for number in range(200, 250)],
        "id": 8,
    }
    assert json.loads(Binance().unsubscribe(wanted(1), 9)[0].text)["method"] == "UNSUBSCRIBE"


def test_all_markets_are_one_stream():
    assert Binance.all_tickers_url(BASE) == f"{BASE}/stream?streams={ALL_TICKERS}"


def test_the_venue_pings_by_itself():
    assert Binance().ping(1) is None


def test_binance_us_is_the_same_dialect_elsewhere():
    assert EXCHANGES["binance_us"] is BinanceUS
    assert BinanceUS().url(BinanceUS.ws_url, wanted(1)).startswith("wss://stream.binance.us:9443/stream?")
    frame = b'{"e":"trade","E":1792411200456,"s":"BNBUSD","t":1,"p":"1","q":"1","T":1792411200455,"m":false}'
    (fact,) = BinanceUS().decoder().decode(frame, NOON)
    assert isinstance(fact, Trade)
    assert (fact.venue, fact.symbol) == ("binance_us", "BNB/USD")


def replay(recorded_data, name: str) -> list[Fact]:
    decoder = Binance().decoder()
    path = recorded_data / "ws" / "binance" / f"{name}.cf1.gz"
    return [fact for frame in frames(path) for fact in decoder.decode(frame.text, frame.received_at)]


def plain(recorded_data, name: str) -> list[dict[str, Any]]:
    """Read the same capture with nothing but `json`."""
    path = recorded_data / "ws" / "binance" / f"{name}.cf1.gz"
    return [json.loads(frame.text, parse_float=Decimal)["data"] for frame in frames(path)]


@every_capture
def test_every_recorded_frame_becomes_one_fact(recorded_data, name):
    facts = replay(recorded_data, name)

    assert Counter(type(fact) for fact in facts) == CAPTURES[name]
    assert len(facts) == len(plain(recorded_data, name))


@every_capture
def test_a_replay_gives_the_same_bytes_twice(recorded_data, name):
    first, second = (msgspec.json.encode(replay(recorded_data, name)) for _ in range(2))

    assert first == second


@every_capture
def test_unwanted_books_are_counted_and_the_rest_is_the_same(recorded_data, name):
    decoder = Binance().decoder(books=False)
    path = recorded_data / "ws" / "binance" / f"{name}.cf1.gz"

    facts = [fact for frame in frames(path) for fact in decoder.decode(frame.text, frame.received_at)]

    with_books = replay(recorded_data, name)
    assert [fact for fact in facts if not isinstance(fact, Other)] == [
        fact for fact in with_books if not isinstance(fact, BookDelta)
    ]
    assert len(facts) == len(with_books)


@every_capture
def test_trades_of_a_replay_equal_an_independent_count(recorded_data, name):
    expected = defaultdict(list)
    for data in plain(recorded_data, name):
        if data.get("e") == "aggTrade":
            expected[data["s"]].append(data)
    found = defaultdict(list)
    for fact in replay(recorded_data, name):
        if isinstance(fact, Trade):
            found[fact.symbol.replace("/", "")].append(fact)

    assert found.keys() == expected.keys()
    for symbol, rows in expected.items():
        trades = found[symbol]
        prices = [Decimal(row["p"]) for row in rows]
        assert len(trades) == len(rows)
        assert [trade.trade_id for trade in trades] == [row["a"] for row in rows]
        assert [trades[0].price, trades[-1].price] == [float(prices[0]), float(prices[-1])]
        assert max(trade.price for trade in trades) == float(max(prices))
        assert min(trade.price for trade in trades) == float(min(prices))
        # a float tells the wire's eight decimals exactly, so that the sum can be compared in decimals
        assert sum(Decimal(str(trade.quantity)) for trade in trades) == sum(Decimal(row["q"]) for row in rows)
        assert sum(trade.side == "sell" for trade in trades) == sum(row["m"] for row in rows)


@every_capture
def test_quotes_and_bars_of_a_replay_equal_the_wire(recorded_data, name):
    rows = plain(recorded_data, name)
    quotes = [fact for fact in replay(recorded_data, name) if isinstance(fact, Quote)]
    bars = [fact for fact in replay(recorded_data, name) if isinstance(fact, Bar)]

    assert [(each.bid, each.bid_quantity, each.ask, each.ask_quantity) for each in quotes] == [
        tuple(float(row[key]) for key in "bBaA") for row in rows if {"b", "B", "a", "A"} <= row.keys()
    ]
    candles = [row["k"] for row in rows if row.get("e") == "kline"]
    assert [(each.open, each.high, each.low, each.close, each.volume, each.closed) for each in bars] == [
        (*(float(candle[key]) for key in "ohlcv"), candle["x"]) for candle in candles
    ]


@pytest.mark.parametrize(
    "name", ["single_messages_ccxt.jsonl", "single_messages_msgparser.jsonl", "wsHandleData_gct.jsonl"]
)
def test_single_messages_of_all_markets_are_facts_or_named(recorded_data, name):
    decoder = Binance().decoder()
    for line in (recorded_data / "ws" / "binance" / name).read_bytes().splitlines():
        (fact,) = decoder.decode(line.strip(), NOON)
        # examples of the venue's documents are dated 1970
        assert not isinstance(fact, Reject) or b'"E": 1234567880' in line
        if b'"result"' in line:
            assert isinstance(fact, Control)
