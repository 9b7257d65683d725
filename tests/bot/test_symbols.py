"""Symbols people type, and those they may have meant."""

from crypto_portfolio_analyzer.bot.symbols import meant, recent
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN


async def test_near_names_are_meant_in_the_usual_quote(house):
    house.lists("BTC/EUR", "DOGE/USDT")

    assert meant(house.app, "BTCC") == ["BTC/USDT", "BCH/USDT"]
    assert meant(house.app, "doges") == ["DOGE/USDT"]
    assert meant(house.app, "!!!") == []


async def test_recent_ones_are_the_newest_alerts_then_what_is_watched(house):
    await house.alert("price > 1", symbol="ETH/USDT")
    await house.alert("price > 2", symbol="BCH/USDT")

    assert await recent(house.app, LOCAL_ADMIN) == ["BCH/USDT", "ETH/USDT", "BTC/USDT"]
    assert await recent(house.app, "somebody") == ["BTC/USDT", "ETH/USDT", "BCH/USDT"]
