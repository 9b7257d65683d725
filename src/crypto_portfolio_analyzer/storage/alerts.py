"""Alerts as their owners make and change them; with its relatives, everything the alert engine asks of storage.

Every change holds its owner's row, as the storing of firings does: once a change has returned, no firing that was
decided before it can be stored any more.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Select, case, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.alerts import EVERY_SYMBOL, Alert, AlertState
from crypto_portfolio_analyzer.core.timeframes import DAY
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage import owners
from crypto_portfolio_analyzer.storage.alert_rows import (
    COLUMNS,
    alert_of,
    alert_of_definition,
    alert_values,
    digest,
    to_json,
)
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.commits import CommitStore
from crypto_portfolio_analyzer.storage.delivery_tables import deliveries
from crypto_portfolio_analyzer.storage.firings import FiringStore
from crypto_portfolio_analyzer.storage.idempotency import answered, known_key, remember
from crypto_portfolio_analyzer.storage.queueing import call_off
from crypto_portfolio_analyzer.storage.rows import batches
from crypto_portfolio_analyzer.storage.silences import SilenceStore
from crypto_portfolio_analyzer.storage.standings import SETTLED, StandingStore
from crypto_portfolio_analyzer.storage.tables import (
    alert_revisions,
    firings,
    standings,
    watchlists,
)
from crypto_portfolio_analyzer.storage.tables import alerts as table
from crypto_portfolio_analyzer.storage.watchlists import WatchlistStore

RESTORE_GRACE = DAY
"""How long a deletion can be taken back."""
BLOCK = 1_000
"""Alerts per block when all are loaded."""
DELETED, PAUSED = "the alert was deleted", "the alert was paused"
"""Why its deliveries are called off."""

_LIVING = table.columns.deleted_at.is_(None)


class AlertStore(CommitStore, FiringStore, SilenceStore, StandingStore, WatchlistStore):
    """Alerts, their states, and what fired."""

    async def create(
        self, alerts: Sequence[Alert], now: int, actor: str, key: str | None = None
    ) -> list[Alert]:
        """Store new alerts as revision 1 and number them, all or none.

        A second call with the same idempotency `key` returns what the first one made, as it is now.

        Raises:
            InvalidInput: the owner has an alert of that name; or the key came with other alerts before.

        """
        if not alerts:
            return []
        made = [replace(each, revision=1, created_at=now, updated_at=now) for each in alerts]
        async with self._database.writing() as connection:
            who = {each.owner for each in made}
            await owners.add(connection, who)
            await owners.hold(connection, who)
            if key is None:
                return await _create(connection, made, now, actor)
            asked = made[0].owner, key, digest(made)
            answer = await answered(connection, *asked, now)
            if answer is not None:
                return await _by_ids(connection, answer)
            made = await _create(connection, made, now, actor)
            await remember(connection, *asked, [each.id for each in made], now)
        return made

    async def knows(self, owner: str, key: str, now: int) -> bool:
        """Tell whether an idempotency key has made alerts before, so that it makes none now."""
        return await self._first(known_key(owner, key, now)) is not None

    async def replace(self, alert: Alert, now: int, actor: str) -> Alert:
        """Store a new revision over the old; its standings begin anew.

        Raises:
            NotFound: the owner has no such alert.
            InvalidInput: the owner has another of that name.

        """
        async with self._database.writing() as connection:
            old = await _held(connection, alert.owner, alert.id)
            if alert.name != old.name:
                await _refuse_taken(connection, [alert])
            new = replace(alert, number=old.number, created_at=old.created_at)
            return await _revise(connection, new, old.revision, now, actor, "alert.changed")

    async def remove(self, owner: str, alert_id: str, now: int, actor: str) -> Alert:
        """Delete an alert, final when it returns; what was queued of it is not delivered. Raises NotFound."""
        async with self._database.writing() as connection:
            alert = await _held(connection, owner, alert_id)
            await _change(connection, alert, deleted_at=now)
            await _call_off(connection, alert.id, DELETED, now)
            await _record(connection, [alert], now, actor, "alert.deleted")
        return alert

    async def restore(self, owner: str, alert_id: str, now: int, actor: str) -> Alert:
        """Take a deletion back, states and all.

        Raises:
            NotFound: no such alert was deleted in the last RESTORE_GRACE.
            InvalidInput: the owner has another of that name by now.

        """
        async with self._database.writing() as connection:
            alert = await _held(connection, owner, alert_id, table.columns.deleted_at > now - RESTORE_GRACE)
            await _refuse_taken(connection, [alert])
            await _change(connection, alert, deleted_at=None)
            await _record(connection, [alert], now, actor, "alert.restored")
        return alert

    async def enable(self, owner: str, alert_id: str, enabled: bool, now: int, actor: str) -> Alert:
        """Pause, final when it returns, or resume: a new revision that begins anew; raises NotFound.

        What was queued of a paused alert is not delivered. Resuming begins an alert anew that was done, expired or
        in error, too; one that runs is left alone.
        """
        async with self._database.writing() as connection:
            alert = await _held(connection, owner, alert_id)
            if enabled:
                if alert.enabled and not await _is_settled(connection, alert.id):
                    return alert
                new = replace(alert, enabled=True)
                return await _revise(connection, new, alert.revision, now, actor, "alert.resumed")
            if alert.enabled:
                alert = replace(alert, enabled=False, updated_at=now)
                await _pause(connection, alert, now, actor)
        return alert

    async def get(self, owner: str, alert_id: str) -> Alert:
        """Return one alert by id or unique name; raises NotFound."""
        row = await self._first(_one(owner, alert_id))
        if row is None:
            raise NotFound("alert", alert_id)
        return alert_of(row)

    async def of_owner(
        self, owner: str, *, symbol: str | None = None, after: int = 0, limit: int = 200
    ) -> list[Alert]:
        """Return an owner's alerts in the order they were made, from number `after` on (exclusive).

        With a symbol those that stand on it: by name, through a watchlist, or on every symbol.
        """
        query = select(*COLUMNS).where(table.columns.owner == owner, _LIVING, table.columns.number > after)
        if symbol is not None:
            query = query.where(self._stands_on(owner, symbol))
        rows = await self._all(query.order_by(table.columns.number).limit(limit))
        return [alert_of(row) for row in rows]

    async def revisions(self, owner: str, alert_id: str) -> list[Alert]:
        """Return every revision of an alert, newest first; raises NotFound."""
        columns = alert_revisions.columns
        query = select(columns.definition).join(table, table.columns.id == columns.alert_id)
        theirs = query.where(table.columns.owner == owner, table.columns.id == alert_id)
        rows = await self._all(theirs.order_by(columns.revision.desc()))
        if not rows:
            raise NotFound("alert", alert_id)
        return [alert_of_definition(row.definition) for row in rows]

    async def armed(self) -> AsyncIterator[Sequence[Alert]]:
        """Yield every enabled alert of everybody, in blocks, by number."""
        number = table.columns.number
        query = select(*COLUMNS).where(table.columns.enabled, _LIVING).order_by(number).limit(BLOCK)
        rows = await self._all(query)
        while rows:
            block = [alert_of(row) for row in rows]
            yield block
            rows = await self._all(query.where(number > block[-1].number))

    def _stands_on(self, owner: str, symbol: str) -> ColumnElement[bool]:
        position = func.instr if self._database.is_sqlite else func.strpos
        within = select(watchlists.columns.name).where(
            watchlists.columns.owner == owner, position(watchlists.columns.symbols, to_json(symbol)) > 0
        )
        return or_(
            position(table.columns.symbols, to_json(symbol)) > 0,
            table.columns.symbols == to_json([EVERY_SYMBOL]),
            table.columns.watchlist.in_(within),
        )


def _one(owner: str, name: str, state: ColumnElement[bool] = _LIVING) -> Select[Any]:
    """Return the query of an alert by id or name; an id goes first, then what was deleted last."""
    columns = table.columns
    theirs = columns.owner == owner, state, or_(columns.id == name, columns.name == name)
    query = select(*COLUMNS).where(*theirs)
    return query.order_by(case((columns.id == name, 0), else_=1), columns.deleted_at.desc()).limit(1)


async def _held(
    connection: AsyncConnection, owner: str, alert_id: str, state: ColumnElement[bool] = _LIVING
) -> Alert:
    """Lock an owner and return their alert; raises NotFound."""
    await owners.hold(connection, [owner])
    row = (await connection.execute(_one(owner, alert_id, state))).first()
    if row is None:
        raise NotFound("alert", alert_id)
    return alert_of(row)


async def _by_ids(connection: AsyncConnection, ids: Sequence[str]) -> list[Alert]:
    found: dict[str, Alert] = {}
    for some in batches(ids):
        rows = await connection.execute(select(*COLUMNS).where(table.columns.id.in_(some)))
        found |= {row.id: alert_of(row) for row in rows}
    return [found[each] for each in ids]


async def _create(connection: AsyncConnection, alerts: Sequence[Alert], now: int, actor: str) -> list[Alert]:
    await _refuse_taken(connection, alerts)
    for some in batches(alerts):
        await connection.execute(insert(table), [alert_values(each) for each in some])
    made = await _by_ids(connection, [each.id for each in alerts])
    await _record_revisions(connection, made, now, actor, "alert.created")
    return made


async def _refuse_taken(connection: AsyncConnection, alerts: Sequence[Alert]) -> None:
    """Raise InvalidInput for names that living alerts of their owners have; the owners are held."""
    names = Counter((each.owner, each.name) for each in alerts)
    taken = [name for (_, name), count in names.items() if count > 1]
    for owner in sorted({each.owner for each in alerts}):
        theirs = table.columns.owner == owner, _LIVING
        for some in batches([each.name for each in alerts if each.owner == owner]):
            query = select(table.columns.name).where(*theirs, table.columns.name.in_(some))
            taken += await connection.scalars(query)
    if taken:
        raise InvalidInput(f"alert {', '.join(map(repr, sorted(set(taken))))} exists; choose another name")


async def _revise(
    connection: AsyncConnection, alert: Alert, old_revision: int, now: int, actor: str, action: str
) -> Alert:
    """Store the next revision of an alert, without any standings."""
    new = replace(alert, revision=old_revision + 1, updated_at=now)
    await _change(connection, new, **alert_values(new))
    await connection.execute(delete(standings).where(standings.columns.alert_id == new.id))
    await _record_revisions(connection, [new], now, actor, action)
    return new


async def _change(connection: AsyncConnection, alert: Alert, **values: object) -> None:
    await connection.execute(update(table).where(table.columns.id == alert.id).values(values))


async def _pause(connection: AsyncConnection, alert: Alert, now: int, actor: str) -> None:
    await _change(connection, alert, enabled=False, updated_at=now)
    paused = {"state": AlertState.PAUSED, "reason": f"by {actor}", "since": now}
    await connection.execute(update(standings).where(standings.columns.alert_id == alert.id).values(paused))
    await _call_off(connection, alert.id, PAUSED, now)
    await _record(connection, [alert], now, actor, "alert.paused")


async def _is_settled(connection: AsyncConnection, alert_id: str) -> bool:
    columns = standings.columns
    query = select(columns.symbol).where(columns.alert_id == alert_id, columns.state.in_(SETTLED)).limit(1)
    return (await connection.execute(query)).first() is not None


async def _call_off(connection: AsyncConnection, alert_id: str, reason: str, now: int) -> None:
    theirs = select(firings.columns.id).where(firings.columns.alert_id == alert_id)
    await call_off(connection, deliveries.columns.firing_id.in_(theirs), reason, now)


async def _record_revisions(
    connection: AsyncConnection, alerts: Sequence[Alert], now: int, actor: str, action: str
) -> None:
    for some in batches(alerts):
        rows = [
            {"alert_id": each.id, "revision": each.revision, "definition": to_json(each)} for each in some
        ]
        await connection.execute(insert(alert_revisions), rows)
    await _record(connection, alerts, now, actor, action)


async def _record(
    connection: AsyncConnection, alerts: Sequence[Alert], now: int, actor: str, action: str
) -> None:
    entries = [
        Entry(actor, action, each.id, {"owner": each.owner, "name": each.name, "revision": each.revision})
        for each in alerts
    ]
    await record(connection, entries, now)
