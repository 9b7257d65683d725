"""A burst to many Telegram chats: everything arrives once and in order, at the pace that Telegram allows.

The engine, its store, the type of channel and the Bot API are real; one clock speeds up all that is counted in time.
"""

import asyncio

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.alerts import Batch
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState
from crypto_portfolio_analyzer.engine.delivery.delivering import DeliveryEngine
from crypto_portfolio_analyzer.simulation.telegram import TelegramServer
from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from tests.channels.chats import telegram
from tests.storage.made import SEALING, add_channel, alert, decision

PER_SECOND = 30


@pytest.fixture
async def database(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'analyzer.db'}"
    await schema.upgrade(url)
    database = Database(url)
    await database.start()
    yield database
    await database.stop()


async def fire(database, people, each, now):
    """Let an alert for each person fire so many times, turn by turn; return the firings by person, in order.

    All belong to one owner: the chats share its turns.
    """
    store = AlertStore(database)
    alerts = []
    for person in people:
        options = {"chat_id": str(person.id), "group": "off", "picture": "off"}
        channel = await add_channel(database, person.name, type="telegram", options=options)
        alerts += await store.create([alert(person.name, channels=(channel.id,))], now, "ada")
    firings: dict[int, list[str]] = {person.id: [] for person in people}
    decisions = []
    for epoch in range(1, each + 1):
        for person, of in zip(people, alerts, strict=True):
            made = decision(of, epoch, event_at=now, received_at=now, detected_at=now)
            firings[person.id].append(made.firing.id[:12])
            decisions.append(replace(made, standing=replace(made.standing, fired=epoch)))
    await store.commit(Batch(decisions=decisions), now)
    return firings


def arrived(person):
    """Return which firings a person was told of, in order, by what the buttons say."""
    return [message.button("✓ Seen")["callback_data"].split(":")[2] for message in person.chat.told]


def count_arrived(people):
    return sum(len(person.chat.told) for person in people)


async def drained(database, chats, each, scale):
    """Send a burst; return the server, what was to arrive, the people, and the seconds until all had arrived."""
    clock = ScaledClock(scale)
    async with TelegramServer(clock=clock) as server, telegram(server, clock=clock) as phone:
        people = [server.person(f"P{number}") for number in range(chats)]
        await phone.access.bot()
        store = DeliveryStore(database, SEALING)
        engine = DeliveryEngine(store=store, channels={"telegram": phone}, clock=clock)
        firings = await fire(database, people, each, clock.now())
        began = clock.monotonic()
        await engine.start()
        total = chats * each
        await server.until(lambda: len(server.calls) >= total and count_arrived(people) >= total, within=150)
        took = clock.monotonic() - began
        async with asyncio.timeout(10):
            while (await store.counts())[DeliveryState.DELIVERED] < total:
                await asyncio.sleep(0.02)
        await engine.stop()
        return server, firings, people, took


async def assert_kept(database, chats, each, scale, slack=0.0):
    server, firings, people, took = await drained(database, chats, each, scale)
    refused = sum(call.status == 429 for call in server.calls)
    optimum = chats * each / PER_SECOND

    assert {person.id: arrived(person) for person in people} == firings
    assert refused <= len(server.calls) * 0.01, server.fouls
    assert took <= optimum * 1.2 + slack


async def test_a_burst_is_told_whole_in_order_and_within_the_limits(database):
    await assert_kept(database, chats=30, each=2, scale=1.0, slack=2.0)


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_three_thousand_messages_to_a_hundred_chats(database):
    await assert_kept(database, chats=100, each=30, scale=1.0)
