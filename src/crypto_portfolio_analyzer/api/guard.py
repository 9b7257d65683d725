"""What every request passes before any route (host, origin, bounded body), and the usual headers."""

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crypto_portfolio_analyzer.api.headers import HEADERS
from crypto_portfolio_analyzer.api.listening import LOOPBACK_NAMES
from crypto_portfolio_analyzer.api.problems import answer, shown_path

MOST_BODY_BYTES = 64 * 1024
BODY_SECONDS = 10.0
_TOO_LARGE = f"a body has at most {MOST_BODY_BYTES} bytes"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware around the whole application.

    A page elsewhere must neither change anything nor open a socket: a request that names another origin than
    the one it was sent to is refused. A name that merely resolves to this machine (DNS rebinding) is refused
    too: the host must be an address, a name of this machine or one of `hosts`.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], origins: Collection[str]) -> None:
        self._app = app
        self._hosts = LOOPBACK_NAMES | {socket.gethostname().lower()} | {host.lower() for host in hosts}
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or say why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[HTTPStatus, str] | None:
        host = headers.get("host", "")
        if not self._knows(host):
            return HTTPStatus.MISDIRECTED_REQUEST, f"this server does not go by the name {host[:80]!r}"
        origin = headers.get("origin")
        matters = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if matters and origin is not None and not self._is_own(scope, host, origin):
            return HTTPStatus.FORBIDDEN, "pages of other origins may not do this"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BODY_BYTES:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE
        return None

    def _knows(self, host: str) -> bool:
        name = _without_port(host).lower()
        if name in self._hosts:
            return True
        with suppress(ValueError):
            ipaddress.ip_address(name)
            return True
        return any(origin.partition("://")[2] == host.lower() for origin in self._origins)

    def _is_own(self, scope: Scope, host: str, origin: str) -> bool:
        scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
        return origin.lower() == f"{scheme}://{host.lower()}" or origin.lower() in self._origins

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, _Body(receive), dressed)


class _Body:
    """The body of one request: not too large, not too slow."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0
        self._is_whole = False

    async def __call__(self) -> Message:
        if self._is_whole:  # what follows is only the wait for a disconnect
            return await self._receive()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "the body did not come") from None
        self._taken += len(message.get("body", b""))
        if self._taken > MOST_BODY_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
        self._is_whole = not message.get("more_body", False)
        return message


def _without_port(host: str) -> str:
    if host.startswith("["):
        address, _, rest = host[1:].partition("]")
        return address if not rest or rest.startswith(":") else host
    return host.rpartition(":")[0] if host.count(":") == 1 else host


async def _refuse(scope: Scope, receive: Receive, send: Send, status: HTTPStatus, detail: str) -> None:
    response = answer(shown_path(scope["path"]), status, detail, HEADERS)
    if scope["type"] == "websocket":
        await receive()  # the handshake must be asked for before it can be refused
        kind = "websocket.http.response"
        await send({"type": f"{kind}.start", "status": response.status_code, "headers": response.raw_headers})
        await send({"type": f"{kind}.body", "body": response.body})
    else:
        await response(scope, receive, send)
