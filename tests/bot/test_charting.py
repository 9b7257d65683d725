"""Pictures of a symbol, drawn for the person who asks."""

from tests.bot.house import bot_house

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def test_a_symbol_is_drawn_in_its_timeframe_and_the_persons_language(tmp_path, sqlite_template):
    asked = []

    async def picture(notification):
        asked.append(notification)
        return PNG

    async with bot_house(tmp_path, sqlite_template, picture=picture) as house:
        house.lists("BTC/USDT")
        house.ticker("BTC/USDT", 65_000.0)
        bert = await house.linked("Bert", language="de")
        message = await house.said(bert, "/chart btc 4h")

    assert message.photo == PNG
    assert message.text.startswith("BTC/USDT 65.000,00")
    assert asked[0].channel.options["language"] == "de"
    assert asked[0].alert.timeframe == "4h"
    assert asked[0].firing.price == 65_000.0


async def test_what_cannot_be_drawn_is_said(house):
    anna = await house.linked("Anna")

    assert (await house.said(anna, "/chart BTC")).text == "I have no bars of BTC/USDT on 1h yet."
    assert (await house.said(anna, "/chart BTC <b>7x")).text.startswith("'<b>7x' is not a timeframe")
    assert (await house.said(anna, "/chart BTCC")).text == "I don't know BTCC. Did you mean"
    assert not house.server.fouls
