"""The market: lists and stars, order, the nearest alert, what fires beside it, and what happened meanwhile."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.api.house import House, until
from tests.api.routes.test_alerts import fired, make
from tests.dashboard.conftest import PHONE, Stage, Theatre

NAMES = "[...document.querySelectorAll('.slots .row')].map((row) => row.querySelector('bdi').textContent)"
LONG_AGO = "localStorage.setItem('seen', String(Date.now() - 3600e3))"


@pytest.fixture
async def stage(theatre: Theatre) -> Any:
    async with theatre.stage() as opened:
        await opened.page.wait_for_selector(".slots .row")
        yield opened


async def names(stage: Stage) -> list[str]:
    """Return the symbols shown, in their order."""
    shown: list[str] = await stage.page.evaluate(NAMES)
    return shown


async def starred(client: httpx2.AsyncClient) -> list[str]:
    """Return what the server keeps."""
    kept: list[str] = (await client.get("/api/auth/preferences")).json()["starred"]
    return kept


async def firing(house: House, number: int = 1) -> None:
    """Let the alert on BTC fire once more."""
    async with house.owner() as client:
        house.tick("BTC/USDT", 66_000.0)
        await fired(client, number)


async def test_stars_are_kept_and_are_a_list_of_their_own(stage: Stage) -> None:
    await stage.page.click(".slots .row:has-text('SOL') .star")
    await stage.page.keyboard.press("j")
    await stage.page.keyboard.press("*")
    await stage.page.click("[data-list=mine]")
    mine = await names(stage)
    url = stage.page.url
    async with stage.house.owner() as client:
        await until(lambda: kept_two(client))
    await stage.page.reload()
    await stage.page.wait_for_selector("[data-list=mine][aria-selected=true]")
    await stage.page.wait_for_selector(".slots .row")

    assert mine == ["BTC/USDT", "SOL/USDT"]
    assert url.endswith("/?list=mine")
    assert await names(stage) == mine
    assert stage.complaints == []


async def kept_two(client: httpx2.AsyncClient) -> bool:
    """Tell whether the server keeps both stars."""
    return set(await starred(client)) == {"BTC/USDT", "SOL/USDT"}


async def test_an_empty_list_teaches(stage: Stage) -> None:
    await stage.page.click("[data-list=mine]")
    words = await stage.page.inner_text(".empty")
    await stage.page.click(".empty .button")

    assert "No starred symbols yet." in words
    assert len(await names(stage)) == 10


async def test_a_watchlist_is_made_shown_and_changed(stage: Stage) -> None:
    await stage.page.click("[data-p=newList]")
    await stage.page.fill("dialog [name=name]", "majors")
    await stage.page.fill("dialog [name=symbols]", "btc, ETH/USDT")
    await stage.page.click("dialog .primary")
    await stage.page.wait_for_selector("[data-list='list majors'][aria-selected=true]")
    shown = await names(stage)
    await stage.page.hover(".slots .row:has-text('ETH')")
    await stage.page.click(".slots .row:has-text('ETH') [data-p=remove]")
    async with stage.house.owner() as client:
        await until(lambda: left(client))

    assert shown == ["BTC/USDT", "ETH/USDT"]
    assert stage.complaints == []


async def left(client: httpx2.AsyncClient) -> bool:
    """Tell whether one symbol is left on the list."""
    return bool((await client.get("/api/watchlists/majors")).json()["symbols"] == ["BTC/USDT"])


async def test_a_list_is_filtered_in_place(stage: Stage) -> None:
    await stage.page.fill("[data-p=filter]", "do")
    some = await names(stage)
    await stage.page.fill("[data-p=filter]", "nothing")
    await stage.page.click("text=Clear the filter")

    assert some == ["DOGE/USDT", "DOT/USDT"]
    assert len(await names(stage)) == 10


async def test_the_nearest_alert_is_told_with_its_distance(theatre: Theatre) -> None:
    async with theatre.house.owner() as client:
        await make(client, name="near", symbol="ETH/USDT", condition="price crosses above 3446")
        await make(client, name="far", symbol="SOL/USDT", condition="price crosses below 100")
    async with theatre.stage() as stage:
        await stage.page.wait_for_selector(".row:has-text('ETH') [data-p=near]:visible")
        near = await stage.page.inner_text(".row:has-text('ETH') [data-p=near]")
        await stage.page.click(".head .c-near button")
        first = (await names(stage))[:2]
        await stage.page.click(".row:has-text('ETH') [data-p=near]")
        await stage.page.wait_for_url("**/alerts/*")

    assert near.split() == ["3,446", "1.0%"]
    assert first == ["ETH/USDT", "SOL/USDT"]
    assert stage.complaints == []


async def test_order_waits_while_somebody_is_in_the_rows(stage: Stage) -> None:
    await stage.page.click(".head .c-volume button")
    before = await names(stage)
    await stage.page.hover(".slots .row:nth-child(4)")
    stage.house.ticker("BTC/USDT", 65_012.4, volume_24h=1e15)
    await stage.page.wait_for_selector("[data-p=order]:visible", timeout=9000)
    during = await names(stage)
    await stage.page.click("[data-p=order]")

    assert during == before
    assert before[0] == "LINK/USDT"
    assert (await names(stage))[0] == "BTC/USDT"


async def test_what_fires_comes_above_with_what_became_of_it(theatre: Theatre) -> None:
    async with theatre.house.owner() as client:
        await make(client, condition="price > 65500", trigger="every_time", severity="critical")
    async with theatre.stage() as stage:
        await stage.page.wait_for_selector(".feed-empty")
        await firing(theatre.house)
        await stage.page.wait_for_selector(".feed-row.critical:has-text('66,000')")
        await stage.page.wait_for_selector(".feed-row:has-text('no channel')")
        await stage.page.hover(".feed-row")
        await asyncio.sleep(0.1)
        await firing(theatre.house, 2)
        await stage.page.wait_for_selector(".feed-new:has-text('1 new')")
        held = await stage.page.locator(".feed-row").count()
        await stage.page.click(".feed-new")
        shown = await stage.page.locator(".feed-row").count()
        await stage.page.click(".feed-row >> nth=0 >> a")
        await stage.page.wait_for_url("**/firings/*")

    assert (held, shown) == (1, 2)
    assert stage.complaints == []


async def test_what_happened_meanwhile_is_told(theatre: Theatre) -> None:
    async with theatre.house.owner() as client:
        await make(client, condition="price > 65500", severity="critical")
    await firing(theatre.house)
    async with theatre.stage(logged_in=False) as stage:
        await stage.page.add_init_script(LONG_AGO)
        await stage.log_in()
        await stage.page.wait_for_selector(".since:has-text('1 critical')")
        words = await stage.page.inner_text(".since")
        await stage.page.click(".since button")
        still = await stage.page.locator(".since:visible").count()

    assert words.startswith("Since you left")
    assert still == 0


async def test_nothing_is_said_to_somebody_who_was_just_here(stage: Stage) -> None:
    assert await stage.page.locator(".since:visible").count() == 0


async def test_first_steps_tick_themselves_off(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        await stage.page.wait_for_selector(".welcome li:nth-child(4)")
        before = await stage.page.locator(".welcome li.done").count()
        async with theatre.house.owner() as client:
            await make(client, condition="price > 99000")
        await stage.page.click(".welcome li:nth-child(1) a")
        await stage.page.wait_for_selector(".chart-page")
        await stage.page.click(".rail [data-view=market]")
        await stage.page.wait_for_selector(".welcome li.done >> nth=1")
        await stage.page.click(".welcome button")
        await stage.page.reload()
        await stage.page.wait_for_selector(".slots .row")
        gone = await stage.page.locator(".welcome:visible").count()

    assert (before, gone) == (0, 0)
    assert stage.complaints == []


async def test_columns_come_and_go(stage: Stage) -> None:
    await stage.page.click("[data-p=columns]")
    await stage.page.click("#columns label:has-text('Trend')")
    await stage.page.click("#columns label:has-text('Source')")
    await stage.page.keyboard.press("Escape")
    shown = await stage.page.locator(".head .c-trend:visible, .head .c-source:visible").all_inner_texts()
    await stage.page.reload()
    await stage.page.wait_for_selector(".slots .row")

    assert shown == ["Source"]
    assert await stage.page.locator(".head .c-trend:visible").count() == 0


async def test_on_a_phone_a_row_tells_its_nearest_alert(theatre: Theatre) -> None:
    async with theatre.house.owner() as client:
        await make(client, symbol="ETH/USDT", condition="price crosses above 3446")
    async with theatre.stage(viewport=PHONE) as stage:
        await stage.page.wait_for_selector(".row:has-text('ETH') [data-p=near]:visible")
        ages = await stage.page.locator(".row:has-text('ETH') .c-age:visible").count()
        others = await stage.page.locator(".row:has-text('SOL') .c-age:visible").count()

    assert (ages, others) == (0, 1)
