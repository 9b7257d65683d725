"""Who is wired to whom: the application, built from settings."""

from crypto_portfolio_analyzer.app.building import API, DELIVERY, ENGINE, FEED, ROLES, App, build
from crypto_portfolio_analyzer.app.feeding import FALLBACKS, add_providers, ask, feeds_of
from crypto_portfolio_analyzer.app.insides import Insides, insides_of
from crypto_portfolio_analyzer.app.pings import Ping
from crypto_portfolio_analyzer.app.world import sealing_of

__all__ = [
    "API",
    "DELIVERY",
    "ENGINE",
    "FALLBACKS",
    "FEED",
    "ROLES",
    "App",
    "Insides",
    "Ping",
    "add_providers",
    "ask",
    "build",
    "feeds_of",
    "insides_of",
    "sealing_of",
]
