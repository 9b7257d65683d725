"""Telegram's side: what it refuses is logged and ends nothing."""

import logging

from crypto_portfolio_analyzer.simulation.telegram import Mishap


async def test_a_refused_message_is_logged_and_the_next_one_goes(house, caplog):
    caplog.set_level(logging.INFO)
    anna = await house.linked("Anna")
    house.server.script(Mishap.REFUSE, times=1, status=429, sentence="Too Many Requests", retry_after=3)
    house.server.script(Mishap.DROP_BEFORE, times=1)
    anna.say("/help")
    anna.say("/help")
    await house.quiet()

    assert (await house.said(anna, "/alerts")).text.startswith("No alerts")
    assert "Telegram wants to be left alone" in caplog.text
    assert house.server.token not in caplog.text


async def test_a_blocked_bot_and_a_lost_chat_end_nothing(house):
    anna, bert = await house.linked("Anna"), await house.linked("Bert")
    anna.say("/help")
    anna.block()
    await house.quiet()

    assert (await house.said(bert, "/alerts")).text.startswith("No alerts")


async def test_the_same_page_again_is_no_failure_and_no_second_message(house):
    anna = await house.linked("Anna")
    page = await house.said(anna, "/settings")

    await house.toast(anna, "🔔 No quiet", page)
    await house.quiet()

    assert anna.chat.told == [page]
