"""How a command that waits runs, and how it ends: Ctrl C ends it within a second."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, TypeVar

from crypto_portfolio_analyzer.cli.failures import DONE, INTERRUPTED, Interrupted
from crypto_portfolio_analyzer.tasks import GROUP_FAILED

T = TypeVar("T")

PATIENCE = 0.9
"""Seconds that a command has to put things in order after Ctrl C."""
_LAST: list[Callable[[], None]] = []


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end and return what it returns.

    Raises:
        Interrupted: Ctrl C (130), or a polite request to end (0), after `work` was cancelled and had its say.
        BaseException: what ended a task group of `work` behind its back: a bug ends the process.

    """
    ending = _Ending()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        before = {each: signal.signal(each, ending.take) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            return runner.run(ending.guard(work))
        except asyncio.CancelledError:
            if ending.bug is not None:
                raise ending.bug from None
            if ending.exit_code is None:
                raise
            raise Interrupted(ending.exit_code) from None
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
            ending.calm()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's factory where there is one: a turn of its loop costs less than half."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def at_last(restore: Callable[[], None]) -> None:
    """Have `restore` called even if the command has to be ended by force: a terminal must stay usable."""
    _LAST.append(restore)


def _end() -> None:
    for restore in _LAST:
        restore()
    os._exit(INTERRUPTED)


class _Ending:
    """Turns a signal into a cancellation, and into the end of the process should that take too long."""

    def __init__(self) -> None:
        self.exit_code: int | None = None
        self.bug: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._timer: threading.Timer | None = None

    async def guard(self, work: Coroutine[Any, Any, T]) -> T:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._loop.set_exception_handler(self._fail)
        return await work

    def _fail(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        loop.default_exception_handler(context)
        if context["message"] == GROUP_FAILED and self._task is not None:
            self.bug = context.get("exception")
            self._task.cancel()

    def take(self, number: int, frame: FrameType | None) -> None:
        if self.exit_code is not None:
            _end()  # asked twice
        self.exit_code = INTERRUPTED if number == signal.SIGINT else DONE
        if number == signal.SIGINT:
            self._timer = threading.Timer(PATIENCE, _end)
            self._timer.daemon = True
            self._timer.start()
        if self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)

    def calm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
