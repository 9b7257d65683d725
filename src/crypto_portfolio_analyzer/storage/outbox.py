"""What is put into the outbox by hand: tests, notices, deliveries once more; and what is taken out of it."""

import base64
import hashlib
import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import Update, and_, case, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.notices.notification import (
    PENDING,
    Channel,
    Content,
    Delivery,
    DeliveryState,
    Kind,
)
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.delivery_rows import DELIVERY_COLUMNS, delivery_of, expiry
from crypto_portfolio_analyzer.storage.delivery_tables import IS_WAITING, channels
from crypto_portfolio_analyzer.storage.delivery_tables import deliveries as table
from crypto_portfolio_analyzer.storage.queueing import Target, call_off, hold, new_row, wake
from crypto_portfolio_analyzer.storage.rows import Rows, batches

_COLUMNS = table.columns


class OutboxStore(Rows):
    """The table of deliveries, as those see it who have something told."""

    async def queue(
        self, channel: Channel, kind: Kind, content: Content, now: int, *, key: str | None = None
    ) -> Delivery:
        """Queue what is about no firing; the same `key` queues once, and returns what it queued before."""
        target = Target(channel.id, channel.name, channel.is_default, channel.ttl)
        row = new_row(_about(kind, key), target, channel.owner, kind, now, now, content=to_json(content))
        dialect = sqlite if self._database.is_sqlite else postgresql
        statement = dialect.insert(table).values(row).on_conflict_do_nothing(index_elements=["id"])
        async with self._database.writing() as connection:
            await connection.execute(statement)
            await wake(connection)
            query = select(*DELIVERY_COLUMNS).where(_COLUMNS.id == row["id"])
            return delivery_of((await connection.execute(query)).one())

    async def redeliver(self, owner: str, ids: Sequence[str], now: int, actor: str) -> list[Delivery]:
        """Queue settled deliveries again, under their old keys; return those, without what is pending anyway.

        What people read is worth telling for another while; an order keeps the time to live it had.

        Raises:
            NotFound: one is not theirs.
            InvalidInput: the channel of one was removed.

        """
        async with self._database.writing() as connection:
            await hold(connection, ids)
            again = [each for each in await _theirs(connection, owner, ids) if each.state not in PENDING]
            await _refuse_removed(connection, {each.channel_id for each in again})
            for some in batches([each.id for each in again]):
                await connection.execute(_again(now).where(_COLUMNS.id.in_(some)))
            await _record(connection, again, now, actor, "delivery.redelivered")
            if again:
                await wake(connection)
            return await _theirs(connection, owner, [each.id for each in again])

    async def cancel(self, owner: str, ids: Sequence[str], now: int, actor: str) -> int:
        """Cancel waiting deliveries; return how many."""
        async with self._database.writing() as connection:
            await hold(connection, ids)
            cancelled: list[str] = []
            for some in batches(sorted(set(ids))):
                waits = _COLUMNS.owner == owner, _COLUMNS.id.in_(some), text(IS_WAITING)
                cancelled += await call_off(connection, and_(*waits), f"by {actor}", now)
            await _record(
                connection, await _theirs(connection, owner, cancelled), now, actor, "delivery.cancelled"
            )
        return len(cancelled)


def _about(kind: Kind, key: str | None) -> str:
    """Return the identity of what is told: 128 bits, by chance or from the key."""
    digest = (
        secrets.token_bytes(16) if key is None else hashlib.sha256(f"{kind}\x1f{key}".encode()).digest()[:16]
    )
    return base64.b32encode(digest).decode().rstrip("=").lower()


def _again(now: int) -> Update:
    """Return the change that queues settled deliveries anew; which ones is still to be said."""
    lives = select(channels.columns.ttl).where(channels.columns.id == _COLUMNS.channel_id).scalar_subquery()
    return update(table).values(
        state=DeliveryState.QUEUED,
        reason="",
        attempts=0,
        due_at=now,
        settled_at=None,
        expires_at=case((lives.is_(None), expiry(now, None)), else_=_COLUMNS.expires_at),
    )


async def _theirs(connection: AsyncConnection, owner: str, ids: Sequence[str]) -> list[Delivery]:
    """Return an owner's deliveries by id, in the order of their numbers; raises NotFound."""
    found: list[Delivery] = []
    for some in batches(sorted(set(ids))):
        query = select(*DELIVERY_COLUMNS).where(_COLUMNS.owner == owner, _COLUMNS.id.in_(some))
        found += [delivery_of(row) for row in await connection.execute(query)]
    missing = sorted(set(ids) - {each.id for each in found})
    if missing:
        raise NotFound("delivery", missing[0])
    return sorted(found, key=lambda delivery: delivery.number)


async def _refuse_removed(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Raise InvalidInput for a channel that was removed."""
    for some in batches(sorted(ids)):
        gone = channels.columns.id.in_(some), channels.columns.deleted_at.is_not(None)
        name = await connection.scalar(select(channels.columns.name).where(*gone))
        if name is not None:
            raise InvalidInput(f"channel {name!r} was removed; nothing can be sent to it")


async def _record(
    connection: AsyncConnection, deliveries: Sequence[Delivery], now: int, actor: str, action: str
) -> None:
    entries = [
        Entry(actor, action, each.id, {"owner": each.owner, "channel": each.channel_id})
        for each in deliveries
    ]
    await record(connection, entries, now)
