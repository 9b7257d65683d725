"""How facts arrive and travel: streams, feeds, the market and the bus.

The names below are the public API; they are loaded on first use, so that a program pays only for what it uses.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.streaming.bus import EventFilter, EventType, StreamEvent, StreamEventBus
    from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager, PriceFeedProvider
    from crypto_portfolio_analyzer.streaming.manager import StreamManager
    from crypto_portfolio_analyzer.streaming.portfolio import PortfolioMonitor
    from crypto_portfolio_analyzer.streaming.streams import StreamConfig, StreamMetrics, StreamStatus
    from crypto_portfolio_analyzer.streaming.updates import PriceUpdate

__all__ = [
    "EventFilter",
    "EventType",
    "PortfolioMonitor",
    "PriceFeedManager",
    "PriceFeedProvider",
    "PriceUpdate",
    "StreamConfig",
    "StreamEvent",
    "StreamEventBus",
    "StreamManager",
    "StreamMetrics",
    "StreamStatus",
]

_HOMES = {
    "bus": ("EventFilter", "EventType", "StreamEvent", "StreamEventBus"),
    "feeds": ("PriceFeedManager", "PriceFeedProvider"),
    "manager": ("StreamManager",),
    "portfolio": ("PortfolioMonitor",),
    "updates": ("PriceUpdate",),
    "streams": ("StreamConfig", "StreamMetrics", "StreamStatus"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
