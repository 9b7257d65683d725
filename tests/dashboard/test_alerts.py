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
        await stage.open("/alerts/new?symbol=BTC-USDT")
        await page.wait_for_selector("#banner:not([hidden])")  # which moves everything once
        await page.fill("textarea", "price crosses abov 50000")
        await page.wait_for_selector("text=unknown word 'abov'")
        wave = page.locator(".wave")
        place = [
            await wave.get_attribute("data-start"),
            await wave.get_attribute("data-end"),
            await wave.inner_text(),
        ]
        before = await page.locator(".presets").first.bounding_box()
        is_disabled = await page.is_disabled("[data-p=create]")
        await page.keyboard.press("Control+.")
        await page.wait_for_selector("text=the price crosses above 50,000")
        mended = await page.input_value("textarea")
        after = await page.locator(".presets").first.bounding_box()

    assert place == ["14", "18", "abov"]
    assert before == after
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


async def test_many_are_chosen_by_key_and_deleted_restored_and_silenced_together(theatre: Theatre) -> None:
    async with theatre.house.owner() as client:
        for name in ("one", "two", "three"):
            await client.post(
                "/api/alerts", json={"name": name, "symbol": "BTC", "condition": "price > 99000"}
            )
    async with theatre.stage() as stage:
        page = stage.page
        await stage.open("/alerts")
        await page.wait_for_selector("li.alert:nth-child(3)")
        for key in ("j", "x", "j", "x"):
            await page.keyboard.press(key)
        await page.click(".bulk:has-text('2 selected') >> text=Delete")
        await page.wait_for_selector(".toast >> text=2 alerts are deleted: one, two")
        await page.wait_for_selector("li.alert:nth-child(2)", state="detached")
        await page.click(".toast >> text=Undo")
        await page.wait_for_selector("li.alert:nth-child(3)")
        await page.check("[aria-label='Select three']")
        await page.click(".bulk [aria-label='Silence 4h']")
        await page.wait_for_selector("li.alert:has-text('three') >> text=silenced until")
        await page.click(".toast:has-text('silenced') >> text=Undo")
        await page.wait_for_selector("li.alert >> text=silenced until", state="detached")
        await page.fill("[data-p=sought]", "tw")
        await page.wait_for_selector("li.alert:nth-child(2)", state="detached")

    assert page.url.endswith("/alerts?q=tw")
    assert stage.complaints == []


async def test_an_alert_is_edited_explained_and_its_change_taken_back(
    theatre: Theatre, pictures: Path
) -> None:
    async with theatre.house.owner() as client:
        body = {"name": "high", "symbol": "BTC", "condition": "price > 99000", "message": "look"}
        made = (await client.post("/api/alerts", json=body)).json()
        async with theatre.stage() as stage:
            page = stage.page
            await stage.open(f"/alerts/{made['id']}/edit")
            await page.wait_for_selector("text=the price is above 99,000")
            await page.fill("textarea", "price > 98000")
            await page.fill("[data-p=rearm]", "0.5")
            await page.select_option("[data-p=severity]", "critical")
            await page.wait_for_selector("text=the price is above 98,000")
            await page.click("[data-p=create]")
            await page.wait_for_selector(".toast >> text=high is armed as revision 2")
            await page.wait_for_selector(".change:has-text('condition')")
            changed = (await client.get(f"/api/alerts/{made['id']}")).json()
            await page.wait_for_selector(".strip-armed")
            await page.screenshot(path=pictures / "alert.png", full_page=True)
            await page.click(".toast >> text=Undo")
            await page.wait_for_selector("b:has-text('revision 3')")
            back = (await client.get(f"/api/alerts/{made['id']}")).json()

    assert (changed["severity"], changed["rearm"]["percent"], changed["message"]) == ("critical", 0.5, "look")
    assert (back["condition"], back["severity"], back["rearm"]) == ("price > 99000", "info", None)
    assert stage.complaints == []


async def test_a_word_is_completed_and_a_threshold_slid(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await stage.open("/alerts/new?symbol=BTC-USDT")
        await page.fill("textarea", "")
        await page.keyboard.type("pri")
        await page.wait_for_selector("[role=option] >> text=price")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        completed = await page.input_value("textarea")
        await page.fill("textarea", "price crosses above 65012")
        await page.wait_for_selector(".sweep-told:has-text('65,012 →')")
        steps = await page.locator(".sweep-bars i").count()
        await page.focus(".sweep input")
        await page.keyboard.press("ArrowRight")
        slid = await page.input_value("textarea")
        await page.wait_for_selector("text=the price crosses above 65,112")
        told = await page.inner_text(".sweep-told")
        asked = {"condition": slid, "symbol": "BTC/USDT", "days": 30, "cooldown_seconds": 60}
        async with theatre.house.owner() as client:
            count = (await client.post("/api/alerts/backtest", json=asked)).json()["count"]

    assert completed == "price"
    assert steps == 21
    assert slid == "price crosses above 65112"
    assert told == f"65,112 → {count}×"
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
