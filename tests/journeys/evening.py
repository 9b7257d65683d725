"""What one does on the page, a step each: the words of the journeys of an evening."""

import asyncio
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.api.house import House, until
from tests.dashboard.charting import look

SECRET = "correct horse battery staple"
CHART = "/chart/BTC-USDT?tf=1m"
COUNT_CLICKS = """() => { window.clicks = 0;
  const count = (event) => { window.clicks += event.isTrusted && event.detail > 0 };
  addEventListener("click", count, { capture: true }); }"""
SEEN_FOCUS = """() => { const focused = document.activeElement;
  if (!focused || focused === document.body) return "nothing is focused";
  focused.scrollIntoView({ block: "nearest" });
  const [style, what] = [getComputedStyle(focused), focused.outerHTML.slice(0, 120)];
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return `no outline: ${what}`;
  const { left, top, width, height } = focused.getBoundingClientRect();
  const over = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 20));
  return over && (focused.contains(over) || over.contains(focused)) ? "" : `covered: ${what}`; }"""


async def go(page: Page, key: str, sign: str) -> None:
    """Press `g` and a letter, and wait for a sign of the place."""
    await page.keyboard.press("g")
    await page.keyboard.press(key)
    await page.wait_for_selector(sign)


async def set_up(page: Page, pictures: Path) -> None:
    """Fill in the form of the first run, where the settings of a simulated market lead."""
    await page.wait_for_selector(".slots .row")
    await go(page, "o", ".settings-nav")
    await page.click(".settings-nav >> text=Security")
    await page.click(".card >> text=Set-up")
    await page.fill(".setup-form [name=password]", SECRET)
    await page.screenshot(path=pictures / "1-setup.png")
    await page.click("text=Save and open the market")
    await page.wait_for_selector(".slots .row:has-text('BTC')")


async def moves(page: Page, selector: str) -> None:
    """Wait until what stands somewhere has changed."""
    before = [selector, await page.inner_text(selector)]
    changed = "([selector, before]) => document.querySelector(selector).innerText !== before"
    await page.wait_for_function(changed, arg=before)


async def add_webhook(page: Page, name: str, url: str) -> str:
    """Make a channel by the form; return the secret it shows once."""
    await page.select_option("[data-p=type]", "webhook")
    await page.fill("[data-p=name]", name)
    await page.fill("[name=url]", url)
    await page.click("[data-p=form] >> button:has-text('Create')")
    await page.wait_for_selector(f".channel:has-text('{name}')")
    return await page.inner_text("[data-p=secretText]")


async def alert_by_click(page: Page, below_top: int) -> None:
    """Set a level at a height of the chart: the + beside the crosshair, then Create."""
    box = await page.locator(".chart-box").bounding_box()
    assert box
    await page.mouse.move(box["x"] + 500, box["y"] + below_top)
    await page.click(".aim")
    await page.wait_for_selector(".pop-past:has-text('firing')")
    await page.click(".alert-pop .primary:enabled")
    await page.wait_for_selector(".toast:has-text('is armed')")


async def alert_by_form(page: Page, condition: str) -> None:
    """Write a condition on Bitcoin and create the alert."""
    await page.fill("input[data-p=symbol]", "BTC/USDT")
    await page.fill("textarea", condition)
    await page.click("[data-p=create]:enabled")


async def cross(house: House, condition: str) -> None:
    """Let the price of Bitcoin go through the level of a condition."""
    found = re.fullmatch(r"price crosses (above|below) ([\d.]+)", condition)
    assert found
    level, way = float(found[2]), 1 if found[1] == "above" else -1
    for share in (-0.0002, 0.0002):
        house.tick("BTC/USDT", level * (1 + way * share))


async def alerts_of(client: Any) -> list[Any]:
    """Return the alerts of whoever asks."""
    found: list[Any] = (await client.get("/api/alerts")).json()["alerts"]
    return found


async def firings_of(client: Any, count: int) -> list[Any]:
    """Return the firings of whoever asks, once there are so many."""

    async def enough() -> Any:
        found = (await client.get("/api/firings")).json()["firings"]
        return found if len(found) >= count else None

    found: list[Any] = await until(enough)
    return found


async def click_marker(page: Page) -> None:
    """Click the mark of a firing on the chart."""
    async with asyncio.timeout(10):
        while (spot := (await look(page)).spot(size=5)) is None:
            await asyncio.sleep(0.1)
    box = await page.locator(".chart-box").bounding_box()
    assert box
    await page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])
    await page.wait_for_selector(".evidence .operands")


async def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is where it is wanted, and see that it can be seen."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            break
    else:
        raise AssertionError(f"{selector} is not reached by {most} tabs")
    await sees_focus(page)


async def sees_focus(page: Page) -> None:
    """Fail unless the focus is outlined by 2 px and nothing lies over it."""
    assert await page.evaluate(SEEN_FOCUS) == ""
