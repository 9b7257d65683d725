"""A scripted WebSocket server on loopback, by an independent library."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve

Script = Callable[[ServerConnection, int], Awaitable[None]]
"""Plays one connection; gets its number from 1."""


class Wire:
    """What the server saw."""

    def __init__(self) -> None:
        self.url = ""
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.received: list[str] = []


@asynccontextmanager
async def wire(script: Script) -> AsyncIterator[Wire]:
    """Serve `script` to every connection on a free port."""
    seen = Wire()

    async def play(socket: ServerConnection) -> None:
        assert socket.request is not None
        seen.paths.append(socket.request.path)
        seen.headers.append(dict(socket.request.headers.raw_items()))
        await script(socket, len(seen.paths))

    async with serve(play, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        seen.url = f"ws://127.0.0.1:{port}"
        yield seen


async def until(condition: Callable[[], object], timeout: float = 5.0) -> None:
    """Wait until `condition` holds; fails after `timeout` seconds."""
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.005)
