"""What the tests of delivery's routes share: a house whose webhooks may reach a receiver beside it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import House, open_house

LOOPBACK: dict[str, Any] = {"webhooks": {"allowed_networks": "127.0.0.0/8"}}
"""Settings that let webhooks reach this machine."""


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    """Somebody who takes webhooks that are signed with a secret it knows."""
    async with WebhookReceiver() as opened:
        yield opened


@pytest_asyncio.fixture
async def telling(tmp_path: Path) -> AsyncIterator[House]:
    """A served house that may tell whoever listens on this machine."""
    async with open_house(tmp_path, **LOOPBACK) as opened:
        yield opened
