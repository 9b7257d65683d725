"""Who did what to what, and when: written in the transaction that does it.

What people and their tokens do is chained: each entry is bound to the one before it, see `audit_chain.py`. What the
engine does by itself (firings, transitions) is not, since a chain lets only one transaction at a time append to it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, Select, bindparam, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.storage import audit_chain
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.rows import batches
from crypto_portfolio_analyzer.storage.tables import audit as table

ENGINE = "engine"
"""Who acts when nobody does."""
KEYS = "audit_keys"
"""The option of connections that holds the keys of the chain, the present one first."""
_LOCK = 0x6175646974
"""The advisory lock of appending, of our choosing."""
_PLACES = """
    select nextval(pg_get_serial_sequence('audit', 'seq')),
        (select hash from audit where hash is not null order by seq desc limit 1)
    from generate_series(1, :count)"""
_LAST_PLACE = """
    select coalesce((select seq from sqlite_sequence where name = 'audit'), 0),
        (select hash from audit where hash is not null order by seq desc limit 1)"""


class Entry(Struct, frozen=True):
    """One act: an `action` like `alert.created` on a subject, by its id."""

    actor: str
    action: str
    subject: str
    details: Mapping[str, object] = {}


async def record(connection: AsyncConnection, entries: Sequence[Entry], now: int) -> None:
    """Write entries, in order.

    Call it at the end of a transaction: from here to the commit nobody else appends to the chain, and whoever holds
    the chain must not wait for somebody who wants it.
    """
    by_engine = [each for each in entries if each.actor == ENGINE]
    for some in batches(by_engine):
        await connection.execute(insert(table), [_values(entry, now) for entry in some])
    by_people = [each for each in entries if each.actor != ENGINE]
    if by_people:
        await _append(connection, by_people, now)


async def head(connection: AsyncConnection) -> Row[Any] | None:
    """Return the `seq` and `hash` of the chain's newest entry."""
    columns = table.columns
    chained: Select[Any] = select(columns.seq, columns.hash).where(text("hash is not null"))
    row: Row[Any] | None = (await connection.execute(chained.order_by(columns.seq.desc()).limit(1))).first()
    return row


async def foundation(connection: AsyncConnection, key: bytes, before: int) -> str:
    """Return what the first entry of the chain is bound to: everything people did before there was a chain."""
    columns = table.columns
    mac = audit_chain.started(key)
    query = select(table).where(
        columns.seq > bindparam("after"),
        columns.seq < before,
        columns.hash.is_(None),
        columns.actor != ENGINE,
    )
    query, after = query.order_by(columns.seq).limit(audit_chain.PAGE), -(2**63)
    while rows := (await connection.execute(query, {"after": after})).all():
        for row in rows:
            mac.update(audit_chain.canonical(row))
        after = rows[-1].seq
    return mac.hexdigest()


async def _append(connection: AsyncConnection, entries: Sequence[Entry], now: int) -> None:
    key = connection.engine.get_execution_options()[KEYS][0]
    seqs, link = await _place(connection, len(entries))
    if link is None:
        link = await foundation(connection, key, seqs[0])
    rows: list[dict[str, Any]] = []
    for seq, entry in zip(seqs, entries, strict=True):
        row = _values(entry, now) | {"seq": seq, "prev": link}
        link = audit_chain.link(key, row)
        rows.append(row | {"hash": link})
    for some in batches(rows):
        await connection.execute(insert(table), list(some))


async def _place(connection: AsyncConnection, count: int) -> tuple[Sequence[int], str | None]:
    """Return the numbers of new entries and the hash they follow; nobody else appends until the transaction ends."""
    if connection.dialect.name == "sqlite":  # there is one writer at a time
        last, link = (await connection.execute(text(_LAST_PLACE))).one()
        return range(last + 1, last + 1 + count), link
    await connection.execute(
        select(func.pg_advisory_xact_lock(_LOCK))
    )  # apart, so that what follows sees the head
    rows = (await connection.execute(text(_PLACES), {"count": count})).all()
    return sorted(row[0] for row in rows), rows[0][1]


def _values(entry: Entry, now: int) -> dict[str, Any]:
    return {
        "at": now,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": to_json(entry.details),
    }
