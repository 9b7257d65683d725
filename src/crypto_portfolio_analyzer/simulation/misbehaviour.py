"""How a receiver of messages can misbehave on purpose, down to the bytes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

from aiohttp import web
from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
_MEGABYTE = b"x" * (1 << 20)
_HUGE = 100 << 20


class Bad(StrEnum):
    """Ways to misbehave."""

    STATUS = "status"
    """An answer with a status and headers of choice."""
    SILENT = "silent"
    """The request is read, and never answered."""
    SLOW_HEADERS = "slow_headers"
    """The headers come a byte a second."""
    SLOW_BODY = "slow_body"
    """A good status, then a byte a second."""
    HUGE_BODY = "huge_body"
    """A good status and 100 MB."""
    BAD_GZIP = "bad_gzip"
    """A good status and a body that says it is gzip, and is not."""
    SHORT_BODY = "short_body"
    """A good status, fewer bytes than announced, and the end."""
    RESET = "reset"
    """The request is read and the connection reset."""
    RESET_IN_HEADERS = "reset_in_headers"
    """Half of the headers, then a reset."""
    GARBAGE = "garbage"
    """An answer that is not HTTP."""


class Misbehaviour(Struct, frozen=True):
    """One misbehaviour; `status`, `headers` and `body` are those of Bad.STATUS."""

    kind: Bad
    status: int = 503
    headers: dict[str, str] = {}
    body: str = ""
    counts: bool = True
    """Whether the message is taken all the same, as a receiver does that fails after its work."""


async def misbehave(request: web.Request, how: Misbehaviour, clock: Clock) -> web.StreamResponse:
    """Answer a request, which has been read, badly."""
    if how.kind is Bad.STATUS:
        return web.Response(status=how.status, headers=how.headers, text=how.body)
    if how.kind is Bad.HUGE_BODY:
        return await _huge_body(request)
    if request.transport is not None:
        await _WAYS[how.kind](request.transport, clock)
        request.transport.abort() if how.kind in _ABRUPT else request.transport.close()
    return web.Response()


async def _silent(_transport: asyncio.Transport, clock: Clock) -> None:
    while True:
        await clock.sleep(3600.0)


async def _slow_headers(transport: asyncio.Transport, clock: Clock) -> None:
    await _drip(transport, clock, _OK + b"Content-Length: 2\r\n\r\nok")


async def _slow_body(transport: asyncio.Transport, clock: Clock) -> None:
    transport.write(_OK + b"Content-Length: 60\r\n\r\n")
    await _drip(transport, clock, b"x" * 60)


async def _drip(transport: asyncio.Transport, clock: Clock, data: bytes) -> None:
    for byte in data:
        if transport.is_closing():
            return
        transport.write(bytes((byte,)))
        await clock.sleep(1.0)


async def _huge_body(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    with suppress(ConnectionError):  # the sender has seen enough
        for _ in range(_HUGE // len(_MEGABYTE)):
            await response.write(_MEGABYTE)
    return response


async def _bad_gzip(transport: asyncio.Transport, _clock: Clock) -> None:
    transport.write(_OK + b"Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip")


async def _short_body(transport: asyncio.Transport, _clock: Clock) -> None:
    transport.write(_OK + b"Content-Length: 100\r\n\r\nshort")


async def _reset(_transport: asyncio.Transport, _clock: Clock) -> None:
    """Write nothing."""


async def _reset_in_headers(transport: asyncio.Transport, _clock: Clock) -> None:
    transport.write(_OK + b"Content-Le")


async def _garbage(transport: asyncio.Transport, _clock: Clock) -> None:
    transport.write(b"220 mail.example.com ESMTP\r\n\r\n")


_WAYS: dict[Bad, Callable[[asyncio.Transport, Clock], Awaitable[None]]] = {
    Bad.SILENT: _silent,
    Bad.SLOW_HEADERS: _slow_headers,
    Bad.SLOW_BODY: _slow_body,
    Bad.BAD_GZIP: _bad_gzip,
    Bad.SHORT_BODY: _short_body,
    Bad.RESET: _reset,
    Bad.RESET_IN_HEADERS: _reset_in_headers,
    Bad.GARBAGE: _garbage,
}
_ABRUPT = (Bad.RESET,)
