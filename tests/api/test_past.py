"""Bars of the past: memory first, the store before it."""

from crypto_portfolio_analyzer.api.past import Span, bars_of
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from tests.api.house import House


def stored(open_at: int, close: float) -> Bar:
    prices = (close, close, close, close, 1.0)
    return Bar(
        "binance", "BTC/USDT", "1m", open_at, open_at + MINUTE, *prices, closed=True, received_at=open_at
    )


async def test_the_store_has_what_lies_before_memory(house: House) -> None:
    app = house.app
    now = app.clock.now() // MINUTE * MINUTE
    await app.bars.save([stored(now - age * MINUTE, float(age)) for age in (3, 2, 1)])
    house.tick("BTC/USDT", 100.0, at=now)
    view = app.feeds.find("BTC")
    assert view is not None
    newest = await bars_of(app.market, app.bars, view, Span("1m", None, None, 3))
    first = await bars_of(app.market, app.bars, view, Span("1m", now - 3 * MINUTE, None, 2))

    assert [bar.close for bar in newest] == [2.0, 1.0, 100.0]
    assert [bar.close for bar in first] == [3.0, 2.0]


async def test_a_dead_store_costs_the_past_only(house: House) -> None:
    app = house.app
    house.tick("BTC/USDT", 100.0)
    view = app.feeds.find("BTC")
    assert view is not None
    await app.database.stop()
    found = await bars_of(app.market, app.bars, view, Span("1m", None, None, 9))
    await app.database.start()

    assert [bar.close for bar in found] == [100.0]
