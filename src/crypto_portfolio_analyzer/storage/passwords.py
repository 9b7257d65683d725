"""Passwords: what is refused as one, Argon2 of the others, and who comes in with them."""

import asyncio
import secrets
from functools import cache

from pwdlib import PasswordHash
from sqlalchemy import select, update

from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.tables import users
from crypto_portfolio_analyzer.storage.users import User, UserStore, end_logins, user_of

SHORTEST = 12
LONGEST = 256
"""Characters; hashing takes time with every one of them."""
_BAD_PARTS = ("password", "passwort", "qwerty", "qwertz", "123456", "abcdef", "letmein", "bitcoin", "crypto")
_FEWEST_KINDS = 6
"""Different characters that a password needs once the words everybody tries are taken out of it."""


class PasswordStore(UserStore):
    """The passwords in the table of users."""

    async def has_password(self, name: str) -> bool:
        """Tell whether the account can log in with a password."""
        row = await self._first(select(users.columns.password_hash).where(users.columns.name == name))
        return row is not None and row.password_hash is not None

    async def set_password(
        self, name: str, password: str, now: int, actor: str | None = None, but: str | None = None
    ) -> None:
        """Replace the password; every session but `but` ends, and so do one-time codes. API tokens go on.

        Raises:
            NotFound: there is no such account.
            InvalidInput: a password that is too short, too long or too easy.

        """
        refuse_weak(name, password)
        user = await self.user(name)
        hashed = await asyncio.to_thread(_passwords().hash, password)
        async with self._database.writing() as connection:
            statement = update(users).where(users.columns.id == user.id).values(password_hash=hashed)
            await connection.execute(statement)
            await end_logins(connection, user.id, but)
            await record(connection, [Entry(actor or name, "user.password_set", name)], now)

    async def check_password(self, name: str, password: str) -> User | None:
        """Return the account if the password is right; takes as long when there is no such account."""
        row = await self._first(select(users).where(users.columns.name == name))
        known = row is not None and row.disabled_at is None and row.password_hash is not None
        hashed = row.password_hash if row is not None and known else _nobodys_password()
        right = await asyncio.to_thread(_passwords().verify, password, hashed)
        return user_of(row) if row is not None and known and right else None


def refuse_weak(name: str, password: str) -> None:
    """Raise InvalidInput for a password that is too short, too long or too easy; says which, never the password."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"the password has {len(password)} characters; use {SHORTEST} to {LONGEST}")
    rest = password.lower().replace(name.lower(), "")
    for part in _BAD_PARTS:
        rest = rest.replace(part, "")
    if len(set(rest)) < _FEWEST_KINDS:
        raise InvalidInput("the password is among the first that anybody tries; use several unusual words")


@cache
def _passwords() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_password() -> str:
    return _passwords().hash(secrets.token_urlsafe())
