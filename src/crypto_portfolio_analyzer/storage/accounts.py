"""Who may come in: accounts, one-time login codes, sessions. Secrets are stored as hashes only.

Codes and session secrets are random, so a plain SHA-256 cannot be guessed back; passwords, which people choose,
get Argon2. Instants are ns; the caller tells what time it is.
"""

import asyncio
import hashlib
import secrets
from base64 import b32encode
from functools import cache
from typing import Any

from msgspec import Struct
from pwdlib import PasswordHash
from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from crypto_portfolio_analyzer.core.timeframes import DAY, MINUTE
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.tables import login_codes, sessions, users

LOCAL_ADMIN = "admin"
"""Name and role of the administrator of this machine."""
CODE_LIFETIME = 15 * MINUTE
SESSION_LIFETIME = 30 * DAY
"""Counted anew from every rotation."""


class User(Struct, frozen=True):
    """One account; `disabled_at` is set once it may not come in any more."""

    id: str
    name: str
    role: str
    created_at: int
    disabled_at: int | None = None


class AccountStore:
    """The tables of users, login codes and sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_user(self, name: str, role: str, now: int) -> User:
        """Add an account without a password; raises InvalidInput if the name is taken."""
        user = User(new_id(), name, role, now)
        values = {"id": user.id, "name": name, "role": role, "created_at": now}
        async with self._database.writing() as connection:
            try:
                await connection.execute(insert(users).values(values))
            except IntegrityError as error:
                raise InvalidInput(f"user {name!r} exists; choose another name") from error
        return user

    async def local_admin(self, now: int) -> User:
        """Return the administrator of this machine, added if there is none yet."""
        try:
            return await self.user(LOCAL_ADMIN)
        except NotFound:
            pass
        try:
            return await self.add_user(LOCAL_ADMIN, LOCAL_ADMIN, now)
        except InvalidInput:  # another process was quicker
            return await self.user(LOCAL_ADMIN)

    async def users(self) -> list[User]:
        """Return every account, by name."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(users).order_by(users.columns.name))).all()
        return [_user(row) for row in rows]

    async def user(self, name: str) -> User:
        """Return the account of that name; raises NotFound."""
        row = await self._first(select(users).where(users.columns.name == name))
        if row is None:
            raise NotFound("user", name)
        return _user(row)

    async def disable_user(self, name: str, now: int) -> None:
        """Shut an account out at once: its sessions and codes are gone, its password is not asked; raises NotFound."""
        user = await self.user(name)
        async with self._database.writing() as connection:
            await connection.execute(update(users).where(users.columns.id == user.id).values(disabled_at=now))
            await connection.execute(delete(sessions).where(sessions.columns.user_id == user.id))
            await connection.execute(delete(login_codes).where(login_codes.columns.user_id == user.id))

    async def has_password(self, name: str) -> bool:
        """Tell whether the account can log in with a password."""
        row = await self._first(select(users.columns.password_hash).where(users.columns.name == name))
        return row is not None and row.password_hash is not None

    async def set_password(self, name: str, password: str) -> None:
        """Replace the password; raises NotFound."""
        hashed = await asyncio.to_thread(_passwords().hash, password)
        async with self._database.writing() as connection:
            statement = update(users).where(users.columns.name == name).values(password_hash=hashed)
            changed = await connection.execute(statement)
        if not changed.rowcount:
            raise NotFound("user", name)

    async def check_password(self, name: str, password: str) -> User | None:
        """Return the account if the password is right; takes as long when there is no such account."""
        row = await self._first(select(users).where(users.columns.name == name))
        known = row is not None and row.disabled_at is None and row.password_hash is not None
        hashed = row.password_hash if row is not None and known else _nobodys_password()
        right = await asyncio.to_thread(_passwords().verify, password, hashed)
        return _user(row) if row is not None and known and right else None

    async def issue_code(self, name: str, now: int, lifetime: int = CODE_LIFETIME) -> str:
        """Return a code that lets an account in once, for `lifetime` ns; raises NotFound."""
        user = await self.user(name)
        code = secrets.token_urlsafe(16)
        values = {"code_hash": _digest(code), "user_id": user.id, "expires_at": now + lifetime}
        async with self._database.writing() as connection:
            await connection.execute(delete(login_codes).where(login_codes.columns.expires_at <= now))
            await connection.execute(insert(login_codes).values(values))
        return code

    async def redeem_code(self, code: str, now: int) -> User | None:
        """Use up a code; None if it is unknown, used or too old. Of two who try at once, one gets in."""
        columns = login_codes.columns
        used = delete(login_codes).where(columns.code_hash == _digest(code)).returning(columns.user_id)
        async with self._database.writing() as connection:
            user_id = await connection.scalar(used.where(columns.expires_at > now))
        row = await self._first(_enabled().where(users.columns.id == user_id))
        return _user(row) if row else None

    async def open_session(self, name: str, now: int) -> tuple[str, str]:
        """Begin a session; return its id and its secret; raises NotFound."""
        user = await self.user(name)
        session, secret = _new_secret(new_id())
        values = {
            "id": session,
            "user_id": user.id,
            "secret_hash": _digest(secret),
            "created_at": now,
            "expires_at": now + SESSION_LIFETIME,
        }
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.columns.expires_at <= now))
            await connection.execute(insert(sessions).values(values))
        return session, secret

    async def session(self, secret: str, now: int) -> tuple[str, User] | None:
        """Return id and account of the session with this secret, if it is alive."""
        query = _alive(now).where(sessions.columns.secret_hash == _digest(secret))
        row = await self._first(query)
        return (row.session_id, _user(row)) if row else None

    async def is_alive(self, session: str, now: int) -> bool:
        """Tell whether a session has neither ended nor run out."""
        return await self._first(_alive(now).where(sessions.columns.id == session)) is not None

    async def rotate(self, secret: str, now: int) -> tuple[str, str, User] | None:
        """Replace a session's secret; return its id, the new secret and the account; None if there is no session.

        A secret that was replaced before was stolen from somebody, from us or by us: it ends the session.
        """
        found = await self.session(secret, now)
        session, fresh = _new_secret(secret.partition(".")[0])
        columns = sessions.columns
        replaced = update(sessions).where(columns.secret_hash == _digest(secret), columns.expires_at > now)
        values = {"secret_hash": _digest(fresh), "expires_at": now + SESSION_LIFETIME}
        async with self._database.writing() as connection:
            done = await connection.execute(replaced.values(values))
        if found is None or not done.rowcount:
            await self.close_session(session)
            return None
        return session, fresh, found[1]

    async def close_session(self, session: str) -> None:
        """End a session; does nothing if there is none."""
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.columns.id == session))

    async def _first(self, query: Select[Any]) -> Row[Any] | None:
        async with self._database.reading() as connection:
            row: Row[Any] | None = (await connection.execute(query)).first()
        return row


def new_id() -> str:
    """Return 128 random bits as 26 letters and digits: never a host, a name or a count."""
    return b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def _new_secret(session: str) -> tuple[str, str]:
    """Return the session's id and a secret that begins with it, so that an old secret still tells whose it was."""
    return session, f"{session}.{secrets.token_urlsafe(24)}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@cache
def _passwords() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_password() -> str:
    return _passwords().hash(secrets.token_urlsafe())


def _enabled() -> Select[Any]:
    return select(users).where(users.columns.disabled_at.is_(None))


def _alive(now: int) -> Select[Any]:
    query = select(users, sessions.columns.id.label("session_id"))
    query = query.join_from(sessions, users, sessions.columns.user_id == users.columns.id)
    return query.where(sessions.columns.expires_at > now, users.columns.disabled_at.is_(None))


def _user(row: Row[Any]) -> User:
    return User(row.id, row.name, row.role, row.created_at, row.disabled_at)
