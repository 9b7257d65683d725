"""Polling goes on whatever happens, and an update is confirmed only once it was handled."""

import asyncio
import json
import logging

import pytest_asyncio

from crypto_portfolio_analyzer.bot.polling import Polling, State
from crypto_portfolio_analyzer.channels.botapi.session import make_bot
from crypto_portfolio_analyzer.channels.kinds import TelegramAccount
from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.simulation.telegram import Mishap, TelegramServer
from crypto_portfolio_analyzer.tasks import Nursery

UPDATES = ["message"]


@pytest_asyncio.fixture
async def server():
    async with TelegramServer() as made:
        yield made


class Ear:
    """Writes down what is handled; what says `wait` waits, what says `fail` fails."""

    def __init__(self):
        self.heard, self.go_on = [], asyncio.Event()

    async def __call__(self, update):
        text = update.message.text
        self.heard.append(text)
        if text == "wait":
            await self.go_on.wait()
        if text == "fail":
            raise ValueError("a bug")


@pytest_asyncio.fixture
async def made(server):
    nursery, ear = Nursery(), Ear()
    await nursery.start()
    bot = make_bot(TelegramAccount(server.url, server.token))
    polling = Polling(bot, ear, ScaledClock(100), UPDATES)
    yield nursery, polling, ear
    await nursery.stop()
    await bot.session.close()


async def until(holds):
    async with asyncio.timeout(8):
        while not holds():
            await asyncio.sleep(0.005)


async def test_an_update_is_confirmed_after_it_was_handled_and_told_again_if_not(server, made):
    nursery, polling, ear = made
    anna = server.person("Anna")
    anna.say("wait")
    first = nursery.spawn(polling.run())
    await until(lambda: ear.heard == ["wait"])
    assert server.pending == 1
    first.cancel()  # as a crash would

    nursery.spawn(polling.run())
    await until(lambda: ear.heard == ["wait", "wait"])
    ear.go_on.set()
    await until(lambda: server.pending == 0)


async def test_one_that_takes_long_does_not_hold_up_the_others_of_its_answer(server, made):
    nursery, polling, ear = made
    anna, bert = server.person("Anna"), server.person("Bert")
    anna.say("wait")
    bert.say("hello")

    nursery.spawn(polling.run())

    await until(lambda: ear.heard == ["wait", "hello"])


async def test_a_failing_handler_ends_nothing(server, made, caplog):
    nursery, polling, ear = made
    anna = server.person("Anna")
    nursery.spawn(polling.run())
    anna.say("fail")
    await until(lambda: ear.heard)
    anna.say("hello")

    await until(lambda: ear.heard == ["fail", "hello"])
    assert "the bot failed to handle an update" in caplog.text
    assert server.token not in caplog.text


async def test_an_outage_is_waited_out_and_said_once(server, made, caplog):
    caplog.set_level(logging.INFO)
    nursery, polling, ear = made
    server.script(Mishap.DROP_BEFORE, "getUpdates", times=4)
    server.script(Mishap.GARBAGE, "getUpdates", times=1)
    server.script(Mishap.REFUSE, "getUpdates", times=1, status=502, sentence="Bad Gateway")
    nursery.spawn(polling.run())
    await until(lambda: polling.state is State.UNREACHABLE)
    server.person("Anna").say("hello")

    await until(lambda: ear.heard == ["hello"])
    assert polling.state is State.LISTENING
    assert caplog.text.count("the Telegram bot hears nothing") == 1
    assert server.token not in caplog.text


async def test_another_poller_is_said_and_waited_for(server, made, caplog):
    nursery, polling, ear = made
    server.script(
        Mishap.REFUSE,
        "getUpdates",
        times=2,
        status=409,
        sentence="Conflict: terminated by other getUpdates request",
    )
    nursery.spawn(polling.run())
    await until(lambda: polling.state is State.CONFLICT)
    server.person("Anna").say("hello")

    await until(lambda: ear.heard == ["hello"])
    assert polling.state is State.LISTENING
    assert [each.state for each in caplog.records if hasattr(each, "state")] == ["conflict"]


async def test_a_refused_token_is_said(server, made):
    nursery, polling, _ear = made
    server.script(Mishap.REFUSE, "getUpdates", times=1, status=401, sentence="Unauthorized")

    nursery.spawn(polling.run())

    await until(lambda: polling.state is State.REFUSED)


async def test_only_what_is_heard_is_asked_for(server, made):
    nursery, polling, _ear = made
    nursery.spawn(polling.run())

    server.person("Anna").say("x")
    await server.until(lambda: [each for each in server.calls if each.method == "getUpdates"])

    asked = next(each for each in server.calls if each.method == "getUpdates")
    assert json.loads(asked.params["allowed_updates"]) == UPDATES
