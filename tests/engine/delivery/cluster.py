"""A PostgreSQL of the test's own, that can be killed without any goodbye and comes back on the same port."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]
from asyncpg.exceptions import PostgresError

from tests.servers import Account, start_postgres

READY_SECONDS = 30.0


class Cluster:
    """The server at `url`; commits are on the disk when they are acknowledged, as in life."""

    def __init__(self, home: Path) -> None:
        server = start_postgres(home)
        self.url = server.url
        self._process = server.process

    async def prepare(self) -> None:
        """Make commits last: the tests' servers do not wait for that."""
        connection = await asyncpg.connect(self.url)
        await connection.execute("alter database postgres set synchronous_commit = on")
        await connection.close()

    def kill(self) -> None:
        """Kill the server and all its backends; return when they are gone."""
        server = psutil.Process(self._process.pid)
        family = [server, *server.children(recursive=True)]
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self._process.wait()
        psutil.wait_procs(family, timeout=READY_SECONDS)

    async def revive(self) -> None:
        """Start it again and wait until it lets in."""
        account = Account.for_postgres()
        identity = account.as_arguments() if account else {}
        self._process = subprocess.Popen(
            self._process.args, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd="/", start_new_session=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, **identity,
        )  # fmt: skip
        ends_at = time.monotonic() + READY_SECONDS
        while True:
            try:
                connection = await asyncpg.connect(self.url)
            except (OSError, PostgresError):
                assert time.monotonic() < ends_at
                await asyncio.sleep(0.05)
            else:
                await connection.close()
                return


@contextmanager
def cluster(home: Path) -> Iterator[Cluster]:
    """Run a server in an empty folder."""
    made = Cluster(home)
    try:
        yield made
    finally:
        made.kill()
