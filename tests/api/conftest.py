"""What the tests of the doors share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.api.house import House, open_house


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A served house with BTC and ETH/USDT on its list, and no price yet."""
    async with open_house(tmp_path) as opened:
        yield opened
