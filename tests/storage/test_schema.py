"""Tests of storage/schema.py."""

import asyncio
import sys

import pytest
from sqlalchemy import inspect, text

from crypto_portfolio_analyzer.errors import InvalidInput, StorageError, StorageUnavailable
from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.database import Database

KILLED = """
import asyncio, os, signal, sys
from sqlalchemy import Engine, event
from crypto_portfolio_analyzer.storage import schema

url, left = sys.argv[1], int(sys.argv[2])

@event.listens_for(Engine, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    global left
    left -= statement.lstrip().lower().startswith(("create", "insert"))
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(schema.upgrade(url))
"""


async def tables(url):
    database = Database(url)
    async with database.reading() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await database.stop()
    return set(found) - {"alembic_version"}


async def execute(url, statement):
    database = Database(url)
    async with database.writing() as connection:
        await connection.execute(text(statement))
    await database.stop()


async def scalar(url, query):
    database = Database(url)
    async with database.reading() as connection:
        found = await connection.scalar(text(query))
    await database.stop()
    return found


async def test_up_down_and_up_again(database_url):
    before = await tables(database_url)

    assert await schema.downgrade(database_url, "base") is None
    assert await tables(database_url) == set()
    assert await schema.upgrade(database_url) == schema.head()
    assert await tables(database_url) == before


async def test_one_step_down_by_default(database_url):
    assert await schema.downgrade(database_url) == "0003"
    assert await schema.current(database_url) == "0003"


async def test_every_step_keeps_what_the_one_before_it_holds(database_url):
    await schema.downgrade(database_url, "0001")
    before = await tables(database_url)
    await execute(
        database_url, "insert into users (id, name, role, created_at) values ('1', 'ada', 'admin', 1)"
    )

    await schema.upgrade(database_url)
    await execute(database_url, "insert into owners (owner, seq) values ('ada', 1)")
    await schema.downgrade(database_url, "0001")

    assert await tables(database_url) == before
    assert await scalar(database_url, "select name from users") == "ada"
    assert await schema.upgrade(database_url) == schema.head()
    assert await scalar(database_url, "select count(*) from owners") == 0


async def test_firings_survive_the_step_to_delivery_and_back(database_url):
    await schema.downgrade(database_url, "0002")
    alert = "'a', 'ada', 'a', '[]', 'price > 1', '1m', 'once', 1, false, 'info', '', '[]', '[]', true, 1, 1, 1, 'api'"
    await execute(
        database_url,
        "insert into alerts (id, owner, name, symbols, condition, timeframe, trigger, cooldown, fresh, severity,"
        f" message, channels, tags, enabled, revision, created_at, updated_at, source) values ({alert})",
    )
    await execute(
        database_url,
        "insert into firings (id, owner, seq, alert_id, revision, symbol, key, event_at, received_at, detected_at,"
        " stored_at, late, approximated, cause, evidence)"
        " values ('f', 'ada', 1, 'a', 1, 'BTC/USDT', '1', 1, 1, 1, 1, false, false, 'live', '{}')",
    )

    await schema.upgrade(database_url)
    assert (
        await scalar(database_url, "select told_to from firings where seen_at is null and seen_by is null")
        == 0
    )
    await execute(database_url, "update firings set told_to = 2, seen_at = 1, seen_by = 'ada'")
    await schema.downgrade(database_url, "0002")

    assert await scalar(database_url, "select count(*) from firings where id = 'f'") == 1
    assert await schema.upgrade(database_url) == schema.head()


async def test_upgrade_of_the_newest_changes_nothing(database_url):
    assert await schema.upgrade(database_url) == await schema.current(database_url) == schema.head()


async def test_new_file_has_no_schema_and_is_not_made_by_asking(tmp_path):
    url = f"sqlite:///{tmp_path}/analyzer.db"

    assert await schema.current(url) is None
    assert list(tmp_path.glob("*.db")) == []
    assert await schema.upgrade(url) == schema.head()


@pytest.mark.parametrize("after", [1, 3, 9, 25])
async def test_upgrade_killed_in_the_middle_leaves_nothing_and_succeeds_the_next_time(database_url, after):
    await schema.downgrade(database_url, "base")
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, database_url, str(after))

    assert await killed.wait() == -9
    assert await tables(database_url) == set()
    assert await schema.upgrade(database_url) == schema.head()


@pytest.mark.parametrize("after", [1, 5, 18])
async def test_step_killed_in_the_middle_leaves_the_one_before_it(database_url, after):
    await schema.downgrade(database_url, "0001")
    before = await tables(database_url)
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, database_url, str(after))

    assert await killed.wait() == -9
    assert (await schema.current(database_url), await tables(database_url)) == ("0001", before)
    assert await schema.upgrade(database_url) == schema.head()


async def test_two_upgrades_at_once_wait_for_each_other(database_url):
    await schema.downgrade(database_url, "base")

    done = await asyncio.gather(*(schema.upgrade(database_url) for _ in range(3)))

    assert done == [schema.head()] * 3


async def test_unknown_revision_is_refused(database_url):
    with pytest.raises(InvalidInput, match="known revisions: 0001, 0002, 0003, 0004"):
        await schema.upgrade(database_url, "9999")
    with pytest.raises(InvalidInput):
        await schema.downgrade(database_url, "nonsense")

    assert await schema.current(database_url) == schema.head()


@pytest.mark.parametrize("change", [schema.upgrade, schema.downgrade])
async def test_schema_of_a_newer_program_is_refused(database_url, change):
    await execute(database_url, "update alembic_version set version_num = '9999'")

    with pytest.raises(StorageError, match="at 9999, newer than this version knows"):
        await change(database_url)

    assert await schema.current(database_url) == "9999"


async def test_check_passes_only_what_this_program_knows(database, database_url):
    await schema.check(database)

    await execute(database_url, "update alembic_version set version_num = '9999'")
    with pytest.raises(StorageError, match="restore a backup"):
        await schema.check(database)


async def test_check_of_an_empty_database_names_the_remedy(database, database_url):
    await schema.downgrade(database_url, "base")

    with pytest.raises(
        StorageError, match="is empty, this version wants 0004; run `crypto-analyzer db upgrade`"
    ):
        await schema.check(database)


async def test_server_out_of_reach_is_unavailable():
    with pytest.raises(StorageUnavailable):
        await schema.upgrade("postgresql+asyncpg://ada@127.0.0.1:1/analyzer")
