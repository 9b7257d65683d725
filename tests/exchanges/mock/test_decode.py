"""The mock venue's frames to facts."""

import json

import pytest

from crypto_portfolio_analyzer.core.market import (
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
from crypto_portfolio_analyzer.exchanges.mock.decode import MockDecoder, canonical
from tests.fakes import NOON

TRADE = {"e": "trade", "s": "BTC/USDT", "p": "50012.3", "q": "0.0121", "d": "buy", "i": 7, "t": NOON - 5}
TICKER = {
    "e": "ticker",
    "s": "BTC/USDT",
    "p": "110",
    "o": "100",
    "h": "120",
    "l": "90",
    "v": "7",
    "w": "700",
    "b": "109",
    "a": "111",
    "i": 7,
    "t": NOON,
}


def one(message: object) -> Fact:
    frame = message if isinstance(message, bytes) else json.dumps(message).encode()
    (fact,) = MockDecoder(None).decode(frame, NOON)
    return fact


def test_a_trade_is_a_trade():
    assert one(TRADE) == Trade("mock", "BTC/USDT", 50012.3, 0.0121, "buy", 7, NOON - 5, NOON)


def test_a_ticker_hangs_together():
    fact = one(TICKER)

    assert isinstance(fact, Ticker)
    assert (fact.change_24h, fact.change_percent_24h) == (10.0, 10.0)
    assert (fact.bid, fact.ask, fact.volume_24h, fact.quote_volume_24h) == (109.0, 111.0, 7.0, 700.0)
    assert fact.last_trade_id == 7


@pytest.mark.parametrize(
    ("message", "control"),
    [
        ({"e": "heartbeat", "t": 1}, Control("mock", ControlKind.HEARTBEAT, NOON)),
        (
            {"e": "ack", "id": 3, "names": ["trades:A/B", "ticker:A/B"]},
            Control("mock", ControlKind.ACK, NOON, request_id=3, names=("A/B",)),
        ),
        ({"e": "error", "text": "no"}, Control("mock", ControlKind.REFUSED, NOON, text="no")),
    ],
)
def test_answers_are_controls(message, control):
    assert one(message) == control


def test_frames_of_other_kinds_are_noted():
    assert one({"e": "news"}) == Other("mock", "news", NOON)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({**TRADE, "p": "0"}, RejectReason.ZERO),
        ({**TRADE, "q": "nan"}, RejectReason.NAN),
        ({**TRADE, "d": "x"}, RejectReason.TYPE),
        ({**TRADE, "s": "BTC"}, RejectReason.SYMBOL),
        ({**TRADE, "t": NOON + 61 * 10**9}, RejectReason.TIME),
        ({**TRADE, "t": "x"}, RejectReason.TYPE),
        ({**TICKER, "v": "-1"}, RejectReason.NEGATIVE),
        ({"e": "trade"}, RejectReason.SHAPE),
        ([], RejectReason.SHAPE),
        (b"{", RejectReason.JSON),
    ],
)
def test_bad_frames_are_refused_for_what_is_wrong_with_them(message, reason):
    fact = one(message)

    assert isinstance(fact, Reject)
    assert fact.reason is reason


@pytest.mark.parametrize("name", ["BTC", "btc/usdt", "BTC-USDT", "", "BTC/USDT\n"])
def test_symbols_are_spelled_canonically(name):
    with pytest.raises(InvalidSymbol):
        canonical(name)
