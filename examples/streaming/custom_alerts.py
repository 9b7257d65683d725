"""Alerts of one's own on the event bus: hear prices, decide, publish.

python examples/streaming/custom_alerts.py --symbol BTC --move 0.05 --provider mock
"""

import argparse
import asyncio
from contextlib import suppress

from crypto_portfolio_analyzer.streaming import (
    EventFilter,
    EventType,
    PriceFeedManager,
    StreamEvent,
    StreamEventBus,
)


class MoveAlert:
    """Tells of every move of at least `percent` since the last one it told of."""

    def __init__(self, bus: StreamEventBus, symbol: str, percent: float) -> None:
        self._bus, self._symbol, self._percent = bus, symbol, percent
        self._reference: float | None = None
        prices = EventFilter(event_types={EventType.PRICE_UPDATE}, symbols={symbol})
        bus.subscribe(f"move of {symbol}", self.hear, prices)

    async def hear(self, event: StreamEvent) -> None:
        """Take one price."""
        price = event.data["price"]
        if self._reference is None:
            self._reference = price
        moved = (price / self._reference - 1) * 100
        if abs(moved) < self._percent:
            return
        self._reference = price
        data = {"symbol": self._symbol, "price": price, "message": f"moved by {moved:+.3f} % to {price:,.2f}"}
        await self._bus.publish_alert(data, source="custom_alerts")


def show(event: StreamEvent) -> None:
    """Print one alert."""
    print(f"{event.timestamp:%H:%M:%S}  ALERT {event.data['symbol']} {event.data['message']}")


async def watch(symbol: str, percent: float, provider: str, seconds: float | None) -> None:
    """Watch one symbol for so many seconds, or until Ctrl C."""
    bus = StreamEventBus()
    await bus.start()
    bus.subscribe("alerts", show, event_types={EventType.ALERT_TRIGGERED})
    MoveAlert(bus, symbol, percent)
    feeds = PriceFeedManager(bus=bus)
    feeds.add_provider(provider, [symbol], is_primary=True)
    await feeds.start()
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        stats = bus.get_bus_stats()
        print(f"{stats['events_processed']} events heard, {stats['events_dropped']} dropped")
    finally:
        await feeds.stop()
        await bus.stop()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--symbol", default="BTC")
    parser.add_argument("--move", type=float, default=0.05, help="percent")
    parser.add_argument("--provider", default="mock")
    parser.add_argument("--seconds", type=float, help="stop after so many; else by Ctrl C")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(watch(options.symbol, options.move, options.provider, options.seconds))


if __name__ == "__main__":
    main()
