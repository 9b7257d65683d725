"""What time it is, and how to wait: the only place that reads the machine's clocks.

Every long-lived object takes a clock, so that one `scale` drives limits, back-off and schedules together.
"""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Source of instants and waits."""

    def now(self) -> int:
        """Return the instant in ns UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never step back; for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own time."""

    now = staticmethod(time.time_ns)
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(asyncio.sleep)


class ScaledClock:
    """A clock that runs `scale` times as fast, from the instant of its making; for simulations and tests."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self._real = time.monotonic_ns()
        self._started = time.time_ns()

    def now(self) -> int:
        """Return the scaled instant in ns UTC."""
        return self._started + int((time.monotonic_ns() - self._real) * self.scale)

    def monotonic(self) -> float:
        """Return scaled seconds."""
        return (time.monotonic_ns() - self._real) * self.scale / 1e9

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of scaled time."""
        await asyncio.sleep(seconds / self.scale)
