"""What the chart's tests share: a past to look at, and eyes for what is drawn on a canvas."""

import io
import random
from collections.abc import Sequence

from PIL import Image
from playwright.async_api import Page

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from tests.api.house import House

AMBER = (138, 90, 0)
"""The colour of alert lines on light ground."""
Colour = tuple[int, int, int]


async def remember(house: House, symbol: str, price: float, *, count: int = 700) -> None:
    """Let the house know minutes that end an hour ago, ten before those of the stage, near a price."""
    walk, made = random.Random(3), []
    start = house.app.clock.now() // MINUTE * MINUTE - (count + 60) * MINUTE
    close = price * 0.998
    for number in range(count):
        opened, close = close, close * (1 + walk.gauss(0, 0.0004)) + (price - close) * 0.02
        high, low = max(opened, close) * 1.0002, min(opened, close) * 0.9998
        at = start + number * MINUTE
        values = (opened, high, low, close, 2 + number % 9)
        made.append(Bar("binance", symbol, "1m", at, at + MINUTE, *values, True, at + MINUTE))
    house.app.market.entry(symbol).load("1m", made)
    await house.app.bars.save(made)


async def opened(page: Page, house: House, path: str) -> None:
    """Open a chart and wait until bars are drawn, and the row is there that tells of the feed this house lacks."""
    await page.goto(house.url + path)
    await page.wait_for_selector("#banner:not([hidden])")
    await page.wait_for_selector(".chart canvas")
    await page.wait_for_selector(".legend b:text-matches('\\\\d')")


class Look:
    """A picture of the chart's box."""

    def __init__(self, picture: bytes) -> None:
        self.image = Image.open(io.BytesIO(picture)).convert("RGB")
        self.width, self.height = self.image.size

    def at(self, x: int, y: int) -> Colour:
        """Return the colour of a pixel."""
        found = self.image.getpixel((x, y))
        assert isinstance(found, tuple)
        return found[0], found[1], found[2]

    def lines(self, colour: Colour = AMBER, share: float = 0.4) -> list[float]:
        """Return where lines of a colour go from side to side, top to bottom."""
        rows = [
            y
            for y in range(self.height)
            if sum(self.at(x, y) == colour for x in range(200, self.width - 120, 2))
            > share * (self.width - 320) / 2
        ]
        groups: list[list[int]] = []
        for y in rows:
            if groups and y - groups[-1][-1] == 1:
                groups[-1].append(y)
            else:
                groups.append([y])
        return [sum(group) / len(group) for group in groups]

    def spot(self, colour: Colour = AMBER, size: int = 7) -> tuple[int, int] | None:
        """Return the middle of a filled spot of a colour, the rightmost one; lines are thinner."""
        for x in range(self.width - 90, 200, -1):
            for y in range(self.height - size):
                if all(self.at(x, y + down) == colour for down in range(size)):
                    return x, y + size // 2
        return None

    def dense(self, ground: Colour, rows: Sequence[int], least: float) -> int:
        """Return how many columns in a row are drawn over in at least a share of some rows."""
        best = run = 0
        for x in range(self.width - 80):
            share = sum(self.at(x, y) != ground for y in rows) / len(rows)
            run = run + 1 if share > least else 0
            best = max(best, run)
        return best


async def look(page: Page) -> Look:
    """Return what the chart's box shows now."""
    return Look(await page.locator(".chart-box").screenshot())
