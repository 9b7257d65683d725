"""The bot in a process: beside the app with a token, absent without."""

import asyncio
import subprocess
import sys

from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.bot.running import bot_of
from crypto_portfolio_analyzer.core.notices.links import TELEGRAM, Link
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.settings.tree import ChannelSettings, TelegramSettings
from crypto_portfolio_analyzer.simulation.telegram import TelegramServer
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN
from tests.api.house import NOWHERE

WITHOUT = """
import asyncio, sys
from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.bot.running import bot_of
from crypto_portfolio_analyzer.settings import Settings

async def main():
    bot = bot_of(build(Settings(data_dir=sys.argv[1])))
    await bot.start()
    await bot.stop()
    print(bot.state, "aiogram" in sys.modules)

asyncio.run(main())
"""


def settings(folder, **telegram):
    return Settings(
        data_dir=folder,
        provider="mock",
        symbols=("BTC/USDT",),
        exchanges=dict.fromkeys(("binance", "coinbase", "kraken"), NOWHERE),
        channels=ChannelSettings(telegram=TelegramSettings(**telegram)),
    )


def test_without_a_token_there_is_no_bot_and_no_library(tmp_path):
    command = [sys.executable, "-c", WITHOUT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["off", "False"]


async def test_with_a_token_it_answers_at_telegrams_pace_until_it_is_stopped(tmp_path):
    async with TelegramServer() as server:
        app = build(settings(tmp_path, api_url=server.url, bot_token=server.token))
        bot = bot_of(app)
        async with app:
            anna = server.person("Anna")
            await app.links.add(
                Link(platform=TELEGRAM, person=str(anna.id), owner=LOCAL_ADMIN, name="Anna"), LOCAL_ADMIN
            )
            await bot.start()
            assert bot.state in ("starting", "listening")
            for _ in range(4):
                anna.say("/help")
            await server.until(lambda: len(anna.chat.told) == 4, 20)
            assert bot.state == "listening"
            await bot.stop()
            assert bot.state == "off"
        anna.say("/help")
        asked = len(server.calls)
        await asyncio.sleep(0)

    assert len(server.calls) == asked
    assert not server.fouls


async def test_a_token_that_is_none_is_said_without_showing_it(tmp_path, caplog):
    app = build(settings(tmp_path, bot_token="not-a-token-at-all"))
    bot = bot_of(app)

    await bot.start()

    assert bot.state == "off"
    assert "the Telegram bot's token is none" in caplog.text
    assert "not-a-token-at-all" not in caplog.text
