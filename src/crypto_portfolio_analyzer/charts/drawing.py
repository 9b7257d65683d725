"""Drawing: pictures made in a process of their own, so that the event loop never waits for one.

One worker, of low priority, started when the first picture is asked for; a picture that takes too long, or a worker
that dies, costs that picture only. A picture is an extra: whoever asks gets None rather than an error.
"""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from crypto_portfolio_analyzer.charts.firing_picture import draw
from crypto_portfolio_analyzer.core.notices.pictures import PictureOrder

logger = logging.getLogger(__name__)

TIMEOUT = 2.5
"""Seconds from the asking to the picture: with the sending, 3 s from the firing."""
MOST_WAITING = 32
"""Pictures that wait for the worker; a picture takes about 60 ms, so more would come too late anyway."""
LONGEST = 10
"""Seconds after which a worker that is still at one picture is ended by its own alarm."""
_NICE = 10

Draw = Callable[[PictureOrder], bytes]


class Drawing:
    """Draws pictures, one at a time, elsewhere."""

    def __init__(self, work: Draw = draw, *, timeout: float = TIMEOUT, longest: int = LONGEST) -> None:
        self._work, self._timeout, self._longest = work, timeout, longest
        self._pool: ProcessPoolExecutor | None = None
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._is_failing = False

    async def draw(self, order: PictureOrder) -> bytes | None:
        """Return the picture as PNG; None if it cannot be had in time."""
        if self._waiting >= MOST_WAITING:
            self._note("too many pictures are asked for at once")
            return None
        self._waiting += 1
        try:
            picture = await self._drawn(order)
        except TimeoutError:
            self._note("the picture took too long")
        except BrokenProcessPool:
            self._drop()
            self._note("the process that draws died")
        except Exception as error:  # noqa: BLE001  # whatever the drawing trips over costs a picture, not a message
            self._note(f"drawing failed: {type(error).__name__}")
        else:
            self._is_failing = False
            return picture
        finally:
            self._waiting -= 1
        return None

    async def _drawn(self, order: PictureOrder) -> bytes:
        async with asyncio.timeout(self._timeout), self._turn:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._started(), _worked, self._work, order, self._longest)

    async def start(self) -> None:
        """Do nothing: the worker is started when the first picture is asked for."""

    async def stop(self) -> None:
        """End the worker, after the picture it is at."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")  # a fork would copy sockets and locks
            self._pool = ProcessPoolExecutor(1, context, _settle_down)
        return self._pool

    def _drop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _note(self, why: str) -> None:
        """Note once that pictures fail; messages go out without them."""
        if not self._is_failing:
            logger.warning("pictures cannot be drawn", extra={"why": why})
        self._is_failing = True


def _settle_down() -> None:
    """Give way to everybody else, leave Ctrl C to the parent, and end with it, however it ends."""
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(0)


def _worked(work: Draw, order: PictureOrder, longest: int) -> bytes:
    """Draw in the worker; its alarm ends a process that hangs, which the pool then replaces."""
    signal.alarm(longest)
    try:
        return work(order)
    finally:
        signal.alarm(0)
