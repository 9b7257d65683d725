"""Each bot's template gives exactly the fields that the bot documents, in its own words."""

import json
from typing import Any

import pytest

from crypto_portfolio_analyzer.channels.orders import Action, Order
from crypto_portfolio_analyzer.channels.signal_templates import Scalar, SignalTemplate, signal_templates
from crypto_portfolio_analyzer.core.notices.placeholders import Told, values_for
from crypto_portfolio_analyzer.core.notices.reader import reader_of
from crypto_portfolio_analyzer.core.notices.templates import Template
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.errors import DeliveryFailed
from crypto_portfolio_analyzer.simulation.echo import Signal, read_signal
from tests.core.notices.made import AT, crossing

ACTIONS = {
    "threecommas": ("enter_long", "exit_long", "enter_short", "exit_short", None),
    "octobot": ("BUY", "SELL", "SELL", "BUY", "SELL"),
    "hummingbot": ("buy", "sell", "sell", "buy", "close"),
    "traderspost": ("buy", "exit", "sell", "exit", "exit"),
    "okx": ("ENTER_LONG", "EXIT_LONG", "ENTER_SHORT", "EXIT_SHORT", None),
    "altrady": ("open", "close", "open", "close", None),
    "cornix": ("Buy", None, "Entry", None, None),
    "signed": ("enter_long", "exit_long", "enter_short", "exit_short", "exit"),
}
"""The word for each of enter long, exit long, enter short, exit short, exit."""
FIELDS = {
    "threecommas": {
        "secret": "S", "bot_uuid": "U", "max_lag": "60", "timestamp": "2026-11-20T14:03:07.000Z",
        "trigger_price": "65012.4", "tv_exchange": "BINANCE", "tv_instrument": "BTCUSDT", "action": "enter_long",
        "order": {"amount": "5.5", "currency_type": "quote"},
    },
    "hummingbot": {
        "timestamp": AT // 10**6, "sequence": AT // 10**6, "type": "eevent",
        "data": {
            "id": "msg_a_b", "trading_pair": "BTC-USDT", "action": "buy", "price": "65012.4", "amount": 5.5,
            "expires_at": AT // 10**6 + 60_000,
        },
    },
    "traderspost": {
        "ticker": "BTCUSDT", "action": "buy", "sentiment": "bullish", "price": 65012.4,
        "time": "2026-11-20T14:03:07.000Z",
        "extras": {"id": "msg_a_b", "rule": "r1", "revision": 3, "expires_at": "2026-11-20T14:04:07.000Z"},
    },
    "okx": {
        "action": "ENTER_LONG", "instrument": "BTC-USDT-SWAP", "signalToken": "S",
        "timestamp": "2026-11-20T14:03:07.000Z", "maxLag": "60", "orderType": "market",
        "investmentType": "percentage_balance", "amount": "5.5",
    },
    "altrady": {
        "api_key": "K", "api_secret": "S", "exchange": "E", "action": "open", "symbol": "M", "side": "long",
        "signal_id": "msg_a_b", "signal_price": 65012.4,
    },
}  # fmt: skip
GIVEN: dict[str, dict[str, Scalar]] = {
    "threecommas": {"secret": "S", "bot_uuid": "U", "amount": 5.5},
    "hummingbot": {"amount": 5.5},
    "okx": {"signal_token": "S", "amount": 5.5},
    "altrady": {"api_key": "K", "api_secret": "S", "exchange": "E", "market": "M"},
    "octobot": {"token": "T", "volume": "10%"},
    "cornix": {"take_profit_percent": 5, "stop_percent": 2, "leverage": "Isolated 5x"},
}


def made(action: Action = Action.ENTER_LONG, **changes) -> Order:
    values: dict[str, Any] = {
        "key": "msg_a_b", "symbol": parse_symbol("BTC/USDT"), "action": action, "price": 65012.4, "venue": "binance",
        "at": AT, "expires_at": AT + 60 * 10**9, "rule": "r1", "revision": 3,
    }  # fmt: skip
    return Order(**values | changes)


def body(name: str, action: Action = Action.ENTER_LONG, **changes) -> str:
    return signal_templates()[name].body(made(action, **changes), GIVEN.get(name, {}))


def test_every_bot_that_is_promised_has_a_template():
    assert set(signal_templates()) == set(ACTIONS)


@pytest.mark.parametrize("name", FIELDS)
def test_json_has_exactly_the_documented_fields(name):
    assert json.loads(body(name)) == FIELDS[name]


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_is_said_in_the_bots_words_or_refused(name):
    for action, word in zip(Action, ACTIONS[name], strict=True):
        if word is None:
            with pytest.raises(DeliveryFailed) as failed:
                body(name, action)
            assert (failed.value.transient, failed.value.is_config) == (False, True)
        else:
            assert word in body(name, action)


@pytest.mark.parametrize("name", ACTIONS)
def test_a_strict_bot_reads_every_body_as_what_was_meant(name):
    for action, word in zip(Action, ACTIONS[name], strict=True):
        if word is None:
            continue
        read = read_signal(body(name, action).encode(), "msg_a_b")
        assert isinstance(read, Signal), read
        assert read.id == "msg_a_b"
        assert read.action in ("exit", "close") or read.action.startswith("buy") == action.is_buy


def test_octobot_gets_lines():
    assert body("octobot").splitlines() == [
        "EXCHANGE=binance", "SYMBOL=BTCUSDT", "SIGNAL=BUY", "ORDER_TYPE=market", "VOLUME=10%", "TAG=msg_a_b", "TOKEN=T",
    ]  # fmt: skip


def test_cornix_gets_a_pair_an_entry_a_target_and_a_stop_on_the_right_sides():
    assert body("cornix").splitlines() == [
        "BTC/USDT", "Buy 65012.4", "Take Profit 68263.02", "Stop 63712.152", "Leverage Isolated 5x",
    ]  # fmt: skip
    short = body("cornix", Action.ENTER_SHORT).splitlines()
    assert (float(short[2].split()[-1]) < 65012.4, float(short[3].split()[-1]) > 65012.4) == (True, True)


def test_cornix_text_works_as_the_template_of_a_chat():
    template, work = Template.read(signal_templates()["cornix"].message), crossing()
    told = Told(firing=work.firing, alert=work.alert, reader=reader_of({}, AT))

    lines = template.fill(values_for(template.keys, told)).split("\n")

    assert lines[:2] == ["BTC/USDT", "Buy 65012.4"]
    assert isinstance(read_signal("\n".join(lines).encode()), Signal)


def test_what_is_not_known_is_left_out_and_takes_what_belongs_to_it_along():
    template = signal_templates()["threecommas"]
    found = json.loads(template.body(made(price=None, venue=""), {"secret": "S", "bot_uuid": "U"}))

    assert not {"order", "trigger_price", "tv_exchange"} & set(found)


def test_an_option_goes_before_the_orders_own_value():
    template = signal_templates()["okx"]

    assert (
        json.loads(template.body(made(), {"signal_token": "S", "instrument": "XBT-PERP"}))["instrument"]
        == "XBT-PERP"
    )


@pytest.mark.parametrize("hostile", ['","action":"sell', "a\nSIGNAL=SELL", "{id}", "\\", "x" * 500])
def test_a_value_cannot_become_another_field(hostile):
    octobot = signal_templates()["octobot"].body(made(), {"token": hostile}).splitlines()
    okx = json.loads(signal_templates()["okx"].body(made(), {"signal_token": hostile}))

    assert [line for line in octobot if line.startswith("SIGNAL=")] == ["SIGNAL=BUY"]
    assert (okx["action"], okx["signalToken"]) == ("ENTER_LONG", hostile)


@pytest.mark.parametrize("name", ACTIONS)
def test_a_template_has_one_body_and_says_what_it_asks_for(name):
    template: SignalTemplate = signal_templates()[name]

    assert [template.json, template.lines, template.text].count(None) == 2
    assert all(wish.about and wish.kind in ("text", "secret", "number") for wish in template.options.values())
