"""The portfolio on the page: entered, live, changed and taken back."""

from pathlib import Path

from tests.dashboard.conftest import PHONE, Theatre


async def test_a_holding_is_entered_follows_the_market_and_is_taken_back(
    theatre: Theatre, pictures: Path
) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await stage.open("/portfolio")
        await page.click("text=Try with 0.5 BTC")
        row = page.locator(".holdings tr:has-text('BTC')")
        await row.locator("text=32,50").wait_for()
        value = row.locator("td:nth-of-type(3)")
        before = await value.inner_text()
        await page.wait_for_function(
            "(before) => document.querySelector('.holdings td:nth-of-type(3)').innerText !== before",
            arg=before,
        )
        await page.fill("[name=symbol]", "SOL/USDT")
        await page.fill("[name=quantity]", "1,200.5")
        await page.wait_for_selector("text== 1,200.5")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".holdings tr:has-text('SOL/USDT'):has-text('1,200.5')")
        drawn = await page.locator(".donut circle").count()
        await page.screenshot(path=pictures / "portfolio.png")
        await page.click("[aria-label='Remove SOL/USDT']")
        await page.click(".toast:has-text('is removed') >> text=Undo")
        await page.wait_for_selector(".holdings tr:has-text('SOL/USDT'):has-text('1,200.5')")
        await page.click("[aria-label='Change BTC']")
        await page.fill("[name=quantity]", "2")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".holdings tr:has-text('BTC'):has-text('130,0')")

    assert drawn == 2
    assert stage.complaints == []


async def test_a_stale_price_looks_stale(theatre: Theatre) -> None:
    async with theatre.house.owner() as client:
        await client.put("/api/portfolio/holdings/BTC", json={"quantity": "1"})
        await client.put("/api/portfolio/holdings/AVAX", json={"quantity": "1"})
    async with theatre.stage() as stage:
        await stage.open("/portfolio")
        await stage.page.wait_for_selector("tr.stale:has-text('AVAX')")
        told = await stage.page.inner_text(".portfolio-total")
        fresh = await stage.page.locator("tr.stale:has-text('BTC')").count()

    assert "no price yet" in told
    assert fresh == 0


TYPED = [
    ("1.5", "en", {"value": "1.5"}),
    ("1,5", "de", {"value": "1.5"}),
    ("1,234.5", "en", {"value": "1234.5"}),
    ("1.234,5", "de", {"value": "1234.5"}),
    ("1.234.567", "en", {"value": "1234567"}),
    (".5", "en", {"value": "0.5"}),
    ("0,125", "en", {"value": "0.125"}),
    ("1,234", "en", {"choices": ["1.234", "1234"]}),
    ("1.234", "de", {"choices": ["1.234", "1234"]}),
    ("1e5", "en", {}),
    ("-1", "en", {}),
    ("", "en", {}),
]
READ = """(rows) => import("/static/js/numbers.js")
  .then(({ readNumber }) => rows.map(([typed, language]) => readNumber(typed, language)))"""


async def test_numbers_are_understood_as_they_are_typed(theatre: Theatre) -> None:
    async with theatre.stage(logged_in=False) as stage:
        await stage.open()
        read = await stage.page.evaluate(READ, TYPED)

    assert read == [understood for _, _, understood in TYPED]


async def test_a_number_that_could_be_either_is_asked_about(theatre: Theatre) -> None:
    async with theatre.stage(viewport=PHONE, locale="de-DE") as stage:
        page = stage.page
        await stage.open("/portfolio")
        await page.fill("[name=symbol]", "ETH")
        await page.fill("[name=quantity]", "1.234")
        await page.click(".understood >> text=1.234")
        await page.click("text=Speichern")
        await page.wait_for_selector(".holdings tr:has-text('ETH'):has-text('1.234')")
        async with theatre.house.owner() as client:
            held = (await client.get("/api/portfolio")).json()["holdings"][0]["quantity"]

    assert held == "1234"
    assert stage.complaints == []
