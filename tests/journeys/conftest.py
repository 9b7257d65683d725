"""A simulated market in the hands of a journey, a browser on it, and receivers it may tell."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from crypto_portfolio_analyzer.settings.tree import WebhookSettings
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from crypto_portfolio_analyzer.tasks import Nursery
from tests.api.house import House, open_house
from tests.dashboard.conftest import SYMBOLS, move, pictures, prepare, theatre

__all__ = ["house", "pictures", "theatre"]

LOOPBACK = WebhookSettings.model_validate({"allowed_networks": "127.0.0.1"})


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose ten simulated symbols move, and that may tell this machine."""
    async with open_house(tmp_path, simulated=True, symbols=SYMBOLS, webhooks=LOOPBACK) as opened:
        nursery = Nursery()
        await nursery.start()
        prepare(opened)
        nursery.spawn(move(opened))
        yield opened
        await nursery.stop()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    """A service that takes webhooks."""
    async with WebhookReceiver() as opened:
        yield opened


@pytest_asyncio.fixture
async def broken() -> AsyncIterator[WebhookReceiver]:
    """Another one; a journey lets it fail."""
    async with WebhookReceiver() as opened:
        yield opened
