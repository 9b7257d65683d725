"""A market at a standstill: time passes only when a test says so."""

import pytest

from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Tape
from tests.fakes import NOON, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at noon."""
    return FakeClock()


@pytest.fixture
def tape() -> Tape:
    """Three assets with an hour of history before noon."""
    return Tape(seed=5, symbols=("BTC", "ETH", "ADA"), start_at=NOON)


@pytest.fixture
def market(tape) -> Market:
    """What Binance sees of the tape."""
    return Market(tape.venue("binance", ("USDT",)))
