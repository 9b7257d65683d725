"""A worker in a process of its own, so that it can be killed: `telling.py DATABASE RECEIPTS SEED`.

What it tells it writes into a file, as a receiver would that acknowledges only what it has: `begun ID` when an
attempt begins, `ID KEY` when it has arrived, which is on disk before it is answered.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from random import Random

from crypto_portfolio_analyzer.channels.kinds import Accepted, Rate
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.engine.delivery.delivering import DeliveryEngine
from crypto_portfolio_analyzer.engine.delivery.timing import Timing
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from tests.engine.delivery.media import Hook
from tests.storage.made import SEALING

LONGEST = 0.02
"""Seconds before and after the receipt, at most: a kill may come between any two steps."""


class Register(Hook):
    """A webhook whose receiver writes down what it gets."""

    def __init__(self, clock: SystemClock, path: str, seed: int) -> None:
        super().__init__(clock)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._random = Random(seed)

    def rates(self, channel: Channel) -> Sequence[Rate]:
        return ()

    async def send(self, notification: Notification) -> Accepted:
        ids = [work.delivery.id for work in notification.works]
        self._write(*(f"begun {each}" for each in ids))
        await asyncio.sleep(self._random.uniform(0, LONGEST))
        self._write(*(f"{each} {notification.key}" for each in ids))
        await asyncio.to_thread(os.fsync, self._file)
        await asyncio.sleep(self._random.uniform(0, LONGEST))
        return Accepted(status=200)

    def _write(self, *lines: str) -> None:
        os.write(self._file, "".join(f"{line}\n" for line in lines).encode())


async def tell(url: str, path: str, seed: int) -> None:
    """Deliver until somebody ends it."""
    clock, database = SystemClock(), Database(url)
    timing = Timing(look=0.2, rescue=0.5, lease=2.0, is_alone=database.is_sqlite)
    store = DeliveryStore(database, SEALING, unordered=("webhook",))
    engine = DeliveryEngine(
        store=store, channels={"webhook": Register(clock, path, seed)}, clock=clock, timing=timing
    )
    await engine.start()
    sys.stdout.write("up\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(tell(sys.argv[1], sys.argv[2], int(sys.argv[3])))
