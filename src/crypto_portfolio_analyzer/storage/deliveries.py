"""The log of deliveries: what was told to whom, every attempt, and whether the books balance."""

from collections.abc import Mapping, Sequence
from operator import eq, ge, lt
from typing import Any

from sqlalchemy import Row, Table, delete, func, select, text

from crypto_portfolio_analyzer.core.notices.notification import Attempt, Delivery, DeliveryState, Kind, Law
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage.delivery_rows import (
    ATTEMPT_COLUMNS,
    DELIVERY_COLUMNS,
    attempt_of,
    delivery_of,
)
from crypto_portfolio_analyzer.storage.delivery_tables import IS_KNOWN_THERE, inbound
from crypto_portfolio_analyzer.storage.delivery_tables import attempts as attempts_table
from crypto_portfolio_analyzer.storage.delivery_tables import deliveries as table
from crypto_portfolio_analyzer.storage.rows import Rows, batches
from crypto_portfolio_analyzer.storage.tables import firings

PRUNE_BATCH = 10_000
"""Rows per transaction when deleting, which only holds up whoever waits to write."""

_COLUMNS = table.columns
_COUNTED = text(
    """
    select channel_id, state, count(*) as found from deliveries where kind = 'firing' group by channel_id, state
    """
)
_BROKEN = text(
    """
    select * from (
        select deliveries.channel_id, deliveries.id, deliveries.number, case
            when state not in
                ('queued', 'sending', 'retry_wait', 'delivered', 'dead', 'cancelled', 'suppressed')
                then 'is in no known state'
            when (kind = 'firing') <> (firing_id is not null) then 'is about a firing it does not name'
            when (firing_id is null) <> (content is not null) then 'has nothing to tell, or two things'
            when deliveries.owner <> channels.owner then 'goes to the channel of another owner'
            when (state = 'sending') <> (claim is not null and claimed_until is not null)
                then 'is sent by nobody, or held without being sent'
            when (state in ('queued', 'sending', 'retry_wait')) <> (settled_at is null)
                then 'is settled at no time, or pending although it was settled'
            when (state = 'delivered' or attempts > 0) and first_attempt_at is null
                then 'was told without an attempt'
            when called_off is not null and state <> 'sending' then 'was called off and is not cancelled'
            when deleted_at is not null and state in ('queued', 'retry_wait') then 'waits for a removed channel'
        end as flaw
        from deliveries join channels on channels.id = deliveries.channel_id
    ) as judged
    where flaw is not null order by number limit 1000
    """
)
_ASTRAY = text(
    """
    select firings.id, firings.told_to, count(deliveries.number) as found
    from firings left join deliveries on deliveries.firing_id = firings.id
    group by firings.id, firings.told_to
    having count(deliveries.number) <> firings.told_to
    order by firings.id limit 1000
    """
)


class DeliveryLog(Rows):
    """The tables of deliveries and attempts, for reading."""

    async def deliveries(
        self,
        owner: str,
        *,
        channel_id: str | None = None,
        firing_id: str | None = None,
        alert_id: str | None = None,
        states: Sequence[DeliveryState] = (),
        kind: Kind | None = None,
        since: int | None = None,
        until: int | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Delivery]:
        """Return deliveries queued in `since <= created_at < until` (ns), newest first, from number `before` on.

        `before` is exclusive.
        """
        conditions = (
            (_COLUMNS.channel_id, eq, channel_id),
            (_COLUMNS.firing_id, eq, firing_id),
            (_COLUMNS.kind, eq, kind),
            (_COLUMNS.created_at, ge, since),
            (_COLUMNS.created_at, lt, until),
            (_COLUMNS.number, lt, before),
        )
        asked = [compare(column, value) for column, compare, value in conditions if value is not None]
        if states:
            asked.append(_COLUMNS.state.in_(states))
        if alert_id is not None:
            its = select(firings.columns.id).where(firings.columns.alert_id == alert_id)
            asked.append(_COLUMNS.firing_id.in_(its))
        query = select(*DELIVERY_COLUMNS).where(_COLUMNS.owner == owner, *asked)
        rows = await self._all(query.order_by(_COLUMNS.number.desc()).limit(limit))
        return [delivery_of(row) for row in rows]

    async def delivery(self, owner: str, delivery_id: str) -> Delivery:
        """Return one; raises NotFound."""
        query = select(*DELIVERY_COLUMNS).where(_COLUMNS.owner == owner, _COLUMNS.id == delivery_id)
        row = await self._first(query)
        if row is None:
            raise NotFound("delivery", delivery_id)
        return delivery_of(row)

    async def of_firings(self, owner: str, firing_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        """Return the deliveries of some firings, by firing."""
        found: dict[str, list[Delivery]] = {}
        query = select(*DELIVERY_COLUMNS).where(_COLUMNS.owner == owner).order_by(_COLUMNS.number)
        for some in batches(firing_ids):
            for row in await self._all(query.where(_COLUMNS.firing_id.in_(some))):
                found.setdefault(row.firing_id, []).append(delivery_of(row))
        return found

    async def of_message(self, owner: str, channel_id: str, reference: str) -> list[Delivery]:
        """Return the deliveries that one message of a channel told, newest first; many for a digest."""
        its = _COLUMNS.channel_id == channel_id, _COLUMNS.reference == reference, text(IS_KNOWN_THERE)
        query = select(*DELIVERY_COLUMNS).where(_COLUMNS.owner == owner, *its)
        return [delivery_of(row) for row in await self._all(query.order_by(_COLUMNS.number.desc()))]

    async def attempts(self, delivery_id: str) -> list[Attempt]:
        """Return the attempts of one delivery, oldest first."""
        columns = attempts_table.columns
        query = select(*ATTEMPT_COLUMNS).where(columns.delivery_id == delivery_id).order_by(columns.id)
        return [attempt_of(row) for row in await self._all(query)]

    async def last_attempts(self, ids: Sequence[str]) -> Mapping[str, Attempt]:
        """Return the latest attempt of each of some deliveries that has one, by delivery."""
        columns, found = attempts_table.columns, dict[str, Attempt]()
        for some in batches(ids):
            last = (
                select(func.max(columns.id))
                .where(columns.delivery_id.in_(some))
                .group_by(columns.delivery_id)
            )
            rows = await self._all(select(*ATTEMPT_COLUMNS).where(columns.id.in_(last)))
            found |= {row.delivery_id: attempt_of(row) for row in rows}
        return found

    async def counts(self, owner: str | None = None) -> Mapping[DeliveryState, int]:
        """Return how many deliveries are in each state, of one owner or of all; of every state, if only 0."""
        query = select(_COLUMNS.state, func.count().label("found")).group_by(_COLUMNS.state)
        rows = await self._all(query if owner is None else query.where(_COLUMNS.owner == owner))
        return dict.fromkeys(DeliveryState, 0) | {DeliveryState(row.state): row.found for row in rows}

    async def law(self) -> list[Law]:
        """Return the conservation law of every channel that has deliveries, from the database alone.

        A law without a channel stands for firings with more or fewer deliveries than they were stored with.
        """
        async with self._database.reading() as connection:
            counted = (await connection.execute(_COUNTED)).all()
            broken = (await connection.execute(_BROKEN)).all()
            astray = (await connection.execute(_ASTRAY)).all()
        ids = sorted({row.channel_id for row in (*counted, *broken)})
        return [_law(each, counted, broken) for each in ids] + _astray(astray)

    async def prune(self, before: int) -> int:
        """Forget attempts, and what came in by hooks, older than an instant; return how many attempts.

        One transaction for each PRUNE_BATCH, so that nobody waits long.
        """
        await self._prune(inbound, before)
        return await self._prune(attempts_table, before)

    async def _prune(self, old: Table, before: int) -> int:
        key, at = old.columns.id, old.columns.at
        some = delete(old).where(key.in_(select(key).where(at < before).limit(PRUNE_BATCH)))
        pruned, deleted = 0, PRUNE_BATCH
        while deleted == PRUNE_BATCH:
            async with self._database.writing() as connection:
                deleted = (await connection.execute(some)).rowcount
            pruned += deleted
        return pruned


def _law(channel_id: str, counted: Sequence[Row[Any]], broken: Sequence[Row[Any]]) -> Law:
    """Return the law of one channel; what is in no known state is missing from its states."""
    its = {row.state: row.found for row in counted if row.channel_id == channel_id}
    flaws = tuple(f"{row.id}: {row.flaw}" for row in broken if row.channel_id == channel_id)
    return Law(
        channel_id, sum(its.values()), {each: its[each] for each in DeliveryState if each in its}, flaws
    )


def _astray(rows: Sequence[Row[Any]]) -> list[Law]:
    """Return the law of firings whose deliveries are not as many as they were."""
    if not rows:
        return []
    broken = tuple(f"{row.id}: stored with {row.told_to}, has {row.found}" for row in rows)
    return [Law("", sum(row.told_to for row in rows), {}, broken)]
