"""Channels as their owners make and change them; their options lie sealed.

Every change by a person holds the owner's row, as changes of alerts do.
"""

from typing import Any

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Select, case, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage import owners
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.delivery_rows import CHANNEL_COLUMNS, channel_of, channel_values
from crypto_portfolio_analyzer.storage.delivery_tables import IS_WAITING, deliveries
from crypto_portfolio_analyzer.storage.delivery_tables import channels as table
from crypto_portfolio_analyzer.storage.queueing import call_off, wake
from crypto_portfolio_analyzer.storage.sealing import SealedRows

REMOVED = "the channel was removed"

_COLUMNS = table.columns
_LIVING = _COLUMNS.deleted_at.is_(None)
_LEARNED = (
    "enabled", "disabled_reason", "failing_since", "failures", "paused_until", "verified_at", "sealed",
)  # fmt: skip


class ChannelStore(SealedRows):
    """The table of channels."""

    async def add_channel(self, channel: Channel, actor: str) -> Channel:
        """Store a channel; raises InvalidInput for a name the owner has already."""
        async with self._database.writing() as connection:
            await owners.add(connection, [channel.owner])
            await owners.hold(connection, [channel.owner])
            await _refuse_taken(connection, channel)
            await connection.execute(insert(table).values(channel_values(channel, self._sealing)))
            await _record(connection, channel, channel.created_at, actor, "channel.created")
        return channel

    async def replace_channel(self, channel: Channel, now: int, actor: str) -> Channel:
        """Store a channel over the old one; raises NotFound, InvalidInput."""
        async with self._database.writing() as connection:
            old = await self._held(connection, channel.owner, channel.id)
            await _refuse_taken(connection, channel)
            new = replace(channel, created_at=old.created_at, updated_at=now)
            await _change(connection, new.id, **channel_values(new, self._sealing))
            if new.ttl is not None:
                await _shorten(connection, new.id, new.ttl)
            await _record(connection, new, now, actor, "channel.changed")
            await wake(connection)
        return new

    async def remove_channel(self, owner: str, channel_id: str, now: int, actor: str) -> Channel:
        """Forget a channel, secrets and all: its pending deliveries are cancelled, its name is free.

        Raises NotFound.
        """
        async with self._database.writing() as connection:
            channel = await self._held(connection, owner, channel_id)
            await _change(connection, channel.id, enabled=False, sealed="", updated_at=now, deleted_at=now)
            await call_off(connection, deliveries.columns.channel_id == channel.id, REMOVED, now)
            await _record(connection, channel, now, actor, "channel.deleted")
        return channel

    async def channels(self, owner: str) -> list[Channel]:
        """Return an owner's channels, oldest first."""
        return await self._channels(_COLUMNS.owner == owner)

    async def channel(self, owner: str, channel_id: str) -> Channel:
        """Return one by id or name; raises NotFound."""
        row = await self._first(_one(owner, channel_id))
        if row is None:
            raise NotFound("channel", channel_id)
        return channel_of(row, self._sealing)

    async def all_channels(self, kind: str) -> list[Channel]:
        """Return everybody's channels of one type."""
        return await self._channels(_COLUMNS.type == kind)

    async def note_health(self, channel: Channel) -> None:
        """Store what the attempts have taught us, without an audit entry.

        `enabled`, `disabled_reason`, `failing_since`, `failures`, `paused_until`, `verified_at` and `options`. If
        somebody has changed the channel since it was read (`updated_at`), it is another one, and nothing is stored.
        """
        values = channel_values(channel, self._sealing)
        learned = {name: values[name] for name in _LEARNED}
        same = _COLUMNS.id == channel.id, _COLUMNS.updated_at == channel.updated_at, _LIVING
        async with self._database.writing() as connection:
            await connection.execute(update(table).where(*same).values(learned))

    async def reseal(self) -> int:
        """Seal the options of every channel anew under the first key; return how many.

        Raises ConfigError, changing nothing, if one cannot be opened.
        """
        async with self._database.writing() as connection:
            query = select(_COLUMNS.id, _COLUMNS.sealed).where(_LIVING).order_by(_COLUMNS.id)
            rows = (await connection.execute(query.with_for_update(key_share=True))).all()
            for row in rows:
                await _change(connection, row.id, sealed=self._sealing.seal(self._sealing.open(row.sealed)))
        return len(rows)

    async def _channels(self, *conditions: ColumnElement[bool]) -> list[Channel]:
        query = select(*CHANNEL_COLUMNS).where(_LIVING, *conditions)
        rows = await self._all(query.order_by(_COLUMNS.created_at, _COLUMNS.id))
        return [channel_of(row, self._sealing) for row in rows]

    async def _held(self, connection: AsyncConnection, owner: str, channel_id: str) -> Channel:
        """Lock an owner and return their channel; raises NotFound."""
        await owners.hold(connection, [owner])
        row = (await connection.execute(_one(owner, channel_id))).first()
        if row is None:
            raise NotFound("channel", channel_id)
        return channel_of(row, self._sealing)


def _one(owner: str, name: str) -> Select[Any]:
    """Return the query of a channel by id or name; an id goes first."""
    theirs = _COLUMNS.owner == owner, _LIVING, or_(_COLUMNS.id == name, _COLUMNS.name == name)
    return select(*CHANNEL_COLUMNS).where(*theirs).order_by(case((_COLUMNS.id == name, 0), else_=1)).limit(1)


async def _change(connection: AsyncConnection, channel_id: str, **values: object) -> None:
    await connection.execute(update(table).where(_COLUMNS.id == channel_id).values(values))


async def _shorten(connection: AsyncConnection, channel_id: str, ttl: int) -> None:
    """Let no delivery that waits outlive a channel's time to live: it may have become one for orders just now."""
    columns = deliveries.columns
    ends_at = columns.created_at + ttl
    outliving = columns.channel_id == channel_id, text(IS_WAITING), columns.expires_at > ends_at
    await connection.execute(update(deliveries).where(*outliving).values(expires_at=ends_at))


async def _refuse_taken(connection: AsyncConnection, channel: Channel) -> None:
    """Raise InvalidInput for a name that another living channel of its owner has; the owner is held."""
    same = _COLUMNS.owner == channel.owner, _COLUMNS.name == channel.name, _COLUMNS.id != channel.id, _LIVING
    if (await connection.execute(select(_COLUMNS.id).where(*same))).first() is not None:
        raise InvalidInput(f"channel {channel.name!r} exists; choose another name")


async def _record(connection: AsyncConnection, channel: Channel, now: int, actor: str, action: str) -> None:
    details = {
        "owner": channel.owner,
        "name": channel.name,
        "type": channel.type,
        "enabled": channel.enabled,
        "default": channel.is_default,
    }
    await record(connection, [Entry(actor, action, channel.id, details)], now)
