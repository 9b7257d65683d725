"""Clocks tell one time: instants, durations and waits agree, at any scale."""

import asyncio

import pytest

from crypto_portfolio_analyzer.clock import Clock, ScaledClock, SystemClock
from tests.fakes import SECOND, FakeClock


@pytest.mark.parametrize("clock", [SystemClock(), ScaledClock(50.0)])
async def test_instants_and_durations_move_together(clock: Clock) -> None:
    at, elapsed = clock.now(), clock.monotonic()
    await clock.sleep(0.05)

    assert clock.monotonic() - elapsed >= 0.04
    assert (clock.now() - at) / SECOND == pytest.approx(clock.monotonic() - elapsed, abs=0.5)


async def test_a_scaled_clock_lets_seconds_pass_sooner() -> None:
    loop, clock = asyncio.get_running_loop(), ScaledClock(100.0)
    began, at = loop.time(), clock.now()
    await clock.sleep(5.0)

    assert loop.time() - began < 1.0
    assert clock.now() - at >= 5 * SECOND


def test_a_scaled_clock_starts_at_the_present() -> None:
    assert abs(ScaledClock(10.0).now() - SystemClock.now()) < SECOND


async def test_the_virtual_clock_wakes_sleepers_in_order() -> None:
    clock, woken = FakeClock(), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        for seconds in (3.0, 1.0, 2.0):
            group.create_task(sleeper(seconds))
        await clock.advance(10.0)

    assert woken == [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]
