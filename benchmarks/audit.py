"""What a chained entry of the audit log costs, beside an unchained one in the same run, and a walk along the chain.

usage: audit.py [COUNT]        (DATABASE_URL names a PostgreSQL server, to measure it too)
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from alert_store import own_database

from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.audit import ENGINE, Entry, record
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor
from crypto_portfolio_analyzer.storage.audit_log import AuditLog
from crypto_portfolio_analyzer.storage.database import Database

ROUNDS = 5
AT_ONCE = 4


async def append(database: Database, actor: str, count: int) -> None:
    """Append entries, each in a transaction of its own."""
    for number in range(count):
        async with database.writing() as connection:
            entry = Entry(actor, "alert.created", f"alert {number}", {"owner": "ada", "revision": 1})
            await record(connection, [entry], time.time_ns())


async def timed(database: Database, actor: str, count: int, writers: int) -> float:
    """Return seconds per entry."""
    started = time.perf_counter()
    await asyncio.gather(*(append(database, actor, count) for _ in range(writers)))
    return (time.perf_counter() - started) / count / writers


async def measure(url: str, count: int, folder: Path) -> None:
    """Print what one database needs."""
    await schema.upgrade(url)
    database = Database(url, audit_keys=[bytes(32)])
    await database.start()
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    for writers in (1, AT_ONCE):
        rounds = [
            (await timed(database, ENGINE, count, writers), await timed(database, "ada", count, writers))
            for _ in range(ROUNDS)
        ]
        plain, chained = (statistics.median(each) for each in zip(*rounds, strict=True))
        ratio = statistics.median(each[1] / each[0] for each in rounds)
        print(
            f"{kind}, {writers} at once: unchained {plain * 1e3:.2f} ms, chained {chained * 1e3:.2f} ms "
            f"per transaction ({ratio:.2f}x)"
        )
    started = time.perf_counter()
    verdict = await AuditLog(database, Anchor(folder), SystemClock()).verify()
    print(
        f"  a walk along {verdict.entries:,} entries: {time.perf_counter() - started:.2f} s, ok={verdict.ok}"
    )
    await database.stop()


async def main(count: int = 300) -> None:
    """Measure a SQLite file, and PostgreSQL where there is one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await measure(f"sqlite:///{folder / 'analyzer.db'}", count, folder)
        if "DATABASE_URL" in os.environ:
            async with own_database(os.environ["DATABASE_URL"]) as url:
                await measure(url, count, folder)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
