"""Bringing a database to the schema this program knows, and refusing one it does not.

Alembic, without a file on disk; an upgrade or downgrade is one transaction, so that a kill leaves the state
before it, and two processes that upgrade at once wait for each other.
"""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from crypto_portfolio_analyzer.errors import InvalidInput, StorageError
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.urls import sqlite_path

UPGRADE = "run `crypto-analyzer db upgrade`"
_SCRIPTS = "crypto_portfolio_analyzer.storage:migrations"
_LOCK = 0x63727970746F
"""The advisory lock of migrations, of our choosing."""


async def upgrade(url: str, to: str = "head") -> str | None:
    """Bring the database at `url` to a revision, the newest by default; return the one it is at then.

    Raises:
        StorageError: a newer program wrote the schema.
        InvalidInput: there is no such revision.

    """
    return await _migrate(url, lambda config: command.upgrade(config, to))


async def downgrade(url: str, to: str = "-1") -> str | None:
    """Take back one step, or all down to revision `to` (`base`: all), with the data they hold."""
    return await _migrate(url, lambda config: command.downgrade(config, to))


async def current(url: str) -> str | None:
    """Return the revision of the database at `url`; None if it is empty."""
    database = Database(url, connections=1)
    if database.is_sqlite and not sqlite_path(database.url).exists():
        return None
    try:
        async with database.reading() as connection:
            return await connection.run_sync(_current)
    finally:
        await database.stop()


def head() -> str:
    """Return the newest revision this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


async def check(database: Database) -> None:
    """Raise StorageError unless the schema is exactly the one this program knows, naming the remedy."""
    async with database.reading() as connection:
        found = await connection.run_sync(_current)
    _refuse_unknown(found)
    if found != head():
        state = f"at {found}" if found else "empty"
        raise StorageError(f"the schema of {database} is {state}, this version wants {head()}; {UPGRADE}")


async def _migrate(url: str, run: Callable[[Config], None]) -> str | None:
    database = Database(url, connections=1, command_seconds=0)
    try:
        await database.start()
        async with database.writing() as connection:
            if not database.is_sqlite:
                await connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
            return await connection.run_sync(_run, run)
    finally:
        await database.stop()


def _run(connection: Connection, run: Callable[[Config], None]) -> str | None:
    _refuse_unknown(_current(connection))
    config = _config()
    config.attributes["connection"] = connection
    try:
        run(config)
    except CommandError as error:
        raise InvalidInput(f"{error}; known revisions: {', '.join(_known())}") from error
    return _current(connection)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    return config


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _known() -> list[str]:
    return sorted(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _refuse_unknown(found: str | None) -> None:
    if found is not None and found not in _known():
        raise StorageError(
            f"the schema is at {found}, newer than this version knows ({head()}); "
            "use the version that wrote it, or restore a backup"
        )
