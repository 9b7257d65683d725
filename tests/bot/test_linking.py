"""Linking: one-time codes, and chats that are told of alerts from then on."""

from crypto_portfolio_analyzer.bot.english import ENGLISH
from crypto_portfolio_analyzer.bot.german import GERMAN
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN
from crypto_portfolio_analyzer.storage.links import CODE_LIFETIME


async def code_of(house, owner=LOCAL_ADMIN, ago=0):
    return await house.app.links.new_code(owner, "telegram", house.app.clock.now() - ago)


async def test_a_code_links_the_person_and_lets_the_chat_be_told(house):
    anna = house.server.person("Anna", language="de")

    await house.said(anna, f"/start {await code_of(house)}")
    await house.until(lambda: len(anna.chat.told) == 2)

    welcome, menu = anna.chat.told
    assert welcome.text.startswith("Willkommen, Anna.")
    assert menu.labels[0] == ["🔔 Alle Alarme", "＋ Neu"]  # noqa: RUF001  # as the menu has it
    (channel,) = await house.app.delivery.channels(LOCAL_ADMIN)
    assert (channel.type, channel.name, channel.is_default) == ("telegram", "Telegram Anna", True)
    assert channel.verified_at is not None
    assert channel.options["chat_id"] == str(anna.chat.id)
    assert channel.options["language"] == "de"
    link = await house.app.links.link("telegram", str(anna.id))
    assert (link.owner, link.name) == (LOCAL_ADMIN, "Anna")


async def test_a_code_works_once(house):
    anna, mallory = house.server.person("Anna"), house.server.person("Mallory")
    code = await code_of(house)
    await house.said(anna, f"/start {code}")

    assert (await house.said(mallory, f"/start {code}")).text == ENGLISH["code.bad"]
    assert await house.app.links.link("telegram", str(mallory.id)) is None


async def test_a_code_is_too_old_after_ten_minutes(house):
    max_ = house.server.person("Max", language="de")

    message = await house.said(max_, f"/start {await code_of(house, ago=CODE_LIFETIME)}")

    assert message.text == GERMAN["code.bad"]
    assert (await house.said(max_, "/alerts")).text == GERMAN["unlinked"]


async def test_a_code_said_in_a_group_links_nobody_and_stays_good(house):
    anna = house.server.person("Anna")
    group = house.server.group("Traders", [anna])
    code = await code_of(house)

    assert (await house.said(anna, f"/start {code}", group)).text == ENGLISH["group.code"]
    await house.said(anna, f"/start {code}")
    assert await house.app.links.link("telegram", str(anna.id)) is not None


async def test_start_in_a_group_lets_it_be_told_once(house):
    anna = await house.linked("Anna")
    group = house.server.group("Traders", [anna])

    await house.said(anna, "/start", group)
    await house.said(anna, "/start", group)

    channels = await house.app.delivery.channels(LOCAL_ADMIN)
    assert [each.name for each in channels] == ["Anna", "Telegram Traders"]
    assert (
        group.told[0].text
        == "This group gets the alerts of Anna from now on. Others may read here, not change."
    )


async def test_start_turns_a_channel_on_again(house):
    anna = await house.linked("Anna")
    (channel,) = await house.app.delivery.channels(LOCAL_ADMIN)
    off = {"enabled": False}
    await house.app.delivery.edit_channel(LOCAL_ADMIN, channel.id, off, actor="test", trusted=True)

    await house.said(anna, "/start")

    (channel,) = await house.app.delivery.channels(LOCAL_ADMIN)
    assert channel.enabled


async def test_who_speaks_from_a_chat_has_proved_it(house):
    await house.app.accounts.add_user("bert", "trader", house.app.clock.now())
    bert = house.server.person("Bert")
    fields = {"type": "telegram", "name": "mine", "chat_id": str(bert.chat.id)}
    made = await house.app.delivery.add_channel("bert", fields, actor="bert", trusted=False)
    assert made.channel.verified_at is None

    await house.said(bert, f"/start {await code_of(house, 'bert')}")
    await house.until(lambda: len(bert.chat.told) == 3)

    (channel,) = await house.app.delivery.channels("bert")
    assert channel.verified_at is not None
    assert channel.name == "mine"


async def test_people_of_one_name_get_channels_of_their_own(house):
    for _ in range(3):
        twin = house.server.person("<b>Anna</b>" + "x" * 100)
        await house.said(twin, f"/start {await code_of(house)}")
        await house.until(lambda twin=twin: len(twin.chat.told) == 2)

    names = [each.name for each in await house.app.delivery.channels(LOCAL_ADMIN)]
    assert len(set(names)) == 3
    assert names[1] == f"{names[0]} 2"
