"""The menu, the help and the registered commands."""

from crypto_portfolio_analyzer.bot.menu import COMMANDS, commands_of
from crypto_portfolio_analyzer.bot.words import Words


async def test_start_shows_the_menu_in_one_message(house):
    anna = await house.linked("Anna")
    await house.alert()

    message = await house.said(anna, "/start")

    assert message.html == "<b>Crypto Analyzer</b>\n1 alert, 1 on watch · all well"
    assert message.labels == [
        ["🔔 All alerts", "＋ New"],  # noqa: RUF001  # as the menu has it
        ["📊 Streams", "💼 Portfolio"],
        ["🩺 System", "🔕 Silence", "⚙ Settings"],
    ]


async def test_every_button_of_the_menu_edits_the_one_message_and_leads_back(house):
    anna = await house.linked("Anna")
    menu = await house.said(anna, "/start")

    for label in ("🔔 All alerts", "📊 Streams", "💼 Portfolio", "🩺 System", "🔕 Silence", "⚙ Settings"):
        _, page = await house.pressed(anna, label, menu)
        assert page is menu
        _, again = await house.pressed(anna, "← Menu", page)
        assert again.html.startswith("<b>Crypto Analyzer</b>")
    assert len(anna.chat.told) == 1


async def test_help_names_every_command_in_english_and_german(house):
    anna, bert = await house.linked("Anna"), await house.linked("Bert", language="de")

    english, german = await house.said(anna, "/help"), await house.said(bert, "/help")

    for name, about in commands_of(Words("en")):
        assert f"/{name} {about}" in english.text
    for name, about in commands_of(Words("de")):
        assert f"/{name} {about}" in german.text
    assert "<code>/new BTC price crosses above 65500</code>" in english.html


async def test_commands_are_registered_in_each_language(house):
    await house.until(lambda: {"", "en", "de"} <= house.server.methods.commands.keys())

    assert [each["command"] for each in house.server.methods.commands["de"]] == list(COMMANDS)
    assert house.server.methods.commands["de"][1]["description"] == "deine Alarme"
    assert house.server.methods.commands[""] == house.server.methods.commands["en"]
    assert "tokens" not in COMMANDS
