"""A press gets one answer."""

from crypto_portfolio_analyzer.bot.chats import Answer, Press
from tests.bot.fakes import WrittenChats
from tests.fakes import FakeClock


async def test_what_is_said_after_the_answer_is_not_heard():
    chats = WrittenChats(FakeClock())
    answer = Answer(chats, Press(id="9", data="x", message=1, html=""))

    await answer.give("first")
    await answer.give("second")

    assert chats.answers == [("9", "first")]
