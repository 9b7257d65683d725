"""websockets: the pure-Python transport, for machines where picows has no wheel."""

import asyncio
from collections.abc import Mapping

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.venues import MAX_FRAME_BYTES
from crypto_portfolio_analyzer.errors import ConnectionLost
from crypto_portfolio_analyzer.streaming.transport import TRANSPORTS, Closed, OnFrame


class _Connection:
    def __init__(self, socket: ClientConnection, on_frame: OnFrame, clock: Clock) -> None:
        self._socket, self._on_frame, self._clock = socket, on_frame, clock
        self._outgoing: asyncio.Queue[str | None] = asyncio.Queue(maxsize=10_000)

    def send(self, text: str) -> None:
        self._outgoing.put_nowait(text)

    async def ping(self) -> float:
        started = self._clock.monotonic()
        try:
            await (await self._socket.ping())
        except ConnectionClosed:  # told by wait_closed; here nothing comes any more
            await asyncio.get_running_loop().create_future()
        return self._clock.monotonic() - started

    def close(self) -> None:
        self._outgoing.put_nowait(None)

    def abort(self) -> None:
        self._socket.transport.abort()

    async def wait_closed(self) -> Closed:
        """Read and write until the end: this library wants a reader of its own."""
        writer = asyncio.ensure_future(self._write())  # noqa: TID251  # owned here, cancelled below
        try:
            while True:
                self._on_frame(await self._socket.recv(decode=False))
        except ConnectionClosed as ended:
            received = ended.rcvd
            return Closed(received.code, received.reason) if received else Closed(1006, "connection broke")
        finally:
            writer.cancel()

    async def _write(self) -> None:
        while (text := await self._outgoing.get()) is not None:
            await self._socket.send(text)
        await self._socket.close()


@TRANSPORTS("websockets")
class WebsocketsTransport:
    """WebSocket over `websockets`: no compression, messages up to MAX_FRAME_BYTES."""

    async def connect(
        self, url: str, on_frame: OnFrame, *, headers: Mapping[str, str], timeout: float, clock: Clock
    ) -> _Connection:
        """Open a WebSocket; see `Transport.connect`."""
        try:
            socket = await connect(
                url,
                additional_headers=dict(headers),
                open_timeout=timeout,
                compression=None,
                ping_interval=None,
                max_size=MAX_FRAME_BYTES,
                proxy=None,
            )
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
            raise ConnectionLost(url, str(error) or type(error).__name__) from error
        return _Connection(socket, on_frame, clock)
