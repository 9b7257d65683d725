"""Pictures are drawn in another process, in time or not at all, whatever becomes of it."""

import asyncio
import logging
import os
import time
from functools import partial

import pytest

from crypto_portfolio_analyzer.charts.drawing import MOST_WAITING, Drawing
from tests.charts.orders import order

HANG = 60


def process_id(_order) -> bytes:
    return f"{os.getpid()} {os.nice(0)}".encode()


def die(_order) -> bytes:
    os._exit(1)


def hang(_order) -> bytes:
    time.sleep(HANG)  # noqa: TID251  # it stands for a drawing that never ends, in a process of its own
    return b""


def fail(_order) -> bytes:
    raise ZeroDivisionError


def die_once(marker, _order) -> bytes:
    if not marker.exists():
        marker.touch()
        os._exit(1)
    return b"alive"


async def drawn(work, count=1, **options):
    drawing = Drawing(work, **{"timeout": 20.0} | options)
    try:
        return [await drawing.draw(order()) for _ in range(count)]
    finally:
        await drawing.stop()


async def test_a_picture_comes_from_a_process_of_low_priority_that_is_kept():
    first, second = await drawn(process_id, 2)

    assert first is not None
    assert first == second
    process, nice = first.split()
    assert int(process) != os.getpid()
    assert int(nice) > os.nice(0)


async def test_the_real_picture_is_drawn_while_the_loop_goes_on():
    drawing, turns = Drawing(timeout=20.0), 0
    picture = asyncio.get_running_loop().create_task(drawing.draw(order()))
    while not picture.done():
        await asyncio.sleep(0.001)
        turns += 1
    await drawing.stop()

    assert (picture.result() or b"")[:8] == b"\x89PNG\r\n\x1a\n"
    assert turns > 10


async def test_a_worker_that_dies_costs_its_picture_only(tmp_path):
    assert await drawn(partial(die_once, tmp_path / "died"), 2) == [None, b"alive"]


async def test_a_worker_that_hangs_is_not_waited_for_and_ends_itself():
    drawing = Drawing(hang, timeout=0.5, longest=1)
    began = time.monotonic()
    assert await drawing.draw(order()) is None
    assert time.monotonic() - began < 5
    await drawing.stop()  # waits for the worker: its alarm has ended it

    assert time.monotonic() - began < HANG / 2


async def test_a_drawing_that_fails_is_said_once(caplog):
    with caplog.at_level(logging.WARNING):
        assert await drawn(fail, 3) == [None, None, None]

    assert len(caplog.records) == 1
    assert "ZeroDivisionError" in caplog.records[0].why


async def test_more_than_can_come_in_time_are_refused_at_once():
    drawing = Drawing(process_id, timeout=20.0)
    asked = [drawing.draw(order()) for _ in range(MOST_WAITING + 5)]
    found = await asyncio.gather(*asked)
    await drawing.stop()

    assert found.count(None) == 5


async def test_stopping_what_was_never_started_is_fine():
    drawing = Drawing()
    await drawing.start()
    await drawing.stop()


@pytest.mark.parametrize("size", [4096])
def test_an_order_is_small_to_hand_over(size):
    import pickle

    assert len(pickle.dumps(order())) <= size
