"""One WebSocket client's wire, below ASGI: whole shared frames in, unsent bytes counted.

ASGI takes one message per call and hides what is still unsent. Live rooms need the opposite: one write for
many ready-made frames (a server's frames are not masked, so all clients get the same bytes), and a look at
the buffer of each client, so that a slow one is conflated and a stopped one closed while nobody else waits.
"""

from typing import Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode

EXTENSION = "crypto_analyzer.wire"
GRACE_SECONDS = 3.0
"""How long a client that is being closed may take to read what is on its way."""


def text_frame(payload: bytes) -> bytes:
    """Return `payload` (UTF-8) as one whole frame, good for every client."""
    return Frame(Opcode.TEXT, payload).serialize(mask=False)


class Wire(Protocol):
    """What the hub needs of a client's connection."""

    written: int

    @property
    def buffered(self) -> int:
        """Bytes handed over that the kernel has not taken yet."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether frames can still be written."""
        ...

    def write(self, frames: bytes) -> None:
        """Hand over whole frames; nothing happens on a closed wire."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, and cut the connection after a short grace whether or not it was read."""
        ...


class LiveProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol that offers itself to the application as a `Wire`."""

    written = 0

    async def run_asgi(self) -> None:
        """Run the application with the wire among the scope's extensions."""
        self.scope["extensions"][EXTENSION] = {"wire": self}
        await super().run_asgi()

    @property
    def buffered(self) -> int:
        """Bytes handed over that the kernel has not taken yet."""
        return self.transport.get_write_buffer_size()

    @property
    def is_open(self) -> bool:
        """Whether frames can still be written."""
        return self.handshake_complete and not (
            self.close_sent or self.disconnected or self.transport.is_closing()
        )

    def write(self, frames: bytes) -> None:
        """Hand over whole frames; nothing happens on a closed wire."""
        if self.is_open:
            self.written += len(frames)
            self.transport.write(frames)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, and cut the connection after a short grace whether or not it was read."""
        if not self.is_open:
            return
        self.stop_keepalive()
        try:
            self.conn.send_close(code, reason)
        except InvalidState:  # the client's own goodbye was faster
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:  # or the client's answer would never be seen
            self.read_paused = False
            self.transport.resume_reading()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.close_timer = self.loop.call_later(GRACE_SECONDS, self.transport.abort)
