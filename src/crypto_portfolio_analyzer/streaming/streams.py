"""Streams: one supervised connection each.

A stream reconnects with full jitter and never gives up; `reconnect_attempts` failures in a row only change
its status to `error`, which is a health signal. Every close that we did not ask for leads to a reconnect,
also a clean one.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from random import Random
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.errors import ConnectionLost
from crypto_portfolio_analyzer.streaming.pacing import Pace, full_jitter
from crypto_portfolio_analyzer.streaming.transport import (
    Closed,
    Connection,
    OnFrame,
    Transport,
    transport_for,
)

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 10.0
STABLE_AFTER = 30.0
"""A connection must live this long before its next loss starts back-off from the beginning."""


class StreamStatus(StrEnum):
    """Where a stream is in its life."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    ERROR = "error"
    STOPPED = "stopped"


@dataclass(slots=True)
class StreamConfig:
    """What to connect to and how; delays and intervals in seconds, `rate_limit` in sent messages per second.

    `buffer_size` bounds the messages that wait for asynchronous handlers: the oldest are dropped and counted.
    """

    stream_id: str
    url: str
    symbols: list[str] = field(default_factory=list)
    reconnect_attempts: int = 5
    reconnect_delay: float = 1.0
    max_reconnect_delay: float = 60.0
    heartbeat_interval: float = 30.0
    buffer_size: int = 1000
    rate_limit: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)

    def address(self) -> str:
        """Return the URL with `params` added to its query."""
        if not self.params:
            return self.url
        parts = urlsplit(self.url)
        query = urlencode([*parse_qsl(parts.query), *self.params.items()])
        return urlunsplit(parts._replace(query=query))


@dataclass(slots=True)
class StreamMetrics:
    """Counts since the stream was added; `uptime_seconds` is connected time, `latency_ms` a ping's round trip."""

    messages_received: int = 0
    messages_sent: int = 0
    messages_dropped: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    connection_count: int = 0
    reconnection_count: int = 0
    error_count: int = 0
    last_message_time: datetime | None = None
    uptime_seconds: float = 0.0
    latency_ms: float | None = None


class Stream:
    """One connection that is kept open.

    `reader` is asked before each connect for the function that takes its frames. That function is the hot path:
    it must count `frames` (and `bytes`, where they are asked for) and set `last_frame_at` here itself, which saves
    a call per frame.
    `on_open` is called after each connect, before any frame of that connection is handed over by the loop;
    `on_down` after each loss. `address` may be a function when the URL changes between connects.
    """

    def __init__(
        self,
        config: StreamConfig,
        reader: Callable[["Stream"], OnFrame],
        *,
        clock: Clock,
        transport: Transport | None = None,
        address: Callable[[], str] | None = None,
        on_open: Callable[[], None] | None = None,
        on_down: Callable[[Closed], None] | None = None,
        connects: Pace | None = None,
        silence: float | None = None,
        random: Random | None = None,
    ) -> None:
        self.config = config
        self.status = StreamStatus.DISCONNECTED
        self.last_error: str | None = None
        self.last_frame_at = 0
        self.frames = 0
        self.bytes = 0
        self._metrics = StreamMetrics()
        self._reader, self._clock, self._transport = reader, clock, transport
        self._address = address or config.address
        self._on_open, self._on_down = on_open, on_down
        self._connects, self._silence = connects, silence
        self._random = random or Random()
        self._connection: Connection | None = None
        self._connected_at = 0.0
        self._outgoing = Pace(clock, config.rate_limit, 1.0) if config.rate_limit else None
        self._uptime = 0.0
        self._stopping = False

    @property
    def is_connected(self) -> bool:
        """Whether the connection is open now."""
        return self._connection is not None

    def metrics(self) -> StreamMetrics:
        """Return a snapshot of the counts."""
        snapshot = self._metrics
        snapshot.messages_received, snapshot.bytes_received = self.frames, self.bytes
        if self.last_frame_at:
            snapshot.last_message_time = datetime.fromtimestamp(self.last_frame_at / 1e9, UTC)
        snapshot.uptime_seconds = self._uptime + (
            self._clock.monotonic() - self._connected_at if self._connection else 0.0
        )
        return snapshot

    async def run(self) -> None:
        """Connect and stay connected until `stop`."""
        waits = full_jitter(self._random, self.config.reconnect_delay, self.config.max_reconnect_delay)
        failures = 0
        while not self._stopping:
            lived = await self._one_connection()
            if self._stopping:
                break
            if lived >= STABLE_AFTER:
                failures = 0
                waits = full_jitter(
                    self._random, self.config.reconnect_delay, self.config.max_reconnect_delay
                )
            failures += 1
            self._metrics.error_count += 1
            is_bad = failures >= self.config.reconnect_attempts
            self.status = StreamStatus.ERROR if is_bad else StreamStatus.RECONNECTING
            if failures in (1, self.config.reconnect_attempts):
                logger.warning(
                    "stream down",
                    extra={"stream": self.config.stream_id, "why": self.last_error, "failures": failures},
                )
            await self._clock.sleep(next(waits))
        self.status = StreamStatus.STOPPED

    async def _one_connection(self) -> float:
        """Open, serve and lose one connection; return how many seconds it lived."""
        if self.status is StreamStatus.DISCONNECTED:
            self.status = StreamStatus.CONNECTING
        if self._connects is not None:
            await self._connects.spend()
        url = self._address()
        transport = self._transport or transport_for(url)
        try:
            connection = await transport.connect(
                url,
                self._reader(self),
                headers=self.config.headers,
                timeout=CONNECT_TIMEOUT,
                clock=self._clock,
            )
        except ConnectionLost as error:
            self.last_error = error.why
            return 0.0
        self._opened(connection)
        try:
            ended = await self._serve(connection)
        finally:
            lived = self._clock.monotonic() - self._connected_at
            self._uptime += lived
            self._connection = None
            connection.abort()
        self.last_error = f"closed with {ended.code} {ended.reason}".strip()
        if self._on_down is not None:
            self._on_down(ended)
        return lived

    def _opened(self, connection: Connection) -> None:
        self._connection = connection
        self._connected_at = self._clock.monotonic()
        self.last_frame_at = self._clock.now()
        self._metrics.connection_count += 1
        if self._metrics.connection_count > 1:
            self._metrics.reconnection_count += 1
        logger.info("stream up", extra={"stream": self.config.stream_id})
        self.status = StreamStatus.CONNECTED
        if self._on_open is not None:
            self._on_open()

    async def _serve(self, connection: Connection) -> Closed:
        """Wait for the end of the connection; end it ourselves when it is silent for too long."""
        async with asyncio.TaskGroup() as group:
            heart = group.create_task(self._heartbeat(connection))
            ended = await connection.wait_closed()
            heart.cancel()
        return ended

    async def _heartbeat(self, connection: Connection) -> None:
        """Measure the round trip every interval; a connection without frames or pongs is dropped."""
        interval = self.config.heartbeat_interval
        silence = self._silence
        await self._pong_came(connection, interval)
        while True:
            await self._clock.sleep(interval if silence is None else min(interval, silence / 4))
            quiet = (self._clock.now() - self.last_frame_at) / 1e9
            if silence is not None and quiet > silence:
                logger.warning(
                    "stream silent", extra={"stream": self.config.stream_id, "seconds": round(quiet, 1)}
                )
                connection.abort()
                return
            if not await self._pong_came(connection, interval):
                connection.abort()
                return

    async def _pong_came(self, connection: Connection, interval: float) -> bool:
        scale = getattr(self._clock, "scale", 1.0)
        try:
            async with asyncio.timeout(max(interval / scale, 0.5)):
                self._metrics.latency_ms = await connection.ping() * 1000
        except TimeoutError:
            return (self._clock.now() - self.last_frame_at) / 1e9 < interval
        return True

    async def send(self, text: str) -> bool:
        """Send a text when the rate limit allows; False if the stream is not connected by then."""
        if self._outgoing is not None:
            await self._outgoing.spend()
        if self._connection is None:
            return False
        self._connection.send(text)
        self._metrics.messages_sent += 1
        self._metrics.bytes_sent += len(text)
        return True

    def drop(self) -> None:
        """End the current connection without a word, so that a new one is made."""
        if self._connection is not None:
            self._connection.abort()

    def ready(self) -> None:
        """Allow another `run` after `stop`."""
        self._stopping = False

    def stop(self) -> None:
        """Close for good."""
        self._stopping = True
        if self._connection is not None:
            self._connection.close()
