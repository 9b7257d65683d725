"""Putting deliveries into the outbox and calling them off, in the transaction of whatever is the reason.

Whoever locks several deliveries does so in the order of their numbers, so that no two wait for each other.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, case, insert, null, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.notices.notification import (
    PENDING,
    WAITING,
    DeliveryState,
    Kind,
    delivery_id,
)
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.delivery_rows import expiry
from crypto_portfolio_analyzer.storage.delivery_tables import channels, deliveries
from crypto_portfolio_analyzer.storage.rows import batches

NOTIFIED = "deliveries"
"""The PostgreSQL channel on which other processes hear that something was queued."""

_HOLD = text(
    "select number from deliveries where id in (select json_array_elements_text(cast(:ids as json)))"
    " order by number for update"
)
_NEW = {
    "state": DeliveryState.QUEUED,
    "reason": "",
    "attempts": 0,
    "unsure": False,
    "reference": "",
    "answer": "",
    "firing_id": None,
    "content": None,
}


class Target(Struct, frozen=True):
    """A channel that is told: on, and shown to be its owner's. `ttl` is in ns."""

    id: str
    name: str
    is_default: bool
    ttl: int | None


def new_row(
    about: str, target: Target, owner: str, kind: Kind, event_at: int, now: int, **values: object
) -> dict[str, object]:
    """Return the row of a new delivery about something with an id, due now, worthless some time after its event."""
    own = {
        "id": delivery_id(about, target.id),
        "owner": owner,
        "kind": kind,
        "channel_id": target.id,
        "due_at": now,
        "created_at": now,
        "expires_at": expiry(event_at, target.ttl),
    }
    return _NEW | own | values


async def put(connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Queue deliveries, numbered in this order, and wake whoever sends."""
    for some in batches(rows):
        await connection.execute(insert(deliveries), some)
    if rows:
        await wake(connection)


async def wake(connection: AsyncConnection) -> None:
    """Tell other processes, once this transaction is committed, that something was queued."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"notify {NOTIFIED}"))


async def targets(connection: AsyncConnection, owners: Iterable[str]) -> dict[str, list[Target]]:
    """Return for each owner the channels that are told, by id."""
    found: dict[str, list[Target]] = {}
    columns = channels.columns
    query = select(columns.owner, columns.id, columns.name, columns.is_default, columns.ttl)
    is_told = columns.enabled, columns.verified_at.is_not(None), columns.deleted_at.is_(None)
    for some in batches(sorted(owners)):
        rows = await connection.execute(query.where(columns.owner.in_(some), *is_told).order_by(columns.id))
        for owner, *values in rows:
            found.setdefault(owner, []).append(Target(*values))
    return found


def meant(known: Iterable[Target], wanted: Sequence[str]) -> list[Target]:
    """Return the channels that are wanted by id or by name; the default ones where none is named."""
    if not wanted:
        return [each for each in known if each.is_default]
    return [each for each in known if each.id in wanted or each.name in wanted]


async def call_off(
    connection: AsyncConnection, condition: ColumnElement[bool], reason: str, now: int
) -> list[str]:
    """Cancel the pending deliveries that meet a condition, for a reason; return the ids of those that waited.

    One that is being sent is not tried again if it fails.
    """
    columns = deliveries.columns
    is_pending = columns.state.in_(PENDING)
    query = select(columns.number, columns.id, columns.state).where(condition, is_pending)
    rows = (await connection.execute(query.order_by(columns.number).with_for_update())).all()
    waits = columns.state.in_(WAITING)
    change = update(deliveries).values(
        state=case((waits, DeliveryState.CANCELLED.value), else_=columns.state),
        reason=case((waits, reason), else_=columns.reason),
        settled_at=case((waits, now), else_=columns.settled_at),
        called_off=case((waits, null()), else_=reason),
    )
    for some in batches([row.number for row in rows]):
        await connection.execute(change.where(columns.number.in_(some)))
    return [row.id for row in rows if row.state in WAITING]


async def hold(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Lock deliveries in the order of their numbers; in SQLite nobody else writes anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_HOLD, {"ids": to_json(ids)})
