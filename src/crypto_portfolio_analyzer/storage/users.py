"""Accounts: names, roles, who is shut out, what people prefer.

Instants are ns; the caller tells what time it is. Every change is recorded in the transaction that makes it.
"""

import re
import secrets
from base64 import b32encode
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.audit import ENGINE, Entry, record
from crypto_portfolio_analyzer.storage.rows import Rows
from crypto_portfolio_analyzer.storage.tables import login_codes, sessions, users

LOCAL_ADMIN = "admin"
"""Name and role of the administrator of this machine."""
NOBODY = "nobody"
"""Who acts when it is not known who does."""
RESERVED = frozenset({LOCAL_ADMIN, ENGINE, NOBODY, "system"})
"""Names nobody can take: they act in the audit log."""
ROLES = ("reader", "trader", LOCAL_ADMIN)
"""Each may do more than the one before it."""
_NAME = re.compile(r"[a-z0-9._-]{1,32}")


class User(Struct, frozen=True):
    """One account; `disabled_at` is set once it may not come in any more, `totp` while logins need a second factor."""

    id: str
    name: str
    role: str
    created_at: int
    disabled_at: int | None = None
    has_password: bool = False
    totp: bool = False


class UserStore(Rows):
    """The table of users."""

    async def add_user(self, name: str, role: str, now: int, actor: str = LOCAL_ADMIN) -> User:
        """Add an account without a password; raises InvalidInput for a name that is taken, or none at all."""
        _refuse_unknown(role)
        if not _NAME.fullmatch(name):
            problem = "is no user name; use 1 to 32 of the letters a-z, digits, '.', '_' and '-'"
            raise InvalidInput(f"{name[:40]!r} {problem}")
        if name in RESERVED:
            raise InvalidInput(f"user {name!r} is the house's own; choose another name")
        return await self._add(name, role, now, actor)

    async def local_admin(self, now: int) -> User:
        """Return the administrator of this machine, added if there is none yet."""
        try:
            return await self.user(LOCAL_ADMIN)
        except NotFound:
            pass
        try:
            return await self._add(LOCAL_ADMIN, LOCAL_ADMIN, now, ENGINE)
        except InvalidInput:  # another process was quicker
            return await self.user(LOCAL_ADMIN)

    async def users(self) -> list[User]:
        """Return every account, by name."""
        return [user_of(row) for row in await self._all(select(users).order_by(users.columns.name))]

    async def user(self, name: str) -> User:
        """Return the account of that name; raises NotFound."""
        row = await self._first(select(users).where(users.columns.name == name))
        if row is None:
            raise NotFound("user", name)
        return user_of(row)

    async def set_role(self, name: str, role: str, now: int, actor: str = LOCAL_ADMIN) -> User:
        """Give an account another role; if it is a lesser one, its logins end.

        Raises:
            NotFound: there is none of that name.
            InvalidInput: there is no such role, or it is the last administrator who can come in.

        """
        _refuse_unknown(role)
        async with self._database.writing() as connection:
            user = await _held(connection, name)
            if user.role == role:
                return user
            await _refuse_last(connection, user)
            await _change(connection, user, role=role)
            if ROLES.index(role) < ROLES.index(user.role):
                await end_logins(connection, user.id)
            details = {"role": role, "before": user.role}
            await record(connection, [Entry(actor, "user.role_changed", name, details)], now)
        return msgspec.structs.replace(user, role=role)

    async def disable_user(self, name: str, now: int, actor: str = LOCAL_ADMIN) -> None:
        """Shut an account out at once: its sessions and codes are gone, its password and tokens are not asked.

        Raises NotFound, and InvalidInput for the last administrator who can come in.
        """
        async with self._database.writing() as connection:
            user = await _held(connection, name)
            if user.disabled_at is not None:
                return
            await _refuse_last(connection, user)
            await _change(connection, user, disabled_at=now)
            await end_logins(connection, user.id)
            await record(connection, [Entry(actor, "user.disabled", name)], now)

    async def enable_user(self, name: str, now: int, actor: str = LOCAL_ADMIN) -> None:
        """Let an account in again, with the password and the tokens it had; raises NotFound."""
        async with self._database.writing() as connection:
            user = await _held(connection, name)
            if user.disabled_at is None:
                return
            await _change(connection, user, disabled_at=None)
            await record(connection, [Entry(actor, "user.enabled", name)], now)

    async def preferences(self, name: str) -> dict[str, Any]:
        """Return what somebody prefers, as it was stored; raises NotFound."""
        row = await self._first(select(users.columns.preferences).where(users.columns.name == name))
        if row is None:
            raise NotFound("user", name)
        return msgspec.json.decode(row.preferences, type=dict[str, Any])

    async def set_preferences(self, name: str, preferences: Mapping[str, object]) -> None:
        """Replace what somebody prefers; raises NotFound. It concerns nobody else, so the audit log has none of it."""
        statement = update(users).where(users.columns.name == name)
        async with self._database.writing() as connection:
            done = await connection.execute(statement.values(preferences=to_json(preferences)))
        if not done.rowcount:
            raise NotFound("user", name)

    async def _add(self, name: str, role: str, now: int, actor: str) -> User:
        user = User(new_id(), name, role, now)
        values = {"id": user.id, "name": name, "role": role, "created_at": now}
        async with self._database.writing() as connection:
            try:
                await connection.execute(insert(users).values(values))
            except IntegrityError as error:
                raise InvalidInput(f"user {name!r} exists; choose another name") from error
            await record(connection, [Entry(actor, "user.added", name, {"role": role})], now)
        return user


def new_id() -> str:
    """Return 128 random bits as 26 letters and digits: never a host, a name or a count."""
    return b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def user_of(row: Row[Any]) -> User:
    """Return the account of a row that has the columns of the table of users."""
    return User(
        id=row.id,
        name=row.name,
        role=row.role,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        has_password=row.password_hash is not None,
        totp=row.totp_confirmed_at is not None,
    )


async def end_logins(connection: AsyncConnection, user_id: str, but: str | None = None) -> None:
    """End every session of an account except `but`, and void its one-time codes."""
    theirs = sessions.columns.user_id == user_id, sessions.columns.id != (but or "")
    await connection.execute(delete(sessions).where(*theirs))
    await connection.execute(delete(login_codes).where(login_codes.columns.user_id == user_id))


def _refuse_unknown(role: str) -> None:
    if role not in ROLES:
        raise InvalidInput(f"{role[:40]!r} is no role; use {', '.join(ROLES)}")


async def _held(connection: AsyncConnection, name: str) -> User:
    """Return an account, locked together with all administrators: of two who shut each other out, one stays.

    In the order of their ids, so that no two wait for each other. Raises NotFound.
    """
    meant = (users.columns.name == name) | (users.columns.role == LOCAL_ADMIN)
    query = select(users).where(meant).order_by(users.columns.id).with_for_update()
    for row in await connection.execute(query):
        if row.name == name:
            return user_of(row)
    raise NotFound("user", name)


async def _refuse_last(connection: AsyncConnection, user: User) -> None:
    """Raise InvalidInput for the last administrator who can come in; the administrators are held."""
    columns = users.columns
    others = columns.role == LOCAL_ADMIN, columns.disabled_at.is_(None), columns.id != user.id
    if user.role != LOCAL_ADMIN or user.disabled_at is not None:
        return
    if (await connection.execute(select(columns.id).where(*others).limit(1))).first() is None:
        raise InvalidInput(f"{user.name!r} is the last administrator; make another one first")


async def _change(connection: AsyncConnection, user: User, **values: object) -> None:
    await connection.execute(update(users).where(users.columns.id == user.id).values(values))
