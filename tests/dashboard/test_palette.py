"""The palette: its rank is a promise, its first row may be a whole alert."""

from typing import Any

import pytest

from tests.api.house import until
from tests.dashboard.conftest import Stage, Theatre

RANKED = """async ([items, query]) => {
  const { ranked } = await import("/static/js/shell/ranking.js");
  return ranked(items, query).map((item) => item.label);
}"""
AS_ALERT = """async ([line, symbols]) => {
  const { asAlert } = await import("/static/js/shell/ranking.js");
  return asAlert(line, symbols);
}"""
SYMBOLS = [
    {"label": name, "aliases": [name.split("/")[0], name.replace("/", ""), name]}
    for name in ("BTC/USDT", "BTC/EUR", "WBTC/USDT", "BTCDOM/USDT", "ETH/BTC", "SOL/USDT")
]
OTHERS = [
    {"label": "System"},
    {"label": "Settings: System users"},
    {"label": "Ecosystem"},
    {"label": "Solve"},
]


@pytest.fixture
async def stage(theatre: Theatre) -> Any:
    async with theatre.stage() as opened:
        await opened.page.wait_for_selector(".slots .row")
        yield opened


async def rows(stage: Stage) -> list[str]:
    """Return what the palette offers, each without its hint."""
    found: list[str] = await stage.page.locator("#search-found li bdi").all_inner_texts()
    return found


async def test_rank_is_exact_then_prefix_then_word_then_inside(stage: Stage) -> None:
    by_symbol = await stage.page.evaluate(RANKED, [SYMBOLS, "btc"])
    by_word = await stage.page.evaluate(RANKED, [OTHERS, "system"])
    scattered = await stage.page.evaluate(RANKED, [SYMBOLS + OTHERS, "bcd"])

    assert by_symbol == ["BTC/EUR", "BTC/USDT", "BTCDOM/USDT", "ETH/BTC", "WBTC/USDT"]
    assert by_word == ["System", "Settings: System users", "Ecosystem"]
    assert scattered == []


async def test_of_equals_the_one_used_last_comes_first(stage: Stage) -> None:
    used = [{**item, "recent": 5 if item["label"] == "BTC/USDT" else 0} for item in SYMBOLS]

    assert (await stage.page.evaluate(RANKED, [used, "btc"]))[:2] == ["BTC/USDT", "BTC/EUR"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("btc price crosses above 65500", {"symbol": "BTC/EUR", "condition": "price crosses above 65500"}),
        ("eth-btc rsi(14) < 30", {"symbol": "ETH/BTC", "condition": "rsi(14) < 30"}),
        ("solusdt price > 1", {"symbol": "SOL/USDT", "condition": "price > 1"}),
        ("btc", None),
        ("btc 1", None),
        ("nothing price > 1", None),
    ],
)
async def test_a_symbol_and_a_condition_are_an_alert(stage: Stage, line: str, expected: Any) -> None:
    names = [item["label"] for item in SYMBOLS]

    assert await stage.page.evaluate(AS_ALERT, [line, names]) == expected


async def test_one_line_makes_an_alert(stage: Stage) -> None:
    await stage.page.keyboard.press("Control+k")
    await stage.page.keyboard.type("btc price crosses above 99000")
    await stage.page.wait_for_selector("#search-found li:has-text('99,000')")
    await stage.page.keyboard.press("Enter")
    await stage.page.wait_for_selector(".toast:has-text('is armed')")
    async with stage.house.owner() as client:
        [made] = (await client.get("/api/alerts")).json()["alerts"]
        await stage.page.click(".toast .button")
        await until(lambda: gone(client))

    assert (made["symbol"], made["condition"]) == ("BTC/USDT", "price crosses above 99000")
    assert stage.complaints == []


async def gone(client: Any) -> bool:
    """Tell whether no alert is left."""
    return not (await client.get("/api/alerts")).json()["alerts"]


async def test_what_cannot_be_read_goes_on_in_the_editor(stage: Stage) -> None:
    await stage.page.keyboard.press("Control+k")
    await stage.page.keyboard.type("btc price crosses abov 99000")
    await stage.page.wait_for_selector("#search-found li:first-child small")
    await stage.page.keyboard.press("Enter")
    await stage.page.wait_for_url("**/alerts/new**")

    assert "crosses%20abov%2099000" in stage.page.url


async def test_what_can_be_done_with_the_active_symbol_comes_first(stage: Stage) -> None:
    await stage.page.keyboard.press("j")
    await stage.page.keyboard.press("Control+k")
    offered = await rows(stage)
    await stage.page.keyboard.press("Escape")
    focused = await stage.page.evaluate("document.activeElement.dataset.p")

    assert offered[0] == "New alert on BTC/USDT"
    assert offered[1] == "Star BTC/USDT"
    assert focused == "grid"


async def test_pages_and_looks_are_found_by_name(stage: Stage) -> None:
    await stage.page.keyboard.press("/")
    await stage.page.keyboard.type("theme: dark")
    await stage.page.keyboard.press("Enter")
    await stage.page.wait_for_selector("html[data-theme=dark]")
    await stage.page.keyboard.press("/")
    await stage.page.keyboard.type("deliv")
    await stage.page.keyboard.press("Enter")
    await stage.page.wait_for_url("**/deliveries")

    assert stage.complaints == []


async def test_later_answers_go_below_and_leave_the_choice(stage: Stage) -> None:
    for name in ("BTCX/USDT", "BTCY/USDT"):
        stage.house.lists(name, 0.01)
    await stage.page.keyboard.press("/")
    await stage.page.keyboard.type("btc")
    await stage.page.wait_for_selector("#search-found li:has-text('BTCY')")
    offered = await rows(stage)

    assert offered[0] == "BTC/USDT"
    assert set(offered[-2:]) == {"BTCX/USDT", "BTCY/USDT"}
    assert await stage.page.locator("#search-found [aria-selected=true]").inner_text() != ""
    assert await stage.page.get_attribute("#search-found [aria-selected=true]", "id") == "found-0"
