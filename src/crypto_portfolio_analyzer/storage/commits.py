"""The one transaction of a judgement: decided, then stored, and only then told.

Firings, a delivery for each of their channels, the audit, the standings they left behind, and how far the market
was judged: all of a batch or nothing. A firing is stored once, whoever computes it and however often, since its
id is a hash of what it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import asdict, replace
from sqlalchemy import Row, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.alerts import Batch, Cursor, Firing, Suppressed
from crypto_portfolio_analyzer.core.notices.notification import Kind
from crypto_portfolio_analyzer.failpoints import reach
from crypto_portfolio_analyzer.storage.alert_rows import texts, to_json
from crypto_portfolio_analyzer.storage.audit import ENGINE, Entry, record
from crypto_portfolio_analyzer.storage.firings import known
from crypto_portfolio_analyzer.storage.owners import advance, hold_alerts
from crypto_portfolio_analyzer.storage.queueing import Target, meant, new_row, put, targets
from crypto_portfolio_analyzer.storage.rows import Rows, batches
from crypto_portfolio_analyzer.storage.standings import is_current, newest, settled
from crypto_portfolio_analyzer.storage.tables import (
    evaluation_cursors,
    firings,
    standings,
    suppressed,
)


class CommitStore(Rows):
    """All tables that a judgement changes."""

    async def commit(self, batch: Batch, now: int) -> list[Firing]:
        """Store a batch; return the firings that are new, with `stored_at` and `seq`, in the order of decision.

        Decisions and dirty standings of alerts that were changed, paused or deleted meanwhile are left out whole,
        and firings that are stored already.
        """
        if not batch:
            return []
        judged = [*(each.standing for each in batch.decisions), *batch.dirty]
        async with self._database.writing() as connection:
            living, seqs = await hold_alerts(connection, {each.alert_id for each in judged})
            decisions = [
                each
                for each in batch.decisions
                if is_current(each.standing, living.get(each.standing.alert_id))
            ]
            fired = [each.firing for each in decisions if each.firing is not None]
            new = await _new(connection, fired)
            told = await _told(connection, new, living)
            stored = await _store(connection, new, told, living, seqs, now)
            await _deliver(connection, stored, told, living, now)
            await self._suppress(connection, [each.suppressed for each in decisions if each.suppressed])
            current = [each for each in judged if is_current(each, living.get(each.alert_id))]
            await self._write(connection, standings, newest(current))
            await self._write(connection, evaluation_cursors, _furthest(batch))
            entries = [_fired(each) for each in stored]
            over = settled(each.standing for each in decisions if each.firing is None)
            await record(connection, entries + over, now)
            reach("before_commit")
        reach("after_commit")
        return stored

    async def _suppress(self, connection: AsyncConnection, triggers: Sequence[Suppressed]) -> None:
        dialect = sqlite if self._database.is_sqlite else postgresql
        statement = dialect.insert(suppressed).on_conflict_do_nothing()
        for some in batches(triggers):
            await connection.execute(
                statement, [asdict(each) | {"price": known(each.price)} for each in some]
            )


async def _new(connection: AsyncConnection, fired: Iterable[Firing]) -> list[Firing]:
    """Return each firing once, without those that are stored; their owners are held, so none can come between."""
    unique = {each.id: each for each in fired}
    stored: set[str] = set()
    for some in batches(sorted(unique)):
        stored |= set(
            await connection.scalars(select(firings.columns.id).where(firings.columns.id.in_(some)))
        )
    return [each for each in unique.values() if each.id not in stored]


async def _store(
    connection: AsyncConnection,
    new: Sequence[Firing],
    told: Mapping[str, Sequence[Target]],
    living: Mapping[str, Row[Any]],
    seqs: Mapping[str, int],
    now: int,
) -> list[Firing]:
    """Store new firings, each at the next place of its owner's feed."""
    ends: dict[str, int] = {}
    stored, rows = [], []
    for firing in new:
        owner = living[firing.alert_id].owner
        ends[owner] = ends.get(owner, seqs[owner]) + 1
        stored.append(replace(firing, stored_at=now, seq=ends[owner]))
        own = {
            "owner": owner,
            "evidence": to_json(firing.evidence),
            "price": known(firing.price),
            "told_to": len(told[firing.id]),
        }
        rows.append(asdict(stored[-1]) | own)
    for some in batches(rows):
        await connection.execute(insert(firings), some)
    await advance(connection, ends)
    return stored


async def _deliver(
    connection: AsyncConnection,
    stored: Sequence[Firing],
    told: Mapping[str, Sequence[Target]],
    living: Mapping[str, Row[Any]],
    now: int,
) -> None:
    """Queue one delivery for each firing and each channel that is told of it."""
    rows = [
        new_row(
            firing.id,
            target,
            living[firing.alert_id].owner,
            Kind.FIRING,
            firing.event_at,
            now,
            firing_id=firing.id,
        )
        for firing in stored
        for target in told[firing.id]
    ]
    await put(connection, rows)


async def _told(
    connection: AsyncConnection, new: Sequence[Firing], living: Mapping[str, Row[Any]]
) -> dict[str, list[Target]]:
    """Return the channels that are told of each firing: those its alert names, by id or name, or the default ones."""
    known_targets = await targets(connection, {living[each.alert_id].owner for each in new})
    return {
        each.id: meant(known_targets.get(alert.owner, []), texts(alert.channels))
        for each in new
        for alert in (living[each.alert_id],)
    }


def _fired(firing: Firing) -> Entry:
    details = {"firing": firing.id, "symbol": firing.symbol, "revision": firing.revision, "seq": firing.seq}
    return Entry(ENGINE, "alert.fired", firing.alert_id, details)


def _furthest(batch: Batch) -> list[Cursor]:
    last = {(each.symbol, each.venue): each for each in batch.cursors}
    return [last[key] for key in sorted(last)]
