"""Who is who on other platforms: linked persons, and the codes by which they link themselves.

A code has 192 bits, works once and for ten minutes; what is stored of it is a hash.
"""

import hashlib
import secrets
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.notices.links import Link
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.delivery_tables import link_codes
from crypto_portfolio_analyzer.storage.delivery_tables import links as table
from crypto_portfolio_analyzer.storage.rows import Rows
from crypto_portfolio_analyzer.storage.upsert import upsert

CODE_LIFETIME = 10 * MINUTE
"""How long a code works (ns)."""
CODE_BYTES = 24

_COLUMNS = [table.columns[name] for name in Link.__struct_fields__]


class LinkStore(Rows):
    """The tables of linked persons and of codes."""

    async def new_code(self, owner: str, platform: str, now: int) -> str:
        """Return a code that links whoever shows it on a platform to an owner; the owner's former one is void."""
        code = secrets.token_urlsafe(CODE_BYTES)
        columns = link_codes.columns
        former = (columns.owner == owner) & (columns.platform == platform)
        values = {
            "code_hash": hashed(code),
            "platform": platform,
            "owner": owner,
            "expires_at": now + CODE_LIFETIME,
        }
        async with self._database.writing() as connection:
            await connection.execute(delete(link_codes).where(former | (columns.expires_at <= now)))
            await connection.execute(insert(link_codes).values(values))
        return code

    async def use_code(self, platform: str, code: str, person: str, name: str, now: int) -> Link | None:
        """Link a person to the owner of a code and void the code; None if the code is wrong, used or late.

        Whomever the person acted for before, they do no more.
        """
        columns = link_codes.columns
        its = columns.code_hash == hashed(code), columns.platform == platform, columns.expires_at > now
        async with self._database.writing() as connection:
            owner = await connection.scalar(delete(link_codes).where(*its).returning(columns.owner))
            if owner is None:
                return None
            link = Link(platform=platform, person=person, owner=owner, name=name, created_at=now)
            await self._add(connection, link, owner)
        return link

    async def link(self, platform: str, person: str) -> Link | None:
        """Return whom a person acts for; None for nobody."""
        row = await self._first(
            select(*_COLUMNS).where(table.columns.platform == platform, table.columns.person == person)
        )
        return None if row is None else _link(row)

    async def links(self, owner: str) -> list[Link]:
        """Return the persons who act for an owner, oldest first."""
        query = select(*_COLUMNS).where(table.columns.owner == owner)
        rows = await self._all(query.order_by(table.columns.created_at, table.columns.person))
        return [_link(row) for row in rows]

    async def add(self, link: Link, actor: str) -> None:
        """Store a link, over a former one of the person."""
        async with self._database.writing() as connection:
            await self._add(connection, link, actor)

    async def unlink(self, owner: str, platform: str, person: str, now: int, actor: str) -> None:
        """Forget a link; raises NotFound."""
        columns = table.columns
        its = columns.owner == owner, columns.platform == platform, columns.person == person
        async with self._database.writing() as connection:
            if not (await connection.execute(delete(table).where(*its))).rowcount:
                raise NotFound("link", f"{platform} {person}")
            entry = Entry(actor, "link.removed", owner, {"platform": platform, "person": person})
            await record(connection, [entry], now)

    async def _add(self, connection: AsyncConnection, link: Link, actor: str) -> None:
        await connection.execute(upsert(table, is_sqlite=self._database.is_sqlite), [asdict(link)])
        details = {"platform": link.platform, "person": link.person, "name": link.name}
        await record(connection, [Entry(actor, "link.added", link.owner, details)], link.created_at)


def hashed(secret: str) -> str:
    """Return what is stored of a code or token; it has too many bits to be guessed, so no salt is needed."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _link(row: Row[Any]) -> Link:
    return Link(**dict(zip(Link.__struct_fields__, row, strict=True)))
