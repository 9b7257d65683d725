"""The page in a real browser: it moves, it is honest, it complains about nothing."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from crypto_portfolio_analyzer.core.symbols import parse_symbol
from tests.api.house import open_house
from tests.dashboard.conftest import DESK, PHONE, SYMBOLS, Stage, Theatre

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHIFTS = """() => { window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((each) => each.value)))
    .observe({ type: "layout-shift" }); }"""
# Links inside of text and rows that are targets as a whole are exempt, as WCAG has it
TARGETS = """(least) => [...document.querySelectorAll("button, a, input")]
  .filter((each) => each.checkVisibility() && !each.closest(".skip, .head, .chart-foot") && !each.matches(".row a"))
  .filter((each) => each.getBoundingClientRect().height < least)
  .map((each) => each.outerHTML.slice(0, 90))"""
OVER = """() => [...document.querySelectorAll("body, .bar *, .strip *, .chart-head *")]
  .filter((each) => each.checkVisibility() && !each.closest(".out, .found, .frames"))
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth && each.matches("body, .button, .pill")
    || each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 80))"""
VIEWS = [
    *("/", "/system", "/alerts", "/alerts/new?symbol=BTC-USDT", "/firings", "/chart/BTC-USDT?tf=1m"),
    *("/deliveries", "/channels", "/portfolio", "/settings/profile", "/setup"),
]
LOOKS = [(scheme, size) for scheme in ("light", "dark") for size in (DESK, PHONE)]


async def moved(stage: Stage) -> None:
    """Wait until a price on screen has changed."""
    before = await stage.prices()
    async with asyncio.timeout(5):
        while await stage.prices() == before:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(("scheme", "size"), LOOKS, ids=str)
async def test_prices_move_without_a_complaint(
    theatre: Theatre, pictures: Path, scheme: Any, size: dict[str, int]
) -> None:
    async with theatre.stage(color_scheme=scheme, viewport=size) as stage:
        await moved(stage)
        prices = await stage.prices()
        await stage.page.screenshot(path=pictures / f"market-{scheme}-{size['width']}.png")

    assert set(prices) == {parse_symbol(symbol).canonical() for symbol in SYMBOLS}
    assert re.fullmatch(r"65,01\d\.\d\d", prices["BTC/USDT"])
    assert re.fullmatch(r"0\.0₅8\d{3}", prices["PEPE/USDT"])
    assert stage.complaints == []
    assert theatre.house.server.doors.csp_reports == 0


@pytest.mark.parametrize(("scheme", "size"), LOOKS, ids=str)
async def test_every_view_is_accessible(
    theatre: Theatre, pictures: Path, scheme: Any, size: dict[str, int]
) -> None:
    problems = []
    async with theatre.stage(color_scheme=scheme, viewport=size, reduced_motion="reduce") as stage:
        for number, path in enumerate(VIEWS):
            await stage.open(path)
            await asyncio.sleep(0.8)
            await stage.page.screenshot(path=pictures / f"{number}-{scheme}-{size['width']}.png")
            await stage.page.evaluate(AXE)
            found = await stage.page.evaluate("(tags) => axe.run({ runOnly: tags })", STANDARDS)
            problems += [(each["id"], each["nodes"][0]["html"][:120]) for each in found["violations"]]

    assert problems == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=str)
async def test_nothing_shifts_while_prices_move(theatre: Theatre, size: dict[str, int]) -> None:
    async with theatre.stage(viewport=size) as stage:
        await asyncio.sleep(1)
        await stage.page.evaluate(SHIFTS)
        await asyncio.sleep(3)
        shifts = await stage.page.evaluate("window.shifts")

    assert sum(shifts) <= 0.001


async def test_simulated_prices_are_marked_everywhere(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        for path in VIEWS:
            await stage.open(path)
            await stage.page.wait_for_selector("#sim:visible")
        await stage.open("/chart/BTC-USDT")
        await stage.page.wait_for_selector(".watermark:visible")
        await stage.open("/system")
        title = await stage.page.title()

    assert title.startswith("SIM")


async def test_real_prices_carry_no_such_mark(tmp_path: Path, theatre: Theatre) -> None:
    async with open_house(tmp_path / "real", symbols=("BTC",)) as real:
        real.tick("BTC/USDT", 1.0)
        await real.app.accounts.set_password("admin", "twelve unusual words", real.app.clock.now())
        async with Theatre(real, theatre.browser).stage() as stage:
            await stage.page.wait_for_selector(".slots .row")
            marks = await stage.page.locator(".chip-sim:visible, .watermark:visible").count()

    assert marks == 0


async def test_hold_freezes_and_counts_what_waits(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        await moved(stage)
        await stage.page.keyboard.press("h")
        await asyncio.sleep(0.4)
        held = await stage.prices()
        await asyncio.sleep(1)
        still = await stage.prices()
        words = await stage.page.inner_text("[data-p=holdText]")
        await stage.page.keyboard.press("h")
        await moved(stage)

    assert held == still
    assert re.fullmatch(r"Held \d\d:\d\d:\d\d · \d+ changes waiting", words)


async def test_german_has_its_own_words_and_numbers(theatre: Theatre, pictures: Path) -> None:
    async with theatre.stage(locale="de-DE") as stage:
        await stage.page.wait_for_selector(".slots .row")
        await asyncio.sleep(0.5)
        prices = await stage.prices()
        words = await stage.page.inner_text("body")
        await stage.page.screenshot(path=pictures / "german.png")
        await stage.page.click("#language")
        switched = await stage.page.inner_text(".head")

    assert re.fullmatch(r"65\.01\d,\d\d", prices["BTC/USDT"])
    assert "Symbole" in words
    assert "Kurs" in words
    assert "Price" in switched


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
async def test_nothing_runs_over_at_any_width(theatre: Theatre, locale: str) -> None:
    over = []
    async with theatre.stage(locale=locale) as stage:
        for path in VIEWS:
            await stage.open(path)
            for width in (320, 390, 720, 1000, 1280):
                await stage.page.set_viewport_size({"width": width, "height": 700})
                await asyncio.sleep(0.2)
                over += [(path, width, each) for each in await stage.page.evaluate(OVER)]

    assert over == []


@pytest.mark.parametrize(("size", "least"), [(DESK, 24), (PHONE, 44)], ids=str)
async def test_targets_are_large_enough(theatre: Theatre, size: dict[str, int], least: int) -> None:
    async with theatre.stage(viewport=size) as stage:
        small = []
        for path in ("/", "/chart/BTC-USDT", "/alerts", "/alerts/new"):
            await stage.open(path)
            await asyncio.sleep(0.3)
            small += await stage.page.evaluate(TARGETS, least)

    assert small == []


async def test_a_symbol_is_found_added_and_removed(theatre: Theatre) -> None:
    theatre.house.lists("AVAX/USDT", 0.01)
    async with theatre.stage() as stage:
        await stage.page.wait_for_selector(".slots .row")
        await stage.page.keyboard.press("/")
        await stage.page.keyboard.type("avax")
        await stage.page.wait_for_selector("#search-found li")
        await stage.page.keyboard.press("Enter")
        await stage.page.wait_for_selector("text=AVAX/USDT is watched now")
        theatre.house.tick("AVAX/USDT", 27.5)
        await stage.page.wait_for_selector("text=27.50")
        await stage.page.hover(".slots .row:has-text('AVAX')")
        await stage.page.click(".slots .row:has-text('AVAX') [data-p=remove]")
        await stage.page.wait_for_selector("text=AVAX/USDT is no longer watched")
        await stage.page.click("text=Undo >> nth=-1")
        await stage.page.wait_for_selector(".slots .row:has-text('AVAX')")

    assert theatre.house.app.feeds.find("AVAX/USDT") is not None
    assert stage.complaints == []


async def test_a_password_is_set_and_one_can_leave(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        await stage.page.click("#account")
        await stage.page.fill("input[name=password]", "a long enough secret")
        await stage.page.click("dialog .primary")
        await stage.page.wait_for_selector("text=Saved")
        await stage.page.click("#account")
        await stage.page.click("text=Log out")
        await stage.page.wait_for_selector("#account-name:text-is('Log in')")
        await stage.page.click("#account")
        await stage.page.fill("input[name=password]", "a long enough secret")
        await stage.page.keyboard.press("Enter")
        await stage.page.wait_for_selector("#account-name:text-is('admin')")

    assert stage.complaints == []


async def test_the_keyboard_is_enough(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        await stage.page.wait_for_selector(".slots .row")
        await stage.page.keyboard.press("j")
        await stage.page.keyboard.press("ArrowDown")
        active = await stage.page.get_attribute(".grid", "aria-activedescendant")
        await stage.page.keyboard.press("Enter")
        await stage.page.wait_for_selector(".chart canvas")
        chart = stage.page.url
        await stage.page.keyboard.press("2")
        await stage.page.keyboard.press("t")
        await stage.page.wait_for_selector(".bars tbody tr:nth-child(8)")
        frame = stage.page.url
        await stage.page.keyboard.press("g")
        await stage.page.keyboard.press("s")
        await stage.page.wait_for_selector(".verdict-first")

    assert active == "row-1"
    assert chart.endswith("/chart/ETH-USDT")
    assert frame.endswith("?tf=5m")
    assert stage.page.url.endswith("/system")


async def test_a_lost_server_is_told_and_found_again(tmp_path: Path, theatre: Theatre) -> None:
    async with open_house(tmp_path / "one", symbols=("BTC",)) as first:
        port = first.server.port
        first.tick("BTC/USDT", 1.0)
        context = await theatre.browser.new_context(locale="en-GB")
        page = await context.new_page()
        await page.goto(first.url)
        await page.wait_for_selector("text=1.0000")
    await page.wait_for_selector("text=Connection lost. Prices as of", timeout=3000)
    hatched = await page.locator(".link-down").count()
    async with open_house(tmp_path / "two", symbols=("BTC",), port=port) as second:
        second.tick("BTC/USDT", 2.0)
        await page.wait_for_selector("text=2.0000", timeout=10_000)
        banner = await page.locator("text=Connection lost").count()
        await context.close()

    assert (hatched, banner) == (1, 0)


async def test_strangers_look_and_are_asked_to_log_in_for_more(theatre: Theatre) -> None:
    async with theatre.stage(logged_in=False) as stage:
        await stage.open()
        await moved(stage)
        await stage.page.click("#account")
        await stage.page.wait_for_selector("dialog[open] input[type=password]")
        complaints = list(stage.complaints)

    assert complaints == []


async def test_a_used_link_says_so(theatre: Theatre) -> None:
    link = await theatre.house.server.login_url()
    async with theatre.stage(logged_in=False) as stage:
        await stage.page.goto(link)
        await stage.page.wait_for_selector("#account-name:text-is('admin')")
    async with theatre.stage(logged_in=False) as late:
        await late.page.goto(link)
        await late.page.wait_for_selector("text=used already or is too old")


async def test_hostile_names_stay_text(theatre: Theatre) -> None:
    script = """async () => {
      const { text } = await import("/static/js/text.js");
      const accents = "e" + "\\u0301".repeat(4);
      return ["<img src=x onerror=alert(1)>", "A\\u202Eevil", "B\\u200BC", accents, "x".repeat(99)]
        .map((each) => text("symbol", each));
    }"""
    async with theatre.stage(logged_in=False) as stage:
        await stage.open()
        cleaned = await stage.page.evaluate(script)

    assert cleaned[0].startswith("<img")
    assert cleaned[1:3] == ["Aevil", "BC"]
    assert len(cleaned[3]) <= 3
    assert len(cleaned[4]) == 16


async def test_injected_markup_is_refused_and_reported(theatre: Theatre) -> None:
    async with theatre.stage(logged_in=False) as stage:
        await stage.open()
        refused = await stage.page.evaluate(
            "() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch { return true } }"
        )
        async with asyncio.timeout(3):
            while not theatre.house.server.doors.csp_reports:
                await asyncio.sleep(0.05)

    assert refused


async def test_the_api_page_shows_every_path(theatre: Theatre) -> None:
    async with theatre.stage(logged_in=False) as stage:
        await stage.page.goto(f"{theatre.house.url}/docs")
        await stage.page.wait_for_selector("details")
        shown = await stage.page.inner_text("main")

    assert "/api/market/{symbol}/bars" in shown
    assert stage.complaints == []


async def test_reduced_motion_stills_the_page(theatre: Theatre) -> None:
    async with theatre.stage(reduced_motion="reduce") as stage:
        await moved(stage)
        running = await stage.page.evaluate("document.getAnimations().length")
        calm = await stage.page.get_attribute("[data-p=calm]", "aria-pressed")

    assert running == 0
    assert calm == "true"
