"""What every request passes before any route (host, origin, rate, body), and what every answer carries."""

import ipaddress
import socket
from collections.abc import Collection, Mapping
from contextlib import suppress
from hmac import compare_digest
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crypto_portfolio_analyzer.api.bodies import is_storable, read_body, replayed
from crypto_portfolio_analyzer.api.cors import Cors
from crypto_portfolio_analyzer.api.headers import HEADERS
from crypto_portfolio_analyzer.api.listening import LOOPBACK_NAMES
from crypto_portfolio_analyzer.api.problems import SECRET_BEHIND, Problem, answer, rate_headers, shown_path
from crypto_portfolio_analyzer.api.rates import Rates, refusal

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware around the whole application.

    A page elsewhere must neither change anything nor open a socket: a request that names another origin than
    the one it was sent to is refused, unless that origin is one of `origins`. A name that merely resolves to this
    machine (DNS rebinding) is refused too: the host must be an address, a name of this machine or one of `hosts`.
    Whoever shows `unbound`, the token of the machine's owner, is not counted.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str], origins: Collection[str], rates: Rates, unbound: str
    ) -> None:
        self._app = app
        self._hosts = LOOPBACK_NAMES | {socket.gethostname().lower()} | {host.lower() for host in hosts}
        self._cors = Cors(origins)
        self._rates = rates
        self._unbound = unbound.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or say why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        dressed = self._dressed(scope, headers.get("origin"), send)
        try:
            await self._check(scope, headers)
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
                return
            asked = self._cors.preflight(scope["method"], headers)
            if asked is not None:
                await asked(scope, receive, dressed)
                return
            is_signal = scope["path"].startswith(SECRET_BEHIND)  # whatever is posted there is taken as it is
            body = await read_body(headers, receive, is_free=is_signal)
        except ClientDisconnect:
            return
        except Problem as problem:
            refusal = problem_answer(shown_path(scope["path"]), problem)
            await _refuse(refusal, scope, receive, send if scope["type"] == "websocket" else dressed)
            return
        await self._app(scope, replayed(body, receive) if body else receive, dressed)

    async def _check(self, scope: Scope, headers: Headers) -> None:
        """Raise Problem for what is not let in."""
        host = headers.get("host", "")
        if not self._knows(host):
            raise Problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"this server does not go by the name {host[:80]!r}",
                remedy="name it in the setting `hosts`, or use its address",
            )
        await self._count(scope, headers)
        origin = headers.get("origin")
        matters = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if matters and origin is not None and not self._is_own(scope, host, origin):
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "pages of other origins may not do this",
                remedy="name the origin in the setting `origins`",
            )
        if not is_storable(scope["path"]):
            raise Problem(HTTPStatus.NOT_FOUND, "nothing is served there", remedy="see /docs for what is")

    async def _count(self, scope: Scope, headers: Headers) -> None:
        """Count the request for its address; raises Problem (429)."""
        state = scope.setdefault("state", {})
        if self._is_unbound(headers):
            state["unbound"] = True
            return
        peer = scope["client"][0] if scope.get("client") else ""
        rate = await self._rates.hit("address", self._rates.address_of(peer, headers))
        state["rate"] = rate
        if rate.is_spent:
            raise await refusal(rate)

    def _is_unbound(self, headers: Headers) -> bool:
        shown = headers.get("authorization", "").removeprefix("Bearer ") or headers.get("x-api-key", "")
        return compare_digest(shown.encode(), self._unbound)

    def _knows(self, host: str) -> bool:
        name = _without_port(host).lower()
        if name in self._hosts:
            return True
        with suppress(ValueError):
            ipaddress.ip_address(name)
            return True
        return any(origin.partition("://")[2] == host.lower() for origin in self._cors.origins)

    def _is_own(self, scope: Scope, host: str, origin: str) -> bool:
        scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
        return origin.lower() == f"{scheme}://{host.lower()}" or origin.lower() in self._cors.origins

    def _dressed(self, scope: Scope, origin: str | None, send: Send) -> Send:
        usual = HEADERS | self._cors.headers(origin)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                _put(headers, usual)
                _put(headers, rate_headers(scope))
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        return dressed


def problem_answer(path: str, problem: Problem) -> Response:
    """Return the response that tells a problem raised before any route."""
    more: Mapping[str, Any] = problem.more
    return answer(path, problem.status, problem.detail, problem.headers, **more)


def _put(headers: MutableHeaders, told: Mapping[str, str]) -> None:
    for name, value in told.items():
        if name == "Vary":
            headers.add_vary_header(value)
        else:
            headers[name] = value


def _without_port(host: str) -> str:
    if host.startswith("["):
        address, _, rest = host[1:].partition("]")
        return address if not rest or rest.startswith(":") else host
    return host.rpartition(":")[0] if host.count(":") == 1 else host


async def _refuse(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()  # the handshake must be asked for before it can be refused
        _put(MutableHeaders(raw=response.raw_headers), HEADERS | rate_headers(scope))
        kind = "websocket.http.response"
        await send({"type": f"{kind}.start", "status": response.status_code, "headers": response.raw_headers})
        await send({"type": f"{kind}.body", "body": response.body})
    else:
        await response(scope, receive, send)
