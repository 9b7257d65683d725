"""The row of each owner: the lock of everything that is theirs, and how far their feed of firings has come.

Whoever changes an owner's alerts or stores firings of them holds this row first, several in the order of their
names, so that no two wait for each other. On SQLite there is one writer anyway.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.storage.rows import batches
from crypto_portfolio_analyzer.storage.tables import alerts
from crypto_portfolio_analyzer.storage.tables import owners as table

_ADVANCE = update(table).where(table.columns.owner == bindparam("its_owner")).values(seq=bindparam("its_seq"))


async def add(connection: AsyncConnection, owners: Iterable[str]) -> None:
    """Add the rows of owners that have none."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing()
    await connection.execute(statement, [{"owner": owner, "seq": 0} for owner in sorted(owners)])


async def hold(connection: AsyncConnection, owners: Iterable[str]) -> dict[str, int]:
    """Lock what belongs to owners until the transaction ends; return the newest `seq` of each."""
    held: dict[str, int] = {}
    for some in batches(sorted(owners)):
        query = select(table).where(table.columns.owner.in_(some)).order_by(table.columns.owner)
        held |= {row.owner: row.seq for row in await connection.execute(query.with_for_update())}
    return held


async def claim(
    connection: AsyncConnection, owner: str, others: ColumnElement[bool], what: str, most: int | None
) -> None:
    """Hold an owner who is to have one more thing than the `others`; raises InvalidInput if `most` is reached."""
    await add(connection, [owner])
    await hold(connection, [owner])
    count = await connection.scalar(select(func.count()).where(others)) or 0
    if most is not None and count >= most:
        raise InvalidInput(f"{most} {what} is the limit; remove one first")


async def hold_alerts(
    connection: AsyncConnection, alert_ids: Iterable[str]
) -> tuple[dict[str, Row[Any]], dict[str, int]]:
    """Lock the owners of alerts; return what is true of the alerts that live, by id, and each owner's `seq`."""
    columns = alerts.columns
    ids = sorted(alert_ids)
    owners: set[str] = set()
    for some in batches(ids):
        owners |= set(await connection.scalars(select(columns.owner).where(columns.id.in_(some)).distinct()))
    seqs = await hold(connection, owners)
    living: dict[str, Row[Any]] = {}
    query = select(
        columns.id, columns.owner, columns.revision, columns.enabled, columns.channels, columns.deleted_at
    )
    for some in batches(
        ids
    ):  # asked for by id alone: PostgreSQL must not be tempted by the index of living names
        rows = await connection.execute(query.where(columns.id.in_(some)))
        living |= {row.id: row for row in rows if row.deleted_at is None}
    return living, seqs


async def advance(connection: AsyncConnection, seqs: Mapping[str, int]) -> None:
    """Note how far the feeds of owners that are held have come."""
    if seqs:
        await connection.execute(
            _ADVANCE, [{"its_owner": owner, "its_seq": seq} for owner, seq in seqs.items()]
        )
