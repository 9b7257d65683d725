"""A simulated market in the hands of a journey, a browser on it, and receivers it may tell."""

from collections.abc import AsyncIterator

import pytest_asyncio

from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.dashboard.conftest import house, pictures, receiver, theatre

__all__ = ["house", "pictures", "receiver", "theatre"]


@pytest_asyncio.fixture
async def broken() -> AsyncIterator[WebhookReceiver]:
    """Another one; a journey lets it fail."""
    async with WebhookReceiver() as opened:
        yield opened
