"""Tests of storage/audit_log.py."""

import asyncio
import logging

import pytest
from sqlalchemy import insert, text

from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor, Anchored
from crypto_portfolio_analyzer.storage.audit_log import ANCHOR_EVERY, AuditLog
from crypto_portfolio_analyzer.storage.delivery_tables import links
from tests.fakes import FakeClock
from tests.storage.made import NOW


@pytest.fixture
def anchor(tmp_path):
    return Anchor(tmp_path)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def log(database, anchor, clock):
    return AuditLog(database, anchor, clock)


async def acts(database, *entries, at=NOW):
    async with database.writing() as connection:
        await record(connection, entries, at)


async def subjects(log, **asked):
    return [each.subject for each in await log.entries(**asked)]


async def test_entries_are_found_by_what_is_asked_newest_first(log, database):
    for number, (actor, action) in enumerate(
        [
            ("ada", "alert.created"),
            ("bob", "alert.deleted"),
            ("ada", "alerting.x"),
            ("engine", "alert.expired"),
        ]
    ):
        await acts(database, Entry(actor, action, f"s{number}", {"n": number}), at=NOW + number)

    newest, *_, oldest = await log.entries()

    assert (newest.actor, newest.hash) == ("engine", None)
    assert (oldest.actor, oldest.at, oldest.details) == ("ada", NOW, {"n": 0})
    assert await subjects(log) == ["s3", "s2", "s1", "s0"]
    assert await subjects(log, actor="ada") == ["s2", "s0"]
    assert await subjects(log, action="alert") == ["s3", "s1", "s0"]
    assert await subjects(log, action="alert.") == ["s3", "s1", "s0"]
    assert await subjects(log, action="alert.deleted") == ["s1"]
    assert await subjects(log, action="alert_") == []
    assert await subjects(log, subject="s2") == ["s2"]
    assert await subjects(log, since=NOW + 2) == ["s3", "s2"]
    assert await subjects(log, before=newest.seq, limit=2) == ["s2", "s1"]
    assert await subjects(log, actor="ada", action="alert", since=NOW + 1) == []


async def test_people_see_what_they_and_their_tokens_and_their_phones_did(log, database):
    actors = (
        "ada",
        "ada via token grafana",
        "telegram:7",
        "ad",
        "adam",
        "ad_",
        "telegram:8",
        "engine",
        "a%a via x",
    )
    await acts(database, *(Entry(actor, "alert.created", actor) for actor in actors))
    async with database.writing() as connection:
        values = {"platform": "telegram", "person": "7", "owner": "ada", "name": "Ada", "created_at": NOW}
        await connection.execute(insert(links).values(values))

    assert await subjects(log, own="ada") == ["telegram:7", "ada via token grafana", "ada"]
    assert await subjects(log, own="ada", actor="adam") == []
    assert await subjects(log, own="a_a") == []


async def test_act_without_a_change_in_the_database_can_be_noted(log):
    await log.note("ada", "symbol.watched", "BTC/USDT")

    assert [(each.actor, each.action) for each in await log.entries()] == [("ada", "symbol.watched")]
    assert (await log.verify()).ok


async def test_chain_stands_on_what_people_did_before_there_was_one(log, database):
    insertion = "insert into audit (at, actor, action, subject, details) values (1, '{}', 'alert.created', 'a', '{{}}')"
    async with database.writing() as connection:
        for actor in ("ada", "engine", "bob"):
            await connection.execute(text(insertion.format(actor)))
    assert (await log.verify()).earlier == 2

    await acts(database, Entry("ada", "alert.created", "x"))
    verdict = await log.verify()
    assert (verdict.ok, verdict.entries, verdict.earlier) == (True, 1, 2)

    async with database.writing() as connection:
        await connection.execute(text("update audit set subject = 'b' where actor = 'bob'"))
    verdict = await log.verify()
    assert (verdict.ok, verdict.broken_at) == (False, 4)


async def test_long_chain_is_walked_in_pages(log, database):
    await acts(database, *(Entry("ada", "alert.created", f"a{n}") for n in range(1_203)))

    verdict = await log.verify()

    assert (verdict.ok, verdict.entries) == (True, 1_203)
    assert verdict.head == (await log.entries(limit=1))[0].hash


async def test_empty_log_is_whole(log):
    verdict = await log.verify()

    assert (verdict.ok, verdict.entries, verdict.head) == (True, 0, None)
    assert await log.anchor()


async def test_anchor_follows_the_chain_every_minute_and_at_the_end(log, database, anchor, clock):
    await acts(database, Entry("ada", "alert.created", "a"))
    await log.start()
    first = await noted(anchor, 1)

    await acts(database, Entry("ada", "alert.created", "b"))
    await clock.advance(ANCHOR_EVERY)
    second = await noted(anchor, first.seq + 1)

    await acts(database, Entry("ada", "alert.created", "c"))
    await log.stop()

    assert anchor.read().seq == second.seq + 1


async def noted(anchor, seq):
    """Wait until an entry is noted."""
    async with asyncio.timeout(10):
        while (found := anchor.read()) is None or found.seq < seq:
            await asyncio.sleep(0.005)
    return found


async def test_anchor_is_not_moved_by_a_chain_that_lost_entries(log, database, anchor, caplog):
    await acts(database, Entry("ada", "alert.created", "a"), Entry("ada", "alert.created", "b"))
    assert await log.anchor()
    before = anchor.read()
    async with database.writing() as connection:
        await connection.execute(text("delete from audit where subject = 'b'"))
    await acts(database, Entry("ada", "alert.created", "c"))

    assert not await log.anchor()
    with caplog.at_level(logging.ERROR):
        await log.stop()

    assert anchor.read() == before
    assert (await log.verify()).broken_at == before.seq
    assert ["has lost entries" in record.message for record in caplog.records] == [True]


async def test_anchor_that_cannot_be_written_is_told_once(log, database, anchor, caplog):
    await acts(database, Entry("ada", "alert.created", "a"))
    anchor.path.mkdir()

    with caplog.at_level(logging.ERROR):
        await log.stop()
        await log.stop()

    assert [record.message for record in caplog.records] == ["the audit log cannot be anchored"]


async def test_anchor_of_an_unknown_entry_is_found(log, database, anchor):
    await acts(database, Entry("ada", "alert.created", "a"))
    anchor.write(Anchored(99, "abc", NOW))

    assert (await log.verify()).broken_at == 99
