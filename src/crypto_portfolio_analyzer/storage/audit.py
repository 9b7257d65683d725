"""Who did what to what, and when: written in the transaction that does it."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.rows import batches
from crypto_portfolio_analyzer.storage.tables import audit as table

ENGINE = "engine"
"""Who acts when nobody does."""


class Entry(Struct, frozen=True):
    """One act: an `action` like `alert.created` on a subject, by its id."""

    actor: str
    action: str
    subject: str
    details: Mapping[str, object] = {}


async def record(connection: AsyncConnection, entries: Sequence[Entry], now: int) -> None:
    """Write entries, in order."""
    for some in batches(entries):
        rows = [
            {
                "at": now,
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "details": to_json(entry.details),
            }
            for entry in some
        ]
        await connection.execute(insert(table), rows)
