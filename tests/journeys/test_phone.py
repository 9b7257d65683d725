"""From nothing to the phone: linked by a code, an alert in one line, told, pictured, seen; the way of a newcomer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.cli.serving import served
from crypto_portfolio_analyzer.settings import ExchangeSettings, Settings
from crypto_portfolio_analyzer.settings.tree import ChannelSettings, TelegramSettings
from crypto_portfolio_analyzer.simulation.telegram import TelegramServer
from tests.api.house import House

PATIENCE = 40.0


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, telegram: TelegramServer) -> Settings:
    return Settings(
        provider="mock",
        symbols=("BTC",),
        data_dir=tmp_path,
        host="127.0.0.1",
        port=0,
        exchanges={"mock": ExchangeSettings(ws_url="mock:?interval=0.05")},
        channels=ChannelSettings(
            telegram=TelegramSettings(api_url=telegram.url, bot_token=telegram.token)  # type: ignore[arg-type]
        ),
    )


@pytest.mark.timeout(120)
async def test_a_newcomer_is_told_on_the_phone(settings: Settings, telegram: TelegramServer) -> None:
    app = build(settings, simulated=True)
    async with served(app) as server:
        house = House(app, server)
        async with house.owner() as client:
            linked = (await client.post("/api/channels/telegram/link")).json()
            anna = telegram.person("Anna")
            anna.say(f"/start {linked['code']}")
            await telegram.until(lambda: anna.chat.told, PATIENCE)
            (channel,) = (await client.get("/api/channels")).json()["channels"]
            tested = (await client.post(f"/api/channels/{channel['id']}/test", timeout=PATIENCE)).json()

            anna.say("/new BTC price > 1")
            await telegram.until(
                lambda: any("✓ Create" in str(each.labels) for each in anna.chat.told), PATIENCE
            )
            anna.press("✓ Create")
            await telegram.until(
                lambda: any("💤 4h" in str(each.labels) for each in anna.chat.told), PATIENCE
            )
            firing = next(each for each in anna.chat.told if "💤 4h" in str(each.labels))
            await telegram.until(lambda: firing.photo, PATIENCE)
            anna.press("✓ Seen", firing)
            await telegram.until(lambda: "Seen by Anna" in firing.text, PATIENCE)
            (fired,) = (await client.get("/api/firings")).json()["firings"]
            async with asyncio.timeout(PATIENCE):
                while not (await client.get("/api/deliveries/law")).json()["holds"]:
                    await asyncio.sleep(0.05)

    assert (channel["type"], channel["default"], channel["verified"]) == ("telegram", True, True)
    assert tested["state"] == "delivered"
    assert "SIM" in firing.text
    assert fired["seen_by"] == "Anna"
    assert [each["state"] for each in fired["deliveries"]] == ["delivered"]
    assert not telegram.fouls
    assert not telegram.unanswered
