"""An evening at the dashboard in a real browser: by mouse, by thumb, by keys, from the first link to the last act."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import House
from tests.dashboard.charting import opened, remember
from tests.dashboard.conftest import PHONE, Theatre
from tests.journeys.evening import (
    CHART,
    COUNT_CLICKS,
    SECRET,
    add_webhook,
    alert_by_click,
    alert_by_form,
    alerts_of,
    click_marker,
    cross,
    firings_of,
    go,
    moves,
    sees_focus,
    set_up,
    tab_to,
)


async def test_from_the_first_link_to_a_second_delivery(
    house: House, theatre: Theatre, receiver: WebhookReceiver, broken: WebhookReceiver, pictures: Path
) -> None:
    await remember(house, "BTC/USDT", 65_000.0)
    async with theatre.stage() as stage, house.owner() as client:
        page = stage.page
        await set_up(page, pictures)
        await moves(page, ".slots .c-price")
        await go(page, "k", "text=No channel yet.")
        receiver.secrets.append(await add_webhook(page, "my service", receiver.hook_url))
        broken.always = Misbehaviour(Bad.STATUS, status=410)
        await add_webhook(page, "its neighbour", broken.hook_url)
        await opened(page, house, CHART)
        await page.evaluate(COUNT_CLICKS)
        await alert_by_click(page, 150)
        clicks = await page.evaluate("window.clicks")
        await page.screenshot(path=pictures / "2-armed.png")
        [alert] = await alerts_of(client)
        await cross(house, alert["condition"])
        await page.wait_for_selector(".toast >> text=fired")
        await page.wait_for_selector(".side-firing")
        await page.screenshot(path=pictures / "3-fired.png")
        await click_marker(page)
        await page.wait_for_selector(".told-list >> text=delivered")
        operands = await page.inner_text(".evidence .operands tbody tr")
        await page.screenshot(path=pictures / "4-evidence.png")
        await go(page, "m", ".feed-list li:has-text('my service')")
        await page.screenshot(path=pictures / "5-market.png")
        await redeliver(page, "my service", "its neighbour", pictures)

    assert clicks <= 3
    assert "price" in operands
    assert [len(receiver.received), *receiver.keys.values()] == [2, 2]
    assert receiver.violations == {}
    assert stage.complaints == []
    assert house.server.doors.csp_reports == 0


async def redeliver(page: Page, name: str, failed: str, pictures: Path) -> None:
    """Look why one delivery failed, and send the other again: both its attempts are there."""
    await go(page, "d", f".delivery:has-text('{name}'):has-text('delivered')")
    await page.click(f".delivery:has-text('{failed}'):has-text('failed') a")
    await page.wait_for_selector(".attempts tr:has-text('410')")
    await page.screenshot(path=pictures / "6-failed.png")
    await page.click(f".delivery:has-text('{name}') a")
    await page.click(f".sheet:has-text('{name}') >> text=Redeliver")
    await page.wait_for_selector(".attempts tbody tr:nth-child(2):has-text('accepted')")
    await page.screenshot(path=pictures / "7-twice.png")


async def test_a_phone_in_german_in_the_dark(house: House, theatre: Theatre, pictures: Path) -> None:
    look: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "locale": "de-DE", "color_scheme": "dark"}
    async with theatre.stage(logged_in=True, **look) as stage, house.owner() as client:
        page = stage.page
        await page.wait_for_selector(".slots .row")
        await page.screenshot(path=pictures / "1-markt.png")
        await page.tap("#bottom-new")
        await alert_by_form(page, "price crosses above 65100")
        await page.wait_for_selector(".toast >> text=ist scharf")
        await page.screenshot(path=pictures / "2-scharf.png")
        await cross(house, "price crosses above 65100")
        await page.tap(".toast:has-text('hat ausgelöst') >> text=Nachweis")
        await page.wait_for_selector(".evidence .operands")
        box = await page.locator(".sheet-box").bounding_box()
        await page.screenshot(path=pictures / "3-nachweis.png")
        await page.tap(".evidence-acts >> text=Gesehen")
        await page.wait_for_selector("text=Gesehen von admin")
        await page.tap("[aria-label='Später 4h']")
        await page.wait_for_selector(".toast >> text=stumm")
        silences = (await client.get("/api/silences")).json()["silences"]
        [firing] = await firings_of(client, 1)
        await page.screenshot(path=pictures / "4-gesehen.png")

    assert box == {"x": 0, "y": 0, **PHONE}
    assert firing["seen_by"] == "admin"
    assert [each["matchers"] for each in silences] == [{"id": firing["alert_id"]}]
    assert stage.complaints == []


async def test_a_portfolio_is_kept(house: House, theatre: Theatre, pictures: Path) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await page.wait_for_selector(".slots .row")
        await go(page, "p", "[name=quantity]")
        for symbol, quantity in (("BTC", "0.5"), ("ETH", "10")):
            await page.fill("[name=symbol]", symbol)
            await page.fill("[name=quantity]", quantity)
            await page.keyboard.press("Enter")
            await page.wait_for_selector(f".holdings tr:has-text('{symbol}'):has-text('{quantity}')")
        value = page.locator(".holdings tr:has-text('BTC') [data-label=Value]")
        before = await value.inner_text()
        house.tick("BTC/USDT", 66_000.0)
        await page.wait_for_function(
            "(before) => !document.querySelector('.holdings').innerText.includes(before)", arg=before
        )
        await page.click("[aria-label='Change ETH']")
        await page.fill("[name=quantity]", "2.5")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".holdings tr:has-text('ETH'):has-text('2.5')")
        await page.click("[aria-label='Remove BTC']")
        await page.wait_for_selector(".holdings tr:has-text('BTC')", state="detached")
        await page.click(".toast:has-text('is removed') >> text=Undo")
        await page.wait_for_selector(".holdings tr:has-text('BTC'):has-text('0.5')")
        await page.screenshot(path=pictures / "portfolio.png")
        async with house.owner() as client:
            held = (await client.get("/api/portfolio")).json()["holdings"]

    assert {each["symbol"]: each["quantity"] for each in held} == {"BTC": "0.5", "ETH": "2.5"}
    assert stage.complaints == []


async def test_the_whole_way_without_a_pointer(
    house: House, theatre: Theatre, receiver: WebhookReceiver, pictures: Path
) -> None:
    await house.app.accounts.set_password("admin", SECRET, house.app.clock.now())
    async with house.owner() as client:
        body = {"type": "webhook", "name": "my service", "url": receiver.hook_url, "default": True}
        receiver.secrets.append((await client.post("/api/channels", json=body)).json()["secret"])
    async with theatre.stage(logged_in=False) as stage:
        page, keys = stage.page, stage.page.keyboard
        await stage.open()
        await tab_to(page, "#account")
        await keys.press("Enter")
        await page.wait_for_selector("dialog[open] [name=password]")
        await sees_focus(page)
        await keys.type(SECRET)
        await keys.press("Enter")
        await page.wait_for_selector("#account-name:text-is('admin')")
        await page.wait_for_selector(".slots .row")
        await keys.press("j")
        await sees_focus(page)
        await keys.press("Control+k")
        await sees_focus(page)
        await keys.type("open the chart")
        await page.wait_for_selector("#search-found li:has-text('BTC/USDT')")
        await keys.press("Enter")
        await page.wait_for_selector(".legend b:text-matches('\\\\d')")
        await keys.press("n")
        await page.wait_for_selector(".alert-pop")
        await sees_focus(page)
        await keys.type("65,123.45")
        await page.wait_for_selector(".pop-sentence:has-text('crosses above 65,123.45')")
        await page.wait_for_selector(".alert-pop .primary:enabled")
        await keys.press("Enter")
        await page.wait_for_selector(".toast >> text=is armed")
        await sees_focus(page)
        await cross(house, "price crosses above 65123.45")
        await page.wait_for_selector(".toast >> text=fired")
        await tab_to(page, ".toast .button")
        await page.screenshot(path=pictures / "toast.png")
        await keys.press("Enter")
        await page.wait_for_selector(".told-list >> text=delivered")
        await tab_to(page, ".told-list .button")
        await page.screenshot(path=pictures / "redeliver.png")
        await keys.press("Enter")
        await page.wait_for_selector("text=It is sent again, under the same key")
        await receiver.wait(2)

    assert len({each.headers["webhook-id"] for each in receiver.received}) == 1
    assert stage.complaints == []
