"""Feeds from settings: which venues, where they are, and who takes over for whom."""

from collections.abc import Mapping

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.streaming.addresses import Address
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.transport import TRANSPORTS

FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "binance": ("coinbase", "kraken"),
    "coinbase": ("kraken", "binance"),
    "kraken": ("coinbase", "binance"),
}
"""Who takes over for whom, in order; a venue that is not named here has no fallback."""


def feeds_of(
    settings: Settings,
    clock: Clock,
    *,
    bus: StreamEventBus | None = None,
    market: Market | None = None,
    store: BarStore | None = None,
) -> PriceFeedManager:
    """Return feeds that know where the venues are, not started: all that a price needs, and nothing that keeps it."""
    feeds = PriceFeedManager(
        clock=clock,
        bus=bus,
        market=market,
        addresses=_addresses(settings),
        store=store,
        transport=TRANSPORTS[settings.transport]() if settings.transport != "picows" else None,
    )
    feeds.market.simulated |= settings.simulated
    return feeds


def ask(feeds: PriceFeedManager, settings: Settings) -> None:
    """Want the configured symbols from the configured provider and its fallbacks."""
    add_providers(feeds, settings)
    for symbol in settings.symbols:
        feeds.want(symbol)


def add_providers(feeds: PriceFeedManager, settings: Settings) -> None:
    """Let the configured provider serve, and its fallbacks after it."""
    feeds.add_provider(settings.provider, is_primary=True)
    for name in FALLBACKS.get(settings.provider, ()):
        feeds.add_provider(name)


def _addresses(settings: Settings) -> dict[str, Address]:
    return {
        name: Address(settings.exchange(name).ws_url, settings.exchange(name).rest_url)
        for name in EXCHANGES.names()
    }
