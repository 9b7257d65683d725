"""Making an alert: by steps in one message, by one line, with errors that point and offer the fix."""

from crypto_portfolio_analyzer.bot.english import ENGLISH
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN


async def alerts(house):
    return [(each.symbols, each.condition) for each in await house.app.alert_store.of_owner(LOCAL_ADMIN)]


async def back_tested(house, message):
    """Wait until the back-test's line is there."""
    await house.until(lambda: "Back-test: " in message.text)


async def test_steps_lead_to_an_alert_in_one_message(house):
    anna = await house.linked("Anna")

    message = await house.said(anna, "/new")
    assert message.labels[0] == ["BTC/USDT"]
    await house.pressed(anna, "BTC/USDT", message)
    assert message.text.startswith("BTC/USDT 65,000.00\nWhat shall happen?")
    await house.pressed(anna, "price crosses above", message)
    assert message.labels == [
        ["+1% · 65,650", "+2% · 66,300"],
        ["+5% · 68,250", "65,500"],
        ["✗ Cancel"],
    ]
    await house.pressed(anna, "65,500", message)
    await back_tested(house, message)
    assert message.html.startswith(
        "<b>BTC/USDT</b>\nthe price crosses above 65,500\n<code>price crosses above 65500</code>\nBack-test: "
    )
    assert message.labels == [["✓ Create", "✎ Change"], ["✗ Cancel"]]
    await house.pressed(anna, "✓ Create", message)

    assert await alerts(house) == [(("BTC/USDT",), "price crosses above 65500")]
    assert "is on watch" in message.text
    assert anna.chat.told == [message]


async def test_a_line_jumps_to_the_last_step(house):
    bert = await house.linked("Bert", language="de")

    message = await house.said(bert, "/new btc price crosses above 65500")
    await house.pressed(bert, "✓ Anlegen", message)

    assert message.versions[0].text.startswith("BTC/USDT\nder Preis kreuzt 65.500 nach oben\n")
    assert await alerts(house) == [(("BTC/USDT",), "price crosses above 65500")]
    (alert,) = await house.app.alert_store.of_owner(LOCAL_ADMIN)
    assert (alert.source, alert.name) == ("bot", "BTC price crosses above 65500")


async def test_an_unknown_symbol_offers_what_was_meant(house):
    anna = await house.linked("Anna")

    message = await house.said(anna, "/new BTCC price > 1")
    assert message.text == "I don't know BTCC. Did you mean"
    assert message.labels[0] == ["BTC/USDT", "BCH/USDT"]
    await house.pressed(anna, "BTC/USDT", message)

    assert "the price is above 1" in message.text
    assert (await house.said(anna, "/new qqqqq")).html == "I don't know <code>qqqqq</code>."


async def test_an_error_points_at_the_column_and_the_fix_is_a_button(house):
    anna = await house.linked("Anna")

    message = await house.said(anna, "/new BTC price crosses abov 50000")

    first, place, marks, problem = message.text.split("\n")[:4]
    assert first == "The condition cannot be read."
    assert place == "price crosses abov 50000"
    assert marks == " " * place.index("abov") + "^^^^"
    assert problem.startswith("unknown word 'abov'")
    assert "<code>price" in message.html
    assert message.labels == [["price crosses above 50000"], ["✗ Cancel"]]
    await house.pressed(anna, "price crosses above 50000", message)
    await house.pressed(anna, "✓ Create", message)
    assert await alerts(house) == [(("BTC/USDT",), "price crosses above 50000")]


async def test_an_error_can_be_mended_by_typing_too(house):
    anna = await house.linked("Anna")
    message = await house.said(anna, "/new BTC <b>&nonsense")

    again = await house.said(anna, "price > 70000")

    assert again is message
    assert "the price is above 70,000" in message.text
    assert not house.server.fouls


async def test_everything_can_be_typed(house):
    anna = await house.linked("Anna")
    message = await house.said(anna, "/new")

    await house.said(anna, "eth")
    await house.pressed(anna, "moves by", message)
    await house.said(anna, "nothing")
    assert message.html.startswith("<code>nothing</code> is no number.")
    await house.said(anna, "2,5 %")

    assert "<code>price moves by 2.5% in 1h</code>" in message.html


async def test_a_number_that_could_be_two_is_asked_unless_only_one_is_near_the_price(house):
    anna = await house.linked("Anna")
    message = await house.said(anna, "/new ETH")
    await house.pressed(anna, "price crosses above", message)

    await house.said(anna, "1.234")
    assert message.text == "1.234 could be two numbers. Which one?"
    assert message.labels[0] == ["1.234", "1,234"]
    await house.pressed(anna, "1,234", message)
    assert "<code>price crosses above 1234</code>" in message.html

    message = await house.said(anna, "/new BTC")
    await house.pressed(anna, "price crosses above", message)
    await house.said(anna, "66.500")
    assert "<code>price crosses above 66500</code>" in message.html


async def test_cancel_forgets_and_change_asks_again(house):
    anna = await house.linked("Anna")
    message = await house.said(anna, "/new BTC price > 70000")

    await house.pressed(anna, "✎ Change", message)
    assert message.text.startswith("BTC/USDT\nType the condition")
    await house.pressed(anna, "✗ Cancel", message)

    assert message.text == ENGLISH["new.cancelled"]
    assert await alerts(house) == []


async def test_a_draft_makes_one_alert_and_only_by_its_own_person_and_message(house):
    anna, bert = await house.linked("Anna"), await house.linked("Bert")
    group = house.server.group("Traders", [anna, bert])
    message = await house.said(anna, "/new BTC price > 70000", group)
    create = str(message.button("✓ Create")["callback_data"])

    for person in (bert, anna, anna):
        press = person.press_data(create, message)
        await house.answered(press)

    assert press.answer["text"] == ENGLISH["new.too_late"]
    assert len(await alerts(house)) == 1


async def test_two_alerts_of_one_condition_get_names_of_their_own(house):
    anna = await house.linked("Anna")
    for _ in range(2):
        await house.pressed(anna, "✓ Create", await house.said(anna, "/new BTC price > 70000"))

    names = [each.name for each in await house.app.alert_store.of_owner(LOCAL_ADMIN)]
    assert names == ["BTC price > 70000", "BTC price > 70000 2"]


async def test_a_silent_venue_is_said(house):
    anna = await house.linked("Anna")
    house.app.feeds.want("ETH/USDT")

    message = await house.said(anna, "/new ETH price > 1")
    await house.pressed(anna, "✓ Create", message)

    assert message.text.endswith(
        "Binance has not answered yet. Your alert is saved and will arm when prices come."
    )
