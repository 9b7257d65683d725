"""Copying a database into a file, and back."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL

from crypto_portfolio_analyzer.errors import InvalidInput, StorageError, StorageUnavailable
from crypto_portfolio_analyzer.storage.tables import metadata
from crypto_portfolio_analyzer.storage.urls import is_sqlite, parse_url, shown, sqlite_path

BUSY_SECONDS = 10
RETRY_SECONDS = 0.25
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_ARCHIVE = b"PGDMP"
_INSTALL = "install PostgreSQL's client programs, at least as new as the server"


async def backup(url: str, path: Path) -> None:
    """Write a consistent copy of the database at `url` to `path`, while others may write to it.

    A SQLite file, or a custom-format archive of `pg_dump`. The file appears only when it is complete.

    Raises:
        InvalidInput: the file exists.
        StorageError: the database or the program cannot do it; says why.

    """
    parsed = parse_url(url)
    with _all_or_nothing(path) as partial:
        if is_sqlite(parsed):
            await asyncio.to_thread(_copy_sqlite, sqlite_path(parsed), partial)
        else:
            await _run(parsed, "pg_dump", "--format=custom", "--no-owner", f"--file={partial}")


async def restore(url: str, path: Path) -> None:
    """Replace the database at `url` by a copy that `backup` wrote; all or nothing.

    Raises:
        InvalidInput: the file is missing, or no backup of this kind of database.
        StorageUnavailable: the database is in use.

    """
    parsed = parse_url(url)
    if is_sqlite(parsed):
        await asyncio.to_thread(_restore_sqlite, path, sqlite_path(parsed))
        return
    _check_archive(path)
    with tempfile.TemporaryDirectory() as folder:
        await _restore_postgresql(parsed, path, Path(folder) / "restore.sql")


@contextmanager
def _all_or_nothing(path: Path) -> Iterator[Path]:
    """Give an empty file beside `path`, for its owner's eyes only, that becomes `path` unless an error comes."""
    if path.exists():
        raise InvalidInput(f"{path} exists; choose another name or remove it")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise StorageError(f"cannot write to {path.parent}: {error.strerror}") from error
    os.close(handle)
    try:
        yield Path(name)
        Path(name).rename(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _check_archive(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(len(_ARCHIVE))
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from error
    if start != _ARCHIVE:
        raise InvalidInput(f"{path} is no backup of a PostgreSQL database")


async def _restore_postgresql(url: URL, path: Path, script: Path) -> None:
    # by a script, since `pg_restore --clean` fails to drop the keys of partitions: their tables must go before
    await _run(url, "pg_restore", "--clean", "--if-exists", "--no-owner", f"--file={script}", str(path))
    tables = metadata.tables.items()
    partitioned = ", ".join(
        name for name, table in tables if table.dialect_options["postgresql"]["partition_by"]
    )
    drop = f"--command=drop table if exists {partitioned} cascade"
    options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", drop)
    await _run(url, "psql", *options, f"--file={script}")


def _copy_sqlite(source: Path, target: Path) -> None:
    tries = 0

    def give_up(status: int, remaining: int, total: int) -> None:
        nonlocal tries
        tries += status in _LOCKED
        if tries * RETRY_SECONDS > BUSY_SECONDS:
            raise StorageUnavailable(f"{target} is in use; stop the server first")

    try:
        with (
            closing(_open(source)) as original,
            closing(sqlite3.connect(target, timeout=RETRY_SECONDS)) as copy,
        ):
            # in one step: writers to the source go on beside it, and would make a slow copy start again
            original.backup(copy, progress=give_up, sleep=RETRY_SECONDS)
    except sqlite3.OperationalError as error:
        raise StorageUnavailable(f"cannot copy {source}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StorageError(f"cannot copy {source}: {error}") from error


def _restore_sqlite(path: Path, database: Path) -> None:
    try:
        with closing(_open(path)) as archive:
            tables = {
                name for (name,) in archive.execute("select name from sqlite_master where type = 'table'")
            }
            state = archive.execute("pragma quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise InvalidInput(f"{path} is no backup: {error}") from error
    if "alembic_version" not in tables or state != "ok":
        raise InvalidInput(
            f"{path} is no backup of this program: {state if state != 'ok' else 'other tables'}"
        )
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database.touch(mode=0o600)
    _copy_sqlite(path, database)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)


async def _run(url: URL, program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on the database; the password goes by the environment, seen by nobody."""
    found = shutil.which(program)
    if found is None:
        raise StorageError(f"{program} is not on the PATH; {_INSTALL}")
    process = await asyncio.create_subprocess_exec(
        found,
        *options,
        env=os.environ | _environment(url),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        reason = said.decode(errors="replace").strip().partition("\n")[0]
        raise StorageError(f"{program} failed on {shown(url)}: {reason}; {_INSTALL}")


def _environment(url: URL) -> dict[str, str]:
    settings = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": str(url.port) if url.port else url.query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else None,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("ssl"),
        "PGCONNECT_TIMEOUT": str(BUSY_SECONDS),
    }
    return {name: str(value) for name, value in settings.items() if value}
