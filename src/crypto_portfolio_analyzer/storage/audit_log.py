"""The audit log as people read and check it, and the anchor that follows its chain."""

import asyncio
import logging
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row, Select, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.errors import StorageError
from crypto_portfolio_analyzer.storage.audit import ENGINE, Entry, head, record
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor, Anchored
from crypto_portfolio_analyzer.storage.audit_chain import PAGE, TRUNCATED, Verdict, Walk
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery_tables import links
from crypto_portfolio_analyzer.storage.rows import Rows
from crypto_portfolio_analyzer.storage.tables import audit as table
from crypto_portfolio_analyzer.tasks import Nursery

ANCHOR_EVERY = 60.0
MOST_ENTRIES = 500
"""In one answer."""
_COLUMNS = table.columns
_BY_PEOPLE = text(f"actor <> '{ENGINE}'")  # literally, as the index of it says

logger = logging.getLogger(__name__)


class AuditEntry(Struct, frozen=True):
    """One entry as it is shown; `hash` is None outside of the chain."""

    seq: int
    at: int
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    hash: str | None


class AuditLog(Rows):
    """The table of entries. Between `start` and `stop` the anchor follows the chain."""

    def __init__(self, database: Database, anchor: Anchor, clock: Clock) -> None:
        super().__init__(database)
        self._anchor, self._clock, self._nursery = anchor, clock, Nursery()
        self._is_told = False

    async def start(self) -> None:
        """Begin to note the head of the chain."""
        await self._nursery.start()
        self._nursery.spawn(self._follow(), name="anchor the audit log")

    async def stop(self) -> None:
        """Note the head a last time."""
        await self._nursery.stop()
        await self._note_head()

    async def note(self, actor: str, action: str, subject: str) -> None:
        """Record an act that changes nothing in the database."""
        async with self._database.writing() as connection:
            await record(connection, [Entry(actor, action, subject)], self._clock.now())

    async def entries(
        self,
        *,
        own: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        since: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[AuditEntry]:
        """Return entries, newest first: since an instant (ns), with a number smaller than `before`.

        `action` is a whole one or how it begins (`alert` for `alert.created`); `actor` acts by tokens too; `own` is
        whose acts alone are shown, also those by a linked person on another platform.
        """
        query = select(table).order_by(_COLUMNS.seq.desc()).limit(min(limit, MOST_ENTRIES))
        if own is not None:
            query = query.where(_by(own))
        if action is not None:
            begins = _COLUMNS.action.startswith(f"{action.removesuffix('.')}.", autoescape=True)
            query = query.where((_COLUMNS.action == action) | begins)
        if actor is not None:
            by_token = _COLUMNS.actor.startswith(f"{actor} via ", autoescape=True)
            query = query.where((_COLUMNS.actor == actor) | by_token)
        if subject is not None:
            query = query.where(_COLUMNS.subject == subject)
        if since is not None:
            query = query.where(_COLUMNS.at >= since)
        if before is not None:
            query = query.where(_COLUMNS.seq < before)
        return [_entry(row) for row in await self._all(query)]

    async def verify(self) -> Verdict:
        """Walk along the whole chain, and look whether the anchor's entry is on it.

        Raises StorageError if the anchor cannot be read.
        """
        anchored = await asyncio.to_thread(self._anchor.read)
        walk = Walk(self._database.audit_keys)
        async with self._database.reading() as connection:
            after = -(2**63)
            while walk.broken is None and (rows := (await connection.execute(_page(after))).all()):
                walk.go(rows)
                after = rows[-1].seq
                await asyncio.sleep(0)  # a page is some milliseconds of hashing
            is_whole = anchored is None or await _holds(connection, anchored)
        if walk.broken is None and anchored is not None and not is_whole:
            walk.broken = anchored.seq, TRUNCATED
        broken_at, problem = walk.broken or (None, None)
        return Verdict(
            ok=walk.broken is None,
            entries=walk.entries,
            head=walk.head,
            earlier=walk.earlier,
            broken_at=broken_at,
            problem=problem,
        )

    async def anchor(self) -> bool:
        """Note the head of the chain, unless the chain has lost what was noted before: False then.

        Raises StorageError.
        """
        anchored = await asyncio.to_thread(self._anchor.read)
        async with self._database.reading() as connection:
            if anchored is not None and not await _holds(connection, anchored):
                return False
            newest = await head(connection)
        if newest is not None and (anchored is None or newest.seq > anchored.seq):
            noted = Anchored(newest.seq, newest.hash, self._clock.now())
            await asyncio.to_thread(self._anchor.write, noted)
        return True

    async def go_on(self, actor: str, action: str, subject: str) -> None:
        """Record that the database is another one by now, and begin the anchor anew from there.

        Raises StorageError.
        """
        lost = await asyncio.to_thread(self._anchor.read)
        details = {} if lost is None else {"anchor_seq": lost.seq, "anchor_hash": lost.hash}
        async with self._database.writing() as connection:
            await record(connection, [Entry(actor, action, subject, details)], self._clock.now())
            newest = await head(connection)
        if newest is not None:
            await asyncio.to_thread(self._anchor.write, Anchored(newest.seq, newest.hash, self._clock.now()))

    async def _follow(self) -> None:
        while True:
            await self._note_head()
            await self._clock.sleep(ANCHOR_EVERY)

    async def _note_head(self) -> None:
        try:
            if not await self.anchor():
                self._tell("the audit log has lost entries that its anchor knows; see `audit verify`")
            else:
                self._is_told = False
        except StorageError as error:
            self._tell("the audit log cannot be anchored", str(error))

    def _tell(self, what: str, why: str = "") -> None:
        if not self._is_told:
            logger.error(what, extra={"reason": why} if why else {})
        self._is_told = True


def _page(after: int) -> Select[Any]:
    """Select people's next entries: whatever is on the chain, or should be."""
    meant = _COLUMNS.hash.is_not(None) | _BY_PEOPLE
    return select(table).where(_COLUMNS.seq > after, meant).order_by(_COLUMNS.seq).limit(PAGE)


async def _holds(connection: AsyncConnection, anchored: Anchored) -> bool:
    found = await connection.scalar(select(_COLUMNS.hash).where(_COLUMNS.seq == anchored.seq))
    return bool(found == anchored.hash)


def _by(name: str) -> Any:
    linked = select(links.columns.platform + ":" + links.columns.person).where(links.columns.owner == name)
    theirs = or_(
        _COLUMNS.actor == name,
        _COLUMNS.actor.startswith(f"{name} via ", autoescape=True),  # a token of theirs
        _COLUMNS.actor.in_(linked),
    )
    return theirs & _BY_PEOPLE


def _entry(row: Row[Any]) -> AuditEntry:
    details = msgspec.json.decode(row.details, type=dict[str, Any])
    return AuditEntry(row.seq, row.at, row.actor, row.action, row.subject, details, row.hash)
