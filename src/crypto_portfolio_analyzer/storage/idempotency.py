"""Requests that may come twice: the caller's key, what was asked with it, and what it made."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto_portfolio_analyzer.core.timeframes import DAY, MINUTE
from crypto_portfolio_analyzer.errors import AnalyzerError, InvalidInput
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.rows import Rows
from crypto_portfolio_analyzer.storage.tables import idempotency_keys as table

KEY_LIFETIME = DAY
"""How long a key is known."""
LONGEST_WORK = MINUTE
"""After this a request that left no answer has died."""


class Reserved(AnalyzerError):
    """The same request is still being worked on."""

    transient = True

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        return f"the request with idempotency key {self.key[:80]!r} is still being worked on"


def known_key(owner: str, key: str, now: int) -> Select[Any]:
    """Return the query of what an owner's request with this key made, if its time is not over."""
    columns = table.columns
    return select(table).where(columns.owner == owner, columns.key == key, columns.at > now - KEY_LIFETIME)


async def answered(
    connection: AsyncConnection, owner: str, key: str, request_hash: str, now: int
) -> list[str] | None:
    """Return the ids that an owner's request with this key made before, if there was one; they are held.

    Raises InvalidInput if something else was asked for.
    """
    await connection.execute(delete(table).where(table.columns.at <= now - KEY_LIFETIME))
    row = (await connection.execute(known_key(owner, key, now))).first()
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise _other_request(key)
    return msgspec.json.decode(row.answer, type=list[str])


async def remember(
    connection: AsyncConnection, owner: str, key: str, request_hash: str, made: Sequence[str], now: int
) -> None:
    """Note what a request made, by ids."""
    values = {
        "owner": owner,
        "key": key,
        "request_hash": request_hash,
        "answer": to_json(made),
        "at": now,
    }
    await connection.execute(insert(table).values(values))


class Answer(Struct, frozen=True):
    """What a request was answered with; a `secret` one cannot be told again, so `body` holds only what was made."""

    status: int
    body: str
    headers: dict[str, str]
    is_secret: bool = False


class AnswerStore(Rows):
    """Answers of requests that came with a key, so that a repeat is answered alike and makes nothing.

    A request first reserves its key, then does its work, then leaves its answer; of two at the same time one works.
    """

    async def reserve(self, owner: str, key: str, request_hash: str, now: int) -> Answer | None:
        """Reserve a key for a request, or return the answer it had before.

        Raises:
            Reserved: the same request is still being worked on.
            InvalidInput: the key came with another request.

        """
        values = {"owner": owner, "key": key, "request_hash": request_hash, "answer": "", "at": now}
        columns = table.columns
        its = columns.owner == owner, columns.key == key
        async with self._database.writing() as connection:
            await connection.execute(delete(table).where(columns.at <= now - KEY_LIFETIME))
            abandoned = columns.answer == "", columns.at <= now - LONGEST_WORK
            await connection.execute(delete(table).where(*its, *abandoned))
            dialect = sqlite if self._database.is_sqlite else postgresql
            wish = dialect.insert(table).values(values).on_conflict_do_nothing().returning(columns.key)
            if (await connection.execute(wish)).first() is not None:
                return None
            row = (await connection.execute(select(table).where(*its))).first()
        if row is None:  # it was let go just now
            raise Reserved(key)
        if row.request_hash != request_hash:
            raise _other_request(key)
        if not row.answer:
            raise Reserved(key)
        return msgspec.json.decode(row.answer, type=Answer)

    async def settle(self, owner: str, key: str, answer: Answer) -> None:
        """Leave the answer of the request that holds a key."""
        text = msgspec.json.encode(answer).decode()
        await self._change(owner, key, update(table).values(answer=text))

    async def release(self, owner: str, key: str) -> None:
        """Let a key go whose request made nothing."""
        await self._change(owner, key, delete(table))

    async def _change(self, owner: str, key: str, statement: Any) -> None:
        columns = table.columns
        async with self._database.writing() as connection:
            await connection.execute(
                statement.where(columns.owner == owner, columns.key == key, columns.answer == "")
            )


def _other_request(key: str) -> InvalidInput:
    return InvalidInput(f"idempotency key {key[:80]!r} came with another request; use a new key")
