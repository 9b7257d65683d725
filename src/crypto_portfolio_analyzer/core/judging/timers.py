"""Timers: what is to be done when an instant has come."""

import heapq
from collections.abc import Callable

NEVER = 2**63 - 1
WATERMARK_LAG = 2 * 10**9
"""How long (ns) after an instant of event time our clock must have passed it before it is taken as over."""

Call = Callable[[], None]


class Timers:
    """Calls by the instant (ns) they are due; a call that is no longer meant must know so itself."""

    __slots__ = ("_order", "ringing")

    def __init__(self) -> None:
        self.ringing: list[tuple[int, int, Call]] = []
        """A heap, the next call first."""
        self._order = 0

    @property
    def next_due(self) -> int:
        """The first instant at which something is due."""
        return self.ringing[0][0] if self.ringing else NEVER

    def set(self, at: int, call: Call) -> None:
        """Let something be done once the instant has come."""
        self._order += 1
        heapq.heappush(self.ringing, (at, self._order, call))

    def run(self, until: int) -> None:
        """Do everything that is due by an instant, in order; what comes due meanwhile too."""
        while self.ringing and self.ringing[0][0] <= until:
            heapq.heappop(self.ringing)[2]()
