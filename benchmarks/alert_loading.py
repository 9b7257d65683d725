"""Loading alerts at start: from the database into the judge, each shape of condition read once.

usage: alert_loading.py [COUNT]        (default 1,000,000 over 10,000 symbols, SQLite)
"""

import asyncio
import gc
import sys
import tempfile
import time
from pathlib import Path

from alert_store import BLOCK, alert

from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.engine.alerting import AlertEngine
from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager


async def fill(store: AlertStore, count: int) -> None:
    """Store so many alerts."""
    for first in range(0, count, BLOCK):
        block = [alert(number) for number in range(first, min(count, first + BLOCK))]
        await store.create(block, 1, "bench")


async def main() -> None:
    """Fill a database, then time an engine that starts on it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder)}/alerts.db"
        await schema.upgrade(url)
        database = Database(url)
        await database.start()
        store, bus = AlertStore(database), StreamEventBus(clock=clock)
        await fill(store, count)
        feeds = PriceFeedManager(clock=clock, bus=bus)
        feeds.add_provider("binance", is_primary=True)
        engine = AlertEngine(store=store, feeds=feeds, bus=bus, clock=clock)
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        await engine.start()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"{count:,} alerts loaded, armed and followed in {wall:.1f} s ({cpu:.1f} s of CPU),")
        print(f"  {wall / count * 1e6:.1f} µs an alert; aim: 1,000,000 in 30 s")
        await engine.stop()
        await database.stop()


if __name__ == "__main__":
    asyncio.run(main())
