"""Who is let in, and what becomes of everybody else: strangers, groups, forwarded and forged updates."""

from sqlalchemy import update

from crypto_portfolio_analyzer.bot.conversation import COMMANDS, PRESSABLE
from crypto_portfolio_analyzer.bot.english import ENGLISH
from crypto_portfolio_analyzer.bot.german import GERMAN
from crypto_portfolio_analyzer.bot.menu import COMMANDS as LISTED
from crypto_portfolio_analyzer.core.notices.links import Link
from crypto_portfolio_analyzer.errors import StorageUnavailable
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN
from crypto_portfolio_analyzer.storage.links import LinkStore
from crypto_portfolio_analyzer.storage.tables import users
from tests.bot.house import bot_house

UNLINKED = ENGLISH["unlinked"]


async def test_a_stranger_is_told_one_line_whatever_the_command(house):
    await house.alert()
    stranger = house.server.person("Mallory")

    for name in COMMANDS:
        message = await house.said(stranger, f"/{name} BTC price > 1")
        assert message.text == (ENGLISH["code.bad"] if name == "start" else UNLINKED)
        assert message.labels == []


async def test_a_german_stranger_is_told_in_german(house):
    assert (await house.said(house.server.person("Max", language="de"), "hallo")).text == GERMAN["unlinked"]


async def test_an_empty_list_of_allowed_users_lets_nobody_in(house):
    assert house.app.settings.channels.telegram.allowed_users == ()
    assert (await house.said(house.server.person("Mallory"), "/alerts")).text == UNLINKED


async def test_who_is_allowed_by_the_operator_acts_for_the_local_admin(tmp_path, sqlite_template):
    async with bot_house(tmp_path, sqlite_template, allowed=["4711"]) as house:
        await house.alert()
        operator = house.server.person("Olga", 4711)

        message = await house.said(operator, "/alerts")

        assert "price crosses above 65000" in message.text


async def test_a_press_of_a_stranger_is_answered_and_does_nothing(house):
    anna, mallory = await house.linked("Anna"), house.server.person("Mallory")
    alert = await house.alert()
    page = await house.said(anna, "/alerts")

    press = mallory.press_data(f"m:del:{alert.id}", page)
    await house.answered(press)

    assert press.answer["text"] == UNLINKED
    assert (await house.app.alert_store.get(LOCAL_ADMIN, alert.id)).enabled


async def test_a_group_counts_for_nothing_the_person_does(house):
    anna, mallory = await house.linked("Anna"), house.server.person("Mallory")
    group = house.server.group("Traders", [anna, mallory])
    await house.alert()

    assert (await house.said(mallory, "/alerts", group)).text == UNLINKED
    assert "price crosses above 65000" in (await house.said(anna, "/alerts", group)).text


async def test_others_in_a_group_that_is_told_may_read_and_not_change(house):
    anna, mallory = await house.linked("Anna"), house.server.person("Mallory")
    group = house.server.group("Traders", [anna, mallory])
    alert = await house.alert()
    await house.said(anna, "/start", group)

    reading = await house.said(mallory, "/alerts", group)
    assert "price crosses above 65000" in reading.text
    for changing in ("/delete 1", "/pause 1", "/new BTC price > 1", "/silence 1h", "/settings", "/portfolio"):
        assert (await house.said(mallory, changing, group)).text == ENGLISH["read_only"]
    press = mallory.press_data(f"m:del:{alert.id}", reading)
    await house.answered(press)
    assert press.answer["text"] == ENGLISH["read_only"]
    assert [each.enabled for each in await house.app.alert_store.of_owner(LOCAL_ADMIN)] == [True]


async def test_an_owner_sees_and_changes_nothing_of_anothers(house):
    anna, bert = await house.linked("Anna"), await house.linked("Bert", "bert")
    alert = await house.alert()
    page = await house.said(anna, "/alerts")

    assert (await house.said(bert, "/alerts")).text.startswith("No alerts yet")
    for what in ("alert", "why", "edit", "pause", "resume", "del", "restore", "unpause", "undelete"):
        press = bert.press_data(f"m:{what}:{alert.id}", page)
        await house.answered(press)
        assert press.answer["text"] == ENGLISH["alert.gone"], what
    assert await house.app.alert_store.get(LOCAL_ADMIN, alert.id) == alert


async def test_an_unlinked_or_disabled_person_is_a_stranger_again(house):
    anna, bert = await house.linked("Anna"), await house.linked("Bert", "bert")
    assert (await house.said(bert, "/alerts")).text != UNLINKED

    await house.app.links.unlink(LOCAL_ADMIN, "telegram", str(anna.id), house.app.clock.now(), LOCAL_ADMIN)
    async with house.app.database.writing() as connection:
        await connection.execute(update(users).where(users.columns.name == "bert").values(disabled_at=1))

    assert (await house.said(anna, "/alerts")).text == UNLINKED
    assert (await house.said(bert, "/alerts")).text == UNLINKED


async def test_updates_that_are_nobodys_own_words_do_nothing(house):
    anna = await house.linked("Anna")
    alert = await house.alert()
    server, chat = house.server, anna.chat
    own = {**server.post(chat, anna.wire(), "/delete 1").wire(), "entities": [_command(7)]}
    origin = {"type": "user", "date": 1, "sender_user": {**anna.wire(), "id": 5}}
    poster = {"id": -100_5, "type": "channel", "title": "News"}
    for kind, content in (
        ("message", own | {"forward_origin": origin}),
        ("message", own | {"via_bot": {"id": 9, "is_bot": True, "first_name": "Other"}}),
        ("message", own | {"sender_chat": poster}),
        ("message", own | {"from": {**anna.wire(), "is_bot": True}}),
        ("edited_message", own | {"edit_date": 2}),
        ("channel_post", own | {"chat": poster}),
        ("inline_query", {"id": "1", "from": anna.wire(), "query": "/delete 1", "offset": ""}),
        ("callback_query", {"id": "77", "from": anna.wire(), "chat_instance": "1", "data": f"m:del:{alert.id}",
                            "inline_message_id": "x"}),
    ):  # fmt: skip
        server.hear(kind, content)
    await house.quiet()

    assert await house.app.alert_store.get(LOCAL_ADMIN, alert.id) == alert
    assert chat.told == []


def _command(length: int) -> dict[str, object]:
    return {"type": "bot_command", "offset": 0, "length": length}


async def test_commands_of_other_bots_and_words_in_groups_are_not_heard(house):
    anna = await house.linked("Anna")
    group = house.server.group("Traders", [anna])

    anna.say("/alerts@another_bot", group)
    anna.say("/alerts@another_bot")
    anna.say("/nonsense", group)
    await house.quiet()

    assert group.told == []
    assert anna.chat.told == []
    assert (await house.said(anna, "/alerts@simulated_analyzer_bot", group)).text.startswith("No alerts")


async def test_what_cannot_be_understood_gets_a_sentence(house):
    anna = await house.linked("Anna")
    page = await house.said(anna, "/start")

    assert (await house.said(anna, "/alertz")).text == "I don't know /alertz. /help lists what I understand."
    assert (await house.said(anna, "what is up")).text == ENGLISH["no_text"]
    known = (ENGLISH["old_button"], ENGLISH["new.too_late"], ENGLISH["press.gone"])
    for data in ("m:nonsense", "m", "v1:seen:short", "x" * 64, "m:step:other:symbol:0", "m:make:other:x"):
        press = anna.press_data(data, page)
        await house.answered(press)
        assert press.answer["text"] in known, data


async def test_too_much_of_one_person_is_said_once_and_stops_nobody_else(house):
    anna, bert = await house.linked("Anna"), await house.linked("Bert", "bert")
    for _ in range(60):
        anna.say("/price BTC")
    await house.quiet()

    assert [each.text for each in anna.chat.told].count(ENGLISH["slow"].format(seconds=1)) == 1
    assert len(anna.chat.told) < 40
    assert (await house.said(bert, "/alerts")).text.startswith("No alerts")


class DeadLinks(LinkStore):
    """Who is linked, in a database that does not answer."""

    async def link(self, platform: str, person: str) -> Link | None:
        raise StorageUnavailable("gone")


async def test_a_dead_database_is_said_and_ends_nothing(house):
    anna = await house.linked("Anna")
    page, alive = await house.said(anna, "/start"), house.app.links
    house.app.links = DeadLinks(house.app.database)

    assert (await house.said(anna, "/alerts")).text == ENGLISH["storage_down"]
    assert await house.toast(anna, "🔔", page) == ENGLISH["storage_down"]
    house.app.links = alive
    assert (await house.said(anna, "/alerts")).text.startswith("No alerts")


def test_every_listed_command_leads_somewhere():
    assert set(LISTED) == set(COMMANDS)
    assert all(len(name.encode()) < 16 for name in PRESSABLE)
