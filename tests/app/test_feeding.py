"""Feeds from settings."""

from crypto_portfolio_analyzer.app.feeding import FALLBACKS
from crypto_portfolio_analyzer.core.venues import EXCHANGES


def test_fallbacks_are_exchanges_and_never_oneself() -> None:
    for name, others in FALLBACKS.items():
        assert {name, *others} <= set(EXCHANGES.names())
        assert name not in others
