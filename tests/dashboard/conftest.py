"""A browser on a moving, simulated market."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from crypto_portfolio_analyzer.settings.tree import WebhookSettings
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from crypto_portfolio_analyzer.tasks import Nursery
from tests.api.house import House, open_house

SYMBOLS = (
    "BTC",
    "ETH",
    "SOL/USDT",
    "DOGE/USDT",
    "PEPE/USDT",
    "ADA/USDT",
    "XRP/USDT",
    "LTC/USDT",
    "DOT/USDT",
    "LINK/USDT",
)
PRICES = (65_012.4, 3412.07, 151.9, 0.1234, 8.412e-06, 0.4597, 0.53, 82.0, 6.2, 14.6)
TICKS = (0.01, 0.01, 0.01, 0.00001, 1e-09, 0.0001, 0.0001, 0.01, 0.001, 0.01)
ROWS = """[...document.querySelectorAll(".slots .row")].map((row) => [
  row.querySelector("bdi").textContent, row.querySelector("[data-p=price]").textContent])"""
LOOPBACK = WebhookSettings.model_validate({"allowed_networks": "127.0.0.1"})
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


class Stage:
    """The page and what it complained about."""

    def __init__(self, house: House, page: Page) -> None:
        self.house, self.page = house, page
        self.complaints: list[str] = []
        page.on("console", self._complain)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _complain(self, message: ConsoleMessage) -> None:
        self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    async def open(self, path: str = "/") -> None:
        """Show a view and wait for what makes it useful."""
        await self.page.goto(self.house.url + path)
        await self.page.wait_for_selector("#pill-dot.ok, #pill-dot.warning")

    async def log_in(self) -> None:
        """Open the one-time link."""
        await self.page.goto(await self.house.server.login_url())
        await self.page.wait_for_selector("#pill-dot.ok, #pill-dot.warning")

    async def prices(self) -> dict[str, str]:
        """Return the prices on screen by symbol."""
        return dict(await self.page.evaluate(ROWS))


class Theatre:
    """Opens stages: one browser, many contexts."""

    def __init__(self, house: House, browser: Browser) -> None:
        self.house, self.browser = house, browser

    @asynccontextmanager
    async def stage(self, *, logged_in: bool = True, **context: Any) -> AsyncIterator[Stage]:
        options = {
            "viewport": DESK,
            "color_scheme": "light",
            "locale": "en-GB",
            "timezone_id": "UTC",
            **context,
        }
        made = await self.browser.new_context(**options)
        stage = Stage(self.house, await made.new_page())
        if logged_in:
            await stage.log_in()
        yield stage
        await made.close()


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose ten simulated symbols move five times a second, and that may tell this machine."""
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
async def theatre(house: House, chromium: str) -> AsyncIterator[Theatre]:
    """The system's Chromium over the house."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        yield Theatre(house, browser)
        await browser.close()


def canonical(symbol: str) -> str:
    return symbol if "/" in symbol else f"{symbol}/USDT"


def prepare(house: House) -> None:
    """List the markets and let their day be known."""
    for number, (symbol, price, tick) in enumerate(zip(SYMBOLS, PRICES, TICKS, strict=True)):
        house.lists(canonical(symbol), tick)
        opened = price * (1 + 0.03 * math.sin(number))
        house.ticker(
            canonical(symbol), price, open_24h=opened, volume_24h=10.0 ** (number + 2), bid=price, ask=price
        )
        start = house.app.clock.now() - 50 * 60 * 10**9
        for minute in range(50):
            house.tick(
                canonical(symbol),
                price * (1 + 0.01 * math.sin(minute / 5 + number)),
                at=start + minute * 60 * 10**9,
            )


async def move(house: House) -> None:
    """Let every price swing, always by at least a tick."""
    step = 0
    while True:
        step += 1
        for symbol, price, tick in zip(SYMBOLS, PRICES, TICKS, strict=True):
            house.tick(canonical(symbol), price + tick * (step % 40 - 20))
        await asyncio.sleep(0.2)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where a test may put screenshots; kept if it fails."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder
