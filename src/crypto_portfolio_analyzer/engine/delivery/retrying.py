"""When a delivery that failed is tried again, if at all. Instants are ns UTC, waits seconds."""

from collections.abc import Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.engine.delivery.timing import LONGEST_PAUSE, nanoseconds

JITTER = 0.2
"""Share of a wait by which it may be shorter or longer, so that what failed together does not come together."""
TRADE_SCHEDULE = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Waits of orders, whose types wait too long: they are soon worth nothing."""
THROTTLED = 60.0
"""Least wait of a chat that goes on asking for patience after its schedule has ended."""

EXHAUSTED, EXPIRED = "attempts exhausted", "expired"


class Next(Struct, frozen=True):
    """When to try again; None: never, for this reason."""

    due_at: int | None
    reason: str = ""


class Case(Struct, frozen=True, kw_only=True):
    """A delivery that has just failed: how often by now, and what its channel allows."""

    attempts: int
    """Attempts made, with the one that has just failed."""
    schedule: Sequence[float]
    for_people: bool = True
    ttl: float | None = None
    """Seconds that an order is worth something."""
    expires_at: int | None = None
    first_attempt_at: int
    retry_after: float | None = None
    """Seconds for which the other end asked to be left alone."""


def next_try(case: Case, now: int, dice: float) -> Next:
    """Return when a failed delivery is due again; `dice` (0 to 1) places it within the jitter."""
    schedule = waits(case.schedule, case.ttl)
    wait = _wait(case, schedule, now, dice)
    if wait is None:
        return Next(None, EXHAUSTED)
    due_at = now + nanoseconds(wait)
    if case.expires_at is not None and due_at >= case.expires_at:
        return Next(None, EXPIRED)
    return Next(due_at)


def waits(schedule: Sequence[float], ttl: float | None) -> Sequence[float]:
    """Return the waits that fit: an order's are short."""
    return schedule if ttl is None or sum(schedule) <= ttl else TRADE_SCHEDULE


def pause(retry_after: float) -> float:
    """Return the seconds for which an endpoint is left alone, however long it asks for."""
    return min(max(0.0, retry_after), LONGEST_PAUSE / 1e9)


def _wait(case: Case, schedule: Sequence[float], now: int, dice: float) -> float | None:
    is_over = case.attempts > len(schedule)
    planned = 0.0 if is_over else schedule[case.attempts - 1] * (1 - JITTER + 2 * JITTER * dice)
    if case.retry_after is None:
        return None if is_over else planned
    asked = pause(case.retry_after) * (1 + JITTER / 2 * dice)
    if not is_over:
        return asked if case.for_people else max(asked, planned)
    is_throttled = case.for_people and now - case.first_attempt_at < nanoseconds(sum(schedule))
    return max(asked, THROTTLED) if is_throttled else None
