"""Alerts on the chart: set by a click or by keys, drawn, moved, fired, with evidence behind each marker."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.api.house import until
from tests.dashboard.charting import Look, look, opened, remember
from tests.dashboard.conftest import PHONE, Theatre

CHART = "/chart/BTC-USDT?tf=1m"
COARSE = "/chart/DOT-USDT?tf=1m"
TICK = 0.001
WIDER = """() => { const sheet = document.querySelector(".alert-pop");
  return sheet.scrollWidth - sheet.clientWidth; }"""


async def drawn(page: object, count: int) -> Look:
    """Wait until so many alert lines are drawn."""
    async with asyncio.timeout(5):
        while len((seen := await look(page)).lines()) != count:  # type: ignore[arg-type]
            await asyncio.sleep(0.05)
    return seen


async def conditions(theatre: Theatre) -> list[str]:
    async with theatre.house.owner() as client:
        return [each["condition"] for each in (await client.get("/api/alerts")).json()["alerts"]]


async def test_two_clicks_make_an_alert_and_its_line(theatre: Theatre, pictures: Path) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0)
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        box = await page.locator(".chart-box").bounding_box()
        assert box
        await page.mouse.move(box["x"] + 500, box["y"] + 150)
        await page.click(".aim")
        await page.wait_for_selector(".alert-pop .primary:enabled")
        await page.wait_for_selector(".pop-past:has-text('firing')")
        await page.screenshot(path=pictures / "popover.png")
        await page.click(".alert-pop .primary")
        await page.wait_for_selector("text=is armed")
        seen = await drawn(page, 1)
        made = await conditions(theatre)

    assert re.fullmatch(r"price crosses (above|below) 6\d{4}(\.\d\d?)?", made[0])
    assert abs(seen.lines()[0] - 150) <= 3
    assert stage.complaints == []


async def test_the_keyboard_alone_makes_an_alert(theatre: Theatre) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0)
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        await page.keyboard.press("n")
        await page.wait_for_selector(".alert-pop")
        await page.keyboard.type("65,123.45")
        await page.keyboard.press("Shift+ArrowUp")
        await page.wait_for_selector(".pop-sentence:has-text('crosses above 65,123.55')")
        await page.wait_for_selector(".alert-pop .primary:enabled")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=is armed")
        await page.wait_for_selector(".side-list >> text=crosses above 65,123.55")
        focus = await page.evaluate("document.activeElement.className")

    assert await conditions(theatre) == ["price crosses above 65123.55"]
    assert focus == "chart-box"
    assert stage.complaints == []


async def test_a_level_that_is_no_number_cannot_be_created(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        await page.keyboard.press("n")
        await page.wait_for_selector(".alert-pop .primary:enabled")
        await page.keyboard.type("much")
        await page.wait_for_selector("text=This is no price.")
        is_off = await page.is_disabled(".alert-pop .primary")
        await page.keyboard.press("Escape")
        await page.wait_for_selector(".alert-pop", state="detached")

    assert is_off


async def test_the_slider_tries_other_levels(theatre: Theatre) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0)
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        await page.keyboard.press("n")
        await page.wait_for_selector(".pop-past:has-text('firing')")
        before = await page.input_value(".pop-ask input")
        await page.focus(".pop-slider input")
        await page.keyboard.press("ArrowLeft")
        after = await page.input_value(".pop-ask input")
        words = await page.get_attribute(".pop-slider input", "aria-valuetext")

    assert after != before
    assert words
    assert re.fullmatch(rf"{re.escape(after)}: \d+ firings", words)


async def test_drag_and_keys_move_a_line_to_the_same_level(theatre: Theatre, pictures: Path) -> None:
    await remember(theatre.house, "DOT/USDT", 6.2)
    body = {"name": "dot", "symbol": "DOT", "condition": "price crosses above 6.24"}
    async with theatre.house.owner() as client:
        await client.post("/api/alerts", json=body)
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, COARSE)
        start = (await drawn(page, 1)).lines()[0]
        box = await page.locator(".chart-box").bounding_box()
        assert box
        await page.mouse.move(box["x"] + 400, box["y"] + start)
        await page.mouse.down()
        await page.mouse.move(box["x"] + 400, box["y"] + start + 20)
        await page.mouse.move(box["x"] + 400, box["y"] + start + 40)
        await page.screenshot(path=pictures / "drag.png")
        await page.mouse.up()
        await page.wait_for_selector("text=The alert waits at")
        dragged = (await conditions(theatre))[0]
        level = float(dragged.removeprefix("price crosses above "))
        await page.click(".toast:has-text('waits at') >> text=Undo")

        async def is_back() -> bool:
            return await conditions(theatre) == ["price crosses above 6.24"]

        await until(is_back)
        await page.focus(".chart-box")
        await page.keyboard.press("a")
        for _ in range(round((6.24 - level) / TICK)):
            await page.keyboard.press("ArrowDown")
        spoken = await page.inner_text("[data-p=spoken]")
        await page.keyboard.press("Enter")

        async def is_moved() -> bool:
            return await conditions(theatre) == [dragged]

        await until(is_moved)

    assert 6.2 < level < 6.24
    assert float(spoken) == pytest.approx(level)
    assert stage.complaints == []


async def test_escape_puts_a_line_back(theatre: Theatre) -> None:
    body = {"name": "dot", "symbol": "DOT", "condition": "price crosses above 6.24"}
    async with theatre.house.owner() as client:
        await client.post("/api/alerts", json=body)
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, COARSE)
        await page.wait_for_selector(".side-list >> text=crosses above")
        await page.focus(".chart-box")
        await page.keyboard.press("a")
        await page.keyboard.press("Shift+ArrowUp")
        moved = await page.inner_text("[data-p=spoken]")
        await page.keyboard.press("Escape")
        spoken = await page.inner_text("[data-p=spoken]")

    assert moved == "6.250"
    assert spoken == "Line restored."
    assert await conditions(theatre) == ["price crosses above 6.24"]


async def test_a_marker_opens_its_evidence(theatre: Theatre, pictures: Path) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0)
    body = {"name": "now", "symbol": "BTC", "condition": "price > 100"}
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        async with theatre.house.owner() as client:
            await client.post("/api/alerts", json=body)
        await page.wait_for_selector(".side-firing")
        async with asyncio.timeout(5):
            while (spot := (await look(page)).spot()) is None:
                await asyncio.sleep(0.1)
        await page.screenshot(path=pictures / "marker.png")
        box = await page.locator(".chart-box").bounding_box()
        assert box
        await page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])
        await page.wait_for_url("**/firings/*")
        clicked = page.url
        await opened(page, theatre.house, CHART)
        await page.wait_for_selector(".side-firing")
        await page.focus(".chart-box")
        async with asyncio.timeout(5):
            while "/chart/" in page.url:
                await page.keyboard.press("ArrowLeft")
                await page.keyboard.press("Enter")

    assert page.url == clicked
    assert stage.complaints == []


async def test_lines_out_of_sight_are_counted_and_brought_in(theatre: Theatre) -> None:
    async with theatre.house.owner() as client:
        for number in range(3):
            body = {"name": f"far {number}", "symbol": "BTC", "condition": f"price > {90_000 + number}"}
            await client.post("/api/alerts", json=body)
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        await page.click("text=▲ 3 more above")
        await page.wait_for_selector(".beyond-above", state="hidden")

    assert stage.complaints == []


async def test_a_long_press_offers_an_alert_on_touch(theatre: Theatre, pictures: Path) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0)
    async with theatre.stage(viewport=PHONE, has_touch=True, is_mobile=True) as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        box = await page.locator(".chart-box").bounding_box()
        assert box
        touch = await page.context.new_cdp_session(page)
        point = {"x": box["x"] + 150, "y": box["y"] + 160}
        await touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        await asyncio.sleep(0.6)  # a long press is a time
        await touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        await page.wait_for_selector(".aim-here:visible")
        await page.screenshot(path=pictures / "press.png")
        await page.tap(".aim-here")
        await page.wait_for_selector(".alert-pop .primary:enabled")
        await page.tap(".alert-pop .primary")
        await page.wait_for_selector("text=is armed")

    assert len(await conditions(theatre)) == 1
    assert stage.complaints == []


NUMBERS = [
    ("65,500", "en", 65500), ("65500.5", "en", 65500.5), ("65.500", "de", 65500), ("65.500,25", "de", 65500.25),
    ("0,00001", "de", 0.00001), ("64.5", "de", 64.5), ("1 234.5", "en", 1234.5), ("much", "en", None),
    ("", "en", None), ("-5", "en", None), ("0", "en", None), ("1e5", "en", 100000),
]  # fmt: skip
TICKS = [
    (65337.4512, 0.01, "65337.45"),
    (8.4123e-06, 1e-09, "0.000008412"),
    (6.2449, 0.125, "6.25"),
    (7.3, 1, "7"),
]


async def test_numbers_are_read_as_people_write_them_and_levels_fall_on_ticks(theatre: Theatre) -> None:
    script = """async ([numbers, ticks]) => {
      const { readNumber } = await import("/static/js/chart/alert.js");
      const { plain, snapped } = await import("/static/js/chart/levels.js");
      return [numbers.map(([text, language]) => readNumber(text, language)),
        ticks.map(([price, tick]) => plain(snapped(price, tick)))];
    }"""
    async with theatre.stage(logged_in=False) as stage:
        await stage.open()
        numbers, ticks = await stage.page.evaluate(script, [NUMBERS, TICKS])

    assert numbers == [wanted for _text, _language, wanted in NUMBERS]
    assert ticks == [wanted for _price, _tick, wanted in TICKS]


async def test_the_sheet_of_a_new_alert_fits_a_phone(theatre: Theatre, pictures: Path) -> None:
    async with theatre.stage(viewport={"width": 320, "height": 640}, locale="de-DE") as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        await page.click(".side-new")
        await page.wait_for_selector(".alert-pop .primary:enabled")
        await page.screenshot(path=pictures / "sheet.png")
        wide = await page.evaluate(WIDER)

    assert wide == 0
