"""Pacing: limits are kept, not discovered. Who must wait, waits; nothing is dropped.

For each key a bucket in virtual time remembers when the next message may go. A message that counts against several
keys goes when all of them let it; one that cannot go yet holds up nobody who needs other keys. Urgent ones go first.
"""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.engine.delivery.ports import Rate

MARGIN = 1.02
"""By how much we stay below what is allowed: the other end counts arrivals, by its own clock."""
HORIZON = 1.0
"""Seconds of messages that may wait here; what is further away waits in the outbox."""
IDLE_KEYS = 10_000
"""Keys kept before those that are at rest are forgotten."""
_NOW = 1e-6


class _Ticket(Struct, eq=False):
    rates: Sequence[Rate]
    urgent: bool


class Pacer:
    """The turnstile of everything that is sent under a limit."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}
        """When (monotonic seconds) each bucket has all its tokens again."""
        self._line: list[_Ticket] = []
        """Who waits: the urgent ones first, each kind by arrival."""
        self._waiting: Counter[str] = Counter()
        """How many of them count against each key."""

    async def wait(self, rates: Sequence[Rate], *, urgent: bool) -> None:
        """Wait until one message may go, and count it."""
        if not rates:
            return
        ticket = _Ticket(rates, urgent)
        place = sum(each.urgent for each in self._line) if urgent else len(self._line)
        self._line.insert(place, ticket)
        self._waiting.update(rate.key for rate in rates)
        try:
            while (delay := self._delay(ticket)) > _NOW:
                await self._clock.sleep(delay)
            self._take(rates)
        finally:
            self._line.remove(ticket)
            for rate in rates:
                self._leave(rate.key)

    def room(self, rate: Rate) -> int:
        """Return how many more messages can go within the horizon, those that wait already aside."""
        free = int((HORIZON - self._late(rate)) / _interval(rate) + 1)
        return max(0, free - self._waiting[rate.key])

    def delay(self, rates: Sequence[Rate]) -> float:
        """Return the seconds until there is room for another message under all of these limits."""
        waits = (
            self._late(rate) + (self._waiting[rate.key] + 1) * _interval(rate) - HORIZON for rate in rates
        )
        return max(0.0, max(waits, default=0.0))

    def _leave(self, key: str) -> None:
        self._waiting[key] -= 1
        if not self._waiting[key]:
            del self._waiting[key]

    def _delay(self, ticket: _Ticket) -> float:
        """Return the seconds after which a ticket's turn may have come."""
        before = self._line[: self._line.index(ticket)]
        return max(self._late(rate) + self._ahead(before, rate) * _interval(rate) for rate in ticket.rates)

    def _ahead(self, before: Sequence[_Ticket], rate: Rate) -> int:
        """Count who is to have the key first: those before us that nothing else holds up for longer."""
        late = self._late(rate) + _NOW
        return sum(
            any(each.key == rate.key for each in ticket.rates)
            and all(self._late(each) <= late for each in ticket.rates if each.key != rate.key)
            for ticket in before
        )

    def _late(self, rate: Rate) -> float:
        """Return the seconds until a key has a token."""
        full_at = self._full_at.get(rate.key, 0.0)
        return max(0.0, full_at - (rate.burst - 1) * _interval(rate) - self._clock.monotonic())

    def _take(self, rates: Sequence[Rate]) -> None:
        now = self._clock.monotonic()
        if len(self._full_at) > IDLE_KEYS:
            self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        for rate in rates:
            self._full_at[rate.key] = max(now, self._full_at.get(rate.key, now)) + _interval(rate)


def _interval(rate: Rate) -> float:
    return rate.seconds / rate.count * MARGIN
