"""Where every alert stands for every subject, and how far the market was judged."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select, tuple_

from crypto_portfolio_analyzer.core.alerts import AlertState, Cursor, Standing
from crypto_portfolio_analyzer.storage.audit import ENGINE, Entry, record
from crypto_portfolio_analyzer.storage.owners import hold_alerts
from crypto_portfolio_analyzer.storage.rows import Rows, batches
from crypto_portfolio_analyzer.storage.tables import alerts, evaluation_cursors
from crypto_portfolio_analyzer.storage.tables import standings as table

SETTLED = (AlertState.DONE, AlertState.EXPIRED, AlertState.ERROR)
"""States that an alert leaves only by somebody's hand."""
READ = 1_000
"""Rows per query when everything is read."""

_COLUMNS = [table.columns[name] for name in Standing.__struct_fields__]
_KEY = table.columns.alert_id, table.columns.symbol
_STATES = {str(each): each for each in AlertState}


class StandingStore(Rows):
    """The tables of standings and evaluation cursors."""

    async def standings(self, alert_ids: Sequence[str] | None = None) -> list[Standing]:
        """Return stored standings, of all alerts or of some."""
        if alert_ids is None:
            return await self._every_standing()
        found: list[Standing] = []
        for some in batches(alert_ids):
            query = select(*_COLUMNS).where(table.columns.alert_id.in_(some)).order_by(*_KEY)
            found += map(_standing, await self._all(query))
        return found

    async def states(
        self, owner: str, alert_ids: Sequence[str] | None = None
    ) -> Mapping[str, Sequence[Standing]]:
        """Return the standings of an owner's living alerts, or of some of them, by alert id."""
        theirs = alerts.columns.owner == owner, alerts.columns.deleted_at.is_(None)
        query = select(*_COLUMNS).join(alerts, alerts.columns.id == table.columns.alert_id).where(*theirs)
        query = query.order_by(alerts.columns.number, table.columns.symbol)
        asked = [query]
        if alert_ids is not None:
            asked = [query.where(table.columns.alert_id.in_(some)) for some in batches(alert_ids)]
        found: dict[str, list[Standing]] = {}
        for each in asked:
            for row in await self._all(each):
                found.setdefault(row.alert_id, []).append(_standing(row))
        return found

    async def set_state(self, standings: Sequence[Standing], now: int) -> None:
        """Store states outside of a judgement, of living alerts at their present revision.

        A paused alert takes no state but paused. What settled an alert is in the audit.
        """
        async with self._database.writing() as connection:
            living, _ = await hold_alerts(connection, {each.alert_id for each in standings})
            kept = [each for each in standings if _may_be(each, living.get(each.alert_id))]
            await self._write(connection, table, newest(kept))
            await record(connection, settled(kept), now)

    async def cursors(self) -> list[Cursor]:
        """Return how far each symbol was judged when the last commit was made."""
        columns = [evaluation_cursors.columns[name] for name in Cursor.__struct_fields__]
        return [Cursor(*tuple(row)) for row in await self._all(select(*columns))]

    async def _every_standing(self) -> list[Standing]:
        found: list[Standing] = []
        query = select(*_COLUMNS).order_by(*_KEY).limit(READ)
        rows = await self._all(query)
        while rows:
            found += map(_standing, rows)
            last = tuple_(found[-1].alert_id, found[-1].symbol)
            rows = await self._all(query.where(last < tuple_(*_KEY)))
        return found


def is_current(standing: Standing, alert: Row[Any] | None) -> bool:
    """Tell whether an alert is still what was judged: living, enabled, the same revision."""
    return alert is not None and alert.enabled and alert.revision == standing.revision


def newest(standings: Iterable[Standing]) -> list[Standing]:
    """Return the last of each alert and symbol, in an order in which no two writers lock each other out."""
    last = {(each.alert_id, each.symbol): each for each in standings}
    return [last[key] for key in sorted(last)]


def settled(standings: Iterable[Standing]) -> list[Entry]:
    """Return the audit entries of those that are over."""
    return [
        Entry(ENGINE, f"alert.{each.state}", each.alert_id, {"symbol": each.symbol, "reason": each.reason})
        for each in standings
        if each.state in SETTLED
    ]


def _may_be(standing: Standing, alert: Row[Any] | None) -> bool:
    if standing.state is AlertState.PAUSED:
        return alert is not None and alert.revision == standing.revision
    return is_current(standing, alert)


def _standing(row: Row[Any]) -> Standing:
    (
        alert_id, symbol, revision, state, reason, epoch, fired, since, last_fired_at, cooldown_until, key,
        suppressed, memory,
    ) = tuple(row)  # fmt: skip
    return Standing(
        alert_id=alert_id,
        symbol=symbol,
        revision=revision,
        state=_STATES[state],
        reason=reason,
        epoch=epoch,
        fired=fired,
        since=since,
        last_fired_at=last_fired_at,
        cooldown_until=cooldown_until,
        key=key,
        suppressed=suppressed,
        memory=memory,
    )
