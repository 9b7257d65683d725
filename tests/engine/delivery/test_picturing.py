"""From a firing to its picture, with bars that a simulated venue tells."""

from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Operand
from crypto_portfolio_analyzer.core.notices.notification import Kind
from crypto_portfolio_analyzer.core.timeframes import DAY, MINUTE
from crypto_portfolio_analyzer.engine.delivery.picturing import AFTER, SHOWN, Picturing
from tests.core.notices.made import CROSSING, alert, firing, notice, told, work
from tests.streaming.house import house


@asynccontextmanager
async def picturing(answer: bytes | None = b"picture"):
    orders = []

    async def draw(order):
        orders.append(order)
        return answer

    async with house("binance", scale=1.0) as run:
        yield Picturing(run.feeds, None, run.clock, draw), run, orders


def fired(run, *, ago: int = 0, condition: str = "price crosses above 65000", leaf=CROSSING, **changes):
    of = alert(condition, **changes)
    return work(firing(of, leaf, event_at=run.clock.now() - ago), of)


async def test_a_firing_is_drawn_with_the_candles_before_it():
    async with picturing() as (picture, run, orders):
        assert await picture(told(fired(run), options={"theme": "dark"})) == b"picture"

    order = orders[0]
    assert len(order.candles) == SHOWN
    assert (order.symbol, order.timeframe, order.theme, order.levels) == (
        "BTC/USDT",
        "1m",
        "dark",
        (65000.0,),
    )
    assert order.candles[-1].open_at <= order.at < order.candles[-1].open_at + 3 * MINUTE
    assert order.simulated


async def test_an_older_firing_stands_among_the_candles_after_it():
    async with picturing() as (picture, run, orders):
        await picture(told(fired(run, ago=200 * MINUTE)))

    times = [each.open_at for each in orders[0].candles]
    assert len(times) == SHOWN
    assert sum(each > orders[0].at for each in times) == AFTER


async def test_a_series_has_values_from_the_first_candle_on():
    leaf = replace(CROSSING, text="rsi(14) > 70", left=Operand("rsi(14)", 71.2))
    async with picturing() as (picture, run, orders):
        await picture(told(fired(run, condition="rsi(14) > 70", leaf=leaf, timeframe="5m")))

    pane = orders[0].pane
    assert orders[0].timeframe == "5m"
    assert len(pane.curves[0].values) == len(orders[0].candles) == SHOWN
    assert None not in pane.curves[0].values


async def test_what_is_about_no_firing_or_about_many_has_no_picture():
    async with picturing() as (picture, run, orders):
        assert await picture(told(notice())) is None
        assert await picture(told(notice(kind=Kind.TEST))) is None
        assert await picture(told(fired(run), fired(run))) is None

    assert orders == []


async def test_a_firing_of_long_ago_has_no_picture():
    async with picturing() as (picture, run, orders):
        assert await picture(told(fired(run, ago=30 * DAY))) is None

    assert orders == []


async def test_without_bars_there_is_no_picture():
    async with picturing() as (picture, run, orders):
        run.fault("binance", "rest=503 for=10m")
        assert await picture(told(fired(run))) is None

    assert orders == []


async def test_a_drawing_that_fails_costs_the_picture_only():
    async with picturing(None) as (picture, run, _orders):
        assert await picture(told(fired(run))) is None


@pytest.mark.parametrize("condition", ["once upon a time", ""])
async def test_a_condition_of_another_age_is_drawn_without_its_level(condition):
    async with picturing() as (picture, run, orders):
        made = fired(run)
        await picture(told(replace(made, alert=replace(made.alert, condition=condition))))

    assert orders[0].levels == ()
