"""A stream stays connected whatever the other side does, on every transport."""

import asyncio
from collections.abc import Callable

import pytest
from websockets.asyncio.server import ServerConnection

from crypto_portfolio_analyzer.clock import ScaledClock, SystemClock
from crypto_portfolio_analyzer.errors import ConnectionLost
from crypto_portfolio_analyzer.streaming.pacing import Pace
from crypto_portfolio_analyzer.streaming.streams import Stream, StreamConfig, StreamStatus
from crypto_portfolio_analyzer.streaming.transport import TRANSPORTS, Transport
from crypto_portfolio_analyzer.tasks import Nursery
from tests.streaming.wire import Wire, until, wire


@pytest.fixture(params=["picows", "websockets"])
def transport(request: pytest.FixtureRequest) -> Transport:
    return TRANSPORTS[request.param]()


class Running:
    """A stream in a nursery, with what it heard."""

    def __init__(self, url: str, transport: Transport, **options: object) -> None:
        self.heard: list[bytes] = []
        clock = options.pop("clock", SystemClock())
        settings = {"reconnect_delay": 0.01, "max_reconnect_delay": 0.05, **options.pop("config", {})}  # type: ignore[dict-item]
        config = StreamConfig("test", url, **settings)  # type: ignore[arg-type]
        self.stream = Stream(config, self._reader, clock=clock, transport=transport, **options)  # type: ignore[arg-type]
        self._nursery = Nursery()

    def _reader(self, stream: Stream) -> Callable[[bytes], None]:
        def receive(frame: bytes) -> None:
            stream.frames += 1
            stream.last_frame_at = SystemClock.now()
            self.heard.append(frame)

        return receive

    async def __aenter__(self) -> "Running":
        await self._nursery.start()
        self._nursery.spawn(self.stream.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stream.stop()
        await self._nursery.stop()


async def stay(socket: ServerConnection, _number: int) -> None:
    await socket.wait_closed()


async def test_frames_arrive_whole_and_in_order(transport: Transport) -> None:
    async def script(socket: ServerConnection, _number: int) -> None:
        for index in range(100):
            await socket.send(f"frame {index}")
        await socket.send([b"frag", b"men", b"ted"])
        await socket.send("ü" * 40_000)
        await socket.wait_closed()

    async with wire(script) as server, Running(server.url, transport) as run:
        await until(lambda: len(run.heard) == 102)

        assert run.heard[:100] == [b"frame %d" % index for index in range(100)]
        assert run.heard[100] == b"fragmented"
        assert run.heard[101] == "ü".encode() * 40_000
        assert run.stream.metrics().messages_received == 102


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1012])
async def test_every_close_we_did_not_ask_for_leads_to_a_reconnect(transport: Transport, code: int) -> None:
    async def script(socket: ServerConnection, number: int) -> None:
        await socket.send(f"hello {number}")
        if number < 3:
            await socket.close(code, "over")
        await socket.wait_closed()

    async with wire(script) as server, Running(server.url, transport) as run:
        await until(lambda: len(run.heard) == 3 and run.stream.status is StreamStatus.CONNECTED)

        metrics = run.stream.metrics()
        assert (metrics.connection_count, metrics.reconnection_count, metrics.error_count) == (3, 2, 2)


async def test_a_broken_socket_leads_to_a_reconnect(transport: Transport) -> None:
    async def script(socket: ServerConnection, number: int) -> None:
        await socket.send("hello")
        if number == 1:
            socket.transport.abort()
        await socket.wait_closed()

    async with wire(script) as server, Running(server.url, transport) as run:
        await until(lambda: len(run.heard) == 2 and run.stream.is_connected)


async def test_it_never_gives_up_and_says_that_it_is_bad(transport: Transport) -> None:
    async with wire(stay) as server:
        gone = server.url
    async with Running(gone, transport, config={"reconnect_attempts": 3}) as run:
        await until(lambda: run.stream.status is StreamStatus.ERROR)
        failed = run.stream.metrics().error_count
        await until(lambda: run.stream.metrics().error_count > failed + 3)

        assert run.stream.last_error


async def test_a_frozen_connection_is_dropped_when_pongs_stop() -> None:
    """Half open: the socket stays, nothing is sent, pings go unanswered."""
    frozen = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        key = next(
            line.split(b": ")[1]
            for line in request.split(b"\r\n")
            if line.lower().startswith(b"sec-websocket-key")
        )
        writer.write(_upgrade(key))
        await frozen.wait()
        writer.close()

    server = await asyncio.start_server(deaf, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    clock = ScaledClock(20)
    async with Running(url, TRANSPORTS["picows"](), clock=clock, config={"heartbeat_interval": 4.0}) as run:
        await until(lambda: run.stream.metrics().connection_count >= 2)
    frozen.set()
    server.close()
    await server.wait_closed()


def _upgrade(key: bytes) -> bytes:
    from base64 import b64encode
    from hashlib import sha1

    accept = b64encode(sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # RFC 6455
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )


async def test_a_silent_connection_is_dropped_though_pongs_come(transport: Transport) -> None:
    async with (
        wire(stay) as server,
        Running(server.url, transport, clock=ScaledClock(50), silence=10.0) as run,
    ):
        await until(lambda: run.stream.metrics().connection_count >= 2)


async def test_latency_is_measured(transport: Transport) -> None:
    async with (
        wire(stay) as server,
        Running(server.url, transport, config={"heartbeat_interval": 0.02}) as run,
    ):
        await until(lambda: run.stream.metrics().latency_ms is not None)

        assert 0 < (run.stream.metrics().latency_ms or 0) < 1000


async def test_headers_and_params_are_sent(transport: Transport) -> None:
    config = {"headers": {"Authorization": "Bearer token"}, "params": {"symbols": "BTCUSDT"}}
    async with wire(stay) as server, Running(f"{server.url}/ws?a=1", transport, config=config) as run:
        await until(lambda: run.stream.is_connected)

        assert server.paths == ["/ws?a=1&symbols=BTCUSDT"]
        assert server.headers[0]["Authorization"] == "Bearer token"


async def test_sending_keeps_the_rate_limit(transport: Transport) -> None:
    loop = asyncio.get_running_loop()
    times: list[float] = []

    async def script(socket: ServerConnection, _number: int) -> None:
        async for _ in socket:
            times.append(loop.time())  # noqa: PERF401  # it is looked at while it grows

    async with wire(script) as server, Running(server.url, transport, config={"rate_limit": 20}) as run:
        await until(lambda: run.stream.is_connected)
        for index in range(25):
            assert await run.stream.send(str(index))
        await until(lambda: len(times) == 25)

    assert times[20] - times[0] >= 0.9


async def test_connecting_keeps_the_venues_connection_limit(transport: Transport) -> None:
    async def script(socket: ServerConnection, _number: int) -> None:
        await socket.close()

    clock = SystemClock()
    async with wire(script) as server, Running(server.url, transport, connects=Pace(clock, 4, 0.4)) as run:
        await until(lambda: run.stream.metrics().connection_count >= 4)
        await asyncio.sleep(0.1)

        assert len(server.paths) == 4


@pytest.mark.parametrize(
    "address", [lambda w: "http://" + w.url[5:], lambda w: w.url.replace("127.0.0.1", "nowhere.invalid")]
)
async def test_what_cannot_be_reached_is_a_lost_connection(
    transport: Transport, address: Callable[[Wire], str]
) -> None:
    async with wire(stay) as server:
        with pytest.raises(ConnectionLost):
            await transport.connect(
                address(server), lambda _frame: None, headers={}, timeout=2.0, clock=SystemClock()
            )
