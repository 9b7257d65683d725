"""Patience with logins: each failure beyond a few doubles the wait, and few passwords are checked at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.clock import Clock

FREE = 5
LONGEST_SECONDS = 300.0
_REMEMBERED = 10_000
_FORGOTTEN_AFTER = 3600.0


class Attempts:
    """Tries by key, as many keys as memory should bear. A try counts as failed until it has succeeded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[str, tuple[int, float]] = {}

    def begin(self, *keys: str) -> float:
        """Count one try for each key and return 0; or return the seconds to wait, and count nothing.

        Tries are counted when they begin, so that a hundred at once are no way around the limit.
        """
        wait = max((self._wait(key) for key in keys), default=0.0)
        if wait > 0:
            return wait
        now = self._clock.monotonic()
        for key in keys:
            self._failed[key] = (self._count(key) + 1, now)
        while len(self._failed) > _REMEMBERED:
            del self._failed[next(iter(self._failed))]
        return 0.0

    def succeed(self, *keys: str) -> None:
        """Forget the tries of each key."""
        for key in keys:
            self._failed.pop(key, None)

    def excuse(self, *keys: str) -> None:
        """Take back one try of each key: it was none."""
        for key in keys:
            count, at = self._failed.pop(key, (0, 0.0))
            if count > 1:
                self._failed[key] = (count - 1, at)

    def _count(self, key: str) -> int:
        """Take a key out, to be put back as the youngest; return how often it was tried of late."""
        count, at = self._failed.pop(key, (0, 0.0))
        return count if self._clock.monotonic() - at <= _FORGOTTEN_AFTER else 0

    def _wait(self, key: str) -> float:
        count, at = self._failed.get(key, (0, 0.0))
        since = self._clock.monotonic() - at
        if count < FREE or since > _FORGOTTEN_AFTER:
            return 0.0
        return max(0.0, min(LONGEST_SECONDS, 2.0 ** min(count - FREE, 32)) - since)


class Crowded(Exception):
    """Too many wait for the same thing already."""


class Turns:
    """Few at a time: checking a password costs tens of MB and ms by design. So many may wait, the rest may not."""

    def __init__(self, *, at_once: int = 2, waiting: int = 16) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._room = at_once + waiting

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a turn and take it; raises Crowded."""
        if self._room <= 0:
            raise Crowded
        self._room -= 1
        try:
            async with self._turns:
                yield
        finally:
            self._room += 1
