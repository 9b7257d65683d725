"""Answers that ask for another way carry what is needed for it."""

from crypto_portfolio_analyzer.channels.botapi.refusals import Moved


def test_a_chat_that_moved_says_where_to():
    assert Moved(-100123).chat == -100123
