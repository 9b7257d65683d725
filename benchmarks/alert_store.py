"""The alert store: loading a million alerts and their standings, and committing hundreds of firings at once.

usage: alert_store.py [COUNT] [ROUNDS]        (DATABASE_URL names a PostgreSQL server, to measure it too)

Beside each figure stands what the bare driver needs for the same rows, in the same run.
"""

import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import asyncpg
from sqlalchemy import URL, make_url

from crypto_portfolio_analyzer.core.alerts import (
    Alert,
    AlertState,
    Batch,
    Cursor,
    Decision,
    Evidence,
    Firing,
    Leaf,
    Operand,
    Rearm,
    Standing,
    firing_id,
)
from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database

T = TypeVar("T")

SYMBOLS, PER_OWNER, BLOCK, COMMIT = 10_000, 1_000, 5_000, 500
BEAT = 0.001
EVERYTHING = "select * from alerts where enabled and deleted_at is null order by number"


def alert(number: int) -> Alert:
    """Return one of many alerts: a price level over one of SYMBOLS."""
    symbol = f"C{number % SYMBOLS}/USDT"
    rearm = Rearm(percent=1.0) if number % 10 == 0 else None
    condition = f"price crosses above {number % 997 + 1}"
    return Alert(
        id=f"alert{number:021}", number=0, owner=f"owner {number // PER_OWNER}", name=f"{symbol} {number}",
        symbols=(symbol,), condition=condition, rearm=rearm, tags=("bench",), channels=("phone",),
    )  # fmt: skip


def standing(each: Alert, epoch: int) -> Standing:
    """Return where an alert stands."""
    return Standing(
        alert_id=each.id, symbol=each.symbols[0], revision=each.revision, state=AlertState.ARMED, epoch=epoch,
        memory=b"\x81\x01",
    )  # fmt: skip


def decision(each: Alert, epoch: int, now: int) -> Decision:
    """Return an alert's firing with evidence of the usual size."""
    symbol, key = each.symbols[0], str(epoch)
    leaf = Leaf(each.condition, True, Operand("price", 65.5, 64.0), Operand("65", 65.0, 65.0), 0.5)
    evidence = Evidence(each.condition, (leaf,), {"price": 65.5}, {"price": 64.0}, "binance", 77)
    firing = Firing(
        id=firing_id(each.id, each.revision, symbol, key), alert_id=each.id, revision=each.revision,
        symbol=symbol, key=key, price=65.5, event_at=now, received_at=now, detected_at=now, evidence=evidence,
    )  # fmt: skip
    return Decision(standing=standing(each, epoch + 1), firing=firing)


class Pulse:
    """Measures the event loop's longest pause while it is open."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> "Pulse":
        self._task = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *details: object) -> None:
        self._task.cancel()

    async def _beat(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(BEAT)
            self.longest = max(self.longest, time.perf_counter() - begun - BEAT)


async def fill(store: AlertStore, count: int) -> None:
    """Make alerts and a standing for each."""
    for start in range(0, count, BLOCK):
        made = await store.create([alert(n) for n in range(start, min(start + BLOCK, count))], 1, "bench")
        await store.commit(Batch(dirty=[standing(each, 1) for each in made]), 1)


async def load(store: AlertStore) -> list[Alert]:
    """Load every alert."""
    return [each async for block in store.armed() for each in block]


async def timed(work: Awaitable[T]) -> tuple[float, T]:
    """Return the seconds something took, and its result."""
    begun = time.perf_counter()
    result = await work
    return time.perf_counter() - begun, result


async def bare(url: URL) -> int:
    """Read the same rows with nothing but the driver; return how many."""
    if url.drivername.startswith("sqlite"):
        with sqlite3.connect(str(url.database)) as connection:
            return sum(1 for _ in connection.execute(EVERYTHING))
    postgres = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        return len(await postgres.fetch(EVERYTHING))
    finally:
        await postgres.close()


async def commits(store: AlertStore, alerts: Sequence[Alert], rounds: int) -> tuple[float, float]:
    """Return the median and the longest seconds of a commit of COMMIT firings."""
    times = []
    for epoch in range(1, rounds + 1):
        now = time.time_ns()
        cursors = [Cursor(each.symbols[0], "binance", now, 77, 65.5) for each in alerts]
        batch = Batch(decisions=[decision(each, epoch, now) for each in alerts], cursors=cursors)
        seconds, stored = await timed(store.commit(batch, now))
        assert len(stored) == len(alerts)
        times.append(seconds)
    return statistics.median(times), max(times)


async def measure(url: str, count: int, rounds: int) -> None:
    """Print the figures of one database."""
    await schema.upgrade(url)
    database = Database(url)
    await database.start()
    store = AlertStore(database)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    filled, _ = await timed(fill(store, count))
    print(f"{kind}: {count:,} alerts and standings stored in {filled:,.1f} s")
    async with Pulse() as pulse:
        loaded, alerts = await timed(load(store))
    assert len(alerts) == count
    driver, _ = await timed(bare(database.url))
    print(f"  armed      {loaded:6.2f} s   bare driver {driver:6.2f} s ({loaded / driver:.1f}x)", end="")
    print(f"   longest pause {pulse.longest * 1000:5.1f} ms")
    async with Pulse() as pulse:
        loaded, found = await timed(store.standings())
    assert len(found) == count
    print(f"  standings  {loaded:6.2f} s   longest pause {pulse.longest * 1000:5.1f} ms")
    step = max(1, count // COMMIT)
    async with Pulse() as pulse:
        median, slowest = await commits(store, alerts[::step][:COMMIT], rounds)
    print(
        f"  commit of {COMMIT} firings: median {median * 1000:.1f} ms, slowest {slowest * 1000:.1f} ms",
        end="",
    )
    print(f"   longest pause {pulse.longest * 1000:5.1f} ms")
    await database.stop()


@asynccontextmanager
async def own_database(server: str) -> AsyncIterator[str]:
    """Make a database on a server, and drop it at the end."""
    name = f"bench_{uuid4().hex}"
    at = make_url(server).set(drivername="postgresql")

    async def administer(statement: str) -> None:
        connection = await asyncpg.connect(at.render_as_string(hide_password=False))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    await administer(f"create database {name}")
    try:
        yield at.set(database=name).render_as_string(hide_password=False)
    finally:
        await administer(f"drop database {name} with (force)")


async def main(count: int = 1_000_000, rounds: int = 9) -> None:
    """Measure a SQLite file, and PostgreSQL where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        await measure(f"sqlite:///{Path(folder) / 'analyzer.db'}", count, rounds)
    if "DATABASE_URL" in os.environ:
        async with own_database(os.environ["DATABASE_URL"]) as url:
            await measure(url, count, rounds)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
