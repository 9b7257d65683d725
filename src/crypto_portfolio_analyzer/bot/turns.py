"""Turns: one thing at a time of each chat, so that two presses of one message do not undo each other's answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """A lock per chat, there only while somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._wanted: dict[str, int] = {}

    @asynccontextmanager
    async def of(self, chat: str) -> AsyncIterator[None]:
        """Wait for a chat's turn and hold it."""
        lock = self._locks.setdefault(chat, asyncio.Lock())
        self._wanted[chat] = self._wanted.get(chat, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._wanted[chat] -= 1
            if not self._wanted[chat]:
                del self._wanted[chat], self._locks[chat]

    def __len__(self) -> int:
        return len(self._locks)
