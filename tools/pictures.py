"""Take the pictures of the documentation: the pages of a seeded demo, as a browser shows them.

usage: tools/pictures.py

Needs Chromium and a minute: it waits for what the pictures show to happen in the simulated market.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs/pictures"
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
MOST_BYTES = 200_000
LONG_MS = 90_000
TRENDS_MS = 4000
"""Until the trends are there: they come by the dozen and are drawn on canvases, which show no sign."""
SEED = "7"
ASK = """async ([method, path, body]) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`); }"""
PRICE = "async (symbol) => Number((await (await fetch(`/api/market/${symbol}`)).json()).price)"
HOLDINGS = {"BTC": "0.42", "ETH": "6.5", "SOL": "80", "XRP": "4200"}
ALERTS = (
    ("BTC", "BTC breakout", "price crosses above", 1.003, "info"),
    ("BTC", "BTC floor", "price crosses below", 0.996, "critical"),
    ("BTC", "BTC holds its level", "price >", 0.998, "info"),
    ("ETH", "ETH at its level", "price >", 0.99, "warning"),
    ("SOL", "SOL under its high", "price <", 1.01, "info"),
)
"""Symbol, name, relation, level as a share of the price, severity: some wait near the price, some hold at once."""
BROKEN = {"type": "webhook", "name": "old bot", "url": "http://127.0.0.1:9/hook"}
PAGES = {
    "market-light": ("/", ".feed-list .feed-channel"),
    "chart-light": ("/chart/BTC-USDT?tf=1m", ".legend b:text-matches('\\\\d')"),
    "alerts-light": ("/alerts", "li.alert:nth-child(5)"),
    "deliveries-light": ("/deliveries", ".delivery:has-text('delivered') a"),
    "channels-light": ("/channels", ".channel"),
    "system-light": ("/system", "[data-p=inside] dd"),
    "settings-light": ("/settings/profile", ".radios"),
    "portfolio-light": ("/portfolio", ".holdings tr:nth-child(4)"),
}
"""Which page each picture shows, and the sign that it is all there."""


@contextmanager
def demo() -> Iterator[str]:
    """Run a fresh demo on data of its own; give the link that logs in once."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "crypto_portfolio_analyzer.cli.main",
            "demo",
            "--json",
            "--port",
            "0",
        ]
        environment = {**os.environ, "CRYPTO_ANALYZER_DATA_DIR": folder}
        with subprocess.Popen(
            [*command, "--seed", SEED], stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            try:
                assert process.stdout is not None
                yield json.loads(process.stdout.readline())["login_url"]
            finally:
                process.terminate()


def opened(browser: Browser, **looks: Any) -> Page:
    """Return a page of a person in the UTC zone who reads English."""
    context = browser.new_context(
        **{"viewport": DESK, "color_scheme": "light", "locale": "en-GB", "timezone_id": "UTC", **looks}
    )
    page = context.new_page()
    page.set_default_timeout(LONG_MS)
    return page


def prepare(page: Page) -> None:
    """Let somebody have lived here: holdings, alerts, a channel that fails."""
    for symbol, quantity in HOLDINGS.items():
        page.evaluate(ASK, ["PUT", f"/api/portfolio/holdings/{symbol}", {"quantity": quantity}])
    page.evaluate(ASK, ["POST", "/api/channels", BROKEN])
    for symbol, name, relation, share, severity in ALERTS:
        level = round(page.evaluate(PRICE, symbol) * share, 1)
        alert = {"name": name, "symbol": symbol, "condition": f"{relation} {level}", "severity": severity}
        page.evaluate(ASK, ["POST", "/api/alerts", alert])


def save(page: Page, name: str) -> None:
    """Keep what the page shows, in fewer colours where it would be large; rare ones, as of a warning, stay."""
    for notice in page.locator(".toast").all():
        notice.evaluate("(node) => node.remove()")
    shown = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    path = FOLDER / f"{name}.png"
    shown.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        shown.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2).save(path, optimize=True)


def show(page: Page, path: str, sign: str) -> None:
    """Go to a page and wait until it is all there."""
    page.evaluate(
        "(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }", path
    )
    page.locator(sign).first.wait_for()


def take(page: Page) -> None:
    """Take every picture of a desk in the light."""
    for name, (path, sign) in PAGES.items():
        show(page, path, sign)
        if name == "deliveries-light":
            page.locator(sign).first.click()
            page.wait_for_selector(".attempts")
        if name == "market-light":
            page.wait_for_timeout(TRENDS_MS)
        if name == "chart-light":
            page.wait_for_selector(".side-firing")
        save(page, name)
    page.goto(page.url.partition("/portfolio")[0] + "/alerts/new?symbol=BTC-USDT")
    level = round(page.evaluate(PRICE, "BTC") * 1.001)
    page.fill("textarea", f"price crosses above {level}")
    page.wait_for_selector(".sweep-told:text-matches('→')")
    save(page, "editor-light")
    show(page, "/firings", "li.firing:has-text('holds its level') a")
    page.click("li.firing:has-text('holds its level') a")
    page.wait_for_selector(".evidence .picture-ring")
    page.wait_for_selector(".told-list >> text=delivered")
    save(page, "evidence-light")


def main() -> None:
    """Write every picture."""
    with demo() as link, sync_playwright() as playwright:
        path = next(each for each in BROWSERS if Path(each).exists())
        browser = playwright.chromium.launch(executable_path=path, chromium_sandbox=False)
        page = opened(browser)
        page.goto(link)
        page.wait_for_selector(".slots .row")
        prepare(page)
        page.wait_for_selector(".feed-list li:nth-child(5)")
        page.wait_for_selector(".feed-list .feed-channel:has-text('ms')")
        take(page)
        cookies = page.context.cookies()
        base = page.url.partition("/firings")[0]
        looks: dict[str, dict[str, Any]] = {
            "market-dark": {"color_scheme": "dark"},
            "market-phone": {"viewport": PHONE, "has_touch": True},
        }
        for name, look in looks.items():
            other = opened(browser, **look)
            other.context.add_cookies(cookies)  # type: ignore[arg-type]
            other.goto(base)
            other.wait_for_selector(".slots .row")
            other.wait_for_selector("#pill-dot.ok, #pill-dot.warning")
            other.wait_for_timeout(TRENDS_MS)
            save(other, name)
        browser.close()


if __name__ == "__main__":
    main()
