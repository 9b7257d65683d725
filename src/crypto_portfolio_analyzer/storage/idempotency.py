"""Requests that may come twice: the caller's key, what was asked with it, and what it made."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Select, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.timeframes import DAY
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.tables import idempotency_keys as table

KEY_LIFETIME = DAY
"""How long a key is known."""


def known_key(owner: str, key: str, now: int) -> Select[Any]:
    """Return the query of what an owner's request with this key made, if its time is not over."""
    columns = table.columns
    return select(table).where(columns.owner == owner, columns.key == key, columns.at > now - KEY_LIFETIME)


async def answered(
    connection: AsyncConnection, owner: str, key: str, request_hash: str, now: int
) -> list[str] | None:
    """Return the ids that an owner's request with this key made before, if there was one; they are held.

    Raises InvalidInput if something else was asked for.
    """
    await connection.execute(delete(table).where(table.columns.at <= now - KEY_LIFETIME))
    row = (await connection.execute(known_key(owner, key, now))).first()
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise InvalidInput(f"idempotency key {key[:80]!r} came with another request; use a new key")
    return msgspec.json.decode(row.answer, type=list[str])


async def remember(
    connection: AsyncConnection, owner: str, key: str, request_hash: str, made: Sequence[str], now: int
) -> None:
    """Note what a request made, by ids."""
    values = {
        "owner": owner,
        "key": key,
        "request_hash": request_hash,
        "answer": to_json(made),
        "at": now,
    }
    await connection.execute(insert(table).values(values))
