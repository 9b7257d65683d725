"""A simulated market beside the tests of the command line."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from crypto_portfolio_analyzer.cli.simulated import SimulatedVenues


class Market:
    """Simulated venues in a thread of their own; `flags` are the settings that point there."""

    def __init__(self) -> None:
        self._listening, self._over = threading.Event(), asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=lambda: self._loop.run_until_complete(self._run()), daemon=True
        )
        self.flags: dict[str, str] = {}

    async def _run(self) -> None:
        async with SimulatedVenues(["binance", "coinbase", "kraken"], symbols=["BTC", "ETH"]) as venues:
            self.flags = venues.flags()
            self._listening.set()
            await self._over.wait()

    def start(self) -> None:
        self._thread.start()
        assert self._listening.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        self._loop.close()

    @property
    def environment(self) -> dict[str, str]:
        return {
            f"CRYPTO_ANALYZER_{key.upper().replace('.', '__')}": value for key, value in self.flags.items()
        }


@pytest.fixture(scope="module")
def simulated_market() -> Iterator[Market]:
    """A market that runs as long as the module's tests."""
    market = Market()
    market.start()
    yield market
    market.stop()


@pytest.fixture
def market(simulated_market: Market, monkeypatch: pytest.MonkeyPatch) -> Market:
    """The simulated market, and settings that point to it."""
    for name, value in simulated_market.environment.items():
        monkeypatch.setenv(name, value)
    return simulated_market
