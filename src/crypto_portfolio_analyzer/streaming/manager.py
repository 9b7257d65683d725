"""S1's `StreamManager`: a pool of streams with handlers for their messages."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.streaming.streams import Stream, StreamConfig, StreamMetrics, StreamStatus
from crypto_portfolio_analyzer.streaming.transport import OnFrame, Transport
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

Handler = Callable[[str, Any], Awaitable[None] | None]
"""Called with the stream's id and the message text; may be a coroutine function."""


class _HandlerQueue:
    """Messages waiting for asynchronous handlers: bounded, in order, the oldest dropped first."""

    def __init__(self, size: int) -> None:
        self._queue: asyncio.Queue[tuple[Handler, str]] = asyncio.Queue(max(1, size))
        self.dropped = 0

    def put(self, handler: Handler, text: str) -> None:
        if self._queue.full():
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait((handler, text))

    async def drain(self, stream_id: str) -> None:
        while True:
            handler, text = await self._queue.get()
            await _call(handler, stream_id, text)


async def _call(handler: Handler, stream_id: str, text: str) -> None:
    """Call a user's handler; its errors are its own and are told in the log, once per call."""
    try:
        result = handler(stream_id, text)
        if inspect.isawaitable(result):
            await result
    except Exception:  # the supervisor of foreign code
        logger.exception("stream handler failed", extra={"stream": stream_id})


class StreamManager:
    """S1's pool of streams: add, remove, observe; handlers get `(stream_id, message)`."""

    def __init__(self, *, clock: Clock | None = None, transport: Transport | None = None) -> None:
        self._clock: Clock = clock or SystemClock()
        self._transport = transport
        self._nursery = Nursery()
        self._streams: dict[str, Stream] = {}
        self._tasks: dict[str, list[asyncio.Task[Any]]] = {}
        self._queues: dict[str, _HandlerQueue] = {}
        self._handlers: list[Handler] = []

    async def start(self) -> None:
        """Connect every stream that was added, and those added from now on."""
        await self._nursery.start()
        for stream_id in self._streams:
            if stream_id not in self._tasks:
                self._run(stream_id)

    async def stop(self) -> None:
        """Close every stream."""
        for stream in self._streams.values():
            stream.stop()
        await self._nursery.stop()
        self._tasks.clear()
        for stream in self._streams.values():
            stream.status = StreamStatus.STOPPED

    async def add_stream(self, config: StreamConfig) -> bool:
        """Add a stream and connect it if the manager runs; False if the id is taken.

        Raises:
            InvalidInput: the URL's scheme is not ws, wss or mock.

        """
        if urlsplit(config.url).scheme not in ("ws", "wss", "mock"):
            raise InvalidInput(
                f"{config.url!r} is not a stream address; it begins with wss://, ws:// or mock:"
            )
        if config.stream_id in self._streams:
            return False
        waiting = _HandlerQueue(config.buffer_size)
        stream_id = config.stream_id

        def reader(stream: Stream) -> OnFrame:
            def receive(frame: bytes) -> None:
                stream.frames += 1
                stream.bytes += len(frame)
                stream.last_frame_at = self._clock.now()
                if self._handlers:
                    text = frame.decode("utf-8", "replace")
                    for handler in self._handlers:
                        waiting.put(handler, text)

            return receive

        self._streams[stream_id] = Stream(config, reader, clock=self._clock, transport=self._transport)
        self._queues[stream_id] = waiting
        if self._nursery.is_open:
            self._run(stream_id)
        return True

    def _run(self, stream_id: str) -> None:
        spawn = self._nursery.spawn
        self._streams[stream_id].ready()
        self._tasks[stream_id] = [
            spawn(self._streams[stream_id].run(), name=f"stream {stream_id}"),
            spawn(self._queues[stream_id].drain(stream_id), name=f"handlers {stream_id}"),
        ]

    async def remove_stream(self, stream_id: str) -> bool:
        """Close and forget a stream; False if there is none of that id."""
        stream = self._streams.pop(stream_id, None)
        if stream is None:
            return False
        stream.stop()
        tasks = self._tasks.pop(stream_id, [])
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._queues.pop(stream_id)
        return True

    def add_global_handler(self, handler: Handler) -> None:
        """Call `handler(stream_id, message)` for every message of every stream, in order per stream."""
        self._handlers.append(handler)

    def remove_global_handler(self, handler: Handler) -> None:
        """Stop calling `handler`."""
        if handler in self._handlers:
            self._handlers.remove(handler)

    def get_stream_status(self, stream_id: str) -> StreamStatus | None:
        """Return a stream's status; None if there is none of that id."""
        stream = self._streams.get(stream_id)
        return stream.status if stream else None

    def get_stream_metrics(self, stream_id: str) -> StreamMetrics:
        """Return a stream's counts; raises NotFound."""
        try:
            metrics = self._streams[stream_id].metrics()
        except KeyError:
            raise NotFound("stream", stream_id) from None
        metrics.messages_dropped = self._queues[stream_id].dropped
        return metrics

    def get_all_metrics(self) -> dict[str, StreamMetrics]:
        """Return the counts of every stream by id."""
        return {stream_id: self.get_stream_metrics(stream_id) for stream_id in self._streams}

    async def send_to_stream(self, stream_id: str, message: str) -> bool:
        """Send a text; False if the stream is unknown or not connected."""
        stream = self._streams.get(stream_id)
        return stream is not None and await stream.send(message)
