"""Limits are kept: nothing is lost, the order is kept, and little time is wasted."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.channels.kinds import Rate
from crypto_portfolio_analyzer.engine.delivery.pacing import Pacer
from crypto_portfolio_analyzer.errors import DeliveryFailed
from tests.engine.delivery.desk import desk
from tests.fakes import FakeClock

BOT = Rate("bot", 30, 1.0)


def chat_rate(name: object) -> Rate:
    return Rate(f"chat {name}", 1, 1.0)


async def passed(
    pacer: Pacer, clock: FakeClock, asks: Sequence[tuple[str, tuple[Rate, ...], bool]], seconds: float
) -> list[tuple[str, float]]:
    """Let all ask at once; return who went when, in order."""
    went: list[tuple[str, float]] = []

    async def ask(name: str, rates: tuple[Rate, ...], urgent: bool) -> None:
        await pacer.wait(rates, urgent=urgent)
        went.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        for each in asks:
            group.create_task(ask(*each))
        await clock.advance(seconds)
    return went


async def test_messages_under_one_limit_go_at_its_pace_in_order():
    clock = FakeClock()
    went = await passed(Pacer(clock), clock, [(str(n), (BOT,), True) for n in range(10)], 2)

    assert [name for name, _ in went] == [str(n) for n in range(10)]
    assert [at for _, at in went] == pytest.approx([n / 30 * 1.02 for n in range(10)], abs=1e-3)


async def test_who_waits_for_a_chat_holds_up_nobody_else():
    clock = FakeClock()
    asks = [
        ("a1", (BOT, chat_rate("a")), True),
        ("a2", (BOT, chat_rate("a")), True),
        ("b1", (BOT, chat_rate("b")), True),
    ]
    went = dict(await passed(Pacer(clock), clock, asks, 3))

    assert went["b1"] < 0.1
    assert went["a2"] >= 1.0


async def test_urgent_ones_go_first():
    clock = FakeClock()
    slow = Rate("bot", 1, 1.0)
    asks = [(f"edit {n}", (slow,), False) for n in range(3)] + [
        (f"alert {n}", (slow,), True) for n in range(3)
    ]
    went = [name for name, _ in await passed(Pacer(clock), clock, asks, 10)]

    assert went.index("alert 2") < went.index("edit 1")


async def test_a_burst_goes_at_once_after_a_rest():
    clock = FakeClock()
    rate = Rate("host", 10, 60.0, burst=3)
    went = [
        at for _, at in await passed(Pacer(clock), clock, [(str(n), (rate,), True) for n in range(4)], 10)
    ]

    assert went[:3] == [0.0, 0.0, 0.0]
    assert went[3] >= 6.0


async def test_who_gives_up_leaves_its_place():
    clock = FakeClock()
    pacer, slow = Pacer(clock), Rate("bot", 1, 1.0)
    await pacer.wait((slow,), urgent=True)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(pacer.wait((slow,), urgent=True))
        second = group.create_task(pacer.wait((slow,), urgent=True))
        await clock.advance(0)
        assert pacer.room(slow) == 0
        first.cancel()
        await clock.advance(2.1)

    assert second.done()
    assert first.cancelled()


@settings(max_examples=60, deadline=None)
@given(
    asks=st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=60),
    count=st.integers(1, 40),
)
def test_no_window_ever_holds_more_than_the_limit(asks, count):
    async def run() -> list[tuple[str, float]]:
        clock = FakeClock()
        bot = Rate("bot", count, 1.0)
        named = [(str(chat), (bot, chat_rate(chat)), urgent) for chat, urgent in asks]
        return await passed(Pacer(clock), clock, named, 100)

    went = asyncio.run(run())
    assert len(went) == len(asks)
    times = [at for _, at in went]
    assert all(after - before >= 1.0 for before, after in zip(times, times[count:], strict=False))
    by_chat = defaultdict(list)
    for chat, at in went:
        by_chat[chat].append(at)
    assert all(after - before >= 1.0 for own in by_chat.values() for before, after in pairwise(own))


class BotApi:
    """The limits of Telegram, as its servers count them: what is too much is answered 429."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._all: deque[float] = deque()
        self._chats: dict[str, float] = {}
        self.refused = 0

    def __call__(self, notification) -> None:
        now, chat = self._clock.monotonic(), notification.channel.id
        while self._all and self._all[0] <= now - 1.0:
            self._all.popleft()
        if len(self._all) >= 30 or now - self._chats.get(chat, -1.0) < 1.0:
            self.refused += 1
            raise DeliveryFailed("status", "too many", status=429, retry_after=3.0)
        self._all.append(now)
        self._chats[chat] = now


async def drained(chats: int, each: int) -> None:
    """Queue a burst, and look whether all of it arrives, in order, in hardly more time than the limits demand."""
    async with desk() as own:
        channels = [own.channel("chat", owner=f"owner {n % 50}", group="off") for n in range(chats)]
        api = own.chat.answer = BotApi(own.clock)
        own.chat.seconds = 0.05
        own.chat.rates = lambda channel: (BOT, chat_rate(channel.id))  # type: ignore[method-assign]
        for turn in range(each):
            for channel in channels:
                own.fire(channel, name=f"{turn}")

        await own.clock.advance(max(chats * each / 30, float(each)) * 1.2)

        assert len(own.chat.receipts) == chats * each
        assert api.refused <= chats * each / 100
        for channel in channels:
            told = [receipt.firings[0] for receipt in own.chat.receipts if receipt.channel == channel.id]
            assert told == sorted(told)


async def test_a_burst_to_many_chats_drains_near_the_optimum():
    await drained(chats=40, each=12)


@pytest.mark.long
async def test_a_burst_of_3000_messages_to_100_chats_drains_near_the_optimum():
    await drained(chats=100, each=30)
