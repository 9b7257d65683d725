"""Tests of storage/database.py."""

import asyncio
import stat

import pytest
from sqlalchemy import insert, select, text

from crypto_portfolio_analyzer.errors import ConfigError, StorageError, StorageUnavailable
from crypto_portfolio_analyzer.storage import database as module
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.tables import users


def row(name):
    return {"id": name, "name": name, "role": "admin", "created_at": 1}


async def names(database):
    async with database.reading() as connection:
        return sorted(await connection.scalars(select(users.columns.name)))


async def test_what_is_written_stays(database):
    async with database.writing() as connection:
        await connection.execute(insert(users).values(row("ada")))

    assert await names(database) == ["ada"]


async def test_restart_finds_everything(database, database_url):
    async with database.writing() as connection:
        await connection.execute(insert(users).values(row("ada")))
    await database.stop()

    again = Database(database_url)
    await again.start()

    assert await names(again) == ["ada"]
    await again.stop()


async def test_error_takes_everything_back(database):
    async def fail():
        async with database.writing() as connection:
            await connection.execute(insert(users).values(row("ada")))
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await names(database) == []


async def test_readers_write_nothing(database):
    async with database.reading() as connection:
        await connection.execute(insert(users).values(row("ada")))

    assert await names(database) == []


async def test_broken_rule_of_the_schema_is_no_transient_error(database):
    with pytest.raises(StorageError) as failure:
        async with database.writing() as connection:
            await connection.execute(insert(users), [row("ada"), row("ada")])

    assert not failure.value.transient
    assert "ada" not in str(failure.value).replace(str(database), "").partition("DETAIL")[0]


async def test_unknown_table_is_no_transient_error(database):
    with pytest.raises(StorageError) as failure:
        async with database.reading() as connection:
            await connection.execute(text("select * from nothing"))

    assert not failure.value.transient


async def test_many_writers_at_once_all_succeed(database):
    async def add(number):
        async with database.writing() as connection:
            count = await connection.scalar(text("select count(*) from users"))
            assert count is not None
            await connection.execute(insert(users).values(row(f"user {number}")))

    await asyncio.gather(*(add(number) for number in range(50)))

    assert len(await names(database)) == 50


async def test_two_programs_may_write_at_once(database, database_url):
    other = Database(database_url)

    async def add(own, number):
        async with own.writing() as connection:
            await connection.execute(select(users))
            await connection.execute(insert(users).values(row(f"user {number}")))

    await asyncio.gather(*(add(own, f"{own is other} {n}") for own in (database, other) for n in range(20)))

    assert len(await names(database)) == 40
    await other.stop()


async def test_reader_sees_one_state_and_holds_up_no_writer(database):
    async with database.reading() as connection:
        await connection.execute(select(users))
        async with asyncio.timeout(5):
            async with database.writing() as writing:
                await writing.execute(insert(users).values(row("ada")))

    assert await names(database) == ["ada"]


async def test_sqlite_keeps_what_was_committed(sqlite_url):
    database = Database(sqlite_url)
    async with database.reading() as connection:
        found = {
            name: await connection.scalar(text(f"pragma {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    await database.stop()


async def test_sqlite_file_is_made_for_its_owner_only(tmp_path):
    path = tmp_path / "new" / "analyzer.db"
    database = Database(f"sqlite:///{path}")

    await database.start()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await database.stop()


async def test_folder_that_cannot_be_made_is_unavailable(tmp_path):
    (tmp_path / "file").touch()
    database = Database(f"sqlite:///{tmp_path}/file/analyzer.db")

    with pytest.raises(StorageUnavailable, match="cannot reach sqlite"):
        await database.start()


async def test_server_out_of_reach_is_unavailable_and_its_password_unseen():
    database = Database("postgresql+asyncpg://ada:secret@127.0.0.1:1/analyzer")

    with pytest.raises(StorageUnavailable) as failure:
        await database.start()

    assert failure.value.transient
    assert "127.0.0.1:1" in str(failure.value)
    assert "secret" not in str(failure.value)
    await database.stop()


async def test_server_without_that_database_says_so(postgres_database):
    database = Database(f"{postgres_database}x")

    with pytest.raises(StorageError, match="does not exist"):
        await database.start()
    await database.stop()


async def test_cut_connection_is_unavailable_and_the_next_one_works(postgres_database):
    database = Database(postgres_database)

    async def cut(process):
        async with database.reading() as connection:
            await connection.execute(text(f"select pg_terminate_backend({process}, 1000)"))

    async def read_while_cut():
        async with database.reading() as connection:
            await cut(await connection.scalar(text("select pg_backend_pid()")))
            await connection.execute(select(users))

    with pytest.raises(StorageUnavailable):
        await read_while_cut()
    assert await names(database) == []
    await database.stop()


async def test_slow_statement_is_given_up(postgres_database):
    database = Database(postgres_database, command_seconds=1)
    with pytest.raises(StorageError):
        async with database.reading() as connection:
            await connection.execute(text("select pg_sleep(30)"))
    await database.stop()


async def test_too_old_a_server_is_refused(postgres_database, monkeypatch):
    monkeypatch.setattr(module, "OLDEST_POSTGRESQL", 99)
    database = Database(postgres_database)

    with pytest.raises(ConfigError, match="use PostgreSQL 99 or newer"):
        await database.start()
    await database.stop()


async def test_server_that_may_lose_commits_is_warned_of(postgres_database, caplog):
    database = Database(postgres_database)
    async with database.reading() as connection:
        lossy = await connection.scalar(text("show fsync")) == "off"

    await database.start()

    assert ("the database may lose commits in a crash" in caplog.messages) is lossy
    await database.stop()
