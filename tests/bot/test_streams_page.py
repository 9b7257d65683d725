"""Live streams: what a line says, in a message that stands still when another takes its place."""

import asyncio
import re

from tests.bot.house import bot_house

LIVE = re.compile(r"● SIM BTC/USDT [\w ]+ [\d.]+s · (\d+|–)/s · 1 alert")


async def test_a_line_says_venue_age_pace_and_alerts(tmp_path, sqlite_template):
    async with bot_house(tmp_path, sqlite_template, provider="mock") as house:
        anna = await house.linked("Anna")
        await house.alert("price > 1000000000")
        async with asyncio.timeout(8):
            while (view := house.app.feeds.find("BTC/USDT")) is None or view.state != "live":
                await asyncio.sleep(0.02)

        page = await house.said(anna, "/streams")

    first, line = page.text.split("\n")
    assert first.startswith("📊 1 stream · ")
    assert LIVE.fullmatch(line), line


async def test_a_symbol_without_a_price_is_said_to_wait(house):
    anna = await house.linked("Anna")
    await house.alert("price < 1", name="other", symbol="ETH/USDT")

    assert "○ ETH/USDT waits for its first price" in (await house.said(anna, "/streams")).text


async def test_without_alerts_and_symbols_it_says_how_to_begin(house):
    bert = await house.linked("Bert", "bert", language="de")
    house.app.feeds.release("BTC/USDT")

    assert (await house.said(bert, "/streams")).text.startswith("📊 Keine Ströme · ")


async def test_a_new_live_message_ends_the_one_before_and_another_page_ends_it_too(house):
    anna = await house.linked("Anna")
    first = await house.said(anna, "/streams")
    await house.said(anna, "/streams")
    second = anna.chat.told[-1]
    await house.until(lambda: first.labels[0][0] == "▶ Continue")

    await house.pressed(anna, "■ Stop", second)
    assert second.labels[0][0] == "▶ Continue"
    await house.pressed(anna, "▶ Continue", second)
    assert second.labels[0][0] == "■ Stop"
    await house.pressed(anna, "← Menu", second)
    assert second.text.startswith("Crypto Analyzer")
