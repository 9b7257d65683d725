"""In process: the mock venue without a socket, for `mock:` addresses."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.exchanges.mock import MockSession
from crypto_portfolio_analyzer.streaming.transport import TRANSPORTS, Closed, OnFrame

DEFAULT_INTERVAL = 1.0


class _Connection:
    def __init__(self, session: MockSession, on_frame: OnFrame, clock: Clock, interval: float) -> None:
        self._session, self._on_frame, self._clock, self._interval = session, on_frame, clock, interval
        self._ended: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    def send(self, text: str) -> None:
        loop = asyncio.get_running_loop()
        for frame in self._session.receive(text):
            loop.call_soon(self._on_frame, frame)

    async def ping(self) -> float:
        return 0.0

    def close(self) -> None:
        if not self._ended.done():
            self._ended.set_result(Closed(1000))

    abort = close

    async def wait_closed(self) -> Closed:
        while not self._ended.done():
            for frame in self._session.frames(self._clock.now()):
                self._on_frame(frame)
            with suppress(TimeoutError):
                scale = getattr(self._clock, "scale", 1.0)
                await asyncio.wait_for(asyncio.shield(self._ended), self._interval / scale)
        return self._ended.result()


@TRANSPORTS("mock")
class MockTransport:
    """A `mock:` address: `mock:?seed=7&interval=0.5`."""

    async def connect(
        self, url: str, on_frame: OnFrame, *, headers: Mapping[str, str], timeout: float, clock: Clock
    ) -> _Connection:
        """Open a session of the seeded mock market; see `Transport.connect`."""
        query = {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}
        session = MockSession(seed=int(query.get("seed", "7")), start=clock.now())
        return _Connection(session, on_frame, clock, float(query.get("interval", DEFAULT_INTERVAL)))
