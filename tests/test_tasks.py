"""A nursery owns its tasks: none outlives it, none fails unseen."""

import asyncio

import pytest

from crypto_portfolio_analyzer.tasks import Nursery


class Bug(Exception):
    """What a task fails with."""


async def fail() -> None:
    raise Bug


async def forever() -> None:
    await asyncio.get_running_loop().create_future()


async def test_what_is_spawned_runs_until_the_nursery_stops() -> None:
    nursery, ended = Nursery(), []

    async def work() -> None:
        try:
            await forever()
        finally:
            ended.append(True)

    await nursery.start()
    task = nursery.spawn(work(), name="work")
    await asyncio.sleep(0)
    assert nursery.is_open
    assert task.get_name() == "work"
    await nursery.stop()

    assert ended == [True]
    assert task.cancelled()
    assert not nursery.is_open


async def test_starting_and_stopping_twice_is_the_same_as_once() -> None:
    nursery = Nursery()
    await nursery.stop()
    await nursery.start()
    await nursery.start()
    nursery.spawn(forever())
    await nursery.stop()
    await nursery.stop()

    await nursery.start()
    task = nursery.spawn(asyncio.sleep(0, "again"))
    assert await task == "again"
    await nursery.stop()


async def test_a_failure_ends_the_others_and_is_told() -> None:
    told: list[BaseException] = []
    nursery = Nursery(told.append)
    await nursery.start()
    other = nursery.spawn(forever())
    nursery.spawn(fail())
    await asyncio.wait([other])

    assert other.cancelled()
    await nursery.stop()
    (error,) = told
    assert nursery.failed is error
    assert isinstance(error, ExceptionGroup)
    assert isinstance(error.exceptions[0], Bug)


async def test_a_failure_nobody_listens_for_surfaces_at_the_end() -> None:
    nursery = Nursery()
    await nursery.start()
    await asyncio.wait([nursery.spawn(fail())])

    with pytest.raises(ExceptionGroup) as caught:
        await nursery.stop()
    assert isinstance(caught.value.exceptions[0], Bug)
    assert nursery.failed is not None


async def test_a_task_that_ends_by_itself_disturbs_nobody() -> None:
    nursery = Nursery()
    await nursery.start()
    assert await nursery.spawn(asyncio.sleep(0, 7)) == 7
    assert nursery.is_open
    await nursery.stop()


async def test_a_cancelled_task_ends_alone() -> None:
    nursery = Nursery()
    await nursery.start()
    one, other = nursery.spawn(forever()), nursery.spawn(forever())
    one.cancel()
    await asyncio.wait([one])

    assert not other.done()
    await nursery.stop()
    assert other.cancelled()


async def test_nothing_is_spawned_in_a_closed_nursery() -> None:
    nursery = Nursery()

    with pytest.raises(RuntimeError, match="not open"):
        nursery.spawn(forever())


async def test_who_is_cancelled_while_stopping_stays_cancelled() -> None:
    nursery, slow = Nursery(), asyncio.Event()

    async def stubborn() -> None:
        try:
            await forever()
        finally:
            await slow.wait()

    async def owner() -> None:
        await nursery.start()
        nursery.spawn(stubborn())
        await asyncio.sleep(0)
        await nursery.stop()
        await forever()

    async with asyncio.TaskGroup() as group:
        owning = group.create_task(owner())
        for _ in range(10):
            await asyncio.sleep(0)
        owning.cancel()
        await asyncio.sleep(0)
        slow.set()
        await asyncio.wait([owning], timeout=2)
        assert owning.cancelled()
        owning.cancel()


async def test_who_is_cancelled_while_opening_leaves_nothing_behind() -> None:
    nursery = Nursery()

    async with asyncio.TaskGroup() as group:
        opening = group.create_task(nursery.start())
        await asyncio.sleep(0)
        opening.cancel()
    await asyncio.sleep(0)

    assert opening.cancelled()
    assert not nursery.is_open
    await nursery.start()
    assert nursery.is_open
    await nursery.stop()
