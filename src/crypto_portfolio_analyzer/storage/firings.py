"""What fired and what nearly did, for those whose alerts they are."""

import math
from collections.abc import Mapping, Sequence
from operator import eq, ge, gt, lt
from typing import Any

import msgspec
from sqlalchemy import Row, func, select, update

from crypto_portfolio_analyzer.core.alerts import Cause, Evidence, Firing, Suppressed
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.rows import Rows, batches
from crypto_portfolio_analyzer.storage.tables import alerts
from crypto_portfolio_analyzer.storage.tables import firings as table
from crypto_portfolio_analyzer.storage.tables import suppressed as suppressed_table

COLUMNS = [table.columns[name] for name in Firing.__struct_fields__]
"""What `firing_of` wants selected."""

_evidence = msgspec.json.Decoder(Evidence)
_CAUSES = {str(each): each for each in Cause}


class FiringStore(Rows):
    """The tables of firings and of triggers that were suppressed."""

    async def firings(
        self,
        owner: str,
        *,
        alert_id: str | None = None,
        symbol: str | None = None,
        since: int | None = None,
        until: int | None = None,
        before_seq: int | None = None,
        after_seq: int | None = None,
        limit: int = 100,
    ) -> list[Firing]:
        """Return firings with `since <= event_at < until` (ns), newest first by `seq`.

        With `after_seq` oldest first, as a client that resumes needs them.
        """
        columns = table.columns
        conditions = (
            (columns.alert_id, eq, alert_id),
            (columns.symbol, eq, symbol),
            (columns.event_at, ge, since),
            (columns.event_at, lt, until),
            (columns.seq, lt, before_seq),
            (columns.seq, gt, after_seq),
        )
        asked = [compare(column, value) for column, compare, value in conditions if value is not None]
        order = columns.seq.desc() if after_seq is None else columns.seq
        query = select(*COLUMNS).where(columns.owner == owner, *asked).order_by(order).limit(limit)
        return [firing_of(row) for row in await self._all(query)]

    async def firing(self, owner: str, firing_id: str) -> Firing:
        """Return one firing by id; raises NotFound."""
        query = select(*COLUMNS).where(table.columns.owner == owner, table.columns.id == firing_id)
        row = await self._first(query)
        if row is None:
            raise NotFound("firing", firing_id)
        return firing_of(row)

    async def stored(self, firing_ids: Sequence[str]) -> list[Firing]:
        """Return those of some firings that are stored, whoever they belong to, in the order of their feeds."""
        found: list[Firing] = []
        for some in batches(firing_ids):
            found += map(firing_of, await self._all(select(*COLUMNS).where(table.columns.id.in_(some))))
        return sorted(found, key=lambda firing: firing.seq)

    async def suppressed(self, owner: str, alert_id: str, *, limit: int = 100) -> list[Suppressed]:
        """Return triggers that did not fire, newest first; raises NotFound."""
        theirs = select(alerts.columns.id).where(alerts.columns.owner == owner, alerts.columns.id == alert_id)
        if await self._first(theirs) is None:
            raise NotFound("alert", alert_id)
        columns = suppressed_table.columns
        query = select(suppressed_table).where(columns.alert_id == alert_id)
        newest = query.order_by(columns.event_at.desc(), columns.symbol, columns.reason).limit(limit)
        return [_suppressed(row) for row in await self._all(newest)]

    async def mark_seen(self, owner: str, firing_id: str, by: str, now: int) -> bool:
        """Note who was the first to acknowledge a firing; False if somebody was before, or there is none."""
        columns = table.columns
        unseen = columns.owner == owner, columns.id == firing_id, columns.seen_at.is_(None)
        async with self._database.writing() as connection:
            seen = await connection.execute(update(table).where(*unseen).values(seen_at=now, seen_by=by))
            if seen.rowcount:
                await record(connection, [Entry(by, "firing.seen", firing_id, {"owner": owner})], now)
        return bool(seen.rowcount)

    async def seen(self, owner: str, firing_ids: Sequence[str]) -> Mapping[str, tuple[int, str]]:
        """Return when (ns) and by whom some firings were acknowledged, without those that were not."""
        columns = table.columns
        query = select(columns.id, columns.seen_at, columns.seen_by).where(
            columns.owner == owner, columns.seen_at.is_not(None)
        )
        found: dict[str, tuple[int, str]] = {}
        for some in batches(firing_ids):
            rows = await self._all(query.where(columns.id.in_(some)))
            found |= {row.id: (row.seen_at, row.seen_by) for row in rows}
        return found

    async def counts(self, owner: str, since: int) -> Mapping[str, int]:
        """Return how often each alert fired since an instant (ns), by alert id."""
        columns = table.columns
        query = select(columns.alert_id, func.count().label("times")).group_by(columns.alert_id)
        rows = await self._all(query.where(columns.owner == owner, columns.event_at >= since))
        return {row.alert_id: row.times for row in rows}


def known(price: float) -> float | None:
    """Return a price as it is stored: what is not a number is null, as SQLite would have it."""
    return None if math.isnan(price) else price


def firing_of(row: Sequence[Any]) -> Firing:
    """Return the firing of a row of COLUMNS."""
    values = dict(zip(Firing.__struct_fields__, row, strict=True))
    values["price"] = _price(values["price"])
    values["evidence"] = _evidence.decode(values["evidence"])
    values["cause"] = _CAUSES[values["cause"]]
    return Firing(**values)


def _price(stored: float | None) -> float:
    return math.nan if stored is None else stored


def _suppressed(row: Row[Any]) -> Suppressed:
    return Suppressed(
        alert_id=row.alert_id,
        symbol=row.symbol,
        revision=row.revision,
        event_at=row.event_at,
        price=_price(row.price),
        reason=row.reason,
    )
