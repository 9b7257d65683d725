"""The simulated Bot API's methods check as Telegram does, and refuse in its words."""

import pytest

from crypto_portfolio_analyzer.simulation.telegram_limits import Fouling
from tests.fakes import FakeClock
from tests.simulation.bot import PNG, button, talking


@pytest.fixture
async def client():
    async with talking() as client:
        yield client


@pytest.fixture
def anna(client):
    return client.server.person("Anna")


def media(source="attach://chart", **rest):
    return {"type": "photo", "media": source, **rest}


async def test_a_message_is_sent_as_it_is_read(client, anna):
    sent = await client.do(
        "sendMessage", chat_id=anna.id, text="<b>a</b>", parse_mode="HTML", message_thread_id=3
    )

    assert (sent["text"], sent["message_thread_id"]) == ("a", 3)
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 1}]


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"text": " "}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "<b>", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
        ({"text": "x", "parse_mode": "Rot13"}, "unsupported parse_mode"),
        ({"text": "x", "reply_markup": button(callback_data="ä" * 33)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": button(callback_data="")}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": button("")}, "inline keyboard button"),
        (
            {"text": "x", "reply_markup": button(callback_data="a", url="https://b.c")},
            "inline keyboard button",
        ),
        ({"text": "x", "reply_markup": button(copy_text={"text": "x" * 257})}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "reply_markup": button(callback_data="a", style="pink")}, "unknown style"),
        ({"text": "x", "reply_markup": "[1"}, "can't parse JSON"),
    ],
)
async def test_a_message_that_telegram_would_not_take_is_refused(client, anna, params, sentence):
    assert sentence in await client.refusal("sendMessage", chat_id=anna.id, **params)
    assert anna.chat.messages == []


async def test_as_long_as_it_may_be_is_taken(client, anna):
    data = {"callback_data": "ä" * 32, "style": "danger"}

    await client.do("sendMessage", chat_id=anna.id, text="x" * 4096, reply_markup=button(**data))


async def test_an_unknown_chat_is_refused(client):
    assert "chat not found" in await client.refusal("sendMessage", chat_id=4711, text="x")


async def test_a_text_becomes_a_picture_and_its_caption_can_change(client, anna):
    number = (await client.do("sendMessage", chat_id=anna.id, text="hi", reply_markup=button()))["message_id"]
    where = {"chat_id": anna.id, "message_id": number}
    caption = media(caption="<i>c</i>", parse_mode="HTML", show_caption_above_media=True)
    answer = await client.upload("editMessageMedia", {"chart": PNG}, media=caption, **where)

    assert answer["result"]["caption"] == "c"
    assert (anna.chat.told[0].photo, anna.chat.told[0].now.is_caption_above) == (PNG, True)
    assert anna.chat.told[0].labels == []
    assert "no text" in await client.refusal("editMessageText", text="x", **where)
    await client.do("editMessageCaption", caption="d", reply_markup=button(), **where)
    assert (anna.chat.told[0].text, anna.chat.told[0].photo) == ("d", PNG)


async def test_a_picture_is_sent_once_and_named_again(client, anna):
    first = await client.upload("sendPhoto", {"photo": PNG}, chat_id=str(anna.id), caption="one")
    name = first["result"]["photo"][0]["file_id"]

    assert (await client.do("sendPhoto", chat_id=anna.id, photo=name))["photo"]
    assert [message.photo for message in anna.chat.told] == [PNG, PNG]


@pytest.mark.parametrize(
    ("files", "params", "sentence"),
    [
        ({"photo": b"GIF89a"}, {}, "IMAGE_PROCESS_FAILED"),
        ({}, {"photo": "attach://nothing"}, "no photo"),
        ({"photo": PNG}, {"caption": "x" * 1025}, "caption is too long"),
    ],
)
async def test_a_picture_that_is_none_is_refused(client, anna, files, params, sentence):
    answer = await client.upload("sendPhoto", files, chat_id=str(anna.id), **params)

    assert sentence in answer["description"]


async def test_an_edit_that_changes_nothing_is_refused(client, anna):
    number = (await client.do("sendMessage", chat_id=anna.id, text="hi", reply_markup=button()))["message_id"]
    where = {"chat_id": anna.id, "message_id": number}

    same = await client.refusal("editMessageText", text="hi", reply_markup=button(), **where)
    assert "message is not modified" in same
    assert "not modified" in await client.refusal("editMessageReplyMarkup", reply_markup=button(), **where)
    await client.do("editMessageReplyMarkup", reply_markup=button("Other"), **where)
    assert client.server.fouls == {Fouling.NOT_MODIFIED: 2}


async def test_only_own_messages_that_are_there_are_edited(client, anna):
    own = anna.say("mine")
    sentence = "message can't be edited"

    assert sentence in await client.refusal("editMessageText", chat_id=anna.id, message_id=own.id, text="x")
    assert "not found" in await client.refusal("editMessageText", chat_id=anna.id, message_id=99, text="x")
    assert "can't be deleted" in await client.refusal("deleteMessage", chat_id=anna.id, message_id=own.id)


async def test_an_older_server_knows_neither_times_nor_colours(client, anna):
    client.server.methods.is_old = True
    timed = {"text": '<tg-time unix="5">x</tg-time>', "parse_mode": "HTML"}

    assert "tg-time" in await client.refusal("sendMessage", chat_id=anna.id, **timed)
    red = button(callback_data="a", style="danger")
    assert "style" in await client.refusal("sendMessage", chat_id=anna.id, text="x", reply_markup=red)


async def test_an_answer_comes_once_in_time_and_is_short():
    clock = FakeClock()
    async with talking(clock=clock) as client:
        anna = client.server.person("Anna")
        await client.do("sendMessage", chat_id=anna.id, text="hi", reply_markup=button())
        first, second = anna.press("Seen"), anna.press("Seen")
        long = await client.refusal("answerCallbackQuery", callback_query_id=first.id, text="x" * 201)
        await client.do("answerCallbackQuery", callback_query_id=first.id)
        again = await client.refusal("answerCallbackQuery", callback_query_id=first.id)
        await clock.advance(1.5)
        await client.do("answerCallbackQuery", callback_query_id=second.id)

        assert ("TOO_LONG" in long, "query is too old" in again) == (True, True)
        assert (first.took, second.took) == (0.0, 1.5)
        assert client.server.fouls[Fouling.LATE_ANSWER] == 1


async def test_a_bot_that_is_too_fast_is_told_how_long_to_wait():
    async with talking(clock=FakeClock()) as client:
        anna = client.server.person("Anna")
        for _ in range(3):
            await client.do("sendMessage", chat_id=anna.id, text="hi")
        answer = await client.ask("sendMessage", chat_id=anna.id, text="hi")

    assert answer == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 3",
        "parameters": {"retry_after": 3},
    }


async def test_commands_menu_and_the_rest_are_kept(client, anna):
    commands = [{"command": "alerts", "description": "Alarme"}]
    await client.do("setMyCommands", commands=commands, language_code="de")
    await client.do("setChatMenuButton", menu_button={"type": "commands"})
    await client.do("sendChatAction", chat_id=anna.id, action="typing")

    assert await client.do("getMyCommands", language_code="de") == commands
    assert client.server.methods.menu_buttons == {None: {"type": "commands"}}
    assert client.server.methods.actions == [(anna.id, "typing")]
    assert (await client.do("getMe"))["is_bot"]
    assert (await client.do("getChat", chat_id=anna.id))["first_name"] == "Anna"
    assert (await client.do("getChatMember", chat_id=anna.id, user_id=anna.id))["status"] == "member"
    assert "user not found" in await client.refusal("getChatMember", chat_id=anna.id, user_id=1)
