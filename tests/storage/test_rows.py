"""Tests of storage/rows.py."""

import pytest
from sqlalchemy import select

from crypto_portfolio_analyzer.core.alerts import Cursor
from crypto_portfolio_analyzer.storage.rows import BATCH, Rows, batches
from crypto_portfolio_analyzer.storage.tables import evaluation_cursors


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 1, 3 * BATCH])
def test_batches_hold_everything_in_order(count):
    parts = list(batches(range(count)))

    assert [value for part in parts for value in part] == list(range(count))
    assert all(0 < len(part) <= BATCH for part in parts)


async def test_written_values_replace_those_of_the_same_key(database):
    def cursor(number, at):
        return Cursor(f"C{number:04}", "binance", at)

    kept = Rows(database)
    async with database.writing() as connection:
        await kept._write(connection, evaluation_cursors, [cursor(n, 1) for n in range(BATCH + 1)])
        await kept._write(connection, evaluation_cursors, [cursor(BATCH, 2), cursor(BATCH + 1, 2)])
        await kept._write(connection, evaluation_cursors, [])

    columns = evaluation_cursors.columns
    query = select(columns.event_at).order_by(columns.symbol)
    assert [found.event_at for found in await kept._all(query)] == [1] * BATCH + [2, 2]
    assert await kept._first(query) == (1,)
    assert await kept._first(query.where(columns.venue == "kraken")) is None
