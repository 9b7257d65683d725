"""Closed bars that survive, for as long as their timeframe deserves."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, delete, func, select, tuple_

from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import DAY, EVERY, parse_timeframe
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.tables import bars as table
from crypto_portfolio_analyzer.storage.upsert import upsert, upsert_arrays

RETENTION_DAYS = 30
"""How long 1m bars are kept."""
_TIMES_AS_LONG = {"1m": 1, "30m": 6, "12h": 36}
"""Bars up to each timeframe are kept so many times as long, longer ones for ever."""
BATCH = 500
"""Rows per transaction: preparing them holds up the event loop for 3 ms, and more gain nothing."""
PRUNE_BATCH = 10_000
"""Rows per transaction when deleting, which only holds up whoever waits to write."""

_COLUMNS = tuple(table.columns.keys())
_KEY = ("venue", "symbol", "timeframe", "open_at")
_values = attrgetter(*_COLUMNS)
_key = attrgetter(*_KEY)


class Held(Struct, frozen=True):
    """The stored bars of one market and timeframe: how many, and when the first and the last open (ns)."""

    venue: str
    symbol: str
    timeframe: str
    count: int
    first_at: int
    last_at: int


class BarStore:
    """The table of closed bars; 1m bars are kept `retention_days` (0: for ever), longer ones longer."""

    def __init__(self, database: Database, retention_days: int = RETENTION_DAYS) -> None:
        self._database = database
        self._upsert = upsert(table, is_sqlite=True) if database.is_sqlite else upsert_arrays(table)
        self._kept_for = _kept_for(retention_days)

    async def save(self, bars: Sequence[Bar]) -> int:
        """Write closed bars, over stored ones of the same place and start; return how many.

        Forming bars are left out. After an error some may have been written: save all again.
        """
        saved = 0
        for start in range(0, len(bars), BATCH):
            saved += await self._save_batch(bars[start : start + BATCH])
        return saved

    async def load(
        self,
        venue: str,
        symbol: str,
        timeframe: str,
        *,
        start: int | None = None,
        end: int | None = None,
        limit: int = 500,
    ) -> list[Bar]:
        """Return bars with `start <= open_at < end` (ns), oldest first.

        From `start` the first `limit`, without it the last.
        """
        columns = table.columns
        query = select(table).where(
            columns.venue == venue, columns.symbol == symbol, columns.timeframe == timeframe
        )
        if start is not None:
            query = query.where(columns.open_at >= start)
        if end is not None:
            query = query.where(columns.open_at < end)
        order = columns.open_at.desc() if start is None else columns.open_at
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(order).limit(limit))).all()
        return [_bar(row) for row in (reversed(rows) if start is None else rows)]

    async def held(self) -> list[Held]:
        """Return what is stored of each venue, symbol and timeframe, in this order."""
        key = [table.columns[name] for name in _KEY[:3]]
        at = table.columns.open_at
        query = select(*key, func.count(), func.min(at), func.max(at)).group_by(*key).order_by(*key)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [Held(*tuple(row)) for row in rows]

    async def prune(self, now: int) -> int:
        """Delete what is older at `now` (ns) than its timeframe is kept; return how many bars that were.

        One transaction for each PRUNE_BATCH, so that nobody waits long.
        """
        pruned = 0
        for timeframe, kept_for in self._kept_for.items():
            while True:
                deleted = await self._prune(timeframe, now - kept_for)
                pruned += deleted
                if deleted < PRUNE_BATCH:
                    break
        return pruned

    async def _save_batch(self, bars: Sequence[Bar]) -> int:
        # one row per key, since a statement may touch a row but once; in order, so that no two writers deadlock
        closed = {_key(bar): bar for bar in bars if bar.closed}
        rows = [_values(closed[key]) for key in sorted(closed)]
        if rows:
            async with self._database.writing() as connection:
                await connection.execute(self._upsert, self._parameters(rows))
        return len(rows)

    async def _prune(self, timeframe: str, before: int) -> int:
        key = [table.columns[name] for name in _KEY]
        old = (
            select(*key)
            .where(table.columns.timeframe == timeframe, table.columns.open_at < before)
            .limit(PRUNE_BATCH)
        )
        async with self._database.writing() as connection:
            return (await connection.execute(delete(table).where(tuple_(*key).in_(old)))).rowcount

    def _parameters(self, rows: Sequence[tuple[Any, ...]]) -> Any:
        if self._database.is_sqlite:
            return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        return dict(zip(_COLUMNS, (list(column) for column in zip(*rows, strict=True)), strict=True))


def _kept_for(retention_days: int) -> dict[str, int]:
    """Return ns by timeframe, without those that are kept for ever."""
    if retention_days == 0:
        return {}
    limits = [(parse_timeframe(name).length, times) for name, times in _TIMES_AS_LONG.items()]
    return {
        timeframe.name: next(times for length, times in limits if timeframe.length <= length)
        * retention_days
        * DAY
        for timeframe in EVERY
        if timeframe.length <= limits[-1][0]
    }


def _bar(row: Row[Any]) -> Bar:
    return Bar(
        row.venue, row.symbol, row.timeframe, row.open_at, row.close_at, row.open, row.high, row.low, row.close,
        row.volume, True, row.received_at, row.quote_volume, row.buy_volume, row.trades, BarKind(row.kind),
    )  # fmt: skip
