"""Flights: messages under way, watched, so that none takes longer than its type allows."""

import asyncio
from collections.abc import Awaitable, Callable

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.engine.delivery.sending import Flight, Result, Sender
from crypto_portfolio_analyzer.tasks import Nursery

LONGEST_WATCH = 1.0
"""Seconds between two looks at what is under way, at most."""


class Flying:
    """All that is under way. `land` hears how each attempt went, `renew` is called while anything is under way."""

    def __init__(
        self,
        sender: Sender,
        clock: Clock,
        land: Callable[[Flight, Result], None],
        *,
        renew: Callable[[], Awaitable[None]],
    ) -> None:
        self._sender, self._clock, self._land, self._renew = sender, clock, land, renew
        self._flights: set[Flight] = set()
        self._airborne = asyncio.Event()
        self.closes = False
        """Whether nothing more may begin."""

    def __len__(self) -> int:
        return len(self._flights)

    def begin(self, flight: Flight, nursery: Nursery) -> None:
        """Send a message off."""
        self._flights.add(flight)
        self._airborne.set()
        flight.task = nursery.spawn(self._fly(flight))

    async def _fly(self, flight: Flight) -> None:
        result = await self._sender.send(flight)
        self._flights.discard(flight)
        self._land(flight, result)

    async def watch(self, renew_every: float) -> None:
        """Cut off what takes too long, and hold on to what is under way."""
        renew_at = self._clock.monotonic() + renew_every
        while True:
            if not self._flights:
                self._airborne.clear()
                await self._airborne.wait()
                renew_at = self._clock.monotonic() + renew_every
            await self._clock.sleep(self._next_deadline())
            now = self._clock.monotonic()
            for flight in self._flights:
                if flight.deadline is not None and now >= flight.deadline and flight.task is not None:
                    flight.is_overdue, flight.deadline = True, None
                    flight.task.cancel()
            if now >= renew_at:
                renew_at = now + renew_every
                await self._renew()

    def _next_deadline(self) -> float:
        now = self._clock.monotonic()
        deadlines = (each.deadline - now for each in self._flights if each.deadline is not None)
        return min(LONGEST_WATCH, max(0.001, min(deadlines, default=LONGEST_WATCH)))

    async def end(self, seconds: float) -> list[Flight]:
        """Wait (real seconds) for what is under way; return what is still there."""
        tasks = [each.task for each in self._flights if each.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        return list(self._flights)
