"""Alerts on the page: asked in a sentence, tried on the past, fired, explained."""

from pathlib import Path

from tests.dashboard.conftest import PHONE, Theatre

LEVEL = "price > 65000"


async def test_an_alert_is_asked_in_a_sentence_and_fires_with_evidence(
    theatre: Theatre, pictures: Path
) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await page.keyboard.press("n")
        await page.wait_for_selector("textarea")
        await page.fill("[data-p=symbol]", "BTC/USDT")
        await page.fill("textarea", LEVEL)
        await page.wait_for_selector("text=BTC/USDT: the price is above 65,000")
        await page.wait_for_selector("text=True now: it fires at once.")
        await page.fill("[data-p=name]", "btc over 65000")
        await page.screenshot(path=pictures / "editor.png")
        await page.click("[data-p=create]")
        await page.wait_for_selector("text=BTC/USDT: btc over 65000 fired")
        await page.click("[role=tab]:has-text('Fired')")
        await page.wait_for_selector(".alerts >> text=btc over 65000")
        await page.click(".toast >> text=Evidence")
        await page.wait_for_selector(".sheet >> text=btc over 65000")
        operands = await page.inner_text(".sheet .operands")
        await page.screenshot(path=pictures / "evidence.png")

    assert "price" in operands
    assert "65,0" in operands
    assert stage.complaints == []


async def test_what_cannot_be_read_is_shown_with_its_place_and_mended(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await page.goto(theatre.house.url + "/alerts/new?symbol=BTC-USDT")
        await page.fill("textarea", "price crosses abov 50000")
        await page.wait_for_selector("text=unknown word 'abov'")
        place = await page.inner_text("[data-p=place]")
        is_disabled = await page.is_disabled("[data-p=create]")
        await page.click("[data-p=fix]")
        await page.wait_for_selector("text=the price crosses above 50,000")
        mended = await page.input_value("textarea")

    assert place == "price crosses abov 50000\n              ^^^^"
    assert is_disabled
    assert mended == "price crosses above 50000"
    assert stage.complaints == []


async def test_an_alert_is_paused_deleted_and_brought_back(theatre: Theatre, pictures: Path) -> None:
    async with theatre.house.owner() as client:
        body = {"name": "far away", "symbol": "BTC", "condition": "price > 99000"}
        made = (await client.post("/api/alerts", json=body)).json()
    async with theatre.stage() as stage:
        page = stage.page
        await page.keyboard.press("g")
        await page.keyboard.press("a")
        await page.wait_for_selector(".alerts >> text=far away")
        await page.click("button[aria-label=Pause]")
        await page.wait_for_selector("text=far away is paused")
        await page.click("[role=tab]:has-text('Paused')")
        await page.click("button[aria-label=Resume]")
        await page.wait_for_selector("text=far away is armed again")
        await page.click("[role=tab]:has-text('Active')")
        await page.click("button[aria-label=Delete]")
        await page.wait_for_selector("text=far away is deleted")
        await page.click(".toast:has-text('is deleted') >> text=Undo")
        await page.click(".alerts >> text=far away")
        await page.wait_for_selector("text=Why it has not fired")
        await page.wait_for_selector(".operands >> text=price > 99000")
        await page.screenshot(path=pictures / "alert.png")

    assert made["state"] in ("armed", "warming")
    assert stage.complaints == []


async def test_a_phone_in_german_shows_alerts_and_firings(theatre: Theatre, pictures: Path) -> None:
    async with theatre.stage(viewport=PHONE, locale="de-DE", color_scheme="dark") as stage:
        page = stage.page
        await page.click(".bottom >> text=Alarme")
        await page.wait_for_selector("text=Noch keine Alarme.")
        await page.click("text=Übernehmen")
        await page.wait_for_selector("text=der Preis bewegt sich um mindestens 3")
        await page.screenshot(path=pictures / "editor-phone.png")
        await page.click(".bottom >> text=Auslösungen")
        await page.wait_for_selector("text=Noch hat nichts ausgelöst.")
        wide = await page.evaluate("document.body.scrollWidth > innerWidth")

    assert not wide
    assert stage.complaints == []
