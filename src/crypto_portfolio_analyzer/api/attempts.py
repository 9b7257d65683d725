"""Patience with failed logins: each failure beyond a few doubles the wait, per name and per address."""

from crypto_portfolio_analyzer.clock import Clock

FREE = 5
LONGEST_SECONDS = 300.0
_REMEMBERED = 10_000
_FORGOTTEN_AFTER = 3600.0


class Attempts:
    """Failed logins by key, as many keys as memory should bear."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[str, tuple[int, float]] = {}

    def wait_for(self, *keys: str) -> float:
        """Return the seconds until any of `keys` may try again, 0 for now."""
        return max((self._wait(key) for key in keys), default=0.0)

    def fail(self, *keys: str) -> None:
        """Count one failure for each key."""
        now = self._clock.monotonic()
        for key in keys:
            count, _ = self._failed.pop(key, (0, now))
            self._failed[key] = (count + 1, now)
        while len(self._failed) > _REMEMBERED:
            del self._failed[next(iter(self._failed))]

    def succeed(self, *keys: str) -> None:
        """Forget the failures of each key."""
        for key in keys:
            self._failed.pop(key, None)

    def _wait(self, key: str) -> float:
        count, at = self._failed.get(key, (0, 0.0))
        since = self._clock.monotonic() - at
        if count < FREE or since > _FORGOTTEN_AFTER:
            return 0.0
        return max(0.0, min(LONGEST_SECONDS, 2.0 ** (count - FREE)) - since)
