"""A breaker: an endpoint that fails again and again is asked by one probe at a time until it answers well.

Instants are ns UTC. What waits stays where it is.
"""

from msgspec import Struct

from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.engine.delivery.timing import SECOND

LIMIT = 5
"""Failures in a row after which a breaker opens."""
FIRST_PAUSE, LAST_PAUSE = 5 * SECOND, 5 * MINUTE
"""Between probes; it doubles from the first to the last."""


class Breaker(Struct):
    """Failures in a row of one endpoint, and when it may be asked next."""

    failures: int = 0
    probe_at: int = 0

    @property
    def is_open(self) -> bool:
        """Whether only probes may go."""
        return self.failures >= LIMIT

    def places(self, parallel: int, now: int) -> int:
        """Return how many messages may be under way at once."""
        if not self.is_open:
            return parallel
        return 1 if now >= self.probe_at else 0

    def succeeded(self) -> None:
        """Close."""
        self.failures, self.probe_at = 0, 0

    def failed(self, now: int) -> None:
        """Count a failure; from the limit on, wait before the next probe."""
        self.failures += 1
        if self.is_open:
            self.probe_at = now + min(LAST_PAUSE, FIRST_PAUSE << min(10, self.failures - LIMIT))
