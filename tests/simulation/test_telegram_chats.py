"""People and chats of the simulated Bot API: who hears what, and whom a bot may write to."""

import pytest

from crypto_portfolio_analyzer.simulation.telegram_chats import Refused
from tests.simulation.bot import button, talking


@pytest.fixture
async def client():
    async with talking() as client:
        yield client


async def updates(client):
    return await client.do("getUpdates")


async def test_what_a_person_says_is_heard_with_its_command(client):
    client.server.person("Anna", 77, language="de").say("/start abc")
    (update,) = await updates(client)

    assert update["message"]["text"] == "/start abc"
    assert update["message"]["from"] == {
        "id": 77,
        "is_bot": False,
        "first_name": "Anna",
        "language_code": "de",
    }
    assert update["message"]["chat"] == {"id": 77, "type": "private", "first_name": "Anna"}
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


async def test_in_a_group_a_bot_hears_commands_only(client):
    anna = client.server.person("Anna")
    group = client.server.group("Desk", [anna])
    anna.say("how are you", group)
    anna.say("/alerts", group)
    (update,) = await updates(client)

    assert update["message"]["chat"] == {"id": group.id, "type": "supergroup", "title": "Desk"}
    assert len(group.messages) == 2


async def test_a_press_is_heard_with_its_message_and_waits_for_an_answer(client):
    anna = client.server.person("Anna")
    await client.do("sendMessage", chat_id=anna.id, text="hi", reply_markup=button())
    press = anna.press("Seen")
    (update,) = await updates(client)
    query = update["callback_query"]

    assert (query["data"], query["message"]["text"], query["from"]["id"]) == ("v1:seen:abc", "hi", anna.id)
    assert client.server.unanswered == [press]
    await client.do("answerCallbackQuery", callback_query_id=query["id"], text="done")
    assert press.answer["text"] == "done"
    assert press.took < 1
    assert client.server.unanswered == []


async def test_a_person_can_press_what_is_no_longer_there(client):
    anna = client.server.person("Anna")
    await client.do("sendMessage", chat_id=anna.id, text="hi")
    anna.press_data("v1:old", anna.chat.told[0])

    assert (await updates(client))[0]["callback_query"]["data"] == "v1:old"


async def test_a_button_that_is_not_there_cannot_be_pressed(client):
    anna = client.server.person("Anna")
    await client.do("sendMessage", chat_id=anna.id, text="hi", reply_markup=button())

    with pytest.raises(StopIteration):
        anna.press("Nowhere")


async def test_who_blocked_the_bot_or_never_started_it_is_not_reached(client):
    anna, bert = client.server.person("Anna"), client.server.person("Bert", has_started=False)
    anna.block()

    assert "blocked by the user" in await client.refusal("sendMessage", chat_id=anna.id, text="hi")
    assert "can't initiate" in await client.refusal("sendMessage", chat_id=bert.id, text="hi")
    anna.unblock()
    bert.say("/start")
    await client.do("sendMessage", chat_id=anna.id, text="hi")
    await client.do("sendMessage", chat_id=bert.id, text="hi")


async def test_a_group_that_became_another_says_which(client):
    group = client.server.group("Desk")
    moved = client.server.town.migrate(group)
    answer = await client.ask("sendMessage", chat_id=group.id, text="hi")

    assert answer["parameters"] == {"migrate_to_chat_id": moved.id}
    await client.do("sendMessage", chat_id=moved.id, text="hi")
    assert [message.text for message in moved.told] == ["hi"]


async def test_a_chat_is_found_by_its_name(client):
    group = client.server.group("Desk", username="OurDesk")

    assert client.server.town.find("@ourdesk") is group
    group.is_gone = True
    with pytest.raises(Refused, match="chat not found"):
        client.server.town.find("@ourdesk")


async def test_a_message_keeps_its_history(client):
    anna = client.server.person("Anna")
    sent = await client.do("sendMessage", chat_id=anna.id, text="one", disable_notification=True)
    await client.do("editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="two")
    (message,) = anna.chat.messages

    assert [version.text for version in message.versions] == ["one", "two"]
    assert message.is_silent
    await client.do("deleteMessage", chat_id=anna.id, message_id=sent["message_id"])
    assert anna.chat.messages == []
    assert anna.chat.log == [message]
