"""Prices in full decimals, with what was meant where a symbol is unknown."""

import asyncio


async def test_a_price_says_change_venue_and_age_in_the_persons_language(house):
    anna, bert = await house.linked("Anna"), await house.linked("Bert", language="de")

    english, german = await house.said(anna, "/price BTC"), await house.said(bert, "/price btcusdt")

    assert english.html.startswith("<b>BTC/USDT</b> 65,000.00 · 24 h ▲ +2.36% · Binance 0.")
    assert german.text.startswith("BTC/USDT 65.000,00 · 24 h ▲ +2,36\u00a0% · Binance 0,")
    assert english.labels == [["🔔 Alert", "📈 Chart"]]


async def test_tiny_prices_are_written_out(house):
    anna = await house.linked("Anna")
    house.lists("PEPE/USDT", tick_size=1e-9)
    house.app.feeds.want("PEPE/USDT")
    house.ticker("PEPE/USDT", 8.412e-6)

    assert "0.000008412" in (await house.said(anna, "/price PEPE")).text


async def test_an_unknown_symbol_offers_what_was_meant(house):
    anna = await house.linked("Anna")

    page = await house.said(anna, "/price BTCC")
    assert page.html == "I don't know <code>BTCC</code>. Did you mean"
    await house.pressed(anna, "BTC/USDT", page)

    assert page.text.startswith("BTC/USDT 65,000.00")


async def test_a_symbol_nobody_watches_is_watched_until_its_price_comes(house):
    anna = await house.linked("Anna")

    anna.say("/price ETH")
    async with asyncio.timeout(5):
        while house.app.feeds.find("ETH/USDT") is None:
            await asyncio.sleep(0.01)
    house.ticker("ETH/USDT", 3_000.0)
    await house.until(lambda: anna.chat.told)

    assert anna.chat.told[0].text.startswith("ETH/USDT 3,000.00")
    async with asyncio.timeout(5):
        while house.app.feeds.find("ETH/USDT") is not None:
            await asyncio.sleep(0.01)


async def test_without_a_symbol_the_known_prices_are_listed(house):
    anna = await house.linked("Anna")

    assert (await house.said(anna, "/price")).text.startswith("BTC/USDT 65,000.00")


async def test_the_alert_button_begins_with_the_symbol(house):
    anna = await house.linked("Anna")

    page = await house.said(anna, "/price BTC")
    _, asked = await house.pressed(anna, "🔔 Alert", page)

    assert asked.text.startswith("BTC/USDT 65,000.00\nWhat shall happen?")
