"""Tests of storage/audit.py."""

import asyncio
import multiprocessing

from crypto_portfolio_analyzer.storage.audit import Entry, head, record
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor
from crypto_portfolio_analyzer.storage.audit_log import AuditLog
from crypto_portfolio_analyzer.storage.database import Database
from tests.fakes import FakeClock
from tests.storage.made import NOW, rows


async def test_entries_are_kept_in_order_with_their_details(database):
    entries = [Entry("ada", "alert.created", f"a{n}", {"revision": n}) for n in range(1100)]

    async with database.writing() as connection:
        await record(connection, entries, NOW)
        await record(connection, [Entry("bob", "silence.ended", "s")], NOW + 1)
        await record(connection, [], NOW + 2)

    found = await rows(database, "select actor, action, subject, details, at from audit order by seq")
    assert found[:-1] == [("ada", "alert.created", f"a{n}", f'{{"revision":{n}}}', NOW) for n in range(1100)]
    assert found[-1] == ("bob", "silence.ended", "s", "{}", NOW + 1)


async def test_entry_of_what_did_not_happen_is_not_kept(database):
    async with database.reading() as connection:
        await record(connection, [Entry("ada", "alert.created", "a")], NOW)

    assert await rows(database, "select * from audit") == []


async def test_only_what_the_engine_does_is_not_chained(database):
    async with database.writing() as connection:
        entries = [
            Entry(actor, "alert.created", actor) for actor in ("ada", "engine", "telegram:7", "engine")
        ]
        await record(connection, entries, NOW)
        newest = await head(connection)

    found = await rows(database, "select actor, seq, prev, hash from audit order by seq")
    chained = [each for each in found if each[3] is not None]
    assert sorted(each[0] for each in found) == ["ada", "engine", "engine", "telegram:7"]
    assert [each[0] for each in chained] == ["ada", "telegram:7"]
    assert chained[1][2] == chained[0][3]
    assert newest is not None
    assert tuple(newest) == (chained[1][1], chained[1][3])


async def test_appending_at_once_makes_one_chain(database, database_url, tmp_path):
    other = Database(database_url)

    async def append(where, name):
        async with where.writing() as connection:
            await record(connection, [Entry("ada", "alert.created", f"{name} {n}") for n in range(2)], NOW)

    await asyncio.gather(*(append((database, other)[n % 2], f"entry {n}") for n in range(40)))
    await other.stop()

    verdict = await AuditLog(database, Anchor(tmp_path), FakeClock()).verify()
    assert (verdict.ok, verdict.entries) == (True, 80)


async def test_appending_from_two_processes_makes_one_chain(database, database_url, tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=appends, args=(database_url, name)) for name in ("ada", "bob")]
    for each in processes:
        each.start()
    for each in processes:
        await asyncio.to_thread(each.join)

    assert [each.exitcode for each in processes] == [0, 0]
    verdict = await AuditLog(database, Anchor(tmp_path), FakeClock()).verify()
    assert (verdict.ok, verdict.entries) == (True, 60)


def appends(url, actor):
    """Append thirty entries, each in a transaction of its own."""
    asyncio.run(_appends(url, actor))


async def _appends(url, actor):
    database = Database(url)
    for number in range(30):
        async with database.writing() as connection:
            await record(connection, [Entry(actor, "alert.created", f"a{number}")], NOW)
    await database.stop()


async def test_what_is_rolled_back_leaves_no_hole_in_the_chain(database, tmp_path):
    for subject in ("a", "b", "c"):
        opened = database.reading() if subject == "b" else database.writing()
        async with opened as connection:
            await record(connection, [Entry("ada", "alert.created", subject)], NOW)

    verdict = await AuditLog(database, Anchor(tmp_path), FakeClock()).verify()
    assert (verdict.ok, verdict.entries) == (True, 2)
