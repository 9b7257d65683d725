"""Fifty healthy receivers beside one that flaps: by how much it moves the 99th percentile of their acceptance.

usage: flapping.py [ROUNDS] [SECONDS]

Firings are committed to SQLite, and the delivery engine tells signed webhooks to receivers on the loopback, which
have the other core. In turn the last receiver is up all the time for SECONDS, and then goes up and down, each for 1
to 30 s of a clock that runs SCALE times as fast: refusing, resetting or never answering. Its messages are as many as
anybody's. Figures are of the others alone, in real milliseconds from the commit until the receiver has accepted; how
far two halves of the rounds without flapping differ says how much the machine alone moves them.
"""

import asyncio
import multiprocessing
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from alert_store import alert, decision
from cryptography.fernet import Fernet
from msgspec.structs import replace
from sqlalchemy import text

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.kinds import World
from crypto_portfolio_analyzer.channels.webhook import WebhookChannel
from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.alerts import Alert, Batch
from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.engine.delivery.delivering import DeliveryEngine
from crypto_portfolio_analyzer.engine.delivery.timing import Timing
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import Receiver
from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from crypto_portfolio_analyzer.storage.sealing import Sealing

HEALTHY, SCALE, SHORTEST, LONGEST = 50, 10.0, 1.0, 30.0
BEAT, AT_ONCE = 0.05, 5
"""Real seconds between two commits, and firings of each: 100 a second over all channels."""
PATIENCE = 300.0
"""Real seconds in which the flapping receiver is to have everything."""
OUTAGES = (Bad.STATUS, Bad.RESET, Bad.SILENT)
PENDING = "select count(*) from deliveries where settled_at is null"
ACCEPTED = (
    "select channel_id, settled_at - created_at from deliveries where state = 'delivered' and number > :mark"
)


def receive(told: Connection) -> None:
    """Run the receivers on the second core; the last one flaps while the other process says so."""
    os.sched_setaffinity(0, {1})

    async def flap(receiver: Receiver, dice: Random) -> None:
        while True:
            receiver.always = Misbehaviour(dice.choice(OUTAGES))
            await receiver.clock.sleep(dice.uniform(SHORTEST, LONGEST))
            receiver.always = None
            await receiver.clock.sleep(dice.uniform(SHORTEST, LONGEST))

    async def main() -> None:
        clock, dice = ScaledClock(SCALE), Random(1)
        async with AsyncExitStack() as stack:
            receivers = [await stack.enter_async_context(Receiver(clock=clock)) for _ in range(HEALTHY + 1)]
            told.send([each.port for each in receivers])
            while await asyncio.to_thread(told.recv):
                flapping = asyncio.create_task(flap(receivers[-1], dice))
                await asyncio.to_thread(told.recv)
                flapping.cancel()
                receivers[-1].always = None

    asyncio.run(main())


class Scene:
    """Channels to all receivers, an alert for each, and the engine between them."""

    def __init__(self, url: str) -> None:
        self.clock = ScaledClock(SCALE)
        self.database = Database(url)
        store = DeliveryStore(self.database, Sealing([Fernet.generate_key().decode()]), ["webhook"])
        kind = WebhookChannel(World(clock=self.clock, guard=Guard((ip_network("127.0.0.0/8"),))))
        self.engine = DeliveryEngine(
            store=store, channels={"webhook": kind}, clock=self.clock, timing=Timing(is_alone=True)
        )
        self.store = AlertStore(self.database)
        self.channels: list[Channel] = []
        self.alerts: list[Alert] = []
        self._fired = 0

    async def begin(self, ports: Sequence[int]) -> None:
        """Make the channels, each of an owner of its own, and their alerts."""
        for number, port in enumerate(ports):
            fields = {"type": "webhook", "name": "hook", "url": f"http://127.0.0.1:{port}/hook"}
            made = await self.engine.add_channel(f"o{number}", fields, actor="bench", trusted=True)
            self.channels.append(made.channel)
            of = replace(alert(number), owner=f"o{number}", channels=(made.channel.id,))
            self.alerts += await self.store.create([of], self.clock.now(), "bench")
        await self.engine.start()

    async def fire(self, seconds: float) -> None:
        """Let the alerts fire in turn for so many real seconds."""
        loop = asyncio.get_running_loop()
        beats = round(seconds / BEAT)
        began = loop.time()
        for beat in range(beats):
            await asyncio.sleep(max(0.0, began + beat * BEAT - loop.time()))
            now, decisions = self.clock.now(), []
            for _ in range(AT_ONCE):
                epoch, place = divmod(self._fired, len(self.alerts))
                decisions.append(decision(self.alerts[place], epoch + 1, now))
                self._fired += 1
            await self.store.commit(Batch(decisions=decisions), now)
            self.engine.wake()

    async def phase(self, seconds: float) -> list[float]:
        """Fire; return the real milliseconds until each message of a healthy receiver was accepted."""
        async with self.database.reading() as connection:
            mark = (await connection.execute(text("select max(number) from deliveries"))).scalar() or 0
        await self.fire(seconds)
        flapping = self.channels[-1].id
        await self.settle(f"{PENDING} and channel_id <> '{flapping}'")
        async with self.database.reading() as connection:
            rows = (await connection.execute(text(ACCEPTED), {"mark": mark})).all()
        return [took / 1e6 / SCALE for channel, took in rows if channel != flapping]

    async def settle(self, question: str) -> float:
        """Wait until nothing is pending any more; return the real seconds it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.database.reading() as connection:
                    if not (await connection.execute(text(question))).scalar():
                        return loop.time() - began
                await asyncio.sleep(0.1)


def centile(values: Sequence[float], percent: int) -> float:
    """Return a percentile."""
    return statistics.quantiles(values, n=100)[percent - 1]


def shown(name: str, rounds: Sequence[Sequence[float]]) -> float:
    """Print a side's percentiles; return the 99th of all its rounds."""
    every = [each for one in rounds for each in one]
    p99 = centile(every, 99)
    print(f"{name}: p50 {centile(every, 50):.1f} ms, p99 {p99:.1f} ms of {len(every):,}")
    return p99


async def measure(told: Connection, rounds: int, seconds: float) -> None:
    """Print both sides, their ratio, and whether the flapping receiver got everything."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'analyzer.db'}"
        await schema.upgrade(url)
        scene = Scene(url)
        await scene.database.start()
        await scene.begin(told.recv())
        await scene.phase(2.0)
        calm, stormy = [], []
        for _ in range(rounds):
            calm.append(await scene.phase(seconds))
            told.send(True)
            stormy.append(await scene.phase(seconds))
            told.send(True)
        before, after = shown("without", calm), shown("with   ", stormy)
        waited = await scene.settle(PENDING)
        attempts = {outcome: count for (_, outcome), count in scene.engine.tally.attempts.items()}
        states = {str(state): count for state, count in (await scene.engine.store.counts()).items() if count}
        halves = [centile([each for one in calm[start::2] for each in one], 99) for start in (0, 1)]
        print(f"p99 with one flapping receiver / without: {after / before:.2f}", end="; ")
        pairs = [centile(one, 99) / centile(other, 99) for one, other in zip(stormy, calm, strict=True)]
        print(f"median of the rounds' own ratios {statistics.median(pairs):.2f}", end="; ")
        print(f"two halves without: {max(halves) / min(halves):.2f}")
        print(f"attempts {attempts}, deliveries {states}; the flapping one had all after {waited:.0f} s more")
        await scene.engine.stop()
        await scene.database.stop()


def main() -> None:
    """Measure with the receivers in a process of their own."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5.0
    mine, theirs = multiprocessing.Pipe()
    receivers = multiprocessing.Process(target=receive, args=(theirs,), daemon=True)
    receivers.start()
    os.sched_setaffinity(0, {0})
    asyncio.run(measure(mine, rounds, seconds))
    receivers.kill()


if __name__ == "__main__":
    main()
