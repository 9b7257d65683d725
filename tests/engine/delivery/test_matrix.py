"""Every outcome of an attempt is followed by what the table of delivery says, over 76 hours of virtual time."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from crypto_portfolio_analyzer.channels.kinds import Accepted
from crypto_portfolio_analyzer.core.notices.notification import AttemptOutcome, DeliveryState, Kind
from crypto_portfolio_analyzer.errors import DeliveryFailed
from tests.engine.delivery.desk import desk

HOUR = 3600.0
DAYS = 90 * HOUR

TRANSIENT = {
    "moved": DeliveryFailed("status", "it answered 302", status=302),
    "request timeout": DeliveryFailed("status", "it answered 408", status=408),
    "too early": DeliveryFailed("status", "it answered 425", status=425),
    "too many": DeliveryFailed("status", "it answered 429", status=429),
    "broken": DeliveryFailed("status", "it answered 500", status=500),
    "bad gateway": DeliveryFailed("status", "it answered 502", status=502),
    "unavailable": DeliveryFailed("status", "it answered 503", status=503),
    "gateway timeout": DeliveryFailed("status", "it answered 504", status=504),
    "no connection": DeliveryFailed("timeout_connect", "nobody answered"),
    "no name": DeliveryFailed("dns", "the name leads nowhere"),
    "reset": DeliveryFailed("reset", "it hung up"),
    "silence": DeliveryFailed("timeout", "it did not answer", is_unknown=True),
    "a flood": DeliveryFailed("too_large", "it answered without end", is_unknown=True),
}
CONFIG = {
    f"{status}": DeliveryFailed("status", f"it answered {status}", status=status, is_config=True)
    for status in (400, 401, 403, 404, 405, 422)
}
FINAL = {
    "certificate": DeliveryFailed("tls", "its certificate is not valid", final=True, is_config=True),
    "blocked": DeliveryFailed("blocked", "its address is not public", final=True, is_config=True),
}
GONE = {
    "410": DeliveryFailed("status", "it is gone", status=410, final=True, disables=True),
    "403 of a chat": DeliveryFailed("blocked", "the bot was blocked", status=403, disables=True),
}
ALL_KINDS = ("chat", "hook", "mail")


def failing(failure: DeliveryFailed, times: int = 10**9) -> Callable[[object], Accepted | None]:
    """Fail so often, then accept."""
    left = [times]

    def answer(_: object) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise failure

    return answer


def notices(own):
    return [each.content.text for each in own.store.rows.values() if each.kind is Kind.NOTICE]


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("name", [*TRANSIENT, *CONFIG])
async def test_what_may_pass_is_tried_by_the_table_and_then_dead(kind, name):
    async with desk() as own:
        medium, channel = own.media[kind], own.channel(kind)
        failure = (TRANSIENT | CONFIG)[name]
        medium.answer = failing(failure)
        firing = own.fire(channel)

        await own.clock.advance(DAYS)

        waits = [(after.at - before.at) / 1e9 for before, after in pairwise(medium.tries)]
        assert len(waits) == len(medium.schedule)
        assert all(
            0.8 * plan <= wait <= 1.2 * plan + 1 for plan, wait in zip(medium.schedule, waits, strict=True)
        )
        assert own.of(firing, channel).state is DeliveryState.DEAD
        assert {each.notification.key for each in medium.tries} == {f"msg_{firing.id}_{channel.id}"}
        outcome = AttemptOutcome.UNKNOWN if failure.is_unknown else AttemptOutcome.FAILED
        assert {each.outcome for each in own.store.log} == {outcome}


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("times", [1, 2, 5, 7])
async def test_what_passes_in_the_end_is_delivered_once(kind, times):
    async with desk() as own:
        medium, channel = own.media[kind], own.channel(kind)
        medium.answer = failing(TRANSIENT["broken"], times)
        firing = own.fire(channel)

        await own.clock.advance(DAYS)

        assert own.of(firing, channel).state is DeliveryState.DELIVERED
        assert len(medium.receipts) == 1
        assert own.of(firing, channel).attempts == times + 1
        assert own.store.by_id[channel.id].failures == 0


@pytest.mark.parametrize("name", CONFIG)
async def test_the_owner_is_told_elsewhere_after_the_third_config_error(name):
    async with desk() as own:
        hook = own.channel("hook", name="my bot")
        own.channel("chat")
        own.hook.answer = failing(CONFIG[name])
        own.fire(hook)

        await own.clock.advance(25)
        assert notices(own) == []
        await own.clock.advance(25)

        assert len(own.hook.tries) == 3
        assert [each.notification.kind for each in own.chat.receipts] == [Kind.NOTICE]
        assert CONFIG[name].detail in notices(own)[0]


@pytest.mark.parametrize("name", FINAL)
async def test_what_cannot_pass_is_dead_at_once_and_the_owner_is_told(name):
    async with desk() as own:
        hook = own.channel("hook")
        own.channel("chat")
        own.hook.answer = failing(FINAL[name])
        firing = own.fire(hook)

        await own.clock.advance(DAYS)

        assert own.of(firing, hook).state is DeliveryState.DEAD
        assert own.of(firing, hook).reason == FINAL[name].detail
        assert len(own.hook.tries) == 1
        assert own.store.by_id[hook.id].enabled
        assert len(notices(own)) == 1


@pytest.mark.parametrize("name", GONE)
async def test_an_end_that_is_gone_ends_the_channel_and_what_waits_is_kept(name):
    async with desk() as own:
        hook = own.channel("chat")
        own.channel("mail")
        own.chat.answer = failing(GONE[name])
        first, second = own.fire(hook), own.fire(hook)

        await own.clock.advance(DAYS)

        assert own.of(first, hook).state is DeliveryState.DEAD
        assert own.of(second, hook).state is DeliveryState.QUEUED
        assert not own.store.by_id[hook.id].enabled
        assert own.store.by_id[hook.id].disabled_reason == GONE[name].detail
        assert len(notices(own)) == 1
        assert len(own.mail.receipts) == 1


@pytest.mark.parametrize("kind", ALL_KINDS)
async def test_who_asks_for_patience_is_left_alone_with_everything(kind):
    async with desk() as own:
        medium, channel = own.media[kind], own.channel(kind)
        medium.answer = failing(DeliveryFailed("status", "slow down", status=429, retry_after=300.0), 1)
        own.fire(channel)
        await own.clock.advance(1)
        own.fire(channel)

        await own.clock.advance(298)
        assert len(medium.tries) == 1
        await own.clock.advance(60)

        assert len(medium.receipts) == 2
        assert all(each.at - medium.tries[0].at >= 300e9 for each in medium.receipts)


async def test_nobody_is_left_alone_for_longer_than_a_day():
    async with desk() as own:
        channel = own.channel("hook")
        own.hook.answer = failing(DeliveryFailed("status", "later", status=503, retry_after=10 * 86400.0), 1)
        own.fire(channel)

        await own.clock.advance(24 * HOUR * 1.1 + 1)

        assert len(own.hook.receipts) == 1


async def test_a_chat_that_has_moved_is_found_at_its_new_place():
    async with desk() as own:
        channel = own.channel("chat", to="old")
        own.chat.answer = lambda _: Accepted(options={"to": "new"})
        own.fire(channel)

        await own.clock.advance(1)

        assert own.store.by_id[channel.id].options["to"] == "new"


@pytest.mark.parametrize("kind", ALL_KINDS)
async def test_who_does_not_answer_in_time_is_cut_off_and_tried_again(kind):
    async with desk() as own:
        medium, channel = own.media[kind], own.channel(kind)
        medium.seconds = 10_000.0
        firing = own.fire(channel)
        await own.clock.advance(medium.timeout + 0.5)
        assert own.of(firing, channel).state is DeliveryState.RETRY_WAIT
        medium.seconds = 0.0

        await own.clock.advance(100)

        assert own.of(firing, channel).state is DeliveryState.DELIVERED
        assert [each.error for each in own.store.log] == ["timeout", ""]
        assert medium.receipts[0].notification.is_repeat


async def test_a_bug_in_a_type_is_an_unknown_outcome_and_ends_nobody():
    async with desk() as own:
        broken, well = own.channel("hook"), own.channel("chat")

        def answer(_: object) -> None:
            raise ZeroDivisionError("token=secret")

        own.hook.answer = answer
        own.fire(broken), own.fire(well)

        await own.clock.advance(2)

        assert [each.error for each in own.store.log if each.outcome is AttemptOutcome.UNKNOWN] == [
            "internal"
        ]
        assert not any("secret" in each.detail for each in own.store.log)
        assert len(own.chat.receipts) == 1


async def test_an_end_that_only_fails_for_five_days_is_switched_off_and_the_owner_told():
    async with desk() as own:
        hook = own.channel("hook")
        own.channel("chat")
        own.hook.answer = failing(TRANSIENT["broken"])

        for _ in range(6):
            own.fire(hook)
            await own.clock.advance(24 * HOUR)

        assert not own.store.by_id[hook.id].enabled
        assert "5 days" in own.store.by_id[hook.id].disabled_reason
        assert any("5 days" in each for each in notices(own))
        assert len(own.chat.receipts) == len(notices(own))


@pytest.mark.parametrize("seconds", [0.0, 30.0, 59.0])
async def test_an_order_is_sent_within_its_time_to_live(seconds):
    async with desk() as own:
        trade = own.channel("trade")
        own.fire(trade, ago=seconds)

        await own.clock.advance(1)

        assert len(own.trade.receipts) == 1


async def test_an_order_past_its_time_to_live_is_dead_and_never_sent():
    async with desk() as own:
        trade = own.channel("trade")
        firing = own.fire(trade, ago=61.0)

        await own.clock.advance(DAYS)

        assert own.trade.tries == []
        assert (own.of(firing, trade).state, own.of(firing, trade).reason) == (DeliveryState.DEAD, "expired")


async def test_an_order_that_fails_is_tried_again_only_while_it_is_worth_something():
    async with desk() as own:
        trade = own.channel("trade", ttl_seconds=5)
        own.trade.answer = failing(TRANSIENT["broken"])
        firing = own.fire(trade)

        await own.clock.advance(DAYS)

        assert len(own.trade.tries) == 3  # at 0, 1 and 3 seconds
        assert own.of(firing, trade).state is DeliveryState.DEAD
