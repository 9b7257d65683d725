"""The bus tells everybody once, in order, and lets nobody be slowed by another."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from crypto_portfolio_analyzer.core.market import Quote, Trade
from crypto_portfolio_analyzer.streaming.bus import EventFilter, EventType, StreamEvent, StreamEventBus
from tests.fakes import settle, trade


@pytest.fixture
async def bus() -> AsyncIterator[StreamEventBus]:
    bus = StreamEventBus()
    await bus.start()
    yield bus
    await bus.stop()


async def test_a_handler_hears_the_events_it_asked_for(bus: StreamEventBus) -> None:
    heard: list[float] = []
    bus.subscribe(
        "prices", lambda event: heard.append(event.data["price"]), event_types={EventType.PRICE_UPDATE}
    )

    assert await bus.publish_price_update("BTC", {"price": 50000, "change": 2.5})
    await bus.publish_portfolio_update({"total_value": 1})
    await settle()

    assert heard == [50000]


async def test_handlers_may_be_coroutine_functions_and_keep_order(bus: StreamEventBus) -> None:
    heard: list[int] = []

    async def handle(event: StreamEvent) -> None:
        await asyncio.sleep(0)
        heard.append(event.data["price"])

    bus.subscribe("slowly", handle)
    for price in range(20):
        await bus.publish_price_update("BTC", {"price": price})
    await settle(100)

    assert heard == list(range(20))


async def test_a_handler_that_fails_harms_nobody(
    bus: StreamEventBus, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[StreamEvent] = []

    def fail(_event: StreamEvent) -> None:
        raise ValueError("mine")

    bus.subscribe("bad", fail, priority=9)
    bus.subscribe("good", heard.append)
    await bus.publish_price_update("BTC", {"price": 1})
    await bus.publish_price_update("BTC", {"price": 2})
    await settle()

    assert len(heard) == 2
    assert "event handler failed" in caplog.text


async def test_a_stuck_handler_loses_only_its_own_oldest_events(bus: StreamEventBus) -> None:
    gate, heard, other = asyncio.Event(), [], []

    async def stuck(event: StreamEvent) -> None:
        await gate.wait()
        heard.append(event.data["price"])

    bus.subscribe("stuck", stuck, max_queue=3)
    bus.subscribe("other", lambda event: other.append(event.data["price"]))
    await bus.publish_price_update("BTC", {"price": -1})
    await settle()
    for price in range(10):
        await bus.publish_price_update("BTC", {"price": price})
    await settle()
    assert other == [-1, *range(10)]

    gate.set()
    await settle(20)
    assert heard == [-1, 7, 8, 9]
    assert bus.get_bus_stats()["events_dropped"] == 7


async def test_latest_keeps_one_event_per_symbol(bus: StreamEventBus) -> None:
    heard: list[tuple[str, int]] = []
    bus.subscribe("screen", lambda e: heard.append((e.data["symbol"], e.data["price"])), policy="latest")

    for price in range(5):
        await bus.publish_price_update("BTC", {"price": price})
        await bus.publish_price_update("ETH", {"price": price * 10})
    await settle()

    assert heard == [("BTC", 4), ("ETH", 40)]
    assert bus.get_bus_stats()["events_conflated"] == 8


async def test_filters_must_all_hold_and_an_event_without_symbol_has_none() -> None:
    bus = StreamEventBus()
    price = bus.event(EventType.PRICE_UPDATE, {"symbol": "BTC", "price": 60000}, "binance")
    system = bus.event(EventType.SYSTEM_STATUS, {}, "binance")

    assert EventFilter().matches(system)
    assert EventFilter(event_types={EventType.PRICE_UPDATE}, sources={"binance"}, symbols={"BTC"}).matches(
        price
    )
    assert not EventFilter(sources={"coinbase"}).matches(price)
    assert not EventFilter(symbols={"BTC"}).matches(system)
    assert EventFilter(custom_filter=lambda event: event.data.get("price", 0) > 50000).matches(price)
    assert not EventFilter(custom_filter=lambda event: event.data["nothing"]).matches(price)


async def test_an_id_is_taken_once_and_free_after_unsubscribing(bus: StreamEventBus) -> None:
    assert bus.subscribe("a", print)
    assert not bus.subscribe("a", print)
    assert bus.unsubscribe("a")
    assert not bus.unsubscribe("a")
    assert bus.subscribe("a", print)


async def test_a_bus_that_does_not_run_says_so() -> None:
    bus = StreamEventBus()

    assert not await bus.publish_price_update("BTC", {"price": 1})
    assert bus.get_bus_stats()["running"] is False
    assert bus.get_bus_stats()["events_dropped"] == 1


async def test_history_is_bounded_and_filtered(bus: StreamEventBus) -> None:
    small = StreamEventBus(history=3)
    await small.start()
    for price in range(5):
        await small.publish_price_update("BTC", {"price": price})
    await small.publish_alert({"alert": 1})

    assert [
        event.data.get("price") for event in small.get_recent_events(event_type=EventType.PRICE_UPDATE)
    ] == [3, 4]
    assert len(small.get_recent_events(limit=1)) == 1
    await small.stop()


def test_inline_subscribers_get_typed_facts_in_the_same_turn() -> None:
    bus, heard = StreamEventBus(), list[Trade]()
    detach = bus.attach(heard.append, (Trade, Quote))

    bus.emit(trade(1))
    detach()
    bus.emit(trade(2))

    assert [each.trade_id for each in heard] == [1]


async def test_nobody_builds_events_that_nobody_hears(bus: StreamEventBus) -> None:
    assert not bus.wants(EventType.PRICE_UPDATE)
    bus.subscribe("alerts", print, event_types={EventType.ALERT_TRIGGERED})
    assert not bus.wants(EventType.PRICE_UPDATE)
    bus.subscribe("all", print)
    assert bus.wants(EventType.PRICE_UPDATE)
