"""Orders to freqtrade: asked for politely, once, and whatever is wrong said in plain words."""

import asyncio
import logging

import pytest

from crypto_portfolio_analyzer.channels.freqtrade import FreqtradeChannel, entry_tag
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidFields
from crypto_portfolio_analyzer.simulation.freqtrade import FreqtradeServer
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from tests.channels.sending import channel, world
from tests.channels.trading import order, signal, test_message


@pytest.fixture
async def bot():
    async with FreqtradeServer() as server:
        yield server
        assert not {"parallel_entry", "not_enabled", "bad_body", "repeated_tag"} & set(server.violations)


@pytest.fixture
async def sending():
    medium = FreqtradeChannel(world(price=lambda _symbol: 65012.4))
    yield medium
    await medium.stop()


def options(bot: FreqtradeServer, **changes: object) -> dict[str, object]:
    return {"url": bot.url, "username": bot.username, "password": bot.password} | changes


async def refused(medium: FreqtradeChannel, message) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        await medium.send(message)
    return failed.value


def paths(bot: FreqtradeServer) -> list[str]:
    return [each.path.removeprefix("/api/v1") for each in bot.received]


async def test_an_entry_opens_a_trade_with_our_tag(bot, sending):
    message = order("freqtrade", options(bot, stake=50, leverage=2))

    accepted = await sending.send(message)

    trade = bot.trades[0]
    assert (trade.pair, trade.is_short, trade.stake_amount, trade.leverage) == ("BTC/USDT", False, 50.0, 2)
    assert trade.enter_tag == entry_tag(message.key)
    assert (accepted.reference, accepted.status) == ("1", 200)
    assert '"trade_id":1' in accepted.answer.replace(" ", "")
    assert not bot.violations


async def test_a_second_order_needs_no_second_login(bot, sending):
    await sending.send(order("freqtrade", options(bot)))
    await sending.send(order("freqtrade", options(bot), symbol="ETH/USDT", number=2))

    assert paths(bot).count("/token/login") == 1


async def test_a_short_on_futures_and_a_limit_at_the_alerts_price(bot, sending):
    given = options(bot, settle="usdt", order_type="limit", action="enter_short")
    await sending.send(order("freqtrade", given))

    assert (bot.trades[0].pair, bot.trades[0].is_short) == ("BTC/USDT:USDT", True)
    assert b'"price":65012.4' in bot.received[-1].body


async def test_an_exit_closes_the_pairs_trades_and_no_others(bot, sending):
    await sending.send(order("freqtrade", options(bot)))
    await sending.send(order("freqtrade", options(bot), symbol="ETH/USDT", number=2))

    accepted = await sending.send(order("freqtrade", options(bot), tags=("sell",), number=3))
    again = await sending.send(order("freqtrade", options(bot), tags=("sell",), number=4))

    assert [trade.is_open for trade in bot.trades] == [False, True]
    assert accepted.reference == "1"
    assert "nothing to exit" in again.answer


async def test_an_exit_of_shorts_leaves_longs_alone(bot, sending):
    await sending.send(order("freqtrade", options(bot)))

    await sending.send(order("freqtrade", options(bot, action="exit_short"), number=2))
    assert bot.trades[0].is_open
    await sending.send(order("freqtrade", options(bot, action="exit"), number=3))
    assert not bot.trades[0].is_open


async def test_entries_that_are_off_are_said_before_anything_is_asked(bot, sending):
    bot.force_entry_enable = False

    failed = await refused(sending, order("freqtrade", options(bot)))

    assert "force_entry_enable" in failed.detail
    assert (failed.is_config, failed.transient) == (True, False)
    assert "/forceenter" not in paths(bot)


async def test_a_stopped_trader_is_waited_for(bot, sending):
    bot.state = "stopped"

    assert (await refused(sending, order("freqtrade", options(bot)))).transient


async def test_a_wrong_password_is_a_matter_of_the_owner(bot, sending):
    failed = await refused(sending, order("freqtrade", options(bot, password="wrong")))

    assert (failed.status, failed.is_config, failed.transient) == (401, True, False)


async def test_an_expired_token_is_refreshed_and_a_forgotten_one_made_anew(bot, sending):
    await sending.send(order("freqtrade", options(bot)))
    bot.expire_tokens()
    await sending.send(order("freqtrade", options(bot), symbol="ETH/USDT", number=2))
    assert (paths(bot).count("/token/refresh"), paths(bot).count("/token/login")) == (1, 1)

    bot.forget_tokens()
    await sending.send(order("freqtrade", options(bot), symbol="SOL/USDT", number=3))
    assert paths(bot).count("/token/login") == 2
    assert len(bot.trades) == 3


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda bot: setattr(bot, "max_open_trades", 0), "as many open trades"),
        (lambda bot: bot.pairs.clear(), "does not know this pair"),
        (lambda bot: setattr(bot, "declines", True), "did not open a trade"),
    ],
)
async def test_a_refusal_is_final_and_in_our_words(bot, sending, prepare, words):
    prepare(bot)

    failed = await refused(sending, order("freqtrade", options(bot)))

    assert words in failed.detail
    assert (failed.transient, failed.error) == (False, "refused")


async def test_an_order_in_doubt_is_looked_for_before_it_is_placed_again(bot, sending):
    await sending.send(test_message("freqtrade", options(bot)))  # logs in, so that the fault meets the order
    bot.faults.extend([None, Misbehaviour(kind=Bad.RESET, counts=True)])
    message = order("freqtrade", options(bot))

    failed = await refused(sending, message)
    accepted = await sending.send(order("freqtrade", options(bot), attempt=2, is_repeat=True))

    assert (failed.is_unknown, failed.transient) == (True, True)
    assert failed.retry_after is not None
    assert len(bot.trades) == 1
    assert (accepted.reference, "already placed" in accepted.answer) == ("1", True)


async def test_many_orders_at_once_are_placed_one_after_the_other(bot, sending):
    bot.placing = 0.02
    bot.max_open_trades = 10
    symbols = ["BTC/USDT", "ETH/USDT", "SOL/USDT"]

    await asyncio.gather(
        *(
            sending.send(order("freqtrade", options(bot), symbol=each, number=number))
            for number, each in enumerate(symbols)
        )
    )

    assert len(bot.trades) == 3
    assert bot.violations["parallel_entry"] == 0


async def test_old_orders_and_moved_prices_reach_nobody(bot, sending):
    late = await refused(sending, order("freqtrade", options(bot), age=61))
    moved = await refused(sending, order("freqtrade", options(bot, max_price_move_percent=1), price=60_000.0))

    assert (late.error, moved.error, len(bot.received)) == ("expired", "price_moved", 0)


async def test_somebody_elses_signal_is_an_order_too(bot, sending):
    await sending.send(signal("freqtrade", options(bot), symbol="ETHUSDT", action="buy"))

    assert bot.trades[0].pair == "ETH/USDT"


async def test_a_test_says_what_would_happen_and_orders_nothing(bot, sending):
    accepted = await sending.send(test_message("freqtrade", options(bot)))

    assert "dry run" in accepted.answer
    assert not bot.trades


async def test_who_answers_nonsense_is_no_freqtrade(sending):
    async with FreqtradeServer() as bot:
        bot.always = Misbehaviour(kind=Bad.STATUS, status=200)
        failed = await refused(sending, order("freqtrade", options(bot)))

    assert (failed.error, failed.is_config) == ("bad_answer", True)


async def test_no_secret_is_told_to_anybody(bot, sending, caplog):
    with caplog.at_level(logging.DEBUG):
        await sending.send(order("freqtrade", options(bot)))
        failed = await refused(sending, order("freqtrade", options(bot, password="CANARY"), number=2))
    lane = sending.lane(channel("freqtrade", options(bot)), "BTC/USDT")
    said = f"{caplog.text} {failed!r} {failed.__context__!r} {lane}"

    assert "CANARY" not in said
    assert bot.password not in str(sending.shown(options(bot)))


def test_options_are_read_and_faults_named():
    medium = FreqtradeChannel(world())
    given = {"url": "http://127.0.0.1:8080/", "username": "a", "password": "b" * 12, "stake": 10}

    assert medium.check(given)["url"] == "http://127.0.0.1:8080"
    with pytest.raises(InvalidFields) as invalid:
        medium.check({"stake": -1, "leverage": 1000, "order_type": "maybe", "settle": "$$"})
    assert {fault.path for fault in invalid.value.faults} == {
        "url", "username", "password", "stake", "leverage", "order_type", "settle",
    }  # fmt: skip
