"""A draft's message takes only its own buttons, while the draft lives."""

from crypto_portfolio_analyzer.bot.english import ENGLISH


async def test_buttons_of_an_earlier_draft_are_too_old(house):
    anna = await house.linked("Anna")
    old = await house.said(anna, "/new BTC price > 70000")
    await house.said(anna, "/new BTC price > 80000")

    assert await house.toast(anna, "✓ Create", old) == ENGLISH["new.too_late"]
    assert await house.toast(anna, "✎ Change", old) == ENGLISH["new.too_late"]
    assert await house.app.alert_store.of_owner("admin") == []


async def test_a_step_goes_below_when_its_message_was_deleted(house):
    anna = await house.linked("Anna")
    message = await house.said(anna, "/new BTC price crosses abov 1")
    message.is_deleted = True

    below = await house.said(anna, "price > 70000")

    assert below is not message
    assert "the price is above 70,000" in below.text
