"""Price updates: a new price in the shapes S1 names, as an object and as an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crypto_portfolio_analyzer.streaming.bus import StreamEvent
from crypto_portfolio_analyzer.streaming.views import Latest


@dataclass(frozen=True, slots=True)
class PriceUpdate:
    """A new price in S1's shape: `symbol` as asked, `volume_24h` in base units, `timestamp` the venue's instant."""

    symbol: str
    price: Decimal
    volume_24h: Decimal | None
    change_24h: Decimal | None
    change_percent_24h: float | None
    timestamp: datetime
    source: str


def price_data(asked: str, latest: Latest) -> Mapping[str, Any]:
    """Return a price in S1's event shape."""
    return {
        "symbol": asked,
        "price": latest.price,
        "change_24h": latest.change_24h,
        "change_percent_24h": latest.change_percent_24h,
        "volume_24h": latest.volume_24h,
        "timestamp": datetime.fromtimestamp(latest.event_at / 1e9, UTC),
        "source": latest.source,
        "simulated": latest.simulated,
    }


def update_of(event: StreamEvent) -> PriceUpdate:
    """Return the price an event tells."""
    data = event.data
    return PriceUpdate(
        data["symbol"],
        Decimal(repr(data["price"])),
        _decimal(data.get("volume_24h")),
        _decimal(data.get("change_24h")),
        data.get("change_percent_24h"),
        data.get("timestamp", event.timestamp),
        data.get("source", event.source),
    )


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(repr(number))
