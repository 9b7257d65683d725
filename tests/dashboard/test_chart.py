"""The chart in a real browser: bars of any timeframe, indicators, gaps, older bars, the same for every reader."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.charting import look, opened, remember
from tests.dashboard.conftest import PHONE, Theatre
from tests.dashboard.test_page import AXE, LOOKS, OVER, STANDARDS, TARGETS

CHART = "/chart/BTC-USDT?tf=1m"
FULL = f"{CHART}&i=ema(20)&i=rsi(14)"
SURFACE = (255, 255, 255)


async def test_indicators_in_the_table_are_the_servers_numbers(theatre: Theatre) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0)
    async with theatre.stage() as stage, theatre.house.owner() as client:
        await opened(stage.page, theatre.house, FULL)
        await stage.page.wait_for_selector(".legend-name:text-is('rsi(14)')")
        await stage.page.focus(".chart-box")
        await stage.page.keyboard.press("t")
        await stage.page.wait_for_selector(".bars tbody tr:nth-child(30)")
        heads = await stage.page.locator(".bars th").all_inner_texts()
        cells = await stage.page.locator(".bars tbody tr:nth-child(30) td").all_inner_texts()
        query: dict[str, Any] = {"timeframe": "1m", "limit": 60, "series": ["ema(20)", "rsi(14)"]}
        told = (await client.get("/api/market/BTC-USDT/indicators", params=query)).json()["series"]

    near = [
        {f"{line[-at][1]:,.2f}" for at in (29, 30, 31)}
        for line in (told[0]["lines"][0]["points"], told[1]["lines"][0]["points"])
    ]
    assert heads[-2:] == ["ema(20)", "rsi(14)"]
    assert cells[-2] in near[0]
    assert cells[-1] in near[1]
    assert stage.complaints == []


async def test_indicators_are_picked_written_and_remembered(theatre: Theatre, pictures: Path) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        await page.click("[data-p=indicators]")
        await page.click(".picker >> text=ema(50)")
        await page.wait_for_selector(".legend-name:text-is('ema(50)')")
        await page.fill(".picker input", "closee")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".picker .place:has-text('^^^^^^')")
        await page.click(".picker-error .button:text-is('close')")
        await page.fill(".picker input", "ema(20)-ema(50)")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".legend-name:text-is('ema(20) - ema(50)')")
        await page.screenshot(path=pictures / "picker.png")
        await page.keyboard.press("Escape")
        address = page.url
        await opened(page, theatre.house, CHART)
        await page.wait_for_selector(".legend-name:text-is('ema(20) - ema(50)')")
        await page.click(".legend-close >> nth=0")
        await page.wait_for_selector(".legend-name >> nth=1", state="detached")

    assert "i=ema%2850%29" in address
    assert stage.complaints == []


async def test_a_chart_has_at_most_three_panes_below(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, f"{CHART}&i=rsi(14)&i=atr(14)&i=obv")
        await page.wait_for_selector(".legend-name:text-is('obv')")
        await page.click("[data-p=indicators]")
        await page.click(".picker >> text=adx(14)")
        await page.wait_for_selector("text=A chart has 3 panes below it; remove one first.")


async def test_a_gap_is_hatched(theatre: Theatre, pictures: Path) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0, count=700)
    async with theatre.stage() as stage:
        await opened(stage.page, theatre.house, CHART)
        await stage.page.evaluate("document.querySelector('.watermark').hidden = true")
        await asyncio.sleep(0.3)
        seen = await look(stage.page)
        await stage.page.screenshot(path=pictures / "gap.png")

    assert seen.dense(SURFACE, range(60, 200), 0.9) >= 70
    assert stage.complaints == []


async def test_older_bars_come_when_the_view_reaches_them(theatre: Theatre) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0, count=1300)
    async with theatre.stage() as stage:
        asked: list[str] = []
        stage.page.on("request", lambda request: asked.append(request.url))
        await opened(stage.page, theatre.house, f"{CHART}&i=ema(20)")
        await stage.page.focus(".chart-box")
        async with asyncio.timeout(10):
            while not any("/bars" in url and "end=" in url for url in asked):
                await stage.page.keyboard.press("Home")
                await asyncio.sleep(0.2)
            while not any("/indicators" in url and "end=" in url for url in asked):
                await asyncio.sleep(0.05)

    assert stage.complaints == []


async def test_bars_are_walked_and_spoken(theatre: Theatre) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0)
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, FULL)
        await page.wait_for_selector(".legend-name:text-is('rsi(14)')")
        await page.focus(".chart-box")
        summary = await page.get_attribute(".chart-box", "aria-label")
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press("ArrowLeft")
        first = await page.inner_text("[data-p=spoken]")
        await page.keyboard.press("ArrowLeft")
        second = await page.inner_text("[data-p=spoken]")

    assert summary
    assert summary.startswith("BTC/USDT, 1m bars. Last 65,0")
    assert re.search(r"\d\d:\d\d: open 6\d,.*close 6\d,.*ema\(20\) 6\d,.*rsi\(14\) \d", first)
    assert second != first


@pytest.mark.parametrize(("frame", "length"), [("3m", 180), ("45m", 2700), ("1w", 604_800)])
async def test_every_timeframe_is_a_choice(theatre: Theatre, frame: str, length: int) -> None:
    async with theatre.stage() as stage:
        await opened(stage.page, theatre.house, CHART)
        await stage.page.select_option("[data-p=more]", frame)
        await stage.page.wait_for_selector(f".chart-box[aria-label*=', {frame} bars']")
        begin = await stage.page.evaluate(
            "async (wanted) => (await import('/static/js/chart/frames.js')).openOf(1795183387, wanted)", frame
        )

    assert stage.page.url.endswith(f"?tf={frame}")
    assert (begin - (345_600 if frame == "1w" else 0)) % length == 0
    assert stage.complaints == []


async def test_times_are_told_in_the_readers_zone(theatre: Theatre) -> None:
    told = []
    for zone in ("UTC", "Asia/Tokyo"):
        async with theatre.stage(timezone_id=zone) as stage:
            await stage.open()
            told.append(
                await stage.page.evaluate(
                    """async () => { const { barTime } = await import("/static/js/chart/frames.js");
                    return [barTime(1795183380, "1m", "en"), barTime(1795132800, "1d", "en")]; }"""
                )
            )

    assert told[0][0].endswith("14:03")
    assert told[1][0].endswith("23:03")
    assert told[0][1] == told[1][1]


async def test_fifty_switches_leave_one_chart(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        for _ in range(50):
            before = page.url
            await page.keyboard.press("]")
            async with asyncio.timeout(5):
                while page.url == before:
                    await asyncio.sleep(0.02)
            symbol = page.url.rpartition("/")[2].partition("-")[0]
            await page.wait_for_selector(f"h1:has-text('{symbol}')")  # a key before that is the old view's
            await page.wait_for_selector(".chart canvas")
        await page.wait_for_selector(".tv-lightweight-charts")
        charts = await page.locator(".tv-lightweight-charts").count()
        switched = page.url

    assert charts == 1
    assert "/chart/" in switched
    assert stage.complaints == []


async def test_theme_and_language_change_what_is_drawn_at_once(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await opened(page, theatre.house, FULL)
        light = (await look(page)).at(300, 60)
        await page.evaluate("document.documentElement.dataset.theme = 'dark'")
        await asyncio.sleep(0.2)
        dark = (await look(page)).at(300, 60)

    assert sum(light) > 600
    assert sum(dark) < 250


@pytest.mark.parametrize(("scheme", "size"), LOOKS, ids=str)
async def test_the_chart_is_accessible_and_fits(
    theatre: Theatre, pictures: Path, scheme: Any, size: dict[str, int]
) -> None:
    await remember(theatre.house, "BTC/USDT", 65_000.0)
    least = 44 if size is PHONE else 24
    problems: list[Any] = []
    async with theatre.stage(
        color_scheme=scheme, viewport=size, reduced_motion="reduce", locale="de-DE"
    ) as stage:
        page = stage.page
        await opened(page, theatre.house, FULL)
        await page.wait_for_selector(".legend-name:text-is('rsi(14)')")
        await page.evaluate(AXE)
        for name, opener in (("chart", None), ("picker", "[data-p=indicators]"), ("alert", ".side-new")):
            if opener:
                await page.click(opener)
            await asyncio.sleep(0.4)
            await page.screenshot(path=pictures / f"{name}-{scheme}-{size['width']}.png")
            found = await page.evaluate("(tags) => axe.run({ runOnly: tags })", STANDARDS)
            problems += [(name, each["id"], each["nodes"][0]["html"][:120]) for each in found["violations"]]
            problems += [(name, each) for each in await page.evaluate(TARGETS, least)]
            problems += [(name, each) for each in await page.evaluate(OVER)]
            if opener:
                await page.keyboard.press("Escape")

    assert problems == []
    assert stage.complaints == []
    assert theatre.house.server.doors.csp_reports == 0


async def test_nothing_runs_over_on_a_narrow_phone(theatre: Theatre, pictures: Path) -> None:
    async with theatre.stage(viewport={"width": 320, "height": 640}, locale="de-DE") as stage:
        page = stage.page
        await opened(page, theatre.house, FULL)
        await page.click(".side-new")
        await asyncio.sleep(0.3)
        await page.screenshot(path=pictures / "narrow.png")
        wide = await page.evaluate("document.body.scrollWidth > innerWidth")
        over = await page.evaluate(OVER)

    assert not wide
    assert over == []


async def test_the_table_and_the_tabs_need_no_pointer(theatre: Theatre) -> None:
    async with theatre.stage(viewport=PHONE) as stage:
        page = stage.page
        await opened(page, theatre.house, CHART)
        await page.focus("#side-tab-alerts")
        await page.keyboard.press("ArrowRight")
        shown = await page.locator(".side-part:visible").get_attribute("data-side")

    assert shown == "firings"
