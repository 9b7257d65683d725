"""How the analyzer is configured: one frozen tree, from flags, environment, file and defaults, in this order."""

from crypto_portfolio_analyzer.settings.clocks import clock_of
from crypto_portfolio_analyzer.settings.places import config_file, data_home, is_loopback
from crypto_portfolio_analyzer.settings.reading import load
from crypto_portfolio_analyzer.settings.tree import (
    CONFIG_VARIABLE,
    MASK,
    PREFIX,
    ExchangeSettings,
    Known,
    Settings,
    known_settings,
    mask_url,
)

__all__ = [
    "CONFIG_VARIABLE",
    "MASK",
    "PREFIX",
    "ExchangeSettings",
    "Known",
    "Settings",
    "clock_of",
    "config_file",
    "data_home",
    "is_loopback",
    "known_settings",
    "load",
    "mask_url",
]
