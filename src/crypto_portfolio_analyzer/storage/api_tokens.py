"""API tokens: what programs come in with. A token is shown once; its SHA-256 is stored."""

import secrets
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, Select, delete, func, insert, select, update

from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.alert_rows import texts, to_json
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.rows import Rows
from crypto_portfolio_analyzer.storage.sessions import digest
from crypto_portfolio_analyzer.storage.tables import api_tokens as table
from crypto_portfolio_analyzer.storage.tables import users
from crypto_portfolio_analyzer.storage.users import User, new_id, user_of

PREFIX = "ca_"
"""What every token begins with, so that scanners know one that leaked."""
MOST_TOKENS = 50
"""Of one user."""
_SECRET_BYTES = 32
_USE_NOTED_EVERY = MINUTE
_ITS = {name: table.columns[name].label(f"token_{name}") for name in table.columns.keys()}  # noqa: SIM118


class ApiToken(Struct, frozen=True):
    """What is known of a token: all but the token. `used_at` is true to a minute."""

    id: str
    user: str
    name: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int | None = None
    used_at: int | None = None


class TokenStore(Rows):
    """The table of API tokens."""

    async def create(
        self,
        user: str,
        name: str,
        scopes: Sequence[str],
        now: int,
        expires_at: int | None = None,
        actor: str | None = None,
    ) -> tuple[ApiToken, str]:
        """Make a token for a user; return it together with its secret, shown this once.

        Raises:
            NotFound: there is no such user.
            InvalidInput: the user has MOST_TOKENS already, or the token would never work.

        """
        if not scopes or (expires_at is not None and expires_at <= now):
            raise InvalidInput("the token would open nothing; give it a scope and a later end")
        token = ApiToken(new_id(), user, name, tuple(scopes), now, expires_at)
        secret = f"{PREFIX}{token.id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        async with self._database.writing() as connection:
            held = select(users.columns.id).where(users.columns.name == user).with_for_update()
            user_id = await connection.scalar(held)
            if user_id is None:
                raise NotFound("user", user)
            count = select(func.count()).select_from(table).where(table.columns.user_id == user_id)
            if (await connection.scalar(count) or 0) >= MOST_TOKENS:
                raise InvalidInput(f"user {user!r} has {MOST_TOKENS} tokens; revoke one first")
            await connection.execute(insert(table).values(_values(token, user_id, secret)))
            await record(connection, [_entry(token, actor, "token.created")], now)
        return token, secret

    async def of_user(self, user: str) -> list[ApiToken]:
        """Return a user's tokens, oldest first."""
        query = _tokens().where(users.columns.name == user)
        rows = await self._all(query.order_by(table.columns.created_at, table.columns.id))
        return [_token(row) for row in rows]

    async def revoke(self, user: str, token_id: str, now: int, actor: str | None = None) -> ApiToken:
        """End one of a user's tokens; raises NotFound for one that is not theirs."""
        its = users.columns.name == user, table.columns.id == token_id
        async with self._database.writing() as connection:
            row = (await connection.execute(_tokens().where(*its))).first()
            gone = delete(table).where(table.columns.id == token_id)
            if row is None or not (await connection.execute(gone)).rowcount:
                raise NotFound("token", token_id)
            token = _token(row)
            await record(connection, [_entry(token, actor, "token.revoked")], now)
        return token

    async def find(self, secret: str, now: int) -> tuple[ApiToken, User] | None:
        """Return what a secret opens, and whose it is; None if it opens nothing any more, or its user is shut out."""
        alive = table.columns.expires_at.is_(None) | (table.columns.expires_at > now)
        its = table.columns.hash == digest(secret), users.columns.disabled_at.is_(None)
        row = await self._first(_tokens().where(alive, *its))
        if row is None:
            return None
        await self._note_use(row, now)
        return _token(row), user_of(row)

    async def _note_use(self, row: Row[Any], now: int) -> None:
        if row.token_used_at is not None and row.token_used_at > now - _USE_NOTED_EVERY:
            return
        noted = update(table).where(table.columns.id == row.token_id).values(used_at=now)
        async with self._database.writing() as connection:
            await connection.execute(noted)


def _tokens() -> Select[Any]:
    return select(users, *_ITS.values()).join_from(table, users, table.columns.user_id == users.columns.id)


def _values(token: ApiToken, user_id: str, secret: str) -> dict[str, object]:
    return {
        "id": token.id,
        "user_id": user_id,
        "name": token.name,
        "hash": digest(secret),
        "scopes": to_json(token.scopes),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
    }


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.token_id,
        user=row.name,
        name=row.token_name,
        scopes=texts(row.token_scopes),
        created_at=row.token_created_at,
        expires_at=row.token_expires_at,
        used_at=row.token_used_at,
    )


def _entry(token: ApiToken, actor: str | None, action: str) -> Entry:
    details = {"user": token.user, "name": token.name, "scopes": token.scopes}
    return Entry(actor or token.user, action, token.id, details)
