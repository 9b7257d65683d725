"""What every transport over a network promises of a single connection; streams over them are in `test_streams.py`."""

from contextlib import suppress

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.venues import MAX_FRAME_BYTES
from crypto_portfolio_analyzer.errors import ConnectionLost
from crypto_portfolio_analyzer.streaming.transport import TRANSPORTS, Closed
from crypto_portfolio_analyzer.tasks import Nursery
from tests.streaming.wire import until, wire


@pytest.fixture(params=[name for name in TRANSPORTS if name not in ("ccxt", "mock")])
def connected(request: pytest.FixtureRequest):
    """Return what opens a connection over each transport that is registered."""

    async def connect(url: str, heard: list[bytes]):
        transport = TRANSPORTS[request.param]()
        return await transport.connect(url, heard.append, headers={}, timeout=2.0, clock=SystemClock())

    return connect


async def test_the_close_code_of_the_peer_is_told(connected) -> None:
    async def script(socket: ServerConnection, _number: int) -> None:
        await socket.recv()
        await socket.close(1012, "restart")

    async with wire(script) as server:
        connection = await connected(server.url, [])
        connection.send("now")
        nursery = Nursery()
        await nursery.start()
        ended = await nursery.spawn(connection.wait_closed())
        await nursery.stop()

    assert ended == Closed(1012, "restart")


async def test_a_peer_that_says_goodbye_at_once_was_connected(connected) -> None:
    async def script(socket: ServerConnection, _number: int) -> None:
        await socket.close(1013, "later")

    async with wire(script) as server:
        connection = await connected(server.url, [])
        nursery = Nursery()
        await nursery.start()
        ended = await nursery.spawn(connection.wait_closed())
        await nursery.stop()

    assert ended.code == 1013


async def test_what_is_sent_arrives_and_close_says_goodbye(connected) -> None:
    texts: list[str] = []
    codes: list[int | None] = []

    async def script(socket: ServerConnection, _number: int) -> None:
        with suppress(ConnectionClosed):
            while True:
                texts.append(str(await socket.recv()))
        codes.append(socket.close_code)

    async with wire(script) as server:
        connection = await connected(server.url, [])
        nursery = Nursery()
        await nursery.start()
        nursery.spawn(connection.wait_closed())
        connection.send("ä €")
        await until(lambda: texts == ["ä €"])
        connection.close()
        await until(lambda: codes)
        connection.send("too late")
        await nursery.stop()

    assert codes == [1000]


async def test_a_frame_beyond_the_limit_ends_the_connection(connected) -> None:
    heard: list[bytes] = []

    async def script(socket: ServerConnection, _number: int) -> None:
        await socket.send("x" * 500)
        with suppress(ConnectionClosed):
            await socket.send("x" * (2 * MAX_FRAME_BYTES))
        await socket.wait_closed()

    async with wire(script) as server:
        connection = await connected(server.url, heard)
        nursery = Nursery()
        await nursery.start()
        await nursery.spawn(connection.wait_closed())
        connection.abort()
        await nursery.stop()

    assert heard == [b"x" * 500]


async def test_an_answer_that_is_no_websocket_is_a_lost_connection(connected) -> None:
    async def script(socket: ServerConnection, _number: int) -> None:
        await socket.wait_closed()

    async with wire(script) as server:
        with pytest.raises(ConnectionLost):
            await connected(server.url.replace("ws:", "nonsense:"), [])
