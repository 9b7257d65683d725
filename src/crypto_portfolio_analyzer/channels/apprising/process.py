"""The other end of Apprise's process: started when first needed, kept, and replaced when it dies or hangs."""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import count

import msgspec

from crypto_portfolio_analyzer.channels.addresses import Network
from crypto_portfolio_analyzer.errors import DeliveryFailed
from crypto_portfolio_analyzer.tasks import Nursery

CHILD = "crypto_portfolio_analyzer.channels.apprising.child"
_KEPT = ("PATH", "PYTHONPATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "SYSTEMROOT", "TZ")
"""What of the environment the process gets: no proxy, and nobody's secrets."""


class Reply(msgspec.Struct):
    """What came of a job; `error` is a closed word, empty if the other end simply said no."""

    id: int
    ok: bool
    status: int | None = None
    retry_after: str = ""
    error: str = ""


class Child:
    """One process and the jobs it is at. Once it is `tired` it gets no more and ends with the last of them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.jobs: dict[int, asyncio.Future[Reply]] = {}
        self.tired = False
        self._is_ended = False

    def give(self, number: int, job: bytes) -> asyncio.Future[Reply]:
        """Hand over a job; the future fails if the process dies over it."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.jobs[number] = future
        assert self.process.stdin is not None
        self.process.stdin.write(job + b"\n")
        return future

    async def hear(self) -> None:
        """Read answers until there are no more; then the process is of no use."""
        assert self.process.stdout is not None
        try:
            while line := await self.process.stdout.readline():
                self._answer(msgspec.json.decode(line, type=Reply))
            self._is_ended = True
        except (msgspec.DecodeError, ValueError):  # a line that is none of ours, or too long
            self.kill()
        self.tired = True
        for future in self.jobs.values():
            if not future.done():
                future.set_exception(
                    DeliveryFailed("reset", "the sending process ended over it", is_unknown=True)
                )
        self.jobs.clear()
        await self.process.wait()

    def _answer(self, reply: Reply) -> None:
        future = self.jobs.pop(reply.id, None)
        if future is not None and not future.done():
            future.set_result(reply)
        self.rest()

    def rest(self) -> None:
        """End the process if it is tired and has nothing left to do."""
        if self.tired and not self.jobs:
            self.kill()

    def kill(self) -> None:
        """End the process, once: a second time would take its exit status away from who waits for it."""
        if not self._is_ended:
            self._is_ended = True
            with suppress(ProcessLookupError):
                self.process.kill()


class AppriseProcess:
    """Runs jobs in Apprise's process."""

    def __init__(self, allowed: Sequence[Network], seconds: float) -> None:
        self._allowed, self._seconds = allowed, seconds
        self._nursery = Nursery()
        self._opening = asyncio.Lock()
        self._child: Child | None = None
        self._numbers = count(1)

    @property
    def pid(self) -> int | None:
        """The process, if there is one."""
        return self._child.process.pid if self._child is not None else None

    async def run(self, url: str, title: str, body: str, kind: str) -> Reply:
        """Send one message; raises DeliveryFailed if the process dies over it or takes too long."""
        child, number = await self._ready(), next(self._numbers)
        job = {"id": number, "url": url, "title": title, "body": body, "type": kind}
        future = child.give(number, msgspec.json.encode(job))
        try:
            async with asyncio.timeout(self._seconds):
                return await future
        except TimeoutError:
            pass
        finally:
            if (
                child.jobs.pop(number, None) is not None
            ):  # given up, here or by our caller: its thread may hang on
                child.tired = True
                child.rest()
        raise DeliveryFailed("timeout_read", "no answer came in time", is_unknown=True)

    async def stop(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            await child.process.wait()
        await self._nursery.stop()

    async def _ready(self) -> Child:
        async with self._opening:
            if self._child is None or self._child.tired:
                await self._nursery.start()
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-B", "-m", CHILD, *map(str, self._allowed)),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    env={name: os.environ[name] for name in _KEPT if name in os.environ},
                )
                self._child = Child(process)
                self._nursery.spawn(self._child.hear())
            return self._child
