"""Attempts and outcomes are counted, and the way of what was told on time is measured."""

from crypto_portfolio_analyzer.channels.kinds import Accepted
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Lane, Settlement
from crypto_portfolio_analyzer.engine.delivery.sending import Flight, Result
from crypto_portfolio_analyzer.engine.delivery.tally import Tally
from crypto_portfolio_analyzer.errors import DeliveryFailed
from tests.engine.delivery.desk import desk
from tests.engine.delivery.media import Medium, channel_of
from tests.engine.delivery.works import SECOND, work
from tests.fakes import NOON, FakeClock


async def test_the_last_two_steps_of_a_firing_are_measured():
    async with desk() as own:
        own.chat.seconds = 0.3
        own.fire(own.channel("chat"), ago=2.0)
        await own.clock.advance(1)

        attempted, accepted = (own.engine.tally.latencies[step] for step in ("attempted", "accepted"))
        assert (sum(attempted.counts), attempted.total) == (1, 2 * SECOND)
        assert sum(accepted.counts) == 1
        assert abs(accepted.total - 0.3 * SECOND) < SECOND / 1000


def test_a_later_attempt_counts_from_the_first_and_what_was_held_is_not_measured():
    tally, kind = Tally(), Medium(FakeClock())
    failure = DeliveryFailed("timeout", "no answer", is_unknown=True)
    tally.attempted(Flight(channel_of(), (work(1),), "lane", kind), Result(NOON, SECOND, failure=failure))
    again = work(1, attempts=1, first_attempt_at=NOON)
    well = Result(NOON + 9 * SECOND, SECOND, accepted=Accepted())
    tally.attempted(Flight(channel_of(), (again,), "lane", kind), well)
    tally.attempted(Flight(channel_of(), (work(2, reason="quiet hours"),), "lane", kind), well)

    assert tally.attempts == {("chat", "unknown"): 1, ("chat", "accepted"): 2}
    assert sum(tally.latencies["attempted"].counts) == 1
    assert tally.latencies["accepted"].total == 10 * SECOND


def test_only_what_is_final_and_was_ours_is_counted():
    tally, works = Tally(), {"d1": work(1), "d2": work(2)}
    some = [
        Settlement(delivery_id="d1", claim="me", state=DeliveryState.SUPPRESSED, reason="silence s1"),
        Settlement(delivery_id="d2", claim="me", state=DeliveryState.RETRY_WAIT),
        Settlement(delivery_id="d3", claim="me", state=DeliveryState.DEAD),
    ]
    tally.settled(some, works)

    assert tally.states == {"suppressed": 1}
    assert tally.suppressed == {"silence": 1}


def test_what_waits_is_what_the_last_look_has_seen():
    tally = Tally()
    assert (tally.waiting, tally.oldest(NOON)) == (0, 0.0)
    tally.lanes = [Lane(channel_of(), NOON - 5 * SECOND, 3), Lane(channel_of(), NOON + SECOND, 0)]

    assert (tally.waiting, tally.oldest(NOON)) == (3, 5.0)
