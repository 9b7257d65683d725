"""Tests of storage/upsert.py."""

from sqlalchemy import select

from crypto_portfolio_analyzer.storage.tables import coverage, users
from crypto_portfolio_analyzer.storage.upsert import upsert, upsert_arrays

ROW = {"id": "1", "name": "ada", "role": "admin", "password_hash": None, "created_at": 1, "disabled_at": None}


async def test_second_row_of_a_key_replaces_the_first(database):
    statement = upsert(users, is_sqlite=database.is_sqlite)
    async with database.writing() as connection:
        await connection.execute(statement, [ROW, ROW | {"id": "2", "name": "bob"}, ROW | {"role": "viewer"}])
        rows = (await connection.execute(select(users.columns.id, users.columns.role))).all()

    assert sorted(tuple(row) for row in rows) == [("1", "viewer"), ("2", "admin")]


def test_arrays_make_one_statement_of_any_number_of_rows():
    from sqlalchemy.dialects.postgresql import asyncpg

    compiled = str(upsert_arrays(coverage).compile(dialect=asyncpg.dialect()))

    assert "unnest(" in compiled
    assert "ON CONFLICT (venue, symbol, from_at) DO UPDATE" in compiled
    assert "SET until_at = excluded.until_at, status = excluded.status" in compiled
