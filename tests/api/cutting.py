"""A line between client and server that is cut in the middle of a frame, again and again."""

import asyncio
from contextlib import suppress
from random import Random

from crypto_portfolio_analyzer.tasks import Nursery

CHUNK = 4096


class CuttingLine:
    """Passes bytes on to `target`; with `cutting` every connection ends after some bytes to the client."""

    def __init__(self, seed: int, *, shortest: int = 300, longest: int = 8000) -> None:
        self._random, self._span = Random(seed), (shortest, longest)
        self.target = 0
        self.cutting = True
        self.cuts = 0
        self.port = 0
        self._nursery = Nursery()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "CuttingLine":
        await self._nursery.start()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._nursery.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self._random.randint(*self._span) if self.cutting else None
        try:
            with suppress(OSError):
                back, forth = await asyncio.open_connection("127.0.0.1", self.target)
                sending = self._nursery.spawn(_pass(reader, forth, None))
                try:
                    self.cuts += await _pass(back, writer, left)
                finally:
                    sending.cancel()
                    forth.transport.abort()
        finally:
            writer.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None) -> bool:
    """Pass on what comes; True if the end was `left` bytes."""
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk[:left] if left is not None else chunk)
            await writer.drain()
            if left is not None and (left := left - len(chunk)) <= 0:
                return True
    return False
