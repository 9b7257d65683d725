"""Settings of a chat: kept in the channel that tells it."""

import pytest

from crypto_portfolio_analyzer.bot.english import ENGLISH
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN


async def options(house):
    (channel,) = await house.app.delivery.channels(LOCAL_ADMIN)
    return channel.options


async def test_the_language_is_the_chats_and_stays(house):
    anna = await house.linked("Anna")

    page = await house.said(anna, "/language")
    await house.pressed(anna, "Deutsch", page)

    assert page.text.startswith("⚙ Einstellungen dieses Chats\nSprache: Deutsch\n")
    assert (await options(house))["language"] == "de"
    assert (await house.said(anna, "/alerts")).text.startswith("Noch keine Alarme.")
    assert (await house.said(anna, "/language en")).text.startswith(
        "⚙ Settings of this chat\nLanguage: English"
    )


async def test_zone_quiet_hours_and_pictures(house):
    anna = await house.linked("Anna")

    page = await house.said(anna, "/settings zone Europe/Vienna")
    await house.pressed(anna, "🌙", page)
    await house.pressed(anna, "Dark", page)

    assert page.text.split("\n")[2:] == [
        "Time zone: Europe/Vienna",
        "Quiet hours: 22:00–07:00",
        "Pictures: dark",
    ]
    known = await options(house)
    assert (known["zone"], known["theme"], known["picture"]) == ("Europe/Vienna", "dark", "on")
    await house.pressed(anna, "🔔 No quiet", page)
    await house.pressed(anna, "No pictures", page)
    assert page.text.split("\n")[3:] == ["Quiet hours: none", "Pictures: off"]


async def test_a_zone_by_button(house):
    anna = await house.linked("Anna")

    page = await house.said(anna, "/settings")
    await house.pressed(anna, "🕑", page)
    await house.pressed(anna, "Asia/Tokyo", page)

    assert (await options(house))["zone"] == "Asia/Tokyo"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "<b>"])
async def test_a_zone_that_is_none_is_said(house, name):
    anna = await house.linked("Anna")

    assert (await house.said(anna, f"/settings zone {name}")).text.startswith("That cannot be set: ")
    assert "zone" not in await options(house) or (await options(house))["zone"] == "UTC"


async def test_a_chat_that_is_not_told_has_none(house):
    anna = await house.linked("Anna")
    group = house.server.group("Traders", [anna])

    assert (await house.said(anna, "/settings", group)).text == ENGLISH["settings.none"]
