"""One client's socket, seen from the venue: what is due to it, what it asked for, how it behaves."""

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from aiohttp import web

from crypto_portfolio_analyzer.simulation.limits import SlidingWindow, VenueLimits

Mangle = Callable[["Connection", list[bytes]], list[bytes]]

_SHORT, _LONG = 126, 1 << 16
_HEADERS = [bytes((0x81, size)) for size in range(_SHORT)]
_HEADERS += [bytes((0x81, 126)) + size.to_bytes(2, "big") for size in range(_SHORT, 4096)]


def frame_header(size: int) -> bytes:
    """Return the head of an unmasked text frame (RFC 6455, 5.2)."""
    if size < len(_HEADERS):
        return _HEADERS[size]
    if size < _LONG:
        return bytes((0x81, 126)) + size.to_bytes(2, "big")
    return bytes((0x81, 127)) + size.to_bytes(8, "big")


class Connection:
    """An accepted WebSocket. Frames are gathered by `send` and leave together: one write per turn of the pump."""

    def __init__(
        self,
        number: int,
        socket: web.WebSocketResponse,
        request: web.Request,
        limits: VenueLimits,
        *,
        now: float,
    ) -> None:
        self.number, self.path, self.query = number, request.path, dict(request.query)
        self.opened_at, self.last_ping_at = now, now
        self.unanswered_since: float | None = None
        self.subscribed = False
        self.subscriptions: dict[Any, None] = {}
        """The venue's own keys of what this client listens to, in the order it asked."""
        self.wrapped = False
        self.frozen = False
        """Half open: nothing leaves any more, as if the peer's network had gone."""
        self.deaf = False
        """Half open and pings stay unanswered too."""
        self.closing = False
        self.sent = 0
        self.log: list[bytes] | None = None
        self.heard: deque[str] = deque(maxlen=1000)
        """What the client said, newest last."""
        self.messages = SlidingWindow(limits.messages, limits.messages_window)
        self._socket, self._transport = socket, request.transport
        self._pending: list[bytes] = []
        self.send: Callable[[bytes], None] = self._pending.append
        """Queue one text frame's payload for the next flush."""

    @property
    def backlog(self) -> int:
        """Bytes the client has not taken yet."""
        return self._transport.get_write_buffer_size() if self._transport else 0

    def flush(self, mangles: Iterable[Mangle] = ()) -> None:
        """Write everything queued, after the faults in `mangles` had their way with it."""
        payloads = self._pending[:]
        self._pending.clear()
        for mangle in mangles:
            payloads = mangle(self, payloads)
        if not payloads or self.frozen or self.closing or self._transport is None:
            return
        self.sent += len(payloads)
        if self.log is not None:
            self.log += payloads
        parts: list[bytes] = []
        for payload in payloads:
            parts.append(frame_header(len(payload)))
            parts.append(payload)
        # Past aiohttp's writer: at 100,000 frames a second its awaited send per frame costs five times as much
        self._transport.write(b"".join(parts))

    async def ping(self, payload: bytes, now: float) -> None:
        """Send a ping, and wait for its pong from now on."""
        self.last_ping_at = now
        if self.unanswered_since is None:
            self.unanswered_since = now
        with suppress(ConnectionResetError):
            await self._socket.ping(payload)

    async def pong(self, payload: bytes) -> None:
        """Answer a client's ping."""
        with suppress(ConnectionResetError):
            await self._socket.pong(payload)

    async def close(self, code: int, reason: str = "") -> None:
        """Close politely with `code`; 1006 means no close frame at all."""
        if code == 1006:
            self.abort()
            return
        self.flush()
        self.closing = True
        await self._socket.close(code=code, message=reason.encode())

    def abort(self) -> None:
        """Cut the connection without a word."""
        self.closing = True
        if self._transport is not None:
            self._transport.abort()
