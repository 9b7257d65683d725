"""The streaming document, call by call: what it shows works as it stands, with addresses of a simulator."""

import asyncio
import json
import logging
from decimal import Decimal

import aiohttp
import pytest
import pytest_asyncio

from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.cli.main import run
from crypto_portfolio_analyzer.cli.serving import served
from crypto_portfolio_analyzer.cli.simulated import SimulatedVenues
from crypto_portfolio_analyzer.settings import load
from crypto_portfolio_analyzer.streaming import (
    EventFilter,
    EventType,
    PortfolioMonitor,
    PriceFeedManager,
    PriceFeedProvider,
    StreamConfig,
    StreamEventBus,
    StreamManager,
)

WITHIN = 15


async def until(holds):
    """Wait until something holds, for a while at most."""
    async with asyncio.timeout(WITHIN):
        while not holds():
            await asyncio.sleep(0.02)


@pytest_asyncio.fixture
async def venues(monkeypatch):
    """Simulated Binance and Coinbase, to which the library is pointed by the environment."""
    async with SimulatedVenues(["binance", "coinbase"], symbols=["BTC", "ETH"]) as running:
        for key, value in running.flags().items():
            monkeypatch.setenv("CRYPTO_ANALYZER_" + key.upper().replace(".", "__"), value)
        yield running


async def test_stream_manager(venues):
    config = StreamConfig(
        stream_id="binance_btc",
        url=f"{venues.servers[0].ws_url}/ws/btcusdt@ticker",
        symbols=["BTC"],
        reconnect_attempts=5,
        heartbeat_interval=30.0,
    )
    messages = []

    manager = StreamManager()
    manager.add_global_handler(lambda stream_id, message: messages.append((stream_id, message)))
    await manager.start()
    assert await manager.add_stream(config)
    await until(lambda: messages)

    metrics = manager.get_stream_metrics("binance_btc")
    assert messages[0][0] == "binance_btc"
    assert json.loads(messages[0][1])["s"] == "BTCUSDT"
    assert metrics.messages_received >= 1
    assert metrics.uptime_seconds > 0
    assert list(manager.get_all_metrics()) == ["binance_btc"]
    await manager.stop()


async def test_latency_of_a_stream_is_measured(venues):
    url = f"{venues.servers[0].ws_url}/ws/btcusdt@ticker"
    manager = StreamManager()
    await manager.start()

    await manager.add_stream(StreamConfig(stream_id="btc", url=url, heartbeat_interval=0.2))
    await until(lambda: manager.get_stream_metrics("btc").latency_ms is not None)

    assert 0 <= (manager.get_stream_metrics("btc").latency_ms or 0) < 5000
    await manager.stop()


async def test_price_feed_manager(venues):
    updates = []

    def handle_price_update(update):
        updates.append((update.symbol, update.price))

    manager = PriceFeedManager()
    manager.add_provider(PriceFeedProvider.BINANCE, ["BTC", "ETH"], is_primary=True)
    manager.add_provider(PriceFeedProvider.COINBASE, ["BTC", "ETH"], is_primary=False)
    manager.add_handler(handle_price_update)
    await manager.start()
    await until(lambda: {symbol for symbol, _ in updates} == {"BTC", "ETH"})

    assert all(isinstance(price, Decimal) and price > 0 for _, price in updates)
    assert manager.get_last_update_time("BTC") is not None
    assert manager.get_provider_status()["binance"]["is_primary"]
    await manager.stop()


async def test_event_bus():
    heard = []

    def handle_price_event(event):
        heard.append((event.data["symbol"], event.data["price"]))

    event_bus = StreamEventBus()
    await event_bus.start()
    event_bus.subscribe("price_handler", handle_price_event, event_types={EventType.PRICE_UPDATE})
    await event_bus.publish_price_update("BTC", {"price": 50000, "change": 2.5})
    await until(lambda: heard)

    stats = event_bus.get_bus_stats()
    assert heard == [("BTC", 50000)]
    assert (stats["events_published"], stats["events_processed"], stats["active_subscriptions"]) == (1, 1, 1)
    await event_bus.stop()


async def test_portfolio_monitor():
    monitor = PortfolioMonitor()
    monitor.add_holding("BTC", Decimal("2.0"))
    monitor.add_holding("ETH", Decimal("10.0"))
    await monitor.start_monitoring(provider=PriceFeedProvider.MOCK)
    await until(lambda: monitor.get_current_value().is_complete)

    value = monitor.get_current_value()
    assert value.total_value == sum(each.value or Decimal(0) for each in value.holdings)
    await monitor.stop_monitoring()


def test_stream_configuration_takes_every_documented_field():
    config = StreamConfig(
        stream_id="my_stream",
        url="wss://example.com/ws",
        symbols=["BTC", "ETH"],
        reconnect_attempts=5,
        reconnect_delay=1.0,
        max_reconnect_delay=60.0,
        heartbeat_interval=30.0,
        buffer_size=1000,
        rate_limit=100,
        headers={"Authorization": "Bearer token"},
        params={"symbols": "BTCUSDT"},
    )
    bare = StreamConfig(stream_id="x", url="wss://example.com/ws")

    assert config.rate_limit == 100
    assert (bare.reconnect_attempts, bare.reconnect_delay, bare.max_reconnect_delay) == (5, 1.0, 60.0)
    assert (bare.heartbeat_interval, bare.buffer_size, bare.rate_limit) == (30.0, 1000, None)
    assert (bare.symbols, bare.headers, bare.params) == ([], {}, {})


async def test_event_filters():
    bus = StreamEventBus()
    heard: dict[str, list[str]] = {"type": [], "source": [], "symbol": [], "custom": []}

    def hear(symbols):
        return lambda event: symbols.append(event.data["symbol"])

    def high_value_filter(event):
        return event.data.get("price", 0) > 50000

    filters = {
        "type": EventFilter(event_types={EventType.PRICE_UPDATE}),
        "source": EventFilter(sources={"binance"}),
        "symbol": EventFilter(symbols={"BTC"}),
        "custom": EventFilter(custom_filter=high_value_filter),
    }
    await bus.start()
    for name, event_filter in filters.items():
        bus.subscribe(name, hear(heard[name]), event_filter)
    await bus.publish_price_update("BTC", {"price": 60000}, source="binance")
    await bus.publish_price_update("ETH", {"price": 3000}, source="kraken")
    await bus.publish_alert({"symbol": "ADA", "price": 1})
    await until(lambda: len(heard["type"]) == 2)

    assert heard == {"type": ["BTC", "ETH"], "source": ["BTC"], "symbol": ["BTC"], "custom": ["BTC"]}
    await bus.stop()


async def test_a_client_of_the_websocket_server(tmp_path):
    flags = {"provider": "mock", "symbols": "BTC", "port": 0, "exchanges.mock.ws_url": "mock:?interval=0.1"}
    settings = load(flags, env={})

    async with served(build(settings)) as server, aiohttp.ClientSession() as session:
        async with session.get(f"{server.url}/status") as answer:
            status = await answer.json()
        async with session.ws_connect(f"{server.url}/ws") as socket, asyncio.timeout(WITHIN):
            await socket.send_json({"type": "join_room", "room": "prices"})
            while (message := await socket.receive_json())["type"] != "price_update":
                pass

    assert {"status", "connected_clients", "rooms", "uptime", "streams"} <= set(status)
    assert set(message) >= {"type", "data", "timestamp"}
    documented = {"symbol", "price", "change_24h", "change_percent_24h", "volume_24h", "timestamp"}
    assert documented <= set(message["data"])
    assert message["data"]["symbol"] == "BTC"
    assert isinstance(message["data"]["price"], float)


def test_debug_mode():
    logger = logging.getLogger("crypto_portfolio_analyzer.streaming")
    before = logger.level

    logging.getLogger("crypto_portfolio_analyzer.streaming").setLevel(logging.DEBUG)

    assert logging.getLogger("crypto_portfolio_analyzer.streaming.streams").isEnabledFor(logging.DEBUG)
    logger.setLevel(before)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("monitor", ["--symbols", "--provider", "--refresh"]),
        ("start", ["--host", "--port", "--symbols", "--provider", "--dashboard", "--no-dashboard"]),
        ("test", ["--symbols", "--provider", "--duration"]),
        ("status", ["--host", "--port"]),
    ],
)
def test_documented_options_are_offered(command, options, capsys):
    assert run(["stream", command, "--help"]) == 0

    shown = capsys.readouterr().out
    assert all(option in shown for option in options)
