"""Hearing at once that another process has queued something: PostgreSQL's LISTEN, on a connection of its own.

A notification is a hint and may be lost with its connection: whoever hears looks at the outbox, and looks there now
and then anyway. Source: https://www.postgresql.org/docs/current/sql-notify.html
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError

from crypto_portfolio_analyzer.storage.database import CONNECT_SECONDS, Database
from crypto_portfolio_analyzer.storage.queueing import NOTIFIED

PROBE_SECONDS = 5.0
"""How often a silent connection is asked whether it still is one."""
SHORTEST_WAIT, LONGEST_WAIT = 0.2, 10.0
"""Seconds between attempts to connect again, doubling."""

logger = logging.getLogger(__name__)


async def wakings(database: Database, probe: float = PROBE_SECONDS) -> AsyncGenerator[None, None]:
    """Yield after every connection made, since something may have been missed, and whenever it is notified.

    Several notifications at once yield once. On SQLite there is no other process, and it never yields. `probe` is in
    seconds.
    """
    if database.is_sqlite:
        await asyncio.get_running_loop().create_future()
    wait = 0.0
    while True:
        try:
            heard = asyncio.Event()
            connection = await _connected(database, heard)
            try:  # no context manager: an abandoned generator could not close another one inside it
                await connection.add_listener(NOTIFIED, lambda *_: heard.set())  # noqa: B023  # this round's
                wait = _recovered(wait)
                while True:
                    heard.clear()
                    yield
                    await _next(connection, heard, probe)
            finally:
                connection.terminate()
        except (OSError, PostgresError, InterfaceError) as error:
            wait = _failed(wait, error)
            await asyncio.sleep(wait)


async def _connected(database: Database, heard: asyncio.Event) -> Any:
    """Open a connection that sets an event when it breaks; its methods carry no types."""
    _, options = database.engine.dialect.create_connect_args(database.url)
    connection: Any = await asyncpg.connect(**options, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    connection.add_termination_listener(lambda _: heard.set())
    return connection


async def _next(connection: Any, heard: asyncio.Event, probe: float) -> None:
    """Wait for a notification; raises if the connection turns out to be none."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(probe):
                await heard.wait()
        await connection.fetchval("select 1", timeout=probe)
        if heard.is_set():
            return


def _recovered(wait: float) -> float:
    if wait:
        logger.info("listening for deliveries again")
    return 0.0


def _failed(wait: float, error: Exception) -> float:
    if not wait:
        logger.warning("cannot listen for deliveries", extra={"error": type(error).__name__})
    return min(max(SHORTEST_WAIT, 2 * wait), LONGEST_WAIT)
