"""What the types that send over HTTP have in common."""

from crypto_portfolio_analyzer.channels.browser import BrowserChannel
from crypto_portfolio_analyzer.channels.kinds import PEOPLE_SCHEDULE
from tests.channels.sending import channel, world


async def test_a_chat_answers_as_most_do():
    kind = BrowserChannel(world())

    assert kind.is_ready == ""
    assert kind.revealed({}) is None
    assert kind.needs_proof({}) is False
    assert kind.policy_ttl({}) is None
    assert kind.rates(channel("browser", {})) == ()
    assert await kind.prove(channel("browser", {}), "code") is False
    assert (kind.for_people, kind.ordered, kind.parallel) == (True, True, 1)
    assert PEOPLE_SCHEDULE == (2, 10, 60, 300, 1800, 7200, 21_600)


async def test_a_session_is_opened_when_needed_and_again_after_a_stop():
    kind = BrowserChannel(world())
    await kind.start()
    first = kind.session
    assert kind.session is first

    await kind.stop()
    await kind.stop()
    assert first.closed
    second = kind.session
    assert second is not first
    await kind.stop()
    assert second.closed
