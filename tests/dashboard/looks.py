"""What is asked of every page: nothing runs over, nothing is too small, nothing keeps anybody out."""

from pathlib import Path

from playwright.async_api import Page

_AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_OVER = """() => [...document.querySelectorAll("body, .view *")]
  .filter((each) => each.checkVisibility() && each.clientWidth
    && !each.closest(".out, svg, .table-box, .condition, .mirror"))
  .filter((each) => each.matches("body, .button, .tab, h1, h2, label, legend, th, .radio")
    && each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).textOverflow !== "ellipsis")
  .map((each) => each.outerHTML.slice(0, 120))"""
_SMALL = """(least) => [...document.querySelectorAll(
  ".view :is(button, a.button, a.tab, select, textarea, .check, .radio)")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < least - 0.5)
  .map((each) => each.outerHTML.slice(0, 120))"""

_GO = "(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"


async def visit(page: Page, path: str, sign: str) -> None:
    """Go to a view as a link would, and wait for a sign of it."""
    await page.evaluate(_GO, path)
    await page.locator(sign).first.wait_for()


async def faults(page: Page) -> list[tuple[str, str]]:
    """Return what axe finds against WCAG 2.2 A and AA: rule and first node."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE)
    found = await page.evaluate("(tags) => axe.run({ runOnly: tags })", _STANDARDS)
    return [(each["id"], each["nodes"][0]["html"][:160]) for each in found["violations"]]


async def overflows(page: Page) -> list[str]:
    """Return words that need more room than they have, and the page if it scrolls sideways."""
    found: list[str] = await page.evaluate(_OVER)
    return found


async def small_targets(page: Page, least: int) -> list[str]:
    """Return controls that are lower than `least` pixels."""
    found: list[str] = await page.evaluate(_SMALL, least)
    return found
