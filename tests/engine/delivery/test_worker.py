"""The worker: nothing vanishes, nobody is starved, and one bad end harms no other."""

from collections import Counter, defaultdict
from random import Random

import pytest

from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Kind
from crypto_portfolio_analyzer.engine.delivery.timing import Timing
from crypto_portfolio_analyzer.errors import DeliveryFailed
from tests.engine.delivery.desk import SLOW, Desk, desk
from tests.fakes import settle

BROKEN = DeliveryFailed("status", "it answered 500", status=500)
UNSURE = DeliveryFailed("timeout", "it did not answer", is_unknown=True)


def conserved(own, fired):
    """Check that each delivery is in exactly one state, and that what was told was received."""
    assert sum(own.states().values()) == fired
    told = {id_ for medium in own.media.values() for receipt in medium.receipts for id_ in receipt.ids}
    delivered = {row.id for row in own.store.rows.values() if row.state is DeliveryState.DELIVERED}
    assert delivered <= told
    sending = [row for row in own.store.rows.values() if row.state is DeliveryState.SENDING]
    assert all(row.claim for row in sending)
    assert all(row.claim is None for row in own.store.rows.values() if row.state is not DeliveryState.SENDING)


async def test_nothing_vanishes_at_1000_random_instants():
    random = Random(5)

    def answer(_: object) -> None:
        roll = random.random()
        if roll < 0.35:
            raise random.choice(
                [BROKEN, UNSURE, DeliveryFailed("status", "slow", status=429, retry_after=20)]
            )

    async with desk() as own:
        channels = [own.channel(kind, owner=f"o{n}") for n in range(3) for kind in own.media]
        for medium in own.media.values():
            medium.answer, medium.seconds = answer, 0.3
        fired = 0
        for _ in range(1000):
            if random.random() < 0.3:
                channel = random.choice(channels)
                if own.store.by_id[channel.id].enabled:
                    own.fire(channel)
                    fired += 1
            await own.clock.advance(random.choice([0.05, 0.5, 5, 60]))
            notices = sum(row.kind is Kind.NOTICE for row in own.store.rows.values())
            conserved(own, fired + notices)
        for medium in own.media.values():
            medium.answer = lambda _: None
        await own.clock.advance(80 * 3600)

        assert own.states().keys() <= {DeliveryState.DELIVERED, DeliveryState.DEAD}
        doubled = Counter(
            id_ for each in own.media.values() for receipt in each.receipts for id_ in receipt.ids
        )
        assert set(doubled.values()) == {1}


async def test_what_lands_asks_the_outbox_again_only_where_something_was_left(monkeypatch):
    async with desk() as own:
        hook, lanes, looks = own.channel("hook"), own.store.lanes, []

        async def counted(now):
            looks.append(now)
            return await lanes(now)

        monkeypatch.setattr(own.store, "lanes", counted)
        own.hook.seconds = 1.0
        own.fire(hook)
        await own.clock.advance(0.5)
        before = len(looks)
        await own.clock.advance(5)
        assert (own.states(), len(looks)) == ({DeliveryState.DELIVERED: 1}, before)

        for _ in range(50):
            own.fire(hook)
        await own.clock.advance(60)
        assert own.states() == {DeliveryState.DELIVERED: 51}


async def test_a_flapping_end_gets_everything_and_the_healthy_ones_notice_nothing():
    random = Random(3)
    async with desk() as own:
        flapping = own.channel("hook", owner="flap")
        healthy = [own.channel("hook", owner=f"o{n}") for n in range(50)]
        up = [True]

        def answer(notification) -> None:
            if notification.channel.id == flapping.id and not up[0]:
                raise BROKEN

        own.hook.answer, own.hook.seconds = answer, 0.02
        fired = defaultdict(list)
        for _ in range(60):
            up[0] = not up[0]
            for channel in [flapping, *random.sample(healthy, 10)]:
                fired[channel.id].append(own.fire(channel))
            await own.clock.advance(random.uniform(1, 30))
        up[0] = True
        await own.clock.advance(3600)

        told = defaultdict(set)
        late = [0.0]
        for receipt in own.hook.receipts:
            told[receipt.channel].add(receipt.firings[0])
            if receipt.channel != flapping.id:
                late.append(receipt.at - receipt.fired_at)
        assert all(told[channel] == {each.id for each in firings} for channel, firings in fired.items())
        assert max(late) < 1e9
        assert len(own.hook.receipts) == sum(map(len, fired.values()))


async def test_at_most_four_at_once_go_to_one_end():
    async with desk() as own:
        hook = own.channel("hook")
        own.hook.seconds = 1.0
        for _ in range(40):
            own.fire(hook)

        await own.clock.advance(11)

        assert own.hook.most_flying == 4
        assert len(own.hook.receipts) == 40


async def test_a_chat_is_told_in_the_order_of_the_firings_whatever_fails():
    random = Random(8)

    def answer(_: object) -> None:
        if random.random() < 0.4:
            raise BROKEN

    async with desk() as own:
        chat = own.channel("chat", group="off")
        own.chat.answer, own.chat.seconds = answer, 0.1
        firings = [own.fire(chat) for _ in range(30)]

        await own.clock.advance(20 * 3600)

        assert [each.firings[0] for each in own.chat.receipts] == [each.id for each in firings]


async def test_orders_of_one_pair_go_one_by_one_and_those_of_others_go_on():
    async with desk() as own:
        trade = own.channel("trade")
        own.trade.seconds = 2.0

        def answer(notification) -> None:
            if notification.firing.symbol == "BTC/USDT" and len(own.trade.tries) < 4:
                raise BROKEN

        own.trade.answer = answer
        first = own.fire(trade, symbol="BTC/USDT")
        second = own.fire(trade, symbol="BTC/USDT")
        other = own.fire(trade, symbol="ETH/USDT")

        await own.clock.advance(40)

        assert [each.firings[0] for each in own.trade.receipts] == [other.id, first.id, second.id]
        assert own.trade.most_flying == 2


async def test_an_open_breaker_lets_one_probe_go_and_keeps_the_queue():
    async with desk() as own:
        hook = own.channel("hook")

        def answer(_: object) -> None:
            raise BROKEN

        own.hook.answer = answer
        for _ in range(1000):
            own.fire(hook)
        await own.clock.advance(60)

        assert len(own.hook.tries) < 30
        assert own.hook.most_flying <= 4
        own.hook.answer = lambda _: None
        await own.clock.advance(12 * 3600)
        assert len(own.hook.receipts) == 1000


async def test_half_of_all_rules_fire_at_once_and_every_owner_has_a_fair_share():
    async with desk() as own:
        chats = [own.channel("chat", owner=f"o{n}") for n in range(20)]
        own.chat.seconds = 0.05
        firings = defaultdict(list)
        for _ in range(500):
            for chat in chats:
                firings[chat.id].append(own.fire(chat).id)

        await own.clock.advance(10)
        shares = Counter(each.channel for each in own.chat.receipts)
        assert max(shares.values()) - min(shares.get(chat.id, 0) for chat in chats) <= 1
        await own.clock.advance(120)

        for chat in chats:
            told = [id_ for each in own.chat.receipts if each.channel == chat.id for id_ in each.firings]
            assert sorted(told) == sorted(firings[chat.id])
            assert sum(each.channel == chat.id for each in own.chat.receipts) <= 2
        assert own.states() == {DeliveryState.DELIVERED: 10_000}


async def test_while_the_database_is_away_outcomes_wait_and_nothing_is_sent_twice():
    async with desk(timing=Timing(rescue=36_000.0)) as own:
        hook = own.channel("hook")
        own.hook.seconds = 1.0
        firings = [own.fire(hook) for _ in range(4)]
        await own.clock.advance(0.5)
        own.store.is_away = True
        await own.clock.advance(200)
        assert own.engine.error
        assert own.engine.unstored == 4

        own.store.is_away = False
        await own.clock.advance(20)

        assert not own.engine.error
        assert all(own.of(firing, hook).state is DeliveryState.DELIVERED for firing in firings)
        assert len(own.hook.tries) == 4


async def test_what_is_under_way_for_long_is_held_on_to():
    async with desk(timing=Timing(lease=5.0, look=1.0, rescue=1.0, grace=0.05)) as own:
        hook = own.channel("hook")
        own.hook.seconds = 14.0
        own.fire(hook)

        await own.clock.advance(15)

        assert len(own.hook.tries) == 1
        assert own.states() == {DeliveryState.DELIVERED: 1}


async def test_what_somebody_gone_has_claimed_is_taken_over_as_unsure():
    async with desk(timing=Timing(look=1.0, rescue=10.0, grace=0.05)) as own:
        hook = own.channel("hook")
        own.hook.answer = lambda _: None
        firing = own.fire(hook)
        now = own.clock.now()
        await own.store.claim({hook.id: 1}, now, now + 30 * 10**9, "somebody gone")

        await own.clock.advance(29)
        assert own.hook.tries == []
        await own.clock.advance(13)

        assert own.of(firing, hook).state is DeliveryState.DELIVERED
        assert own.hook.receipts[0].notification.is_repeat


async def test_who_is_alone_takes_over_at_once_what_was_left_behind():
    own = Desk(timing=Timing(is_alone=True, grace=0.05))
    hook = own.channel("hook")
    own.fire(hook)
    now = own.clock.now()
    await own.store.claim({hook.id: 1}, now, now + 90 * 10**9, "we before")
    await own.engine.start()

    await own.clock.advance(1)

    assert len(own.hook.receipts) == 1
    await own.engine.stop()


async def test_a_stop_lets_what_is_under_way_end_and_gives_back_the_rest():
    async with desk() as own:
        slow, chat = own.channel("hook"), own.channel("chat", group="off")
        own.hook.seconds = own.chat.seconds = 10.0
        cut = own.fire(slow)
        waiting = [own.fire(chat) for _ in range(3)]
        await own.clock.advance(1)

        await own.engine.stop()

        states = [own.of(each, chat) for each in waiting]
        assert own.of(cut, slow).state is DeliveryState.QUEUED
        assert own.of(cut, slow).unsure
        assert [each.state for each in states] == [DeliveryState.QUEUED] * 3
        assert [each.unsure for each in states] == [True, False, False]


@pytest.mark.parametrize("way", ["off", "unproved"])
async def test_a_channel_that_is_off_or_not_proved_is_told_nothing(way):
    async with desk() as own:
        changes = {"enabled": False} if way == "off" else {"verified_at": None}
        own.fire(own.channel("chat", **changes))

        await own.clock.advance(3600)

        assert own.chat.tries == []


async def test_settlements_that_come_together_are_stored_together():
    async with desk(timing=SLOW) as own:
        hooks = [own.channel("hook", owner=f"o{n}") for n in range(100)]
        for hook in hooks:
            own.fire(hook)

        await own.clock.advance(1)
        await settle()

        assert sum(own.store.groups) == 100
        assert len(own.store.groups) <= 10
