"""Symbols under one name."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage import owners
from crypto_portfolio_analyzer.storage.alert_rows import texts, to_json
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.rows import Rows
from crypto_portfolio_analyzer.storage.tables import watchlists as table
from crypto_portfolio_analyzer.storage.upsert import upsert


class WatchlistStore(Rows):
    """The table of watchlists."""

    async def watchlists(self, owner: str) -> dict[str, tuple[str, ...]]:
        """Return the symbols of each of an owner's watchlists, by name in order."""
        columns = table.columns
        query = select(columns.name, columns.symbols).where(columns.owner == owner).order_by(columns.name)
        return {row.name: texts(row.symbols) for row in await self._all(query)}

    async def watchlist(self, owner: str, name: str) -> tuple[str, ...]:
        """Return the symbols of a watchlist, in the order they were given; raises NotFound."""
        columns = table.columns
        row = await self._first(select(columns.symbols).where(columns.owner == owner, columns.name == name))
        if row is None:
            raise NotFound("watchlist", name)
        return texts(row.symbols)

    async def set_watchlist(
        self, owner: str, name: str, symbols: Sequence[str], now: int, actor: str, most: int | None = None
    ) -> None:
        """Make or replace a watchlist; with no symbols it is gone. Raises InvalidInput for one more than `most`."""
        columns = table.columns
        async with self._database.writing() as connection:
            if symbols:
                others = (columns.owner == owner) & (columns.name != name)
                await owners.claim(connection, owner, others, "watchlists", most)
                row = {"owner": owner, "name": name, "symbols": to_json(symbols), "updated_at": now}
                await connection.execute(upsert(table, is_sqlite=self._database.is_sqlite), row)
            else:
                gone = delete(table).where(columns.owner == owner, columns.name == name)
                await connection.execute(gone)
            action = "watchlist.set" if symbols else "watchlist.removed"
            details = {"owner": owner, "symbols": symbols}
            await record(connection, [Entry(actor, action, name, details)], now)
