"""What the parts of the alert store share: asking for rows, and writing many of them at once."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Row, Select, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.upsert import upsert

T = TypeVar("T")

BATCH = 500
"""Rows or values per statement: preparing more at once would hold up the event loop."""


class Rows:
    """A database that is asked for rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _first(self, query: Select[Any]) -> Row[Any] | None:
        async with self._database.reading() as connection:
            row: Row[Any] | None = (await connection.execute(query)).first()
        return row

    async def _all(self, query: Select[Any]) -> Sequence[Row[Any]]:
        async with self._database.reading() as connection:
            rows: Sequence[Row[Any]] = (await connection.execute(query)).all()
        return rows

    async def _write(self, connection: AsyncConnection, table: Table, values: Sequence[Struct]) -> None:
        """Write values over the rows with the same keys; their fields are the table's columns."""
        statement = upsert(table, is_sqlite=self._database.is_sqlite)
        for some in batches(values):
            await connection.execute(statement, [asdict(each) for each in some])


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield a sequence in parts of BATCH."""
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
