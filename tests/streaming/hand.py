"""A transport played by hand, in virtual time."""

import asyncio
from collections.abc import Callable

from crypto_portfolio_analyzer.streaming.transport import Closed
from tests.fakes import FakeClock


class HandConnection:
    """A connection played by hand."""

    def __init__(self, clock: FakeClock) -> None:
        self.sent: list[tuple[float, str]] = []
        self._clock = clock
        self.over: list[Closed] = []
        self._ended = asyncio.Event()

    @property
    def texts(self) -> list[str]:
        """What was sent."""
        return [text for _, text in self.sent]

    def send(self, text: str) -> None:
        self.sent.append((self._clock.monotonic(), text))

    async def ping(self) -> float:
        return 0.0

    def close(self) -> None:
        self.over.append(Closed(1000))
        self._ended.set()

    def abort(self) -> None:
        self.over.append(Closed(1006))
        self._ended.set()

    async def wait_closed(self) -> Closed:
        await self._ended.wait()
        return self.over[0]


class HandTransport:
    """Every connect succeeds and is remembered."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.connections: list[HandConnection] = []

    async def connect(
        self,
        url: str,
        on_frame: Callable[[bytes], None],
        *,
        headers: object,
        timeout: float,
        clock: FakeClock,
    ) -> HandConnection:
        self.urls.append(url)
        self.connections.append(HandConnection(clock))
        return self.connections[-1]
