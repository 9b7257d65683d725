"""Pictures follow the words: by an edit, without a sound, and never at the cost of a message."""

import asyncio
from collections import Counter

import pytest

from crypto_portfolio_analyzer.channels import telegram_pictures
from crypto_portfolio_analyzer.simulation.telegram import Mishap, TelegramServer
from tests.channels.chats import PNG, message, telegram
from tests.core.notices.made import falls, told
from tests.fakes import FakeClock


@pytest.fixture
async def server():
    async with TelegramServer() as server:
        yield server


async def drawn(_notification):
    return PNG


def lacking(phone):
    """Return a condition: one message went without its picture."""
    return lambda: phone.faults["picture"] == 1


async def eventually(holds):
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)


async def test_a_picture_follows_its_message_with_the_words_above_it(server):
    anna = server.person("Anna")
    async with telegram(server, drawn) as phone:
        await phone.send(message(anna.id))
        words = anna.chat.told[0]
        before = words.versions[0]
        await server.until(lambda: words.photo)

    assert words.photo == PNG
    assert words.now.is_caption_above
    assert (words.text, words.labels) == (before.text, [[b["text"] for b in row] for row in before.rows])
    assert [entity["type"] for entity in words.now.entities] == ["bold", "date_time", "expandable_blockquote"]
    assert [call.method for call in server.calls] == ["sendMessage", "editMessageMedia"]
    assert not phone.faults


async def test_the_words_do_not_wait_for_the_picture(server):
    anna, drawing = server.person("Anna"), asyncio.Event()

    async def slowly(_notification):
        await drawing.wait()
        return PNG

    async with telegram(server, slowly) as phone:
        await phone.send(message(anna.id))
        assert anna.chat.told[0].photo is None
        drawing.set()
        await server.until(lambda: anna.chat.told[0].photo)


async def test_the_picture_is_told_whose_language_and_theme_it_is(server):
    seen = []

    async def remembering(notification):
        seen.append((notification.language, notification.channel.options["theme"], notification.simulated))
        return PNG

    anna = server.person("Anna")
    async with telegram(server, remembering) as phone:
        await phone.send(message(anna.id, language="de", theme="dark"))
        await server.until(lambda: anna.chat.told[0].photo)

    assert seen == [("de", "dark", False)]


async def test_a_picture_that_comes_too_late_is_left_out(server, monkeypatch):
    monkeypatch.setattr(telegram_pictures, "WITHIN", 0.05)

    async def never(_notification):
        await asyncio.get_running_loop().create_future()

    async with telegram(server, never) as phone:
        await phone.send(message(server.person("Anna").id))
        await eventually(lacking(phone))

    assert [call.method for call in server.calls] == ["sendMessage"]


async def test_a_picture_that_cannot_be_drawn_is_left_out(server):
    async def undrawn(_notification):
        return None

    async with telegram(server, undrawn) as phone:
        await phone.send(message(server.person("Anna").id))
        await eventually(lacking(phone))

    assert [call.method for call in server.calls] == ["sendMessage"]


@pytest.mark.parametrize("mishap", [Mishap.REFUSE, Mishap.DROP_BEFORE, Mishap.GARBAGE])
async def test_a_picture_that_telegram_does_not_take_leaves_the_words(server, mishap):
    anna = server.person("Anna")
    server.script(mishap, "editMessageMedia")
    async with telegram(server, drawn) as phone:
        accepted = await phone.send(message(anna.id))
        await eventually(lacking(phone))

    assert accepted.reference
    assert anna.chat.told[0].text.startswith("🚨 BTC/USDT")


async def test_a_message_that_somebody_acted_upon_is_left_as_it_is(server):
    anna, drawing = server.person("Anna"), asyncio.Event()

    async def slowly(_notification):
        await drawing.wait()
        return PNG

    async with telegram(server, slowly) as phone:
        await phone.send(message(anna.id))
        seen = anna.chat.told[0]
        bot = await phone.access.bot()
        await bot.edit_message_text("✓ Seen by Anna", chat_id=anna.id, message_id=seen.id)
        drawing.set()
        await eventually(lacking(phone))

    assert (seen.text, seen.photo) == ("✓ Seen by Anna", None)


@pytest.mark.parametrize("options", [{"picture": "off"}, {"template": "x" * 2000}])
async def test_who_wants_no_picture_or_has_no_room_for_it_gets_words(server, options):
    asked = Counter[str]()

    async def counting(_notification):
        asked["drawn"] += 1
        return PNG

    async with telegram(server, counting) as phone:
        await phone.send(message(server.person("Anna").id, **options))
        await asyncio.sleep(0)

    assert not asked


async def test_a_digest_has_no_picture(server):
    anna = server.person("Anna")
    async with telegram(server, drawn) as phone:
        await phone.send(told(*falls(3), options={"chat_id": str(anna.id)}))
        await asyncio.sleep(0)

    assert [call.method for call in server.calls] == ["sendMessage"]


async def test_one_chat_gets_no_more_pictures_than_it_may_have_edits():
    clock = FakeClock()
    async with TelegramServer(clock=clock) as server, telegram(server, drawn, clock=clock) as phone:
        anna, bert = server.person("Anna"), server.person("Bert")
        for chat in (anna.id, anna.id, anna.id, bert.id):
            await phone.send(message(chat))
        await server.until(lambda: sum(call.method == "editMessageMedia" for call in server.calls) == 4)
        await clock.advance(5)
        await phone.send(message(anna.id))
        assert phone.faults["picture"] == 1
        await clock.advance(10)
        await phone.send(message(anna.id))
        await server.until(lambda: anna.chat.told[-1].photo)

    assert not server.fouls


async def test_a_bot_that_is_busy_with_words_sends_no_pictures(server):
    clock = FakeClock()
    people = [server.person(f"Anna {number}") for number in range(12)]
    async with telegram(server, drawn, clock=clock) as phone:
        for person in people:
            await phone.send(message(person.id))

        assert phone.faults["picture"] > 0
        assert len(people) == sum(len(person.chat.told) for person in people)
