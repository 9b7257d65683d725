"""Who tells what, and when: the channels that have something to tell, and taking it from them.

The order within a channel is that of the numbers. A delivery that waits to be tried again (`retry_wait`, not due)
holds up all that come after it, and so does one that somebody else is sending; one that is kept for later (`queued`,
not due, as over quiet hours) holds up nothing. In channels of `unordered` types nothing holds up anything.

Nothing is claimed of a channel that is off, unproven or removed, nor of one that is to be left alone for a while.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    column,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.alerts import Alert
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Lane, Work
from crypto_portfolio_analyzer.failpoints import reach
from crypto_portfolio_analyzer.storage.alert_rows import alert_of_definition
from crypto_portfolio_analyzer.storage.delivery_rows import (
    CHANNEL_COLUMNS,
    DELIVERY_COLUMNS,
    channel_of,
    delivery_of,
)
from crypto_portfolio_analyzer.storage.delivery_tables import IS_AHEAD, IS_WAITING, channels
from crypto_portfolio_analyzer.storage.delivery_tables import deliveries as table
from crypto_portfolio_analyzer.storage.firings import COLUMNS as FIRING_COLUMNS
from crypto_portfolio_analyzer.storage.firings import firing_of
from crypto_portfolio_analyzer.storage.rows import batches
from crypto_portfolio_analyzer.storage.sealing import SealedRows
from crypto_portfolio_analyzer.storage.tables import alert_revisions, firings

MOST_COUNTED = 1_000
"""How far the due deliveries of a channel are counted."""

_LAST = 2**63 - 1
_DELIVERY = len(DELIVERY_COLUMNS)
_NOW = bindparam("now", type_=BigInteger)
_CLAIMANT = bindparam("claimant", type_=Text)
_IS_OPEN = (
    channels.columns.enabled,
    channels.columns.verified_at.is_not(None),
    channels.columns.deleted_at.is_(None),
)

# Steps from channel to channel by the index: the cost is that of the channels that wait, however many their rows.
_LANES = text(
    """
    with recursive waiting (channel_id) as (
        select min(channel_id) from deliveries where state in ('queued', 'retry_wait')
        union all
        select (
            select min(channel_id) from deliveries
            where state in ('queued', 'retry_wait') and channel_id > waiting.channel_id
        )
        from waiting where waiting.channel_id is not null
    ),
    lanes as materialized (
        select channels.id, channels.paused_until,
            case when channels.type not in :unordered then (
                select number from deliveries
                where channel_id between channels.id and channels.id
                    and state in ('sending', 'retry_wait') and state = 'retry_wait' and due_at > :now
                order by channel_id, number limit 1
            ) end as ahead
        from waiting join channels on channels.id = waiting.channel_id
        where channels.enabled and channels.verified_at is not null and channels.deleted_at is null
    )
    select lanes.id, lanes.paused_until,
        case when lanes.ahead is null then (
            select min(due_at) from deliveries where channel_id = lanes.id and state in ('queued', 'retry_wait')
        ) else (
            select min(due_at) from deliveries
            where channel_id = lanes.id and state in ('queued', 'retry_wait') and number <= lanes.ahead
        ) end as due_at,
        case when lanes.ahead is null then (
            select count(*) from (
                select 1 from deliveries
                where channel_id = lanes.id and state in ('queued', 'retry_wait') and due_at <= :now
                limit :most
            ) as counted
        ) else (
            select count(*) from (
                select 1 from deliveries
                where channel_id = lanes.id and state in ('queued', 'retry_wait') and number < lanes.ahead
                    and due_at <= :now
                limit :most
            ) as counted
        ) end as due
    from lanes
    order by lanes.id
    """
).bindparams(bindparam("unordered", expanding=True, type_=Text))


class ClaimStore(SealedRows):
    """The outbox as its workers see it."""

    _unordered: frozenset[str] = frozenset()

    async def lanes(self, now: int) -> list[Lane]:
        """Return the enabled channels that have waiting deliveries, by id.

        `due_at` is when the first can be claimed, `due` how many could be now but for a pause. Something may be due
        that cannot be claimed all the same, as long as another worker sends or claims of the same channel.
        """
        asked = {"now": now, "most": MOST_COUNTED, "unordered": sorted(self._unordered)}
        async with self._database.reading() as connection:
            rows = (await connection.execute(_LANES, asked)).all()
            found: dict[str, Any] = {}
            for some in batches([row.id for row in rows]):
                query = select(*CHANNEL_COLUMNS).where(channels.columns.id.in_(some))
                found |= {row.id: row for row in await connection.execute(query)}
        return [
            Lane(channel_of(found[row.id], self._sealing), max(row.due_at, row.paused_until or 0), row.due)
            for row in rows
            if row.id in found and row.due_at is not None
        ]

    async def claim(self, wishes: Mapping[str, int], now: int, until: int, claim: str) -> list[Work]:
        """Take up to so many due deliveries of each channel, by id, for the holder of `claim` until `until` (ns).

        Of each channel the lowest numbers, by the rules of this module. No two workers ever hold the same one. A
        channel that another worker claims from at this moment is left to it.
        """
        if not wishes:
            return []
        async with self._database.writing() as connection:
            types = await _held(connection, wishes, now)
            wanted = [(each, wishes[each], types[each] not in self._unordered) for each in sorted(types)]
            taken = await self._take(connection, wanted, now, until, claim)
            works = await _works(connection, taken)
            reach("before_claim_commit")
        reach("after_claim")
        return works

    async def _take(
        self,
        connection: AsyncConnection,
        wanted: Sequence[tuple[str, int, bool]],
        now: int,
        until: int,
        claim: str,
    ) -> list[int]:
        """Mark what is due as being sent; return its numbers."""
        asked = {"now": now, "claimant": claim}
        number = table.columns.number
        mine = update(table).values(state=DeliveryState.SENDING, claim=claim, claimed_until=until)
        if not self._database.is_sqlite:
            ids, counts, ordered = (
                (list(each) for each in zip(*wanted, strict=True)) if wanted else ([], [], [])
            )
            asked |= {"ids": ids, "counts": counts, "ordered": ordered}
            taking = mine.where(number.in_(_DUE_OF_MANY)).returning(number)
            return list(await connection.scalars(taking, asked))
        taken: list[int] = []
        for channel, count, is_ordered in wanted:
            one = {"channel": channel, "count": count, "is_ordered": is_ordered}
            taken += await connection.scalars(_DUE_OF_ONE, asked | one)
        for some in batches(taken):
            await connection.execute(mine.where(number.in_(some)))
        return taken


def _due(
    channel: ColumnElement[str], count: ColumnElement[int], is_ordered: ColumnElement[bool]
) -> Select[Any]:
    """Return the query of the first numbers of a channel that `claimant` may have `now`.

    Ordered by a channel that is between itself, so that no database can think of walking all numbers there ever were.
    """
    ahead, columns = table.alias("ahead"), table.columns
    tried_later = and_(ahead.columns.state == DeliveryState.RETRY_WAIT, ahead.columns.due_at > _NOW)
    with_others = and_(ahead.columns.state == DeliveryState.SENDING, ahead.columns.claim != _CLAIMANT)
    first = (
        select(ahead.columns.number)
        .where(
            ahead.columns.channel_id.between(channel, channel), text(IS_AHEAD), or_(tried_later, with_others)
        )
        .order_by(ahead.columns.channel_id, ahead.columns.number)
        .limit(1)
        .correlate_except(ahead)
        .scalar_subquery()
    )
    is_free = columns.number < func.coalesce(case((is_ordered, first)), _LAST)
    its = columns.channel_id.between(channel, channel), text(IS_WAITING), columns.due_at <= _NOW
    query = select(columns.number).where(*its, is_free)
    return query.order_by(columns.channel_id, columns.number).limit(count)


_DUE_OF_ONE = _due(
    bindparam("channel", type_=Text),
    bindparam("count", type_=Integer),
    bindparam("is_ordered", type_=Boolean),
)


def _due_of_many() -> Select[Any]:
    """Return PostgreSQL's query of the same for many channels at once, without what others are changing."""
    arrays = (
        bindparam("ids", type_=ARRAY(Text)),
        bindparam("counts", type_=ARRAY(Integer)),
        bindparam("ordered", type_=ARRAY(Boolean)),
    )
    names = column("channel", Text), column("count", Integer), column("is_ordered", Boolean)
    wishes = func.unnest(*arrays).table_valued(*names, name="wishes").render_derived()
    due = _due(wishes.columns.channel, wishes.columns["count"], wishes.columns.is_ordered)
    picked = due.with_for_update(skip_locked=True, of=table).lateral("picked")
    return select(picked.columns.number).select_from(wishes.join(picked, true()))


_DUE_OF_MANY = _due_of_many()


async def _held(connection: AsyncConnection, ids: Collection[str], now: int) -> dict[str, str]:
    """Lock those of some channels that may be told now, without what others hold; return their types by id.

    A lock that lets new deliveries be queued. It comes before the look at the deliveries: in one statement with it,
    that would still see as waiting what the former holder took.
    """
    columns = channels.columns
    rested = or_(columns.paused_until.is_(None), columns.paused_until <= now)
    found: dict[str, str] = {}
    for some in batches(sorted(ids)):
        query = select(columns.id, columns.type).where(columns.id.in_(some), *_IS_OPEN, rested)
        rows = await connection.execute(
            query.order_by(columns.id).with_for_update(skip_locked=True, key_share=True)
        )
        found |= {row.id: row.type for row in rows}
    return found


async def _works(connection: AsyncConnection, numbers: Sequence[int]) -> list[Work]:
    """Return deliveries by number, each with its firing and its alert as it was then."""
    at_firing = and_(
        alert_revisions.columns.alert_id == firings.columns.alert_id,
        alert_revisions.columns.revision == firings.columns.revision,
    )
    query = (
        select(*DELIVERY_COLUMNS, *FIRING_COLUMNS, alert_revisions.columns.definition)
        .select_from(table.outerjoin(firings, firings.columns.id == table.columns.firing_id))
        .outerjoin(alert_revisions, at_firing)
    )
    known: dict[str, Alert] = {}
    works: list[Work] = []
    for some in batches(sorted(numbers)):
        number = table.columns.number
        rows = await connection.execute(query.where(number.in_(some)).order_by(number))
        works += [_work(row, known) for row in rows]
    return works


def _work(row: Sequence[Any], known: dict[str, Alert]) -> Work:
    delivery, rest = delivery_of(row[:_DELIVERY]), row[_DELIVERY:]
    if delivery.firing_id is None:
        return Work(delivery=delivery)
    definition = rest[-1]
    if definition is not None and definition not in known:
        known[definition] = alert_of_definition(definition)
    return Work(delivery=delivery, firing=firing_of(rest[:-1]), alert=known.get(definition))
