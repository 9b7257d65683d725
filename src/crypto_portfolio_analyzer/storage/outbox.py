"""What is put into the outbox by hand: tests, notices, deliveries once more; and what is taken out of it."""

import base64
import hashlib
import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import and_, bindparam, select, text, update
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

MEANT = "they would trade at prices nobody decided on; ask for it anyway if you mean it"

_COLUMNS = table.columns
_AGAIN = (
    update(table)
    .where(_COLUMNS.id == bindparam("its_id"))
    .values(
        state=DeliveryState.QUEUED,
        reason="",
        attempts=0,
        due_at=bindparam("its_start"),
        settled_at=None,
        expires_at=bindparam("its_end"),
    )
)


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

    async def redeliver(
        self, owner: str, ids: Sequence[str], now: int, actor: str, *, anyway: bool = False
    ) -> list[Delivery]:
        """Queue settled deliveries again, under their old keys; return those, without what is pending already.

        What people read is worth telling for another while. An order keeps the time to live it had; one that is past
        it is refused, or with `anyway` gets another.

        Raises:
            NotFound: one is not theirs.
            InvalidInput: the channel of one was removed; or some are orders past their time to live.

        """
        async with self._database.writing() as connection:
            await hold(connection, ids)
            again = [each for each in await _theirs(connection, owner, ids) if each.state not in PENDING]
            lives = await _lives(connection, {each.channel_id for each in again})
            late = sum(_is_late(each, lives[each.channel_id], now) for each in again)
            if late and not anyway:
                raise InvalidInput(f"{late} of {len(ids)} are orders past their time to live: {MEANT}")
            for some in batches(again):
                rows = [
                    {"its_id": each.id, "its_end": _end(each, lives[each.channel_id], now)} for each in some
                ]
                await connection.execute(_AGAIN, [row | {"its_start": now} for row in rows])
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


def _worth_until(delivery: Delivery, ttl: int) -> int:
    """Return when an order is worth nothing any more; the channel may have become one for orders meanwhile."""
    ends_at = expiry(delivery.created_at, ttl)
    return ends_at if delivery.expires_at is None else min(ends_at, delivery.expires_at)


def _is_late(delivery: Delivery, ttl: int | None, now: int) -> bool:
    return ttl is not None and now >= _worth_until(delivery, ttl)


def _end(delivery: Delivery, ttl: int | None, now: int) -> int:
    """Return until when a delivery that is queued again is worth telling."""
    if ttl is None or _is_late(delivery, ttl, now):
        return expiry(now, ttl)
    return _worth_until(delivery, ttl)


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


async def _lives(connection: AsyncConnection, ids: Collection[str]) -> dict[str, int | None]:
    """Return the time to live of channels; raises InvalidInput for one that was removed."""
    columns = channels.columns
    found: dict[str, int | None] = {}
    for some in batches(sorted(ids)):
        query = select(columns.id, columns.name, columns.ttl, columns.deleted_at).where(columns.id.in_(some))
        for row in await connection.execute(query):
            if row.deleted_at is not None:
                raise InvalidInput(f"channel {row.name!r} was removed; nothing can be sent to it")
            found[row.id] = row.ttl
    return found


async def _record(
    connection: AsyncConnection, deliveries: Sequence[Delivery], now: int, actor: str, action: str
) -> None:
    entries = [
        Entry(actor, action, each.id, {"owner": each.owner, "channel": each.channel_id})
        for each in deliveries
    ]
    await record(connection, entries, now)
