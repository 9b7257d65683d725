"""Patience with logins."""

import asyncio

import pytest

from crypto_portfolio_analyzer.api.attempts import (
    FREE,
    LONGEST_SECONDS,
    Attempts,
    Crowded,
    Turns,
)
from tests.fakes import FakeClock


async def test_a_few_failures_are_free_then_waits_double() -> None:
    clock = FakeClock()
    attempts = Attempts(clock)

    waits = []
    for _ in range(FREE + 3):
        waits.append(attempts.begin("eve"))
        await clock.advance(waits[-1])
        if waits[-1]:
            attempts.begin("eve")

    assert waits == [0.0] * FREE + [1.0, 2.0, 4.0]


async def test_many_at_once_are_no_way_around() -> None:
    attempts = Attempts(FakeClock())

    assert sum(attempts.begin("eve") == 0 for _ in range(100)) == FREE


async def test_waits_end_and_are_bounded() -> None:
    clock = FakeClock()
    attempts = Attempts(clock)

    waits = []
    for _ in range(40):
        waits.append(attempts.begin("eve"))
        await clock.advance(waits[-1])

    assert max(waits) == LONGEST_SECONDS
    assert waits.count(LONGEST_SECONDS) > 5


async def test_an_hour_of_peace_forgives() -> None:
    clock = FakeClock()
    attempts = Attempts(clock)
    for _ in range(FREE):
        attempts.begin("eve")
    await clock.advance(3601)

    assert [attempts.begin("eve") for _ in range(FREE)] == [0.0] * FREE


async def test_names_and_addresses_are_counted_apart() -> None:
    attempts = Attempts(FakeClock())
    for _ in range(FREE):
        attempts.begin("name admin", "address a")

    assert attempts.begin("name admin") > 0
    assert attempts.begin("name other", "address a") > 0
    assert attempts.begin("name other", "address b") == 0


async def test_who_waits_by_one_key_is_not_counted_by_the_other() -> None:
    attempts = Attempts(FakeClock())
    for _ in range(FREE):
        attempts.begin("name admin")
    for _ in range(FREE):
        attempts.begin("name admin", "address b")

    assert attempts.begin("address b") == 0.0


async def test_success_forgives_and_an_excuse_takes_one_back() -> None:
    attempts = Attempts(FakeClock())
    for _ in range(FREE):
        attempts.begin("eve", "address a")
    attempts.succeed("eve")
    attempts.excuse("address a")

    assert [attempts.begin("address a"), attempts.begin("eve")] == [0.0, 0.0]
    assert attempts.begin("address a") > 0


async def test_memory_is_bounded() -> None:
    attempts = Attempts(FakeClock())
    for number in range(10_050):
        attempts.begin(str(number))

    assert len(attempts._failed) == 10_000  # the bound is the promise


async def test_few_have_a_turn_at_once_some_wait_and_the_rest_may_not() -> None:
    turns, inside, done = Turns(at_once=2, waiting=3), 0, asyncio.Event()
    most = 0

    async def take() -> None:
        nonlocal inside, most
        async with turns.one():
            inside += 1
            most = max(most, inside)
            await done.wait()
            inside -= 1

    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(take())
        await asyncio.sleep(0)
        with pytest.raises(Crowded):
            async with turns.one():
                pass
        done.set()

    assert most == 2
    async with turns.one():  # and those who left made room
        pass
