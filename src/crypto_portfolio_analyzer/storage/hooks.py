"""Addresses that take signals in, and what came in by them: stored and queued for others in one transaction."""

import base64
import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.notices.links import Hook
from crypto_portfolio_analyzer.core.notices.notification import Content, Kind
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage import owners
from crypto_portfolio_analyzer.storage.alert_rows import texts, to_json
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.delivery_tables import hooks as table
from crypto_portfolio_analyzer.storage.delivery_tables import inbound
from crypto_portfolio_analyzer.storage.links import hashed
from crypto_portfolio_analyzer.storage.queueing import meant, new_row, put, targets
from crypto_portfolio_analyzer.storage.rows import Rows

REPEAT_WINDOW = MINUTE
"""How long the same content counts as a repeat (ns): senders try again what was answered late."""
TOKEN_BYTES = 24

_COLUMNS = [table.columns[name] for name in Hook.__struct_fields__]


class HookStore(Rows):
    """The tables of hooks and of what came in."""

    async def add(self, hook: Hook, now: int, actor: str, most: int | None = None) -> str:
        """Store a hook; return its token, shown this once.

        Raises InvalidInput for a name the owner has already, and for one more than `most`.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        same = table.columns.owner == hook.owner, table.columns.name == hook.name
        values = {
            "id": hook.id,
            "owner": hook.owner,
            "name": hook.name,
            "channels": to_json(hook.channels),
            "token_hash": hashed(token),
            "created_at": now,
        }
        async with self._database.writing() as connection:
            await owners.claim(connection, hook.owner, table.columns.owner == hook.owner, "hooks", most)
            if (await connection.execute(select(table.columns.id).where(*same))).first() is not None:
                raise InvalidInput(f"hook {hook.name!r} exists; choose another name")
            await connection.execute(insert(table).values(values))
            await record(connection, [_entry(hook, actor, "hook.created")], now)
        return token

    async def hooks(self, owner: str) -> list[Hook]:
        """Return an owner's hooks, oldest first."""
        query = select(*_COLUMNS).where(table.columns.owner == owner)
        rows = await self._all(query.order_by(table.columns.created_at, table.columns.id))
        return [_hook(row) for row in rows]

    async def remove(self, owner: str, hook_id: str, now: int, actor: str) -> None:
        """Forget a hook by id or name, with what came in by it; what is queued of that is told.

        Raises NotFound.
        """
        columns = table.columns
        its = columns.owner == owner, (columns.id == hook_id) | (columns.name == hook_id)
        async with self._database.writing() as connection:
            row = (await connection.execute(select(*_COLUMNS).where(*its))).first()
            if row is None:
                raise NotFound("hook", hook_id)
            await connection.execute(delete(table).where(columns.id == row.id))
            await record(connection, [_entry(_hook(row), actor, "hook.removed")], now)

    async def by_token(self, token: str) -> Hook | None:
        """Return the hook of a token; None if there is none."""
        row = await self._first(select(*_COLUMNS).where(table.columns.token_hash == hashed(token)))
        return None if row is None else _hook(row)

    async def take(self, hook: Hook, content: Content, digest: str, now: int) -> bool:
        """Store what came in and queue it for the hook's channels, or the owner's default ones.

        False, and nothing is done, for the same `digest` within REPEAT_WINDOW, or when the hook is gone.
        """
        async with self._database.writing() as connection:
            if not await _is_new(connection, hook, digest, now):
                return False
            about = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
            said = to_json(content)
            values = {"id": about, "hook_id": hook.id, "at": now, "digest": digest, "content": said}
            await connection.execute(insert(inbound).values(values))
            told = (await targets(connection, [hook.owner])).get(hook.owner, [])
            rows = [
                new_row(about, each, hook.owner, Kind.INBOUND, now, now, content=said)
                for each in meant(told, hook.channels)
            ]
            await put(connection, rows)
        return True


async def _is_new(connection: AsyncConnection, hook: Hook, digest: str, now: int) -> bool:
    """Lock a hook and tell whether something has not just come in by it already."""
    columns = inbound.columns
    held = select(table.columns.id).where(table.columns.id == hook.id).with_for_update()
    if (await connection.execute(held)).first() is None:
        return False
    same = columns.hook_id == hook.id, columns.at > now - REPEAT_WINDOW, columns.digest == digest
    return (await connection.execute(select(columns.id).where(*same).limit(1))).first() is None


def _hook(row: Sequence[Any]) -> Hook:
    values = dict(zip(Hook.__struct_fields__, row, strict=True))
    return Hook(**values | {"channels": texts(values["channels"])})


def _entry(hook: Hook, actor: str, action: str) -> Entry:
    return Entry(actor, action, hook.id, {"owner": hook.owner, "name": hook.name})
