"""What the venues allow, and what they do to a client that takes more.

The figures are the venues' own and deliberately not taken from `exchanges`: a wrong figure there must show.
"""

from collections import Counter, deque
from enum import StrEnum

from msgspec import Struct


class Violation(StrEnum):
    """A venue limit that a client broke."""

    MESSAGE_RATE = "message_rate"
    STREAMS = "streams"
    CONNECTIONS = "connections"
    PONG = "pong"
    SUBSCRIBE_DEADLINE = "subscribe_deadline"
    REST_WEIGHT = "rest_weight"
    BANNED = "banned"
    SLOW_CONSUMER = "slow_consumer"
    UNKNOWN_STREAM = "unknown_stream"
    BAD_REQUEST = "bad_request"


class VenueLimits(Struct, frozen=True):
    """Limits of one venue; durations in seconds of the server's clock, None where the venue has no such limit."""

    messages: int
    messages_window: float
    streams: int
    connections: int
    connections_window: float
    rest_weight: int
    rest_window: float
    lifetime: float | None = None
    ping_every: float | None = None
    pong_within: float = 60.0
    subscribe_within: float | None = None
    ban_after: int = 5
    """So many refusals within a connection window, and the address is banned."""
    ban_for: float = 120.0
    backlog_bytes: int = 32 << 20
    """A client this far behind is cut."""


class SlidingWindow:
    """Counts events of the last `seconds`."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit, self._seconds = limit, seconds
        self._events: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Count one event at `now` (monotonic seconds); False if it is one too many."""
        events = self._events
        while events and events[0] <= now - self._seconds:
            events.popleft()
        events.append(now)
        return len(events) <= self._limit

    def wait(self, now: float) -> float:
        """Return after how many seconds the oldest counted event leaves the window."""
        return max(0.0, self._events[0] + self._seconds - now) if self._events else 0.0


class FixedWindow:
    """A budget that is whole again at the start of each window, as REST weights are."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit, self._seconds = limit, seconds
        self._window, self.used = -1, 0

    def take(self, weight: int, now: float) -> bool:
        """Spend `weight` at `now`; False if the budget is gone."""
        window = int(now // self._seconds)
        if window != self._window:
            self._window, self.used = window, 0
        self.used += weight
        return self.used <= self._limit

    def wait(self, now: float) -> float:
        """Return the seconds until the budget is whole again."""
        return self._seconds - now % self._seconds


class Gate:
    """Decides who may connect and ask: connection attempts, REST weight, and bans for those who go on.

    All clients are one address, as behind one household's router.
    """

    def __init__(self, limits: VenueLimits, violations: Counter[Violation]) -> None:
        self._limits, self._violations = limits, violations
        self._attempts = SlidingWindow(limits.connections, limits.connections_window)
        self._weight = FixedWindow(limits.rest_weight, limits.rest_window)
        self._offences = SlidingWindow(limits.ban_after, limits.connections_window)
        self._banned_until = float("-inf")

    @property
    def used_weight(self) -> int:
        """REST weight spent in the current window."""
        return self._weight.used

    def connect(self, now: float) -> tuple[int, float] | None:
        """Count a connection attempt; return HTTP status and seconds to wait if it is refused."""
        if now < self._banned_until:
            return self._still_banned(now)
        if self._attempts.take(now):
            return None
        return self.offend(Violation.CONNECTIONS, now, self._attempts.wait(now))

    def ask(self, weight: int, now: float) -> tuple[int, float] | None:
        """Spend REST weight; return HTTP status and seconds to wait if the request is refused."""
        if now < self._banned_until:
            return self._still_banned(now)
        if self._weight.take(weight, now):
            return None
        return self.offend(Violation.REST_WEIGHT, now, self._weight.wait(now))

    def offend(self, violation: Violation, now: float, wait: float = 0.0) -> tuple[int, float]:
        """Count a broken limit; the address is banned once it has broken limits too often."""
        self._violations[violation] += 1
        if self._offences.take(now):
            return 429, wait
        self._banned_until = now + self._limits.ban_for
        return self._still_banned(now)

    def _still_banned(self, now: float) -> tuple[int, float]:
        self._violations[Violation.BANNED] += 1
        return 418, self._banned_until - now
