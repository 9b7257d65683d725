"""The coverage ledgers that survive: what was seen of a feed, and what was missed."""

from collections.abc import Iterable, Sequence

from msgspec.structs import asdict
from sqlalchemy import bindparam, delete, insert, select

from crypto_portfolio_analyzer.core.coverage import Changes, CoverageStatus, Interval
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.tables import coverage as table

BATCH = 500
"""Symbols per transaction: preparing more at once would hold up the event loop."""

_FORGET = delete(table).where(
    table.columns.venue == bindparam("its_venue"),
    table.columns.symbol == bindparam("its_symbol"),
    table.columns.until_at > bindparam("its_from"),  # and so whatever starts later
)


class CoverageStore:
    """The table of intervals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, changes: Iterable[tuple[str, str, Changes]]) -> None:
        """Replace what is stored of each (venue, symbol) from `from_at` on, each whole or not at all."""
        changed = sorted(changes, key=lambda change: change[:2])
        for start in range(0, len(changed), BATCH):
            await self._save_batch(changed[start : start + BATCH])

    async def load(
        self, venue: str, symbol: str, *, start: int | None = None, end: int | None = None
    ) -> list[Interval]:
        """Return the intervals that overlap `[start, end)` (ns), whole, oldest first."""
        columns = table.columns
        query = select(columns.from_at, columns.until_at, columns.status)
        query = query.where(columns.venue == venue, columns.symbol == symbol)
        if start is not None:
            query = query.where(columns.until_at > start)
        if end is not None:
            query = query.where(columns.from_at < end)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(columns.from_at))).all()
        return [Interval(row.from_at, row.until_at, CoverageStatus(row.status)) for row in rows]

    async def of_venue(self, venue: str, start: int) -> list[Interval]:
        """Return the intervals of every symbol of a venue that end after `start` (ns)."""
        columns = table.columns
        query = select(columns.from_at, columns.until_at, columns.status)
        query = query.where(columns.venue == venue, columns.until_at > start)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [Interval(row.from_at, row.until_at, CoverageStatus(row.status)) for row in rows]

    async def prune(self, before: int) -> int:
        """Delete the intervals that ended before an instant (ns); return how many."""
        async with self._database.writing() as connection:
            return (await connection.execute(delete(table).where(table.columns.until_at < before))).rowcount

    async def _save_batch(self, changed: Sequence[tuple[str, str, Changes]]) -> None:
        spans = [
            {"its_venue": venue, "its_symbol": symbol, "its_from": change.from_at}
            for venue, symbol, change in changed
        ]
        rows = [
            {"venue": venue, "symbol": symbol} | asdict(interval)
            for venue, symbol, change in changed
            for interval in change.intervals
        ]
        async with self._database.writing() as connection:
            await connection.execute(_FORGET, spans)
            if rows:
                await connection.execute(insert(table), rows)
