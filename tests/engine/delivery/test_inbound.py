"""Signals from outside are read for what they say, and nothing in them does anything."""

import json

import pytest

from crypto_portfolio_analyzer.channels.orders import order_of
from crypto_portfolio_analyzer.core.notices.notification import Content
from crypto_portfolio_analyzer.engine.delivery.inbound import MOST_BYTES, digest_of, read_signal
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.channels.trading import signal


def read(document: object) -> Content:
    return read_signal(json.dumps(document).encode(), "application/json")


def test_a_tradingview_strategy_is_understood():
    content = read(
        {
            "ticker": "BTCUSDT",
            "exchange": "BINANCE",
            "action": "Buy",
            "close": 65012.4,
            "timenow": "2026-11-20T14:03:07Z",
            "id": "L1",
        }
    )

    assert content.data == {
        "symbol": "BTC/USDT", "exchange": "BINANCE", "action": "buy", "price": "65012.4",
        "at": "2026-11-20T14:03:07.000Z", "signal_id": "L1",
    }  # fmt: skip
    assert content.title == "BTC/USDT buy 65012.4"
    assert "ticker: BTCUSDT" in content.text.splitlines()


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (
            "SYMBOL=BTCUSDT;SIGNAL=SELL;PRICE=65000",
            {"symbol": "BTC/USDT", "action": "sell", "price": "65000"},
        ),
        ("symbol: ETH-USDT\naction: exit", {"symbol": "ETH/USDT", "action": "exit"}),
        ('{"data":{"symbol":"SOL/USDT"},"action":"buy"}', {"symbol": "SOL/USDT", "action": "buy"}),
        ('{"symbol":"BINANCE:BTCUSDT"}', {"symbol": "BTC/USDT"}),
        ('{"time":1795183387}', {"at": "2026-11-20T14:03:07.000Z"}),
        ('{"time":"1795183387000"}', {"at": "2026-11-20T14:03:07.000Z"}),
        ("Bitcoin looks good today", {}),
        ('{"symbol":"<script>","action":"rm -rf /","price":"NaN","time":"soon"}', {}),
        ('{"price":-1}', {}),
        ('{"price":Infinity}', {}),
        ('{"symbol":{"deep":1},"action":["buy"]}', {}),
        ('{"broken', {}),
    ],
)
def test_fields_are_read_by_name_and_only_if_they_are_what_they_say(body, data):
    assert read_signal(body.encode(), "text/plain").data == data


def test_plain_words_are_passed_on():
    content = read_signal(b"BTC crossed above 65,000\n\nsecond line")

    assert content.text == "BTC crossed above 65,000\nsecond line"
    assert content.title == "Signal"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"x" * (MOST_BYTES + 1), "bytes"),
        (b"[" * 60_000, "nested"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "nested"),
    ],
)
def test_what_is_no_signal_is_refused_with_the_reason(body, words):
    with pytest.raises(InvalidInput, match=words):
        read_signal(body, "application/json")


def test_nothing_that_cannot_be_seen_comes_through():
    content = read({"message": "a\x00b\u202ec\x1b[31m", "symbol": "BTCUSDT\u200b", "name\r\nX": "y"})

    assert (content.title + content.text.replace("\n", "")).isprintable()


def test_secrets_that_senders_prove_themselves_with_are_not_shown():
    document = {"passphrase": "CANARY", "api_key": "CANARY", "webhookToken": "CANARY", "ticker": "BTCUSDT"}

    assert "CANARY" not in str(read(document))
    assert "CANARY" not in str(read_signal(b"SYMBOL=BTCUSDT\nTOKEN=CANARY\nsecret: CANARY"))


def test_a_long_signal_is_cut_for_those_who_read_it():
    content = read({f"field{number}": "x" * 5000 for number in range(10)})

    assert len(content.text) < 20 * 301
    assert len(content.title) <= 200


def test_the_same_bytes_are_the_same_signal():
    assert digest_of(b"one") == digest_of(b"one") != digest_of(b"two")


def test_what_was_read_is_an_order_for_a_bot():
    order = order_of(
        signal("bot", {}, **read({"ticker": "ETHUSDT", "action": "sell", "price": 3412.07}).data)
    )

    assert (order.symbol.canonical(), order.action, order.price) == ("ETH/USDT", "exit_long", 3412.07)
