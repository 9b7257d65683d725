"""One bot's connections: features that a server refuses are not offered again, and no error shows the token."""

import gc
import weakref

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods.base import Response
from aiogram.types import BufferedInputFile, InputMediaPhoto, Message

from crypto_portfolio_analyzer.channels.botapi.messages import keyboard
from crypto_portfolio_analyzer.channels.botapi.session import Unreached, make_bot
from crypto_portfolio_analyzer.channels.kinds import TelegramAccount
from crypto_portfolio_analyzer.channels.telegram_buttons import Button
from crypto_portfolio_analyzer.simulation.telegram import Mishap, TelegramServer
from tests.channels.chats import PNG, TOKEN

TIMED = 'at <tg-time unix="1795183387" format="T">14:03</tg-time>'
RED = keyboard(((Button("Delete", "v1:del:abc", style="danger"),),))


@pytest.fixture
async def server():
    async with TelegramServer(token=TOKEN) as server:
        yield server


@pytest.fixture
async def bot(server):
    bot = make_bot(TelegramAccount(server.url, server.token))
    yield bot
    await bot.session.close()


async def test_an_older_server_is_not_offered_colours_and_times_again(server, bot):
    server.methods.is_old = True
    anna = server.person("Anna")
    sent = await bot.send_message(anna.id, TIMED, parse_mode="HTML")
    await bot.edit_message_text("menu", chat_id=anna.id, message_id=sent.message_id, reply_markup=RED)
    picture = InputMediaPhoto(media=BufferedInputFile(PNG, "a.png"), caption=TIMED, parse_mode="HTML")
    await bot.edit_message_media(picture, chat_id=anna.id, message_id=sent.message_id, reply_markup=RED)

    assert [call.status for call in server.calls] == [400, 200, 400, 200, 200]
    assert anna.chat.told[0].text == "at 14:03"
    assert anna.chat.told[0].labels == [["Delete"]]
    assert bot.session.refused == {"tg-time", "style"}


async def test_a_newer_server_gets_both(server, bot):
    anna = server.person("Anna")
    await bot.send_message(anna.id, TIMED, parse_mode="HTML", reply_markup=RED)

    assert anna.chat.told[0].button("Delete")["style"] == "danger"
    assert anna.chat.told[0].now.entities[0]["type"] == "date_time"


async def test_what_answers_are_read_with_is_made_once(server, bot):
    await bot.send_message(server.person("Anna").id, "hello")
    made = weakref.ref(Response[Message])
    gc.collect()

    assert made() is not None


async def test_another_refusal_is_told_at_once(server, bot):
    with pytest.raises(TelegramBadRequest):
        await bot.send_message(server.person("Anna").id, "<x>", parse_mode="HTML")

    assert len(server.calls) == 1
    assert bot.session.refused == set()


async def test_what_breaks_says_whether_it_may_have_happened(server, bot):
    server.script(Mishap.DROP_AFTER, "getMe")
    with pytest.raises(Unreached) as caught:
        await bot.get_me()

    assert caught.value.failure.is_unknown
    assert caught.value.__context__ is None
    assert "CANARY" not in repr(caught.value)


async def test_a_poll_waits_as_long_as_it_asked_for(server, bot):
    anna = server.person("Anna")
    bot.session.timeout = 0.1
    anna.say("/start")

    assert [update.message.text for update in await bot.get_updates(timeout=5, request_timeout=6)] == [
        "/start"
    ]
