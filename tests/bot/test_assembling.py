"""The assembled bot keeps to Telegram's rules, and its token to itself."""

import logging


async def test_a_whole_conversation_breaks_no_rule_and_shows_no_token(house, caplog):
    caplog.set_level(logging.DEBUG)
    anna = await house.linked("Anna")
    await house.alert()
    for text in ("/start", "/alerts", "/new BTC price > 1", "/streams", "/settings", "/nonsense"):
        await house.said(anna, text)

    assert not house.server.fouls
    assert house.server.unanswered == []
    assert house.server.token not in caplog.text
    assert house.server.token.partition(":")[2] not in caplog.text
