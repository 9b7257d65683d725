"""Prices in S1's shapes: an event's data, and an object with exact money."""

from datetime import UTC, datetime
from decimal import Decimal

from crypto_portfolio_analyzer.streaming.bus import EventType, StreamEventBus
from crypto_portfolio_analyzer.streaming.updates import PriceUpdate, price_data, update_of
from crypto_portfolio_analyzer.streaming.views import Latest, PriceKind
from tests.fakes import NOON, FakeClock

LATEST = Latest(
    "BTC/USDT", 64000.1, "binance", PriceKind.LIVE, NOON, NOON + 5, simulated=True,
    volume_24h=12.5, change_24h=-100.3, change_percent_24h=-0.15,
)  # fmt: skip
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_an_event_tells_the_symbol_as_asked_and_the_venues_instant() -> None:
    assert price_data("btc", LATEST) == {
        "symbol": "btc", "price": 64000.1, "change_24h": -100.3, "change_percent_24h": -0.15, "volume_24h": 12.5,
        "timestamp": AT, "source": "binance", "simulated": True,
    }  # fmt: skip


def test_money_in_an_update_is_what_was_written() -> None:
    bus = StreamEventBus(clock=FakeClock())
    event = bus.event(EventType.PRICE_UPDATE, price_data("BTC", LATEST), "binance")

    assert update_of(event) == PriceUpdate(
        "BTC", Decimal("64000.1"), Decimal("12.5"), Decimal("-100.3"), -0.15, AT, "binance"
    )


def test_an_event_of_a_stranger_may_lack_everything_but_the_price() -> None:
    bus = StreamEventBus(clock=FakeClock())
    event = bus.event(EventType.PRICE_UPDATE, {"symbol": "BTC", "price": 50000, "change": 2.5}, "user")

    update = update_of(event)

    assert (update.price, update.source, update.timestamp) == (Decimal(50000), "user", event.timestamp)
    assert (update.volume_24h, update.change_24h, update.change_percent_24h) == (None, None, None)
