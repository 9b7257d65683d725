"""The outbox: queue, claim and settle in groups, beside one commit for each row; and a look at it with many waiting.

usage: outbox.py [ROWS] [SINGLE] [WAITING]        (DATABASE_URL names a PostgreSQL server, to measure it too)

Both sides run the same code of the store in the same run: ROWS deliveries in groups of GROUP, SINGLE deliveries one
by one, each in a transaction of its own for queueing, claiming and settling. Then WAITING deliveries wait in
CHANNELS channels, and the cost of looking and of taking is measured.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from alert_store import own_database, timed
from cryptography.fernet import Fernet
from sqlalchemy import text

from crypto_portfolio_analyzer.core.notices.notification import (
    Attempt,
    AttemptOutcome,
    Channel,
    Content,
    DeliveryState,
    Kind,
    Settlement,
    Work,
)
from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from crypto_portfolio_analyzer.storage.queueing import Target, new_row, put
from crypto_portfolio_analyzer.storage.sealing import Sealing

GROUP, CHANNELS, ROUNDS, NOW, UNTIL = 500, 50, 9, 10**18, 2 * 10**18
CONTENT = to_json(Content(title="BTC/USDT crosses above 65,000", text="65,000.1 after 64,999"))


class Bench:
    """A database with CHANNELS channels."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.store = DeliveryStore(self.database, Sealing([Fernet.generate_key().decode()]))
        self.targets = [Target(f"c{n}", f"c{n}", False, None) for n in range(CHANNELS)]
        self.wishes = {each.id: GROUP for each in self.targets}
        self._made = 0

    async def begin(self) -> None:
        """Make the channels."""
        for each in self.targets:
            channel = Channel(
                id=each.id, owner="bench", type="webhook", name=each.name, options={}, verified_at=NOW
            )
            await self.store.add_channel(channel, "bench")

    async def queue(self, count: int) -> None:
        """Queue deliveries in one transaction."""
        self._made += count
        rows = [
            new_row(f"{n}", self.targets[n % CHANNELS], "bench", Kind.NOTICE, NOW, NOW, content=CONTENT)
            for n in range(self._made - count, self._made)
        ]
        async with self.database.writing() as connection:
            await put(connection, rows)

    async def tell(self, count: int) -> int:
        """Queue, claim and settle `count` deliveries, each step one transaction."""
        await self.queue(count)
        works = await self.store.claim(self.wishes, NOW, UNTIL, "bench")
        return len(await self.store.settle([told(each) for each in works], NOW))

    async def tell_in_groups(self, rows: int) -> None:
        """Tell `rows` deliveries, GROUP at a time."""
        for _ in range(rows // GROUP):
            assert await self.tell(GROUP) == GROUP

    async def tell_one_by_one(self, rows: int) -> None:
        """Tell `rows` deliveries, one at a time."""
        for n in range(rows):
            self.wishes = {f"c{(self._made) % CHANNELS}": 1}
            assert await self.tell(1) == 1, n
        self.wishes = {each.id: GROUP for each in self.targets}


def told(work: Work) -> Settlement:
    """Return the settlement of a delivery that arrived."""
    attempt = Attempt(
        delivery_id=work.delivery.id, number=1, at=NOW, took=1, outcome=AttemptOutcome.ACCEPTED, status=200
    )
    return Settlement(
        delivery_id=work.delivery.id, claim="bench", state=DeliveryState.DELIVERED, attempt=attempt
    )


async def median(step: Callable[[], Awaitable[object]]) -> float:
    """Return the median seconds of something done ROUNDS times."""
    return statistics.median([(await timed(step()))[0] for _ in range(ROUNDS)])


async def look(bench: Bench, waiting: int) -> None:
    """Print what a look and a claim cost with nothing waiting, and with `waiting` deliveries."""
    await bench.queue(CHANNELS)
    few = await median(lambda: bench.store.lanes(NOW))
    for start in range(0, waiting, 10_000):
        await bench.queue(min(10_000, waiting - start))
    if not bench.database.is_sqlite:
        async with bench.database.writing() as connection:
            await connection.execute(text("analyze"))
    many = await median(lambda: bench.store.lanes(NOW))
    wishes = dict.fromkeys(list(bench.wishes)[:5], 20)
    claimed = await median(lambda: bench.store.claim(wishes, NOW, UNTIL, "bench"))
    print(
        f"  lanes over {CHANNELS} channels: {few * 1e3:.1f} ms with {CHANNELS} waiting, "
        f"{many * 1e3:.1f} ms with {waiting:,}; a claim of 100 of 5 channels {claimed * 1e3:.1f} ms"
    )


async def measure(url: str, rows: int, single: int, waiting: int) -> None:
    """Print the figures of one database."""
    await schema.upgrade(url)
    bench = Bench(url)
    await bench.database.start()
    await bench.begin()
    await bench.tell_in_groups(GROUP)
    alone, _ = await timed(bench.tell_one_by_one(single // 2))
    grouped, _ = await timed(bench.tell_in_groups(rows))
    again, _ = await timed(bench.tell_one_by_one(single // 2))
    per_row, per_commit = rows / grouped, single / (alone + again)
    kind = "SQLite" if bench.database.is_sqlite else "PostgreSQL"
    print(
        f"{kind}: {per_row:,.0f} rows/s in groups of {GROUP}, {per_commit:,.0f} rows/s one commit per row "
        f"and step: {per_row / per_commit:.0f}x"
    )
    await look(bench, waiting)
    await bench.database.stop()


async def main(rows: int = 20_000, single: int = 200, waiting: int = 1_000_000) -> None:
    """Measure a SQLite file, and PostgreSQL where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        await measure(f"sqlite:///{Path(folder) / 'analyzer.db'}", rows, single, waiting)
    if "DATABASE_URL" in os.environ:
        async with own_database(os.environ["DATABASE_URL"]) as url:
            await measure(url, rows, single, waiting)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
