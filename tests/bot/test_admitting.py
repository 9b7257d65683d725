"""How much one person may ask, and which channel is a chat's; who is let in is told in test_conversation."""

from crypto_portfolio_analyzer.bot.admitting import BURST, MOST_KNOWN, RateLimit, channel_of
from crypto_portfolio_analyzer.core.notices.notification import Channel
from tests.fakes import FakeClock


def channel(kind, chat):
    return Channel(id=kind + chat, owner="ada", type=kind, name="x", options={"chat_id": chat})


async def test_a_person_may_ask_a_burst_and_then_one_a_second():
    clock = FakeClock()
    limit = RateLimit(clock)

    taken = [limit.take("anna") for _ in range(int(BURST) + 3)]
    assert [each.is_heard for each in taken] == [True] * int(BURST) + [False] * 3
    assert [each.is_told for each in taken[-3:]] == [True, False, False]
    assert limit.take("bert").is_heard
    await clock.advance(2.0)
    assert [limit.take("anna").is_heard for _ in range(3)] == [True, True, False]


def test_strangers_without_number_do_not_fill_the_memory():
    limit = RateLimit(FakeClock())
    for number in range(MOST_KNOWN + 5):
        limit.take(str(number))

    assert len(limit) == MOST_KNOWN


def test_the_channel_of_a_chat_is_of_telegram_and_of_that_chat():
    channels = [channel("email", "7"), channel("telegram", "8"), channel("telegram", "7")]

    assert channel_of(channels, "7") == channels[2]
    assert channel_of(channels, "9") is None
