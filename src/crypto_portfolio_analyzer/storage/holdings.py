"""What owners hold: exact quantities of symbols, written together with who changed them."""

from decimal import Decimal

from sqlalchemy import delete, func, select

from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage import owners
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.rows import Rows
from crypto_portfolio_analyzer.storage.tables import holdings as table
from crypto_portfolio_analyzer.storage.upsert import upsert

_COLUMNS = table.columns


class HoldingStore(Rows):
    """The table of holdings. Every change holds the owner's row, so that nobody slips past a quota."""

    async def holdings(self) -> dict[str, dict[str, Decimal]]:
        """Return everybody's holdings: quantity by symbol by owner, in the order of symbols."""
        held: dict[str, dict[str, Decimal]] = {}
        query = select(_COLUMNS.owner, _COLUMNS.symbol, _COLUMNS.quantity)
        for row in await self._all(query.order_by(_COLUMNS.owner, _COLUMNS.symbol)):
            held.setdefault(row.owner, {})[row.symbol] = Decimal(row.quantity)
        return held

    async def hold(
        self, owner: str, symbol: str, quantity: Decimal, now: int, actor: str, most: int | None = None
    ) -> None:
        """Store how much of a symbol an owner holds; raises InvalidInput for one more than `most`."""
        text = format(quantity, "f")
        async with self._database.writing() as connection:
            await owners.add(connection, [owner])
            await owners.hold(connection, [owner])
            others = select(func.count()).where(_COLUMNS.owner == owner, _COLUMNS.symbol != symbol)
            if most is not None and (await connection.scalar(others) or 0) >= most:
                raise InvalidInput(f"{most} holdings is the limit; remove one first")
            row = {"owner": owner, "symbol": symbol, "quantity": text, "updated_at": now}
            await connection.execute(upsert(table, is_sqlite=self._database.is_sqlite), row)
            entry = Entry(actor, "holding.set", symbol, {"owner": owner, "quantity": text})
            await record(connection, [entry], now)

    async def drop(self, owner: str, symbol: str, now: int, actor: str) -> None:
        """Forget a holding; raises NotFound."""
        async with self._database.writing() as connection:
            await owners.hold(connection, [owner])
            gone = delete(table).where(_COLUMNS.owner == owner, _COLUMNS.symbol == symbol)
            if not (await connection.execute(gone)).rowcount:
                raise NotFound("holding", symbol)
            await record(connection, [Entry(actor, "holding.removed", symbol, {"owner": owner})], now)
