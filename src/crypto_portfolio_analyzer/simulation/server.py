"""One simulated venue on a loopback port: sockets and REST, its limits and their punishment, and faults."""

import asyncio
import logging
import socket
from collections import Counter, deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiohttp import WSMessage, WSMsgType, web

from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.errors import PortTaken
from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.faults import Fault
from crypto_portfolio_analyzer.simulation.faulty import Faults
from crypto_portfolio_analyzer.simulation.limits import Gate, Violation
from crypto_portfolio_analyzer.simulation.tape import Tape, TapeTrade
from crypto_portfolio_analyzer.simulation.venue import VENUES, Dialect, Punish, Reply
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

TICK = 0.02
"""Real seconds between two turns of the pump: it paces the processor, not the market, so no clock scales it."""
MAX_MESSAGE = 1 << 16
_MAX_URL = 1 << 17
"""1024 stream names fit into an address."""
_PAST = 10_000


class VenueServer:
    """A venue's simulator. `ws_url` and `rest_url` are bases, as settings want them.

    `clock` drives everything the venue does in time: one ScaledClock speeds up trades, limits, pings, lifetimes and
    faults together. With `keep_frames` every payload sent is kept in its connection's `log`.
    """

    def __init__(
        self,
        venue: str,
        tape: Tape,
        *,
        clock: Clock | None = None,
        port: int = 0,
        faults: Sequence[Fault] = (),
        keep_frames: bool = False,
    ) -> None:
        self.dialect: Dialect = VENUES[venue](tape)
        self.tape, self.clock = tape, clock or SystemClock()
        self.violations: Counter[Violation] = Counter()
        self.connections: dict[int, Connection] = {}
        self.past: deque[Connection] = deque(maxlen=_PAST)
        """Connections that ended, oldest first."""
        self.requests: Counter[str] = Counter()
        """REST requests by path."""
        self._port, self._keep_frames = port, keep_frames
        self._gate = Gate(self.dialect.limits, self.violations)
        self._script = faults
        self.faults = Faults(self, seed=tape.seed)
        self._accepted = 0
        self._nursery = Nursery(self._broken)
        self._runner: web.AppRunner | None = None

    @property
    def name(self) -> str:
        """The venue's name."""
        return self.dialect.name

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._port

    @property
    def ws_url(self) -> str:
        """Base of the WebSocket address; clients append the venue's paths."""
        return f"ws://127.0.0.1:{self._port}"

    @property
    def rest_url(self) -> str:
        """Base of the REST address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def failed(self) -> BaseException | None:
        """The error that ended the simulation, if one did."""
        return self._nursery.failed

    def truth(self, symbol: str, first_id: int, last_id: int) -> list[TapeTrade]:
        """Return what really traded between two trade ids, whoever heard of it."""
        return self.dialect.market.tape.truth(symbol, first_id, last_id)

    def inject(self, fault: Fault) -> None:
        """Let a fault happen now, whatever its `at` says."""
        self.faults.inject(fault, self.clock.monotonic())

    async def start(self) -> None:
        """Listen and let the market run; raises PortTaken if the port is in use."""
        listener = self._listen()
        app = web.Application(client_max_size=MAX_MESSAGE)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, max_line_size=_MAX_URL)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()
        await self._nursery.start()
        self.faults.schedule(self._script, self.clock.monotonic())
        self._nursery.spawn(self._pump(), name=f"simulated {self.name}")
        logger.info("simulated venue listens", extra={"venue": self.name, "port": self._port})

    async def stop(self) -> None:
        """Cut every client and stop listening."""
        await self._nursery.stop()
        for connection in list(self.connections.values()):
            connection.abort()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def disconnect(self, connection: Connection, code: int, reason: str = "") -> None:
        """Close a connection with `code`; 1006 cuts it."""
        if not connection.closing:
            self._nursery.spawn(connection.close(code, reason))

    async def turn(self) -> None:
        """Do everything that is due now; the server does so by itself every few milliseconds."""
        self._tell_everyone()
        for connection in list(self.connections.values()):
            await self._keep_up(connection)

    def _listen(self) -> socket.socket:
        try:
            listener = socket.create_server(("127.0.0.1", self._port), backlog=512)
        except OSError as error:
            raise PortTaken("127.0.0.1", self._port) from error
        self._port = listener.getsockname()[1]
        return listener

    def _broken(self, error: BaseException) -> None:
        logger.error("simulated venue failed", exc_info=error, extra={"venue": self.name})

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.faults.outage:
            _cut(request)
            return web.Response(status=503)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._accept(request)
        return await self._rest(request)

    async def _rest(self, request: web.Request) -> web.Response:
        now = self.clock.monotonic()
        query = dict(request.query)
        self.requests[request.path] += 1
        refused = self._gate.ask(self.dialect.weight(request.path, query), now) or self.faults.refuse_rest()
        if self.faults.rest_delay:
            await self.clock.sleep(self.faults.rest_delay)
        if refused:
            answer = self.dialect.refusal(*refused)
        else:
            told_until = self._tell()
            answer = self.dialect.answer(request.path, query, told_until)
        return _response(answer, self.dialect.budget_headers(self._gate.used_weight))

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        now = self.clock.monotonic()
        refused = self._gate.connect(now)
        if refused:
            return _response(self.dialect.refusal(*refused), {})
        ws = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=MAX_MESSAGE, timeout=1.0)
        await ws.prepare(request)
        self._accepted += 1
        connection = Connection(self._accepted, ws, request, self.dialect.limits, now=now)
        if self._keep_frames:
            connection.log = []
        self.connections[connection.number] = connection
        self.faults.greet(connection)
        try:
            await self._converse(connection, ws)
        finally:
            self.dialect.closed(connection)
            connection.closing = True
            self.past.append(self.connections.pop(connection.number))
        return ws

    async def _converse(self, connection: Connection, ws: web.WebSocketResponse) -> None:
        try:
            self.dialect.opened(connection, self.clock.now())
            connection.flush()
            async for message in ws:
                await self._hear(connection, message)
        except Punish as broken:
            self._gate.offend(broken.violation, self.clock.monotonic())
            await connection.close(broken.code, broken.reason)

    async def _hear(self, connection: Connection, message: WSMessage) -> None:
        now = self.clock.monotonic()
        if not connection.messages.take(now):
            raise Punish(Violation.MESSAGE_RATE, "too many messages")
        if connection.deaf:
            return
        if message.type is WSMsgType.PING:
            await connection.pong(message.data)
        elif message.type is WSMsgType.PONG:
            connection.unanswered_since = None
        elif message.type is WSMsgType.TEXT:
            connection.heard.append(message.data)
            self.dialect.received(connection, message.data, self.clock.now())
            self._count_complaints()
            connection.flush()

    def _tell(self) -> int:
        now = self.clock.now()
        self.tape.told_until = max(self.tape.told_until, now)
        return now

    def _count_complaints(self) -> None:
        self.violations.update(self.dialect.complaints)
        self.dialect.complaints.clear()

    async def _pump(self) -> None:
        while True:
            await self.turn()
            await asyncio.sleep(TICK)

    def _tell_everyone(self) -> None:
        self.faults.advance(self.clock.monotonic())
        self.dialect.advance(self._tell())
        self._count_complaints()
        mangles = self.faults.mangles
        for connection in self.connections.values():
            connection.flush(mangles)

    async def _keep_up(self, connection: Connection) -> None:
        """Ping, and end what is overdue."""
        limits, now = self.dialect.limits, self.clock.monotonic()
        if connection.closing or connection.frozen:
            return
        age = now - connection.opened_at
        if limits.lifetime is not None and age >= limits.lifetime:
            self.disconnect(connection, 1001, "end of life")
        elif connection.backlog > limits.backlog_bytes:
            self._punish(connection, Violation.SLOW_CONSUMER)
        elif (
            limits.subscribe_within is not None
            and not connection.subscribed
            and age > limits.subscribe_within
        ):
            self._punish(connection, Violation.SUBSCRIBE_DEADLINE)
        elif limits.ping_every is not None:
            waiting_since = connection.unanswered_since
            if waiting_since is not None and now - waiting_since > limits.pong_within:
                self._punish(connection, Violation.PONG)
            elif now - connection.last_ping_at >= limits.ping_every:
                await connection.ping(str(self.clock.now() // 10**6).encode(), now)

    def _punish(self, connection: Connection, violation: Violation) -> None:
        self.violations[violation] += 1
        self.disconnect(connection, 1008, violation.value)


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _response(answer: Reply, headers: object) -> web.Response:
    merged = {**answer.headers, **(headers if isinstance(headers, dict) else {})}
    return web.Response(
        body=answer.body, status=answer.status, headers=merged, content_type="application/json"
    )
