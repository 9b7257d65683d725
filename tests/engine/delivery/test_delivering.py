"""What people ask of deliveries is done: told once, tested, shown, told again."""

import asyncio

import pytest

from crypto_portfolio_analyzer.core.alerts import Severity, Silence
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Kind
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidInput, NotFound
from tests.engine.delivery.desk import desk
from tests.fakes import NOON

BROKEN = DeliveryFailed("status", "it answered 500", status=500)
HOUR = 3600.0


async def test_a_firing_reaches_every_channel_it_is_for_once():
    async with desk() as own:
        chat, hook = own.channel("chat"), own.channel("hook")
        firing = own.fire(chat, hook)

        await own.clock.advance(1)

        assert own.of(firing, chat).state is DeliveryState.DELIVERED
        assert own.of(firing, hook).state is DeliveryState.DELIVERED
        assert [each.ids for each in own.chat.receipts] == [[f"{firing.id}_{chat.id}"]]
        assert [each.notification.key for each in own.hook.receipts] == [f"msg_{firing.id}_{hook.id}"]


async def test_a_test_goes_the_real_way_and_tells_what_became_of_it():
    async with desk() as own:
        chat = own.channel("chat", quiet_hours={"from": "00:00", "until": "23:59"})

        tested = await own.engine.test("anna", chat.id)

        assert tested.delivery.state is DeliveryState.DELIVERED
        assert [each.notification.kind for each in own.chat.receipts] == [Kind.TEST]
        assert len(tested.attempts) == 1


async def test_a_test_that_fails_tells_why_after_its_first_attempt():
    async with desk() as own:

        def answer(_):
            raise BROKEN

        own.hook.answer = answer
        tested = await own.engine.test("anna", own.channel("hook").id)

        assert tested.delivery.state is DeliveryState.RETRY_WAIT
        assert [each.detail for each in tested.attempts] == ["it answered 500"]


async def test_a_test_that_takes_too_long_is_told_of_as_it_is():
    async with desk() as own:
        own.chat.seconds = 1e6
        async with asyncio.timeout(5):
            tested = await own.engine.test("anna", own.channel("chat").id, wait=0.05)

        assert tested.delivery.state is DeliveryState.SENDING
        assert tested.attempts == []


@pytest.mark.parametrize("changes", [{"enabled": False}, {"verified_at": None}])
async def test_what_is_off_or_unproved_is_not_tested(changes):
    async with desk() as own:
        with pytest.raises(InvalidInput):
            await own.engine.test("anna", own.channel("chat", **changes).id)
        assert own.chat.tries == []


async def test_a_preview_says_what_would_be_told_and_that_it_is_made_up():
    async with desk() as own:
        chat = own.channel("chat", language="de")
        fields = {"name": "mine", "symbol": "ETH/USDT", "message": "sell half", "severity": "critical"}
        told = await own.engine.preview("anna", chat.id, fields)

        assert "ETH/USDT" in told.headline
        assert told.note == "sell half"
        assert any("erfunden" in line for line in told.more)
        assert (await own.engine.preview("anna", None, {})).language == "en"
        with pytest.raises(NotFound):
            await own.engine.preview("ben", chat.id, fields)


async def test_what_was_dead_is_told_again_under_its_old_key():
    async with desk() as own:
        hook = own.channel("hook")

        def answer(_):
            raise DeliveryFailed("tls", "bad certificate", final=True)

        own.hook.answer = answer
        firing = own.fire(hook)
        await own.clock.advance(1)
        own.hook.answer = lambda _: None
        await own.engine.redeliver("anna", [own.of(firing, hook).id], actor="anna")
        await own.clock.advance(1)

        assert own.of(firing, hook).state is DeliveryState.DELIVERED
        assert {each.notification.key for each in own.hook.tries} == {f"msg_{firing.id}_{hook.id}"}


async def test_an_order_past_its_time_is_told_again_only_to_who_means_it():
    async with desk() as own:
        trade = own.channel("trade")
        firing = own.fire(trade, ago=100)
        await own.clock.advance(1)
        ids = [own.of(firing, trade).id]
        with pytest.raises(InvalidInput, match="1 of 1"):
            await own.engine.redeliver("anna", ids, actor="anna")
        assert own.trade.tries == []

        await own.engine.redeliver("anna", ids, actor="anna", anyway=True)
        await own.clock.advance(1)

        assert len(own.trade.receipts) == 1
        assert own.of(firing, trade).state is DeliveryState.DELIVERED


async def test_what_the_night_held_comes_as_one_in_the_morning_but_what_is_critical_at_once():
    async with desk(now=NOON + 11 * 3600 * 10**9) as own:
        chat = own.channel("chat", quiet_hours={"from": "22:00", "until": "07:00", "except": "critical"})
        for _ in range(5):
            own.fire(chat)
        critical = own.fire(chat, severity=Severity.CRITICAL)
        await own.clock.advance(60)
        assert [each.firings for each in own.chat.receipts] == [[critical.id]]

        await own.clock.advance(8 * HOUR)

        assert [len(each.ids) for each in own.chat.receipts] == [1, 5]


async def test_a_flood_over_minutes_is_twenty_messages_and_a_digest_each_minute():
    async with desk() as own:
        chat = own.channel("chat")
        for _ in range(180):
            own.fire(chat)
            await own.clock.advance(1)
        await own.clock.advance(120)

        assert sum(len(each.ids) for each in own.chat.receipts) == 180
        assert 20 < len(own.chat.receipts) <= 4 * 20
        assert max(len(each.ids) for each in own.chat.receipts) > 3


async def test_a_silence_keeps_back_what_still_waits():
    async with desk() as own:
        chat = own.channel("chat", group="off")
        own.chat.seconds = 5.0
        firings = [own.fire(chat) for _ in range(10)]
        await own.clock.advance(1)
        matchers = {"symbol": "BTC/USDT"}
        own.store.muted.append(
            Silence(id="s", owner="anna", matchers=matchers, starts_at=NOON, ends_at=NOON + 10**12)
        )
        await own.clock.advance(200)

        assert len(own.chat.receipts) <= 3
        suppressed = [each for each in firings if own.of(each, chat).state is DeliveryState.SUPPRESSED]
        assert len(suppressed) >= 7


async def test_two_channels_to_one_place_tell_once():
    async with desk() as own:
        first, second = own.channel("chat", to="same"), own.channel("chat", to="same")
        firing = own.fire(first, second)

        await own.clock.advance(5)

        assert len(own.chat.receipts) == 1
        assert own.of(firing, second).reason == f"duplicate of {own.of(firing, first).id}"


async def test_after_something_critical_what_only_informs_is_kept_back_where_asked():
    async with desk() as own:
        chat = own.channel("chat", inhibit=True)
        own.fire(chat, severity=Severity.CRITICAL)
        await own.clock.advance(10)
        info, later = own.fire(chat), None
        await own.clock.advance(299)
        later = own.fire(chat)
        await own.clock.advance(10)

        assert own.of(info, chat).reason == "inhibited by BTC/USDT"
        assert own.of(later, chat).state is DeliveryState.DELIVERED


async def test_what_waits_and_the_law_can_be_seen():
    async with desk() as own:
        own.chat.seconds = 1e6
        chat = own.channel("chat", group="off")
        for _ in range(4):
            own.fire(chat)
        await own.clock.advance(1)

        assert [(each.channel.id, each.due) for each in await own.engine.lanes()] == [(chat.id, 2)]
        assert [each.told for each in await own.engine.law()] == [4]
