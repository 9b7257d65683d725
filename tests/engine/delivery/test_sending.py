"""One attempt: whatever happens, it ends with a result, and no secret in it."""

import asyncio

import pytest

from crypto_portfolio_analyzer.channels.kinds import Rate
from crypto_portfolio_analyzer.engine.delivery.composing import Composer
from crypto_portfolio_analyzer.engine.delivery.pacing import Pacer
from crypto_portfolio_analyzer.engine.delivery.sending import Flight, Sender
from crypto_portfolio_analyzer.errors import DeliveryFailed
from tests.engine.delivery.media import Medium, channel_of
from tests.engine.delivery.works import SECOND, work
from tests.fakes import NOON, FakeClock


class Hand:
    def __init__(self):
        self.clock = FakeClock()
        self.medium = Medium(self.clock)
        self.sender = Sender(self.clock, Pacer(self.clock), Composer(simulated=False, public_url=""))
        self.flight = Flight(channel_of(), (work(1),), "lane", self.medium)

    async def send(self, seconds=1.0):
        async with asyncio.TaskGroup() as group:
            sent = group.create_task(self.sender.send(self.flight))
            await self.clock.advance(seconds)
        return sent.result()


async def test_what_was_accepted_says_when_and_how_long():
    hand = Hand()
    hand.medium.seconds = 0.25
    result = await hand.send()

    assert (result.at, result.took) == (NOON, SECOND // 4)
    assert result.accepted.reference == "1"


async def test_a_limit_is_waited_for_before_the_attempt_begins():
    hand = Hand()
    hand.medium.limits = (Rate("x", 1, 10.0),)
    await hand.send()
    result = await hand.send(20.0)

    assert result.at >= NOON + 10 * SECOND


async def test_a_failure_comes_back_as_it_is():
    hand, failure = Hand(), DeliveryFailed("status", "it answered 500", status=500)

    def answer(_):
        raise failure

    hand.medium.answer = answer
    assert (await hand.send()).failure is failure


async def test_a_bug_is_an_unknown_outcome_that_tells_no_secret(caplog):
    hand = Hand()

    def answer(_):
        raise RuntimeError("https://hook.example/secret")

    hand.medium.answer = answer
    result = await hand.send()

    assert (result.failure.error, result.failure.is_unknown) == ("internal", True)
    assert "secret" not in result.failure.detail + caplog.text


async def test_a_cut_off_is_a_timeout_and_a_stop_is_none():
    hand = Hand()
    hand.medium.seconds = 100.0
    async with asyncio.TaskGroup() as group:
        overdue = group.create_task(hand.sender.send(hand.flight))
        await hand.clock.advance(1)
        hand.flight.is_overdue = True
        overdue.cancel()
    assert str(overdue.result().failure) == "there was no answer within 10 seconds"

    hand.flight.is_overdue = False
    async with asyncio.TaskGroup() as group:
        stopped = group.create_task(hand.sender.send(hand.flight))
        await hand.clock.advance(1)
        stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        stopped.result()
