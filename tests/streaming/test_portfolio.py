"""S1's portfolio monitor: holdings valued anew with each price, told on the bus and to handlers."""

from decimal import Decimal

import pytest

from crypto_portfolio_analyzer.core.portfolio import PortfolioValue
from crypto_portfolio_analyzer.errors import InvalidInput, InvalidSymbol, NotFound, UnknownName
from crypto_portfolio_analyzer.streaming import (
    EventType,
    PortfolioMonitor,
    PriceFeedManager,
    PriceFeedProvider,
    StreamEvent,
    StreamEventBus,
)
from crypto_portfolio_analyzer.streaming.addresses import Address
from crypto_portfolio_analyzer.streaming.portfolio import portfolio_data
from tests.streaming.wire import until

MOCK = {"mock": Address("mock:?interval=0.02&seed=3", "http://127.0.0.1:1")}


@pytest.fixture(autouse=True)
def quick_mock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTO_ANALYZER_EXCHANGES__MOCK__WS_URL", MOCK["mock"].ws_url or "")


async def test_the_documented_example_works_as_written() -> None:
    values: list[PortfolioValue] = []
    monitor = PortfolioMonitor()
    monitor.add_holding("BTC", Decimal("2.0"))
    monitor.add_holding("ETH", Decimal("10.0"))
    monitor.add_value_change_handler(values.append)
    assert not monitor.get_current_value().is_complete
    for _turn in range(2):
        await monitor.start_monitoring(provider=PriceFeedProvider.MOCK)
        await monitor.start_monitoring(provider=PriceFeedProvider.MOCK)
        values.clear()
        await until(lambda: values and values[-1].is_complete)
        value = monitor.get_current_value()
        assert value.total_value == sum(each.value for each in value.holdings if each.value is not None)
        summary = monitor.get_holdings_summary()
        assert [each["symbol"] for each in summary] == ["BTC", "ETH"]
        assert sum(each["weight"] for each in summary) == pytest.approx(Decimal(1))
        await monitor.stop_monitoring()
        await monitor.stop_monitoring()


async def test_values_are_told_on_the_bus() -> None:
    bus, events = StreamEventBus(), list[StreamEvent]()
    bus.subscribe("test", events.append, event_types={EventType.PORTFOLIO_UPDATE})
    await bus.start()
    monitor = PortfolioMonitor(bus=bus)
    monitor.add_holding("BTC", Decimal(1))
    for _turn in range(2):
        events.clear()
        await monitor.start_monitoring("mock")
        await until(lambda: any(event.data["is_complete"] for event in events))
        await monitor.stop_monitoring()
    await bus.stop()

    data = events[-1].data
    assert {"total_value", "total_change_24h", "total_change_percent_24h", "holdings"} <= set(data)
    assert data["holdings"][0]["amount"] == 1.0


async def test_holdings_come_and_go_while_prices_flow() -> None:
    feeds = PriceFeedManager(addresses=MOCK)
    monitor = PortfolioMonitor(feeds=feeds)
    monitor.add_holding("BTC", Decimal(1))
    await monitor.start_monitoring("mock")
    await until(lambda: monitor.get_current_value().is_complete)
    monitor.add_holding("ETH", Decimal(2))
    monitor.add_holding("ETH", Decimal(3))
    assert not monitor.get_current_value().is_complete
    await until(lambda: monitor.get_current_value().is_complete)
    monitor.update_holding("ETH", Decimal(1))
    assert [each.quantity for each in monitor.get_current_value().holdings] == [1, 1]
    monitor.remove_holding("ETH")
    assert [view.asked for view in feeds.watches()] == ["BTC"]
    await monitor.stop_monitoring()
    assert feeds.watches() == []
    await feeds.stop()


async def test_a_holding_is_priced_however_others_spell_it() -> None:
    feeds = PriceFeedManager(addresses=MOCK)
    feeds.add_provider("mock")
    feeds.want("BTCUSDT")
    monitor = PortfolioMonitor(feeds=feeds)
    monitor.add_holding("BTC/USDT", Decimal(1))
    await monitor.start_monitoring("mock")
    await until(lambda: monitor.get_current_value().is_complete)
    await monitor.stop_monitoring()

    assert feeds.find("BTCUSDT") is not None
    await feeds.stop()


async def test_an_error_in_a_handler_harms_nobody() -> None:
    values: list[PortfolioValue] = []
    monitor = PortfolioMonitor()
    monitor.add_holding("BTC", Decimal(1))

    async def broken(_value: PortfolioValue) -> None:
        raise ValueError

    monitor.add_value_change_handler(broken)
    monitor.add_value_change_handler(values.append)
    await monitor.start_monitoring("mock")
    await until(lambda: len(values) > 3)
    await monitor.stop_monitoring()


def test_what_cannot_be_held_is_said() -> None:
    monitor = PortfolioMonitor()
    with pytest.raises(InvalidSymbol):
        monitor.add_holding("no symbol!", Decimal(1))
    for quantity in (Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 1.5):
        with pytest.raises(InvalidInput, match="positive Decimal"):
            monitor.add_holding("BTC", quantity)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        monitor.remove_holding("BTC")
    with pytest.raises(NotFound):
        monitor.update_holding("BTC", Decimal(1))


async def test_an_unknown_provider_is_said_and_another_may_be_tried() -> None:
    monitor = PortfolioMonitor()
    monitor.add_holding("BTC", Decimal(1))
    with pytest.raises(UnknownName):
        await monitor.start_monitoring("moock")
    await monitor.start_monitoring("mock")
    await until(lambda: monitor.get_current_value().is_complete)
    await monitor.stop_monitoring()


def test_the_event_shape_is_json_and_tells_what_is_missing() -> None:
    monitor = PortfolioMonitor()
    monitor.add_holding("BTC", Decimal("0.5"))

    assert portfolio_data(monitor.get_current_value()) == {
        "total_value": 0.0,
        "total_change_24h": 0.0,
        "total_change_percent_24h": None,
        "is_complete": False,
        "holdings": [{"symbol": "BTC", "amount": 0.5, "value": None, "change_24h": None}],
    }
