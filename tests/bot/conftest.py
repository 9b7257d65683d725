"""What the bot's tests share: a house with everything in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.bot.house import BotHouse, bot_house
from tests.storage.conftest import sqlite_template

__all__ = ["house", "sqlite_template"]


@pytest_asyncio.fixture
async def house(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[BotHouse]:
    """The bot in its world; the venue lists three markets."""
    async with bot_house(tmp_path, sqlite_template) as made:
        made.lists("BTC/USDT", "BCH/USDT", "ETH/USDT")
        made.ticker("BTC/USDT", 65_000.0, open_24h=63_500.0)
        yield made
