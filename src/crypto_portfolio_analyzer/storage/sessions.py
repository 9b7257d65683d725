"""Who is logged in: one-time codes, sessions and their secrets. Secrets are random, and stored as hashes only."""

import hashlib
import secrets
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, delete, insert, select, update

from crypto_portfolio_analyzer.core.timeframes import DAY, MINUTE
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.audit import ENGINE, Entry, record
from crypto_portfolio_analyzer.storage.tables import login_codes, sessions, users
from crypto_portfolio_analyzer.storage.users import NOBODY, User, UserStore, new_id, user_of

CODE_LIFETIME = 15 * MINUTE
SESSION_LIFETIME = 30 * DAY
"""Counted anew from every rotation."""
_LONGEST_AGENT = 200


class Session(Struct, frozen=True):
    """A login: until when it lasts unless it is renewed, and how who logged in calls itself."""

    id: str
    created_at: int
    expires_at: int
    agent: str


class SessionStore(UserStore):
    """The tables of one-time codes and sessions."""

    async def issue_code(
        self, name: str, now: int, lifetime: int = CODE_LIFETIME, actor: str = ENGINE
    ) -> str:
        """Return a code that lets an account in once, for `lifetime` ns.

        Raises NotFound, and InvalidInput for an account that is shut out.
        """
        user = await self.user(name)
        if user.disabled_at is not None:
            raise InvalidInput(f"user {name!r} is disabled; enable it first")
        code = secrets.token_urlsafe(16)
        values = {"code_hash": digest(code), "user_id": user.id, "expires_at": now + lifetime}
        async with self._database.writing() as connection:
            await connection.execute(delete(login_codes).where(login_codes.columns.expires_at <= now))
            await connection.execute(insert(login_codes).values(values))
            await record(connection, [Entry(actor, "user.login_link", name)], now)
        return code

    async def redeem_code(self, code: str, now: int) -> User | None:
        """Use up a code; None if it is unknown, used or too old. Of two who try at once, one gets in."""
        columns = login_codes.columns
        used = delete(login_codes).where(columns.code_hash == digest(code)).returning(columns.user_id)
        async with self._database.writing() as connection:
            user_id = await connection.scalar(used.where(columns.expires_at > now))
        its = users.columns.id == user_id, users.columns.disabled_at.is_(None)
        row = await self._first(select(users).where(*its))
        return user_of(row) if row else None

    async def open_session(self, name: str, now: int, agent: str = "", way: str = "") -> tuple[str, str]:
        """Begin a session; return its id and its secret; raises NotFound.

        `way` is how they came in (password, link), for the audit log.
        """
        user = await self.user(name)
        session, secret = _new_secret(new_id())
        values = {
            "id": session,
            "user_id": user.id,
            "secret_hash": digest(secret),
            "created_at": now,
            "expires_at": now + SESSION_LIFETIME,
            "agent": "".join(filter(str.isprintable, agent))[:_LONGEST_AGENT],
        }
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.columns.expires_at <= now))
            await connection.execute(insert(sessions).values(values))
            await record(connection, [Entry(name, "login.opened", session, {"way": way})], now)
        return session, secret

    async def refuse_login(self, name: str, reason: str, now: int) -> None:
        """Record that somebody who said to be `name` was not let in, and why.

        A name nobody has is not kept: people type passwords into the wrong field.
        """
        row = await self._first(select(users.columns.id).where(users.columns.name == name))
        subject = NOBODY if row is None else name
        async with self._database.writing() as connection:
            await record(connection, [Entry(NOBODY, "login.refused", subject, {"reason": reason})], now)

    async def session(self, secret: str, now: int) -> tuple[str, User] | None:
        """Return id and account of the session with this secret, if it is alive."""
        query = _alive(now).where(sessions.columns.secret_hash == digest(secret))
        row = await self._first(query)
        return (row.session_id, user_of(row)) if row else None

    async def holder(self, session: str, now: int) -> User | None:
        """Return the account of a session that has neither ended nor run out."""
        row = await self._first(_alive(now).where(sessions.columns.id == session))
        return user_of(row) if row else None

    async def sessions_of(self, name: str, now: int) -> list[Session]:
        """Return somebody's sessions that are alive, newest first."""
        query = _alive(now).add_columns(*(sessions.columns[each].label(f"its_{each}") for each in _SHOWN))
        newest = query.where(users.columns.name == name).order_by(sessions.columns.created_at.desc())
        rows = await self._all(newest)
        return [
            Session(row.session_id, row.its_created_at, row.its_expires_at, row.its_agent) for row in rows
        ]

    async def rotate(self, secret: str, now: int) -> tuple[str, str, User] | None:
        """Replace a session's secret; return its id, the new secret and the account; None if there is no session.

        A secret that was replaced before was stolen from somebody, from us or by us: it ends the session.
        """
        found = await self.session(secret, now)
        session, fresh = _new_secret(secret.partition(".")[0])
        columns = sessions.columns
        replaced = update(sessions).where(columns.secret_hash == digest(secret), columns.expires_at > now)
        values = {"secret_hash": digest(fresh), "expires_at": now + SESSION_LIFETIME}
        async with self._database.writing() as connection:
            done = await connection.execute(replaced.values(values))
        if found is None or not done.rowcount:
            await self._end_stolen(session, now)
            return None
        return session, fresh, found[1]

    async def _end_stolen(self, session: str, now: int) -> None:
        """End a session whose former secret was shown, if it lives, and record it: there is a thief."""
        async with self._database.writing() as connection:
            name = await connection.scalar(
                _alive(now).with_only_columns(users.columns.name).where(sessions.columns.id == session)
            )
            if name is None:
                return
            await connection.execute(delete(sessions).where(sessions.columns.id == session))
            await record(connection, [Entry(NOBODY, "login.reused", session, {"user": name})], now)

    async def end_session(self, name: str, session: str, now: int, actor: str | None = None) -> None:
        """End one of somebody's sessions; raises NotFound for one that is not theirs."""
        user = await self.user(name)
        its = sessions.columns.id == session, sessions.columns.user_id == user.id
        async with self._database.writing() as connection:
            if not (await connection.execute(delete(sessions).where(*its))).rowcount:
                raise NotFound("session", session)
            await record(connection, [Entry(actor or name, "login.ended", session, {"user": name})], now)

    async def close_all(
        self, name: str, now: int, but: str | None = None, actor: str | None = None
    ) -> list[str]:
        """End every session of somebody except `but`; return the ids of those that ended. Raises NotFound."""
        user = await self.user(name)
        theirs = sessions.columns.user_id == user.id, sessions.columns.id != (but or "")
        async with self._database.writing() as connection:
            gone = delete(sessions).where(*theirs).returning(sessions.columns.id)
            ended = sorted(await connection.scalars(gone))
            details = {"user": name}
            await record(
                connection, [Entry(actor or name, "login.ended", each, details) for each in ended], now
            )
        return ended


_SHOWN = ("created_at", "expires_at", "agent")


def digest(secret: str) -> str:
    """Return what is stored of a secret with too many bits to be guessed: no salt is needed."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _new_secret(session: str) -> tuple[str, str]:
    """Return the session's id and a secret that begins with it, so that an old secret still tells whose it was."""
    return session, f"{session}.{secrets.token_urlsafe(24)}"


def _alive(now: int) -> Select[Any]:
    query = select(users, sessions.columns.id.label("session_id"))
    query = query.join_from(sessions, users, sessions.columns.user_id == users.columns.id)
    return query.where(sessions.columns.expires_at > now, users.columns.disabled_at.is_(None))
