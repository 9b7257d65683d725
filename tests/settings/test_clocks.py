"""The clock that the settings ask for."""

from crypto_portfolio_analyzer.clock import ScaledClock, SystemClock
from crypto_portfolio_analyzer.settings import load
from crypto_portfolio_analyzer.settings.clocks import clock_of


def test_it_is_the_machines_unless_time_is_simulated() -> None:
    quick = clock_of(load({"time_scale": 10.0}, env={}))

    assert isinstance(clock_of(load(env={})), SystemClock)
    assert isinstance(quick, ScaledClock)
    assert quick.scale == 10.0
