"""Who owns what runs: every task lives in a group that waits for it and surfaces its errors."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

GROUP_FAILED = "a task failed and ended its group"
"""What the loop's exception handler is told of a bug."""


class Nursery:
    """A task group for objects with `start()` and `stop()`.

    `start` opens it, `spawn` adds a task, `stop` cancels all and waits. A task that fails with an error ends
    the others; `failed` then holds the error and `on_failure` is called with it, or else the loop's exception
    handler, so that a bug is never silent.
    """

    def __init__(self, on_failure: Callable[[BaseException], None] | None = None) -> None:
        self._on_failure = on_failure
        self._root: asyncio.Task[None] | None = None
        self._group: asyncio.TaskGroup | None = None
        self.failed: BaseException | None = None

    @property
    def is_open(self) -> bool:
        """Whether tasks can be spawned."""
        return self._group is not None

    async def start(self) -> None:
        """Open the group; does nothing if it is open."""
        if self._root is not None:
            return
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._root = asyncio.create_task(self._run(opened))
        try:
            await opened
        except asyncio.CancelledError:  # whoever wanted it open is gone
            await self.stop()
            raise

    async def _run(self, opened: asyncio.Future[None]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                if not opened.done():  # else the wait for it was cancelled
                    opened.set_result(None)
                await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.failed = error
            if self._on_failure is not None:
                self._on_failure(error)
                return
            asyncio.get_running_loop().call_exception_handler({"message": GROUP_FAILED, "exception": error})
            raise
        finally:
            self._group = None

    def spawn(self, work: Coroutine[Any, Any, Any], name: str | None = None) -> asyncio.Task[Any]:
        """Run `work` until it ends or the nursery stops."""
        if self._group is None:
            work.close()
            message = "the nursery is not open"
            raise RuntimeError(message)
        return self._group.create_task(work, name=name)

    async def stop(self) -> None:
        """Cancel every task and wait for them; safe to call twice, and from a task of the group's owner."""
        root, self._root = self._root, None
        if root is None:
            return
        caller = asyncio.current_task()
        before = caller.cancelling() if caller is not None else 0
        root.cancel()
        with suppress(asyncio.CancelledError):
            await root
        if caller is not None and caller.cancelling() > before:  # meant for the caller, not for the group
            raise asyncio.CancelledError
