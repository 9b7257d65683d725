"""Limits are kept by waiting, and back-off spreads."""

import asyncio
from itertools import islice
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.streaming.pacing import Pace, full_jitter
from tests.fakes import FakeClock, settle


async def test_no_more_than_the_amount_is_spent_in_any_window() -> None:
    clock, spent = FakeClock(), []
    pace = Pace(clock, 5, 1.0)

    async def spend() -> None:
        for _ in range(12):
            await pace.spend()
            spent.append(clock.monotonic())

    async with asyncio.TaskGroup() as group:
        group.create_task(spend())
        for _ in range(40):
            await clock.advance(0.1)

    assert len(spent) == 12
    assert all(later - earlier >= 1.0 for earlier, later in zip(spent, spent[5:], strict=False))


async def test_a_venue_that_says_wait_is_obeyed() -> None:
    clock = FakeClock()
    pace = Pace(clock, 100, 1.0)
    pace.close_for(30)

    assert pace.free() == 0
    assert pace.delay() == 30
    await clock.advance(30)
    assert pace.delay() == 0
    await settle()


async def test_a_unit_larger_than_the_amount_waits_for_an_empty_window() -> None:
    clock = FakeClock()
    pace = Pace(clock, 10, 60.0)
    await pace.spend(40)

    assert pace.delay(40) == 60.0


@given(st.integers(0, 1000), st.floats(0.1, 5), st.floats(6, 120))
def test_back_off_is_full_jitter_under_a_doubling_ceiling(seed: int, first: float, longest: float) -> None:
    waits = list(islice(full_jitter(Random(seed), first, longest), 12))

    ceilings = [min(longest, first * 2**step) for step in range(12)]
    assert all(0 <= wait <= ceiling for wait, ceiling in zip(waits, ceilings, strict=True))
    assert len(set(waits)) > 6
