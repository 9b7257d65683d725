"""Without faults nothing is told twice, nothing is left out, and everything is told once: counted, not sampled."""

import asyncio
import sys
from array import array
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.channels.kinds import Accepted, Rate
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.alerts import Batch
from crypto_portfolio_analyzer.core.notices.notification import Channel, DeliveryState, Notification
from crypto_portfolio_analyzer.engine.delivery.delivering import DeliveryEngine
from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from tests.engine.delivery.media import Hook
from tests.storage.made import NOW, SEALING, add_channel, alert, decision

OWNERS = 10
ALERTS = [
    alert(f"a{n}", owner=f"o{n % OWNERS}", symbols=("BTC/USDT",), channels=("phone",), revision=1)
    for n in range(500)
]
LEAD = 20_000
"""Deliveries that may wait at most, so that the outbox stays what it is in life."""


class Counter(Hook):
    """A webhook whose receiver counts how often each key came."""

    def __init__(self, clock: SystemClock) -> None:
        super().__init__(clock)
        self.numbers: dict[str, int] = {}
        self.times = array("B")
        self.total = 0

    def rates(self, channel: Channel) -> tuple[Rate, ...]:
        return ()

    async def send(self, notification: Notification) -> Accepted:
        number = self.numbers.setdefault(notification.key, len(self.times))
        if number == len(self.times):
            self.times.append(0)
        self.times[number] += 1
        self.total += 1
        await asyncio.sleep(0)
        return Accepted(status=200)


async def tell(folder: Path, count: int) -> None:
    """Let so many firings be told, and count."""
    url = f"sqlite+aiosqlite:///{folder}/flood.db"
    await schema.upgrade(url)
    clock, database = SystemClock(), Database(url)
    await database.start()
    for n in range(OWNERS):
        await add_channel(database, "phone", f"o{n}")
    alerts = AlertStore(database)
    await alerts.create(ALERTS, NOW, "test")
    receiver = Counter(clock)
    store = DeliveryStore(database, SEALING, unordered=("webhook",))
    engine = DeliveryEngine(store=store, channels={"webhook": receiver}, clock=clock)
    await engine.start()
    fired = epoch = 0
    while fired < count:
        epoch += 1
        decisions = [decision(each, epoch) for each in ALERTS]
        fired += len(await alerts.commit(Batch(decisions=decisions), clock.now()))
        engine.wake()
        while fired - receiver.total > LEAD:
            await asyncio.sleep(0.01)
    while (await store.counts()).get(DeliveryState.DELIVERED, 0) < fired:
        await asyncio.sleep(0.1)
    await engine.stop()

    assert (len(receiver.times), receiver.total) == (fired, fired)
    assert max(receiver.times) == 1
    laws = await store.law()
    assert [each.broken for each in laws if each.broken] == []
    assert sum(each.told for each in laws) == fired
    sys.stdout.write(f"\n{fired} told, 0 doubled, 0 missing\n")
    await database.stop()


async def test_every_firing_is_told_once(tmp_path: Path) -> None:
    await tell(tmp_path, 2_000)


@pytest.mark.long
@pytest.mark.timeout(7200)
async def test_a_million_firings_are_told_once_each(tmp_path: Path) -> None:
    await tell(tmp_path, 1_000_000)
