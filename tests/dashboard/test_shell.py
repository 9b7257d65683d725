"""The shell around every view: keys, rail and bottom bar, banner, looks, a session that runs out."""

import asyncio
from typing import Any

import pytest

from tests.dashboard.conftest import DESK, PHONE, Stage, Theatre

PLACES = {"m": "/", "a": "/alerts", "f": "/firings", "d": "/deliveries", "k": "/channels", "s": "/system"}
LOST = """() => [...document.querySelectorAll("main *")]
  .filter((each) => each.checkVisibility() && !each.closest(".out, .body, .head, .lists, .movers, .feed-list"))
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 90))"""


@pytest.fixture
async def stage(theatre: Theatre) -> Any:
    async with theatre.stage() as opened:
        await opened.page.wait_for_selector(".slots .row")
        yield opened


async def path_of(stage: Stage) -> str:
    """Return the path the page stands on."""
    path: str = await stage.page.evaluate("location.pathname")
    return path


async def test_two_keys_go_anywhere(stage: Stage) -> None:
    reached = {}
    for key, path in PLACES.items():
        await stage.page.keyboard.press("g")
        await stage.page.keyboard.press(key)
        await stage.page.wait_for_url(f"**{path}")
        reached[key] = await path_of(stage)

    assert reached == PLACES
    assert stage.complaints == []


async def test_the_last_chart_is_two_keys_away(stage: Stage) -> None:
    await stage.page.click(".slots .row:has-text('SOL') a")
    await stage.page.wait_for_selector(".chart-page")
    await stage.page.keyboard.press("g")
    await stage.page.keyboard.press("m")
    await stage.page.wait_for_selector(".slots .row")
    await stage.page.keyboard.press("g")
    await stage.page.keyboard.press("c")
    await stage.page.wait_for_selector(".chart-page")

    assert await path_of(stage) == "/chart/SOL-USDT"


async def test_single_letters_can_be_switched_off(stage: Stage) -> None:
    await stage.page.keyboard.press("Control+k")
    await stage.page.keyboard.type("switch single")
    await stage.page.keyboard.press("Enter")
    await stage.page.keyboard.press("n")
    await stage.page.keyboard.press("h")
    await asyncio.sleep(0.2)
    where, held = await path_of(stage), await stage.page.get_attribute("[data-p=hold]", "aria-pressed")
    await stage.page.keyboard.press("Control+k")
    await stage.page.keyboard.type("switch single")
    await stage.page.keyboard.press("Enter")
    await stage.page.keyboard.press("h")
    await stage.page.wait_for_selector("[data-p=hold][aria-pressed=true]")

    assert (where, held) == ("/", "false")


async def test_the_map_names_every_key(stage: Stage) -> None:
    await stage.page.keyboard.press("?")
    words = await stage.page.inner_text("dialog")
    await stage.page.keyboard.press("Escape")

    assert "go to portfolio" in words
    assert "star the symbol" in words
    assert await stage.page.locator("dialog[open]").count() == 0


async def test_letters_are_letters_while_somebody_types(stage: Stage) -> None:
    await stage.page.click("[data-p=filter]")
    await stage.page.keyboard.type("gnh?")

    assert await stage.page.input_value("[data-p=filter]") == "gnh?"
    assert await path_of(stage) == "/"


async def test_the_rail_keeps_its_labels_open(stage: Stage) -> None:
    await stage.page.click("#rail-pin")
    wide = await stage.page.evaluate("document.querySelector('.rail').offsetWidth")
    await stage.page.reload()
    await stage.page.wait_for_selector(".slots .row")
    still = await stage.page.evaluate("document.querySelector('.rail').offsetWidth")
    await stage.page.click("#rail-pin")
    narrow = await stage.page.evaluate("document.querySelector('.rail').offsetWidth")

    assert (wide, still, narrow) == (200, 200, 56)


async def test_a_phone_has_five_places_below(theatre: Theatre) -> None:
    async with theatre.stage(viewport=PHONE) as stage:
        await stage.page.wait_for_selector(".slots .row")
        words = (await stage.page.inner_text(".bottom")).split()
        await stage.page.click("#bottom-new")
        await stage.page.wait_for_url("**/alerts/new")
        await stage.page.click("#bottom-more")
        await stage.page.click("dialog >> text=System")
        await stage.page.wait_for_selector(".verdict-first")
        await stage.page.click("#bar-search")
        await stage.page.keyboard.type("eth")
        await stage.page.click("#search-found li >> nth=0")
        await stage.page.wait_for_url("**/chart/ETH-USDT")

    assert words == ["Market", "Alerts", "New", "Firings", "More"]
    assert stage.complaints == []


async def test_colours_are_chosen_and_stay(stage: Stage) -> None:
    before = await stage.page.evaluate(
        "getComputedStyle(document.querySelector('.breadth-up')).backgroundColor"
    )
    await stage.page.keyboard.press("Control+k")
    await stage.page.keyboard.type("blue")
    await stage.page.keyboard.press("Enter")
    await stage.page.wait_for_selector("html[data-colours=blue]")
    await stage.page.reload()
    await stage.page.wait_for_selector(".slots .row")
    after = await stage.page.evaluate(
        "getComputedStyle(document.querySelector('.breadth-up')).backgroundColor"
    )

    assert before == "rgb(18, 112, 106)"
    assert after == "rgb(11, 92, 194)"


async def test_a_session_that_runs_out_keeps_the_page(stage: Stage) -> None:
    await stage.open("/alerts/new?symbol=BTC-USDT")
    await stage.page.fill("[data-p=condition]", "price crosses above 99000")
    await stage.page.context.clear_cookies()
    for client in list(stage.house.server.doors.hub.clients.values()):
        client.close(1012, "come again", "test")
    await stage.page.wait_for_selector("dialog[open] input[name=password]")
    draft = await stage.page.input_value("[data-p=condition]")

    assert draft == "price crosses above 99000"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=str)
async def test_text_of_twice_the_size_loses_nothing(theatre: Theatre, size: dict[str, int]) -> None:
    lost = []
    async with theatre.stage(viewport=size, reduced_motion="reduce") as stage:
        for path in ("/", "/system"):
            await stage.open(path)
            await stage.page.evaluate("document.documentElement.style.fontSize = '200%'")
            await asyncio.sleep(0.4)
            lost += await stage.page.evaluate(LOST)

    assert lost == []
