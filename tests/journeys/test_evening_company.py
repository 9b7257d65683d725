"""An evening that is disturbed: the server dies in the middle of it; somebody is let in, and shown out again."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.async_api import Page

from tests.api.house import House, until
from tests.dashboard.conftest import Theatre
from tests.journeys.evening import SECRET, alert_by_form, alerts_of, cross, firings_of
from tests.journeys.test_ending import Running

DRAFT = "price crosses above 99000 and rsi(14) > 70"
PLACE = """() => { const focused = document.activeElement;
  const { dataset, value, selectionStart, selectionEnd } = focused;
  return [dataset.p, value, selectionStart, selectionEnd, document.querySelector(".page").scrollTop]; }"""
SHOWN = """() => [...document.querySelectorAll("li.firing a")].map((each) => each.dataset.focus)"""
BARS = "document.querySelector('.chart-price').innerText"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A server as a program of its own, whose prices move twenty times a second."""
    made = Running(tmp_path / "data", CRYPTO_ANALYZER_EXCHANGES__MOCK__WS_URL="mock:?interval=0.05")
    yield made
    made.stop()


async def fire(server: Running, *names: str) -> None:
    """Make alerts that hold at once."""
    for name in names:
        body = {"name": name, "symbol": "BTC", "condition": "price > 0"}
        status, told = await server.ask("POST", "/api/alerts", body)
        assert status == 201, told


async def fired(server: Running, count: int) -> list[str]:
    """Return the ids of all firings, once there are so many."""

    async def enough() -> Any:
        found = (await server.ask("GET", "/api/firings"))[1]["firings"]
        return len(found) >= count and [each["id"] for each in found]

    found: list[str] = await until(enough)
    return found


async def test_the_server_dies_and_comes_back_and_nothing_is_lost(
    server: Running, theatre: Theatre, pictures: Path
) -> None:
    await server.start("--provider", "mock")
    _, link = await server.ask("POST", "/api/users/admin/login-link")
    port = server.url.rpartition(":")[2]
    await fire(server, "before", "before too")
    async with theatre.stage(logged_in=False, viewport={"width": 1280, "height": 480}) as stage:
        editor = stage.page
        await editor.goto(link["login_url"])
        await editor.click("text=Skip for now")
        await editor.wait_for_selector(".slots .row")
        chart, firings = await editor.context.new_page(), await editor.context.new_page()
        await chart.goto(f"{server.url}/chart/BTC-USDT?tf=1m")
        await chart.wait_for_selector(".chart-price:text-matches('\\\\d')")
        await firings.goto(f"{server.url}/firings")
        await firings.wait_for_selector("li.firing:nth-of-type(3)")
        await write_draft(editor, server.url)
        before = await editor.evaluate(PLACE)
        await server.end(signal.SIGKILL)
        for page in (editor, chart, firings):
            await page.wait_for_selector("#banner:has-text('Connection lost')")
        price = await chart.evaluate(BARS)
        await editor.screenshot(path=pictures / "1-down.png")
        await server.start("--provider", "mock", "--port", port)
        await fire(server, "after", "after too")
        known = await fired(server, 4)
        for page in (editor, chart, firings):
            await page.wait_for_selector("#banner", state="hidden")
        await chart.wait_for_function(f"(before) => {BARS} !== before", arg=price)
        await firings.wait_for_selector("li.firing:nth-of-type(5)")  # the first is the line of the day
        shown = await firings.evaluate(SHOWN)
        after = await editor.evaluate(PLACE)
        await firings.screenshot(path=pictures / "2-back.png")
        await editor.click("[data-p=create]:enabled")
        await editor.wait_for_selector(".toast >> text=is armed")
        exit_code = await server.end()

    assert sorted(shown) == sorted(known)
    assert before == after
    assert before[:2] == ["condition", DRAFT]
    assert before[4] > 0
    assert exit_code == 0


async def write_draft(page: Page, url: str) -> None:
    """Write half an alert, the caret in the middle of it, the page scrolled."""
    await page.goto(f"{url}/alerts/new?symbol=BTC-USDT")
    await page.fill("textarea", DRAFT)
    await page.wait_for_selector("[data-p=create]:enabled")
    await page.evaluate("document.querySelector('textarea').setSelectionRange(6, 13)")
    await page.evaluate("document.querySelector('.page').scrollTop = 90")


async def test_somebody_is_let_in_and_shown_out(house: House, theatre: Theatre, pictures: Path) -> None:
    async with theatre.stage() as stage, theatre.stage(logged_in=False) as guest:
        page, hers = stage.page, guest.page
        await hers.goto(await invite(page, house.url, "anna", pictures))
        await hers.wait_for_selector("#account-name:text-is('anna')")
        factor = await secure(hers, house.url)
        await hers.click("#account")
        await hers.click("dialog >> text=Log out")
        await hers.wait_for_selector("#account-name:text-is('Log in')")
        await log_in(hers, "anna", factor, house)
        await hers.goto(f"{house.url}/alerts/new")
        await alert_by_form(hers, "price crosses above 65100")
        await hers.wait_for_selector(".toast >> text=is armed")
        await page.goto(f"{house.url}/alerts")
        await page.wait_for_selector("text=No alerts yet.")
        async with house.owner() as admin, await house.member("anna") as anna:
            kept = len(await alerts_of(admin)), len(await alerts_of(anna))
            await cross(house, "price crosses above 65100")
            [theirs] = await firings_of(anna, 1)
            seen = (await admin.get(f"/api/firings/{theirs['id']}")).status_code
            body = {"name": "second", "symbol": "BTC", "condition": "price crosses above 69000"}
            await anna.post("/api/alerts", json=body)
        await hers.wait_for_selector(".toast >> text=fired")
        # Chromium itself tells of the 401 that asks for the second factor
        complaints = [each for each in stage.complaints + guest.complaints if "/api/auth/login" not in each]
        await disable(page, house.url, "anna")
        await hers.wait_for_selector("dialog[open] [name=password]")
        await hers.screenshot(path=pictures / "shown-out.png")
        house.tick("BTC/USDT", 70_000.0)
        await until(lambda: has_fired(house, 2))
        news = await hers.locator(".toast:has-text('second')").count()
        refused = await hers.evaluate("fetch('/api/alerts').then((answer) => answer.status)")

    assert kept == (0, 1)
    assert seen == 404
    assert refused == 401
    assert news == 0
    assert complaints == []


async def has_fired(house: House, count: int) -> bool:
    """Tell whether Anna's alerts have fired so often, as the house itself knows it."""
    return len(await house.app.alert_store.firings("anna")) >= count


async def invite(page: Page, url: str, name: str, pictures: Path) -> str:
    """Add a trader; return the link that is shown once."""
    await page.goto(f"{url}/settings/users")
    await page.fill("form [name=name]", name)
    await page.select_option("form [name=role]", "trader")
    await page.click("form >> text=Add")
    link = await page.inner_text(".once code")
    await page.screenshot(path=pictures / "invited.png")
    return link


async def secure(page: Page, url: str) -> pyotp.TOTP:
    """Set a password and a second factor; return what computes its codes."""
    await page.goto(f"{url}/settings/security")
    await page.fill("[name=password]", SECRET)
    await page.click(".card:has([name=password]) >> text=Save")
    await page.wait_for_selector(".toast >> text=Saved")
    await page.click("text=Set up >> nth=-1")
    factor = pyotp.TOTP(await page.inner_text(".totp code"))
    await page.fill("[name=code]", factor.now())
    await page.click("text=Switch on")
    await page.wait_for_selector(".card >> text=second factor on")
    return factor


async def log_in(page: Page, name: str, factor: pyotp.TOTP, house: House) -> None:
    """Log in with a password and the code of the next half minute: the one of this is used."""
    await page.click("#account")
    await page.fill("dialog [name=name]", name)
    await page.fill("dialog [name=password]", SECRET)
    await page.keyboard.press("Enter")
    await page.fill("dialog [name=totp]", factor.at(house.app.clock.now() // 10**9 + factor.interval))
    await page.keyboard.press("Enter")
    await page.wait_for_selector(f"#account-name:text-is('{name}')")


async def disable(page: Page, url: str, name: str) -> None:
    """Disable somebody, as the page wants it: by typing the name."""
    await page.goto(f"{url}/settings/users")
    await page.click(f".line.user:has-text('{name}') >> text=Disable")
    await page.fill("dialog [name=typed]", name)
    await page.click("dialog .danger")
    await page.wait_for_selector(f".line.user:has-text('{name}'):has-text('disabled')")
