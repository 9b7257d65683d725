"""Receivers of messages on a loopback port: what they took, what they found wrong, and faults on demand."""

import asyncio
import hmac
import json
import ssl
from collections import Counter, deque
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiohttp import web
from msgspec import Struct
from standardwebhooks import Webhook

from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.simulation.misbehaviour import Misbehaviour, misbehave

MAX_BODY = 1 << 24
TOLERANCE = 300
"""Seconds a webhook's time stamp may be off, as the standard wants it."""
_KEPT = 100_000


class Received(Struct, frozen=True):
    """A request that was read."""

    at: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """A server that takes messages. `faults` are used up one request each; `always` holds for every request."""

    def __init__(
        self, *, clock: Clock | None = None, tls: ssl.SSLContext | None = None, port: int = 0
    ) -> None:
        self.clock = clock or SystemClock()
        self.received: deque[Received] = deque(maxlen=_KEPT)
        """Every request, newest last."""
        self.violations: Counter[str] = Counter()
        """What was wrong with requests, by a closed word; a well-behaved sender leaves it empty."""
        self.faults: deque[Misbehaviour] = deque()
        self.always: Misbehaviour | None = None
        self.under_way = 0
        self.most_under_way = 0
        self._tls, self._port = tls, port
        self._runner: web.AppRunner | None = None
        self._arrived = asyncio.Event()

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._port

    @property
    def url(self) -> str:
        """Base of the address."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls, backlog=1024)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Hang up."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def wait(self, count: int) -> None:
        """Wait until so many requests have been received."""
        while len(self.received) < count:
            self._arrived.clear()
            await self._arrived.wait()

    async def answer(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Take a message; a subclass checks it."""
        return web.Response(status=204)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            is_form = request.content_type.startswith("multipart/")  # can be read once: whoever answers does
            body = b"" if is_form else await request.read()
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.received.append(Received(self.clock.now(), request.method, request.path_qs, headers, body))
            self._arrived.set()
            fault = self.always or (self.faults.popleft() if self.faults else None)
            if fault is None:
                return await self.answer(request, body)
            if fault.counts:
                await self.answer(request, body)
            return await misbehave(request, fault, self.clock)
        finally:
            self.under_way -= 1


class WebhookReceiver(Receiver):
    """Takes webhooks that are signed with one of `secrets` and in time; others get a 401 and are counted."""

    def __init__(
        self,
        *secrets: str,
        clock: Clock | None = None,
        tls: ssl.SSLContext | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(clock=clock, tls=tls, port=port)
        self.secrets = list(secrets)
        self.keys: Counter[str] = Counter()
        """How often each webhook-id was taken."""
        self.echoes = True
        """Whether challenges are answered."""

    @property
    def hook_url(self) -> str:
        """Where to send."""
        return f"{self.url}/hook"

    async def answer(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Take a webhook if it is genuine."""
        key = request.headers.get("webhook-id", "")
        problem = self._problem(key, request.headers, body)
        if problem:
            self.violations[problem] += 1
            return web.json_response({"error": problem}, status=401)
        self.keys[key] += 1
        return web.json_response(self._echo(body))

    def _problem(self, key: str, headers: Mapping[str, str], body: bytes) -> str:
        stamp = headers.get("webhook-timestamp", "")
        if not key or "." in key or not stamp.isdecimal():
            return "headers"
        if abs(int(stamp) - self.clock.now() // 10**9) > TOLERANCE:
            return "timestamp"
        at = datetime.fromtimestamp(int(stamp), UTC)
        given = headers.get("webhook-signature", "").split(" ")
        wanted = [Webhook(secret).sign(key, at, body.decode()) for secret in self.secrets]
        genuine = any(hmac.compare_digest(one, other) for one in given for other in wanted)
        return "" if genuine else "signature"

    def _echo(self, body: bytes) -> dict[str, str]:
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return {}
        if not self.echoes or not isinstance(document, dict) or document.get("type") != "channel.challenge":
            return {}
        return {"challenge": document["data"]["challenge"]}
