"""Which clock the settings ask for."""

from crypto_portfolio_analyzer.clock import Clock, ScaledClock, SystemClock
from crypto_portfolio_analyzer.settings.tree import Settings


def clock_of(settings: Settings) -> Clock:
    """Return the machine's clock, or one that runs as fast as simulated time."""
    return SystemClock() if settings.time_scale == 1 else ScaledClock(settings.time_scale)
