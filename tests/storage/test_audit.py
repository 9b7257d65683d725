"""Tests of storage/audit.py."""

from crypto_portfolio_analyzer.storage.audit import Entry, record
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
