"""Is a condition true now? Looked at without arming anything."""

import pytest

from crypto_portfolio_analyzer.core.alerts import Explanation
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from tests.api.house import House
from tests.api.test_alert_backtest import save


async def look(house: House, condition: str, symbol: str = "BTC/USDT") -> Explanation:
    doors = house.server.doors
    return await doors.previewing.look(read_condition(condition, "1m"), symbol, house.app.clock.now())


async def test_a_price_is_compared_as_it_is_now(house: House) -> None:
    house.tick("BTC/USDT", 50.0)
    told = await look(house, "price > 49")

    assert told.holds is True
    assert told.leaves[0].left is not None
    assert told.leaves[0].left.value == 50.0


async def test_statistics_and_book_of_the_newest_state_count(house: House) -> None:
    house.ticker("BTC/USDT", 50.0, bid=49.0, ask=51.0, open_24h=40.0, volume_24h=7.0)

    assert (await look(house, "bid == 49 and volume_24h > 6")).holds is True
    assert (await look(house, "change_percent_24h > 24%")).holds is True


async def test_another_symbol_is_looked_at_too(house: House) -> None:
    house.tick("BTC/USDT", 50.0)
    unknown = await look(house, 'price > "ETH/USDT".price')
    house.tick("ETH/USDT", 40.0)

    assert unknown.holds is None
    assert (await look(house, 'price > "ETH/USDT".price')).holds is True


async def test_an_edge_is_not_there_by_being_on_one_side(house: House) -> None:
    house.tick("BTC/USDT", 50.0)

    assert (await look(house, "price crosses above 49")).holds is not True


async def test_bars_before_memory_warm_an_indicator(house: House) -> None:
    await save(house, "BTC/USDT", [float(number) for number in range(1, 11)])
    told = await look(house, "sma(4) > 1")

    assert told.holds is True
    assert told.leaves[0].left is not None
    assert told.leaves[0].left.value == pytest.approx(8.5)


async def test_what_is_not_warm_is_unknown_and_said(house: House) -> None:
    told = await look(house, "rsi(14) > 1")

    assert told.holds is None
    assert told.leaves[0].missing
