"""Tests of storage/delivery_tables.py; that the migrations make these tables is tested with the others."""

import pytest
from sqlalchemy import text

from crypto_portfolio_analyzer.core.notices.notification import Kind
from crypto_portfolio_analyzer.storage.claiming import _LANES
from crypto_portfolio_analyzer.storage.delivery_tables import IS_AHEAD, IS_KNOWN_THERE, IS_WAITING
from crypto_portfolio_analyzer.storage.queueing import Target, new_row, put
from crypto_portfolio_analyzer.storage.tables import metadata
from tests.storage.made import NOW, add_channel

NAMES = ("channels", "deliveries", "attempts", "link_codes", "links", "hooks", "inbound")


def test_tables_of_delivery_stand_with_the_others():
    assert set(NAMES) <= set(metadata.tables)


async def plan(database, question):
    """Return how the database goes about a question, as its own text."""
    async with database.reading() as connection:
        explain = "explain query plan" if database.is_sqlite else "explain"
        return " ".join(str(tuple(row)) for row in await connection.execute(text(f"{explain} {question}")))


@pytest.mark.parametrize(
    ("condition", "index"), [(IS_WAITING, "ix_deliveries_waiting"), (IS_AHEAD, "ix_deliveries_ahead")]
)
async def test_what_comes_first_is_found_by_a_partial_index(database, outbox, condition, index):
    """With a history of deliveries long settled, and however few statistics the database has."""
    phone = await add_channel(database, "phone")
    target = Target(phone.id, "phone", False, None)
    old = {"state": "delivered", "first_attempt_at": 1, "settled_at": 1, "content": "{}"}
    rows = [new_row(f"n{n}", target, "ada", Kind.NOTICE, NOW, NOW, **old) for n in range(2_000)]
    async with database.writing() as connection:
        await put(connection, rows)
        await connection.execute(text("analyze"))

    its = f"channel_id between 'ada-phone' and 'ada-phone' and {condition}"

    told = await plan(
        database, f"select number from deliveries where {its} order by channel_id, number limit 5"
    )
    assert index in told


async def test_message_is_found_by_an_index_of_those_that_have_a_name(database, outbox):
    phone = await add_channel(database, "phone")
    target = Target(phone.id, "phone", False, None)
    old = {"state": "delivered", "first_attempt_at": 1, "settled_at": 1, "content": "{}"}
    names = [f"n{n}" for n in range(2_000)]
    rows = [new_row(each, target, "ada", Kind.NOTICE, NOW, NOW, **old, reference=each) for each in names]
    async with database.writing() as connection:
        await put(connection, rows)
        await connection.execute(text("analyze"))

    its = f"owner = 'ada' and channel_id = 'ada-phone' and reference = 'n7' and {IS_KNOWN_THERE}"

    assert "ix_deliveries_reference" in await plan(
        database, f"select number from deliveries where {its} order by number desc"
    )


def test_lanes_ask_by_the_same_conditions():
    assert str(_LANES).count(IS_WAITING) >= 2
    assert IS_AHEAD in str(_LANES)
