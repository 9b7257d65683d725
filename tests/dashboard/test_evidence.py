"""Evidence on the page: what fired, why, how it got here, and what can be done about it."""

from pathlib import Path
from typing import Any

from tests.api.house import House, until
from tests.dashboard.conftest import PHONE, Theatre


async def fire(house: House, **alert: Any) -> Any:
    """Let an alert fire; return its firing."""
    async with house.owner() as client:
        body = {"name": "over 65,000", "symbol": "BTC", "condition": "price > 65000", **alert}
        made = await client.post("/api/alerts", json=body)
        assert made.status_code == 201, made.text

        async def fired() -> Any:
            found = (await client.get(f"/api/firings?alert_id={made.json()['id']}")).json()["firings"]
            return found and found[0]

        return await until(fired)


async def test_evidence_answers_in_its_order_and_acts(theatre: Theatre, pictures: Path) -> None:
    firing = await fire(theatre.house, severity="critical", message="take half off")
    async with theatre.stage() as stage:
        page = stage.page
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await stage.open(f"/firings/{firing['id']}")
        await page.wait_for_selector(".picture .picture-ring")
        await page.screenshot(path=pictures / "evidence.png")
        sheet = await page.inner_text(".evidence")
        operands = await page.inner_text(".evidence .operands tbody tr")
        level = await page.text_content(".picture-level-text")
        steps = await page.locator(".way-steps dd").all_inner_texts()
        await page.click("text=Copy JSON")
        await page.wait_for_selector(".toast >> text=Copied")
        copied = await page.evaluate("navigator.clipboard.readText().then((text) => JSON.parse(text).id)")
        await page.click(".evidence-acts >> text=Seen")
        await page.wait_for_selector("text=Seen by admin")
        await page.click("[aria-label='Snooze 4h']")
        await page.wait_for_selector(".toast >> text=is silenced for 4h")
        async with theatre.house.owner() as client:
            silences = (await client.get("/api/silences")).json()["silences"]

    order = (
        "critical",
        "take half off",
        "revision 1",
        "Before",
        "From the venue to you",
        "Deliveries",
        "Seen",
    )
    places = [sheet.index(word) for word in order]
    assert places == sorted(places)
    assert operands.split("\t")[0].strip() == "price"
    assert "> 65,000" in operands
    assert level == "65,000"
    assert all(step.startswith("+") for step in steps[:3])
    assert copied == firing["id"]
    assert [each["matchers"] for each in silences] == [{"id": firing["alert_id"]}]
    assert stage.complaints == []


async def test_on_a_phone_evidence_is_all_there_is_until_it_is_closed(
    theatre: Theatre, pictures: Path
) -> None:
    firing = await fire(theatre.house)
    async with theatre.stage(viewport=PHONE, locale="de-DE", color_scheme="dark") as stage:
        page = stage.page
        await stage.open(f"/firings/{firing['id']}")
        await page.wait_for_selector(".evidence .operands")
        await page.screenshot(path=pictures / "phone.png")
        box = await page.locator(".sheet-box").bounding_box()
        seen = await page.locator(".evidence-acts >> text=Gesehen").bounding_box()
        await page.click(".sheet-close")
        await page.wait_for_url("**/firings")
        await page.wait_for_selector("li.firing")

    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
    assert seen is not None
    assert seen["y"] + seen["height"] > PHONE["height"] * 0.75  # within the thumb's reach
    assert stage.complaints == []


async def test_firings_are_filtered_by_address_and_exported(theatre: Theatre) -> None:
    await fire(theatre.house, name="=danger")
    await fire(theatre.house, name="eth", symbol="ETH", condition="price > 1")
    async with theatre.stage() as stage:
        page = stage.page
        await stage.open("/firings?symbol=ETH")
        await page.wait_for_selector("li.firing")
        only = await page.locator("li.firing").all_inner_texts()
        await page.fill("[data-p=symbol]", "")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("li.firing:has-text('BTC/USDT')")
        async with page.expect_download() as download:
            await page.click("text=Export CSV")
        written = Path(await (await download.value).path()).read_text()

    assert [("ETH/USDT" in each) for each in only] == [True]
    assert "symbol" not in page.url
    assert '"\'=danger"' in written
    assert len(written.splitlines()) == 3
    assert stage.complaints == []
