"""S1's stream manager as its document has it: add, remove, observe, send."""

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection

from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.streaming import StreamConfig, StreamManager, StreamStatus
from tests.streaming.wire import until, wire


async def echo(socket: ServerConnection, number: int) -> None:
    await socket.send(f"hello {number}")
    async for text in socket:
        await socket.send("echo " + str(text))


async def test_the_documented_example_works() -> None:
    heard: list[tuple[str, str]] = []
    async with wire(echo) as server:
        config = StreamConfig(
            stream_id="binance_btc",
            url=server.url,
            symbols=["BTC"],
            reconnect_attempts=5,
            reconnect_delay=1.0,
            max_reconnect_delay=60.0,
            heartbeat_interval=30.0,
            buffer_size=1000,
            rate_limit=100,
            headers={"Authorization": "Bearer token"},
            params={"symbols": "BTCUSDT"},
        )
        manager = StreamManager()
        manager.add_global_handler(lambda stream_id, message: heard.append((stream_id, message)))
        await manager.start()
        assert await manager.add_stream(config)
        await until(lambda: heard == [("binance_btc", "hello 1")])

        assert await manager.send_to_stream("binance_btc", "ping")
        await until(lambda: heard[-1] == ("binance_btc", "echo ping"))
        assert manager.get_stream_status("binance_btc") is StreamStatus.CONNECTED
        metrics = manager.get_stream_metrics("binance_btc")
        assert (metrics.messages_received, metrics.messages_sent, metrics.connection_count) == (2, 1, 1)
        assert metrics.bytes_received == len("hello 1echo ping")
        assert metrics.last_message_time is not None
        assert metrics.uptime_seconds > 0
        assert set(manager.get_all_metrics()) == {"binance_btc"}
        await manager.stop()
        assert manager.get_stream_status("binance_btc") is StreamStatus.STOPPED
        assert server.paths == ["/?symbols=BTCUSDT"]
        assert server.headers[0]["Authorization"] == "Bearer token"


def test_the_defaults_are_the_documented_ones() -> None:
    config = StreamConfig("id", "wss://example.com/ws")

    assert (config.symbols, config.headers, config.params, config.rate_limit) == ([], {}, {}, None)
    assert (config.reconnect_attempts, config.reconnect_delay, config.max_reconnect_delay) == (5, 1.0, 60.0)
    assert (config.heartbeat_interval, config.buffer_size) == (30.0, 1000)


async def test_streams_added_before_the_start_connect_with_it() -> None:
    async with wire(echo) as server:
        manager = StreamManager()
        assert await manager.add_stream(StreamConfig("one", server.url))
        assert not await manager.add_stream(StreamConfig("one", "ws://other")), "the id is taken"
        assert manager.get_stream_status("one") is StreamStatus.DISCONNECTED
        assert not await manager.send_to_stream("one", "x")
        await manager.start()
        await until(lambda: manager.get_stream_status("one") is StreamStatus.CONNECTED)
        await manager.stop()


async def test_a_manager_that_was_stopped_starts_again() -> None:
    async with wire(echo) as server:
        manager = StreamManager()
        await manager.add_stream(StreamConfig("one", server.url))
        for turn in (1, 2):
            await manager.start()
            while manager.get_stream_metrics("one").messages_received < turn:
                await asyncio.sleep(0.005)
            await manager.stop()


async def test_a_removed_stream_is_gone_and_its_id_free() -> None:
    async with wire(echo) as server:
        manager = StreamManager()
        await manager.start()
        await manager.add_stream(StreamConfig("one", server.url))
        await until(lambda: manager.get_stream_status("one") is StreamStatus.CONNECTED)

        assert await manager.remove_stream("one")
        assert not await manager.remove_stream("one")
        assert manager.get_stream_status("one") is None
        assert manager.get_all_metrics() == {}
        with pytest.raises(NotFound, match="no stream 'one'"):
            manager.get_stream_metrics("one")
        assert not await manager.send_to_stream("one", "x")
        assert await manager.add_stream(StreamConfig("one", server.url))
        await until(lambda: len(server.paths) == 2)
        await manager.stop()


@pytest.mark.parametrize("url", ["http://example.com", "example.com", "", "ftp://x"])
async def test_what_is_no_stream_address_is_said(url: str) -> None:
    with pytest.raises(InvalidInput, match="not a stream address"):
        await StreamManager().add_stream(StreamConfig("one", url))


async def test_handlers_may_be_coroutines_and_are_called_in_order() -> None:
    async def count(socket: ServerConnection, _number: int) -> None:
        for number in range(50):
            await socket.send(str(number))
        await socket.wait_closed()

    heard: list[tuple[str, str]] = []

    async def slow(_stream_id: str, message: str) -> None:
        await asyncio.sleep(0.001)
        heard.append(("slow", message))

    def quick(_stream_id: str, message: str) -> None:
        heard.append(("quick", message))

    def broken(_stream_id: str, _message: str) -> None:
        raise ValueError

    async with wire(count) as server:
        manager = StreamManager()
        for handler in (slow, broken, quick):
            manager.add_global_handler(handler)
        await manager.start()
        await manager.add_stream(StreamConfig("one", server.url))
        await until(lambda: len(heard) == 100)
        manager.remove_global_handler(quick)
        manager.remove_global_handler(quick)
        await manager.stop()

    for name in ("slow", "quick"):
        assert [message for who, message in heard if who == name] == [str(number) for number in range(50)]


async def test_a_slow_handler_loses_the_oldest_and_it_is_counted() -> None:
    async def burst(socket: ServerConnection, _number: int) -> None:
        for number in range(100):
            await socket.send(str(number))
        await socket.wait_closed()

    heard: list[str] = []
    gate = asyncio.Event()

    async def stuck(_stream_id: str, message: str) -> None:
        await gate.wait()
        heard.append(message)

    async with wire(burst) as server:
        manager = StreamManager()
        manager.add_global_handler(stuck)
        await manager.start()
        await manager.add_stream(StreamConfig("one", server.url, buffer_size=10))
        await until(lambda: manager.get_stream_metrics("one").messages_received == 100)
        gate.set()
        await until(lambda: heard and heard[-1] == "99")
        await manager.stop()

        dropped = manager.get_stream_metrics("one").messages_dropped
    assert heard[-10:] == [str(number) for number in range(90, 100)]
    assert dropped + len(heard) == 100
    assert dropped >= 89


async def test_the_mock_stream_needs_no_server() -> None:
    heard: list[str] = []
    manager = StreamManager()
    manager.add_global_handler(lambda _stream_id, message: heard.append(message))
    await manager.start()
    await manager.add_stream(StreamConfig("mock", "mock:?interval=0.01"))
    await until(lambda: heard)
    await manager.stop()
