"""One database, SQLite or PostgreSQL: connections, transactions, and errors in our own words."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import URL, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from crypto_portfolio_analyzer.errors import ConfigError, StorageError, StorageUnavailable
from crypto_portfolio_analyzer.storage.urls import KEY, is_sqlite, parse_url, shown, sqlite_path

OLDEST_POSTGRESQL = 15
CONNECT_SECONDS = 10
COMMAND_SECONDS = 60
"""A silently cut network is noticed only by a limit of our own."""
BUSY_MILLISECONDS = 10_000

_SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # what is told has been stored, even if the power fails; batches hide the cost
    "foreign_keys": "ON",
    "busy_timeout": BUSY_MILLISECONDS,
}
_POSTGRESQL_SETTINGS = {
    "application_name": "crypto-analyzer",
    "timezone": "UTC",
    "idle_in_transaction_session_timeout": f"{COMMAND_SECONDS}s",
    "tcp_keepalives_idle": "30",
    "jit": "off",  # planning short statements would cost more than running them
}
_LOSSY = ("fsync", "full_page_writes", "synchronous_commit")
_OUT_OF_REACH = ("57P", "08", "53300")
"""SQLSTATE of a shutdown, of broken connections, of too many clients."""
_BUSY_OR_BROKEN = frozenset({5, 6, 10, 13, 14})
"""SQLite's result codes BUSY, LOCKED, IOERR, FULL, CANTOPEN."""

logger = logging.getLogger(__name__)


class Database:
    """A database by its URL; `start` before use, `stop` after.

    A statement may take `command_seconds` (0: as long as it wants). With `audit_keys` the first makes the links of
    the audit log's chain, and each may have; without, the chain shows accidents but no forgery. Raises ConfigError
    for a URL that cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        connections: int = 5,
        command_seconds: int = COMMAND_SECONDS,
        audit_keys: Sequence[bytes] = (b"",),
    ) -> None:
        self.url = parse_url(url)
        self.is_sqlite = is_sqlite(self.url)
        self.audit_keys = tuple(audit_keys)
        if self.is_sqlite:
            engine = _sqlite_engine(self.url, connections)
        else:
            engine = _postgresql_engine(self.url, connections, command_seconds)
        self.engine = engine.execution_options(audit_keys=self.audit_keys)
        # one writer at a time: waiting in line beats SQLite's sleeping retries
        self._writing: asyncio.Lock | None = asyncio.Lock() if self.is_sqlite else None

    def __str__(self) -> str:
        return shown(self.url)

    async def start(self) -> None:
        """Connect once; raises StorageUnavailable if that fails, ConfigError if the server is too old."""
        if self.is_sqlite:
            with self._translated():
                path = sqlite_path(self.url)
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.touch(mode=0o600)
            await self.ping()
            return
        async with self.reading() as connection:
            version = int(str(await connection.scalar(text("show server_version_num")))) // 10_000
            lossy = [name for name in _LOSSY if await connection.scalar(text(f"show {name}")) == "off"]
        if version < OLDEST_POSTGRESQL:
            remedy = f"use PostgreSQL {OLDEST_POSTGRESQL} or newer"
            raise ConfigError(KEY, f"the server is PostgreSQL {version}", remedy)
        if lossy:
            logger.warning("the database may lose commits in a crash", extra={"settings": lossy})

    async def stop(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def ping(self) -> None:
        """Ask the database for nothing; raises StorageUnavailable if it does not answer."""
        async with self.reading() as connection:
            await connection.execute(text("select 1"))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for reading; its transaction is rolled back at the end."""
        with self._translated():
            async with self.engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that is committed at the end, or rolled back on an error."""
        with self._translated():
            if self._writing is None:
                async with self.engine.begin() as connection:
                    yield connection
                return
            async with self._writing, self.engine.connect() as connection:
                await connection.execution_options(begins="immediate")
                async with connection.begin():
                    yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OSError, PoolExhausted) as error:
            raise StorageUnavailable(f"cannot reach {self}: {str(error) or 'timed out'}") from error
        except DBAPIError as error:
            kind = StorageUnavailable if _is_out_of_reach(error) else StorageError
            raise kind(f"{self}: {_reason(error)}") from error


def _postgresql_engine(url: URL, connections: int, command_seconds: int) -> AsyncEngine:
    arguments = {
        "server_settings": _POSTGRESQL_SETTINGS | {"statement_timeout": f"{command_seconds}s"},
        "timeout": CONNECT_SECONDS,
        "command_timeout": command_seconds or None,
    }
    return create_async_engine(
        url, connect_args=arguments, pool_size=connections, pool_pre_ping=True, pool_timeout=COMMAND_SECONDS
    )


def _sqlite_engine(url: URL, connections: int) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=connections, pool_timeout=COMMAND_SECONDS)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver would begin late, and never before DDL
        cursor = connection.cursor()
        for name, value in _SQLITE_PRAGMAS.items():
            cursor.execute(f"pragma {name} = {value}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        # a transaction that reads first and then writes fails at once if another wrote in between
        mode = connection.get_execution_options().get("begins", "deferred")
        connection.exec_driver_sql(f"begin {mode}")

    return engine


def _is_out_of_reach(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    state = str(getattr(error.orig, "sqlstate", None) or "")
    code = int(getattr(error.orig, "sqlite_errorcode", None) or 0)
    return state.startswith(_OUT_OF_REACH) or code & 0xFF in _BUSY_OR_BROKEN


def _reason(error: DBAPIError) -> str:
    """Return the driver's first line: the statement and its values are not for everybody's eyes."""
    return str(error.orig).strip().partition("\n")[0][:200]
