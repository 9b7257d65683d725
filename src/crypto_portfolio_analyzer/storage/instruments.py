"""The markets that venues listed when they were last asked."""

from collections.abc import Sequence

from msgspec.structs import asdict
from sqlalchemy import func, select, update

from crypto_portfolio_analyzer.core.market import Instrument
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.tables import instruments as table
from crypto_portfolio_analyzer.storage.upsert import upsert


class InstrumentStore:
    """The table of markets."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._upsert = upsert(table, is_sqlite=database.is_sqlite)

    async def save(self, venue: str, instruments: Sequence[Instrument], now: int) -> None:
        """Replace a venue's list as of `now` (ns); markets that are gone stay, inactive."""
        rows = {item.symbol: asdict(item) | {"venue": venue, "refreshed_at": now} for item in instruments}
        async with self._database.writing() as connection:
            await connection.execute(update(table).where(table.columns.venue == venue).values(active=False))
            if rows:
                await connection.execute(self._upsert, [rows[symbol] for symbol in sorted(rows)])

    async def load(self, venue: str) -> list[Instrument]:
        """Return a venue's markets, by symbol."""
        query = select(table).where(table.columns.venue == venue).order_by(table.columns.symbol)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Instrument(
                row.venue, row.symbol, row.venue_symbol, row.base, row.quote, row.tick_size, row.active
            )
            for row in rows
        ]

    async def refreshed_at(self, venue: str) -> int | None:
        """Return when a venue's list was saved last (ns), or None."""
        query = select(func.max(table.columns.refreshed_at)).where(table.columns.venue == venue)
        async with self._database.reading() as connection:
            newest: int | None = await connection.scalar(query)
        return newest
