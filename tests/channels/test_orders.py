"""What becomes an order, what it says, and when it must not be sent."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.channels.orders import (
    Action,
    answer_text,
    order_of,
    require_in_time,
    require_price,
)
from crypto_portfolio_analyzer.errors import DeliveryFailed
from tests.channels.sending import world
from tests.channels.trading import order, signal, test_message
from tests.core.notices.made import crossing, notice, told
from tests.fakes import NOON, FakeClock


@pytest.mark.parametrize(
    ("tags", "action"),
    [
        (("buy",), Action.ENTER_LONG),
        (("btc", "Sell", "morning"), Action.EXIT_LONG),
        (("short",), Action.ENTER_SHORT),
        (("cover",), Action.EXIT_SHORT),
        (("EXIT",), Action.EXIT),
        (("enter-long", "buy"), Action.ENTER_LONG),
    ],
)
def test_the_alerts_tag_says_what_to_do(tags, action):
    assert order_of(order("bot", {}, tags=tags)).action is action


@pytest.mark.parametrize("tags", [(), ("btc",), ("buy", "sell")])
def test_tags_that_say_nothing_or_contradict_make_no_order(tags):
    with pytest.raises(DeliveryFailed) as failed:
        order_of(order("bot", {}, tags=tags))

    assert (failed.value.transient, failed.value.is_config, failed.value.error) == (False, True, "no_order")


def test_a_channel_may_say_it_for_every_alert():
    assert order_of(order("bot", {"action": "exit"}, tags=("buy",))).action is Action.EXIT


def test_an_order_is_known_by_its_message_and_made_for_a_price_and_a_time():
    made = order("bot", {"ttl_seconds": 30})
    found = order_of(made)

    assert (found.key, found.price, found.venue, found.rule, found.revision) == (
        made.key, 65012.4, "binance", "a1f3", 3,
    )  # fmt: skip
    assert found.expires_at - found.at == 30 * 10**9
    assert found.key == order_of(replace(made, attempt=5, is_repeat=True)).key


def test_somebody_elses_signal_is_an_order_too():
    found = order_of(signal("bot", {}, symbol="BTCUSDT", action="Sell", price="65000"))

    assert (found.symbol.canonical(), found.action, found.price) == ("BTC/USDT", Action.EXIT_LONG, 65000.0)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"symbol": "BTC", "action": "buy"},
        {"symbol": "BTC/USDT"},
        {"symbol": "<b>", "action": "buy"},
        {"symbol": "BTC/USDT", "action": "hodl"},
    ],
)
def test_a_signal_that_leaves_something_open_is_no_order(data):
    with pytest.raises(DeliveryFailed) as failed:
        order_of(signal("bot", {}, **data))

    assert not failed.value.transient


@pytest.mark.parametrize("message", [told(notice()), told(crossing(), crossing()), test_message("bot", {})])
def test_notices_digests_and_tests_are_no_orders(message):
    with pytest.raises(DeliveryFailed) as failed:
        order_of(message)

    assert not failed.value.transient


def test_an_order_past_its_time_to_live_is_dropped_for_good():
    clock = FakeClock(NOON)
    found = replace(order_of(order("bot", {})), at=NOON, expires_at=NOON + 1)
    require_in_time(found, world(clock=clock))

    with pytest.raises(DeliveryFailed) as failed:
        require_in_time(replace(found, expires_at=NOON), world(clock=clock))
    assert (failed.value.error, failed.value.transient) == ("expired", False)


def test_an_order_lives_as_long_as_its_delivery_which_somebody_may_have_asked_for_again():
    message = order("bot", {}, age=600.0)

    assert order_of(replace(message, expires_at=NOON)).expires_at == NOON


@pytest.mark.parametrize(
    ("price", "error"),
    [
        (65012.4, ""),
        (65300.0, ""),
        (64700.0, ""),
        (66000.0, "price_moved"),
        (64000.0, "price_moved"),
        (None, "price_unknown"),
    ],
)
def test_an_order_whose_price_has_moved_or_is_not_known_is_dropped_for_good(price, error):
    made, prices = order("bot", {"max_price_move_percent": 0.5}), world(price=lambda _symbol: price)
    if not error:
        require_price(made, prices)
        return

    with pytest.raises(DeliveryFailed) as failed:
        require_price(made, prices)
    assert (failed.value.error, failed.value.transient) == (error, False)


@pytest.mark.parametrize("message", [order("bot", {}), test_message("bot", {"max_price_move_percent": 1})])
def test_without_a_limit_and_of_a_test_no_price_is_asked_for(message):
    require_price(message, world(price=lambda _symbol: None))


def test_a_signals_price_is_compared_with_that_of_its_pair():
    limited: dict[str, object] = {"max_price_move_percent": 1}
    prices = world(price={"BTC/USDT": 65_100.0}.get)
    require_price(signal("bot", limited, symbol="BTCUSDT", price="65000"), prices)

    for data, error in (
        ({"symbol": "BTCUSDT", "price": "60000"}, "price_moved"),
        ({"symbol": "BTCUSDT"}, "price_unknown"),
        ({"symbol": "ETHUSDT", "price": "60000"}, "price_unknown"),
        ({"price": "60000"}, "no_order"),
    ):
        with pytest.raises(DeliveryFailed) as failed:
            require_price(signal("bot", limited, **data), prices)
        assert (failed.value.error, failed.value.transient) == (error, False)


def test_an_answer_is_kept_short_and_harmless():
    kept = answer_text(b"ok\r\n\x1b[31m\x00 \xff" + "\u202e".encode() + b"x" * 2000)

    assert len(kept) <= 500
    assert kept.isprintable()
    assert kept.startswith("ok")
