"""How fast we may go: limits of venues kept by waiting, and back-off with full jitter."""

from collections import deque
from collections.abc import Iterator
from random import Random

from crypto_portfolio_analyzer.clock import Clock

MARGIN = 0.9
"""Share of a venue's limit that we use: its clock and ours do not tick together."""


class Pace:
    """At most `amount` units in any `window` seconds; a unit may be a message, a connection or REST weight."""

    def __init__(self, clock: Clock, amount: float, window: float) -> None:
        self._clock, self._amount, self._window = clock, amount, window
        self._spent: deque[tuple[float, float]] = deque()
        self._sum = 0.0
        self._closed_until = 0.0

    def delay(self, units: float = 1) -> float:
        """Return how many seconds to wait before `units` may be spent; 0 if now."""
        now = self._clock.monotonic()
        self._forget(now)
        wait = max(0.0, self._closed_until - now)
        over = self._sum + min(units, self._amount) - self._amount
        if over <= 0:
            return wait
        for at, spent in self._spent:
            over -= spent
            if over <= 0:
                return max(wait, at + self._window - now)
        return max(wait, self._window)

    async def spend(self, units: float = 1) -> None:
        """Wait until `units` may be spent, then spend them."""
        while (wait := self.delay(units)) > 0:
            await self._clock.sleep(wait)
        self._spent.append((self._clock.monotonic(), units))
        self._sum += units

    def free(self) -> float:
        """Return how many units may be spent now."""
        now = self._clock.monotonic()
        self._forget(now)
        return 0.0 if now < self._closed_until else max(0.0, self._amount - self._sum)

    def close_for(self, seconds: float) -> None:
        """Spend nothing for `seconds`: the venue said so."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0][0] <= now - self._window:
            self._sum -= self._spent.popleft()[1]


def full_jitter(random: Random, first: float, longest: float) -> Iterator[float]:
    """Yield waits for ever: uniform between 0 and a ceiling that doubles from `first` up to `longest` seconds.

    Full jitter spreads the clients of a venue that went down together (AWS Architecture Blog, 2015).
    """
    ceiling = first
    while True:
        yield random.uniform(0, ceiling)
        ceiling = min(longest, ceiling * 2)
