"""Orders to a bot's webhook: signed, in its words, never twice when in doubt, and its answer kept."""

import json

import pytest
from standardwebhooks import Webhook

from crypto_portfolio_analyzer.channels.bot_webhook import BotChannel
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidFields
from crypto_portfolio_analyzer.simulation.echo import EchoReceiver
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from tests.channels.sending import channel, world
from tests.channels.trading import SECRET, order, signal, test_message


@pytest.fixture
async def bot():
    async with EchoReceiver(secret=SECRET) as receiver:
        yield receiver


@pytest.fixture
async def sending(bot):
    medium = BotChannel(world(price=lambda _symbol: 65012.4))
    yield medium
    await medium.stop()


def options(bot: EchoReceiver, **changes: object) -> dict[str, object]:
    return {"bot": "signed", "url": f"{bot.url}/hook", "secret": SECRET, "ttl_seconds": 60} | changes


async def refused(medium: BotChannel, message) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        await medium.send(message)
    return failed.value


async def test_an_order_is_taken_and_the_answer_kept(bot, sending):
    accepted = await sending.send(order("bot", options(bot)))

    assert accepted.status == 200
    assert "would buy BTC/USDT at market (signed)" in accepted.answer
    assert accepted.answer.endswith('in time"}')


async def test_it_is_signed_under_a_key_that_stays(bot, sending):
    await sending.send(order("bot", options(bot)))
    again = await sending.send(order("bot", options(bot)))

    headers = [each.headers for each in bot.received]
    assert headers[0]["webhook-id"] == headers[1]["webhook-id"] == order("bot", {}).key
    for each in bot.received:
        Webhook(SECRET).verify(each.body, dict(each.headers))
    assert "duplicate: dropped" in again.answer


async def test_a_rotated_secret_signs_beside_the_old_one(bot, sending):
    rest = {"bot": "signed", "url": f"{bot.url}/hook"}
    checked = sending.check({**rest, "old_secret": SECRET, "old_until": SystemClock().now() + 10**12})
    await sending.send(order("bot", checked))

    assert checked["secret"] != SECRET
    assert "old_secret" not in sending.shown(checked)
    for secret in (SECRET, checked["secret"]):
        Webhook(secret).verify(bot.received[0].body, dict(bot.received[0].headers))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("threecommas", {"secret": "S", "bot_uuid": "U"}),
        ("octobot", {}),
        ("hummingbot", {}),
        ("traderspost", {"quantity": 0.5}),
        ("okx", {"signal_token": "S"}),
        ("altrady", {"api_key": "K", "api_secret": "S", "exchange": "E", "market": "M"}),
        ("cornix", {"take_profit_percent": 5, "stop_percent": 2}),
        ("signed", {"amount": 100}),
    ],
)
async def test_every_bot_takes_its_own_words(bot, sending, name, fields):
    checked = sending.check({"bot": name, "url": f"{bot.url}/hook", "secret": SECRET, "fields": fields})

    accepted = await sending.send(order("bot", checked))

    assert "would buy" in accepted.answer


async def test_the_owners_own_body_is_sent_as_it_is(bot, sending):
    message = order("bot", options(bot), body='{"ticker":"BTCUSDT","action":"sell"}')

    assert "would sell BTCUSDT" in (await sending.send(message)).answer


async def test_somebody_elses_signal_is_passed_on(bot, sending):
    accepted = await sending.send(signal("bot", options(bot), symbol="ETH/USDT", action="sell"))

    assert "would sell ETH/USDT" in accepted.answer


async def test_an_old_order_and_one_whose_price_moved_are_never_sent(bot, sending):
    late = await refused(sending, order("bot", options(bot), age=61))
    moved = await refused(sending, order("bot", options(bot, max_price_move_percent=1), price=60_000.0))

    assert (late.error, late.transient, moved.error, moved.transient) == (
        "expired",
        False,
        "price_moved",
        False,
    )
    assert len(bot.received) == 0


@pytest.mark.parametrize("fault", [Misbehaviour(kind=Bad.STATUS, status=500), Misbehaviour(kind=Bad.RESET)])
async def test_an_order_that_may_have_arrived_is_not_sent_again(bot, sending, fault):
    bot.faults.append(fault)

    failed = await refused(sending, order("bot", options(bot)))

    assert (failed.transient, failed.is_unknown) == (False, True)
    assert "not sent again" in failed.detail


async def test_a_repeat_goes_out_only_to_a_bot_that_drops_repeats(bot, sending):
    failed = await refused(sending, order("bot", options(bot), is_repeat=True))
    accepted = await sending.send(order("bot", options(bot, drops_repeats=True), is_repeat=True))

    assert (failed.error, failed.transient, accepted.status) == ("unsure", False, 200)


@pytest.mark.parametrize(("status", "is_transient"), [(503, True), (429, True), (401, True), (410, False)])
async def test_what_was_surely_not_taken_is_tried_again(bot, sending, status, is_transient):
    bot.faults.append(Misbehaviour(kind=Bad.STATUS, status=status))

    failed = await refused(sending, order("bot", options(bot)))

    assert (failed.transient, failed.is_unknown, failed.status) == (is_transient, False, status)


async def test_a_test_reaches_the_bot_and_holds_no_order(bot, sending):
    accepted = await sending.send(test_message("bot", options(bot)))

    assert "this is a test" in accepted.answer
    assert set(json.loads(bot.received[0].body)["data"]) == {"test"}


async def test_a_test_of_nothing_fails(bot, sending):
    bot.faults.append(Misbehaviour(kind=Bad.STATUS, status=404))

    assert (await refused(sending, test_message("bot", options(bot)))).status == 404


def test_a_lane_is_a_bot_and_a_pair_without_a_secret_in_it():
    medium, bot = (
        BotChannel(world()),
        channel("bot", {"url": "http://127.0.0.1/hook/CANARY", "bot": "cornix"}),
    )

    assert medium.lane(bot, "BTC/USDT") != medium.lane(bot, "ETH/USDT")
    assert "CANARY" not in medium.lane(bot, "BTC/USDT") + str(medium.rates(bot))
    assert [(each.count, each.seconds) for each in medium.rates(bot)] == [(7, 60.0)]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"bot": "signed"}, "url"),
        ({"bot": "robot", "url": "http://127.0.0.1/"}, "bot"),
        ({"bot": "threecommas"}, "fields.secret"),
        ({"bot": "signed", "url": "http://127.0.0.1/", "fields": {"colour": "red"}}, "fields.colour"),
        ({"bot": "signed", "url": "http://127.0.0.1/", "fields": {"amount": -1}}, "fields.amount"),
        ({"bot": "signed", "url": "http://127.0.0.1/", "fields": "x"}, "fields"),
        ({"bot": "octobot", "url": "http://127.0.0.1/", "fields": {"token": "a\nb"}}, "fields.token"),
        ({"bot": "threecommas", "fields": {"secret": "•••1234", "bot_uuid": "U"}}, "fields.secret"),
        ({"bot": "signed", "url": "http://127.0.0.1/", "ttl_seconds": 0}, "ttl_seconds"),
        ({"bot": "signed", "url": "http://127.0.0.1/", "action": "hodl"}, "action"),
        ({"bot": "signed", "url": "http://127.0.0.1/", "secret": "whsec_short"}, "secret"),
    ],
)
def test_options_that_cannot_work_are_named(given, path):
    with pytest.raises(InvalidFields) as invalid:
        BotChannel(world()).check(given)

    assert path in [fault.path for fault in invalid.value.faults]


def test_checked_options_have_a_secret_and_show_none():
    medium = BotChannel(world())
    checked = medium.check(
        {"bot": "threecommas", "fields": {"secret": "CANARY-CANARY-CANARY", "bot_uuid": "U" * 36}}
    )

    assert medium.revealed(checked) == checked["secret"]
    assert str(checked["secret"]).startswith("whsec_")
    assert "CANARY-CANARY" not in str(medium.shown(checked))
    assert medium.check(checked) == checked
    assert medium.policy_ttl(checked) == 60.0
