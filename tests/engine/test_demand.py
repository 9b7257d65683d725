"""Streams, quotes and history follow what is wished, and no longer than that."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.venues import Channel, Subscription
from crypto_portfolio_analyzer.engine.demand import LINGER, Demand
from crypto_portfolio_analyzer.engine.warming import Warming
from crypto_portfolio_analyzer.tasks import Nursery
from tests.engine.facts import alert
from tests.streaming.house import house
from tests.streaming.wire import until

BTC = "BTC/USDT"


@asynccontextmanager
async def demanded(condition):
    """Run a simulated venue and the demand of one alert on it."""
    async with house("binance", scale=10.0) as run:
        judge = Judge(forming=lambda symbol, timeframe: None)
        demand = Demand(judge, run.feeds, Warming(run.feeds, None, run.clock), run.clock)
        judge.arm(alert(), read_condition(condition), BTC, None, run.clock.now())
        nursery = Nursery()
        await nursery.start()
        nursery.spawn(demand.warm_always())
        yield run, judge, demand
        await nursery.stop()


def watched(run):
    return [view.asked for view in run.feeds.watches()]


async def test_the_first_wish_opens_and_the_last_closes_a_moment_later():
    async with demanded("price > 1") as (run, _, demand):
        for _turn in range(2):
            demand.wish(BTC)
            demand.open(BTC)
        demand.drop(BTC)
        demand.sweep(run.clock.now() + LINGER)
        assert (watched(run), demand.opened) == ([BTC], {BTC})

        demand.drop(BTC)
        demand.sweep(run.clock.now())
        assert watched(run) == [BTC]
        demand.sweep(run.clock.now() + LINGER)
        assert (watched(run), demand.opened, demand.wished) == ([], frozenset(), [])


async def test_a_wish_within_the_moment_keeps_the_stream():
    async with demanded("price > 1") as (run, _, demand):
        demand.wish(BTC)
        demand.open(BTC)
        demand.drop(BTC)
        demand.wish(BTC)
        demand.sweep(run.clock.now() + 2 * LINGER)

        assert watched(run) == [BTC]
        assert demand.close_all() == 1
        assert watched(run) == []


async def test_an_indicator_is_warmed_from_the_venues_history():
    async with demanded("rsi(14) on 5m > 99.99") as (_, judge, demand):
        demand.wish(BTC)
        demand.open(BTC)
        await until(lambda: judge.standings(alert().id)[0].state == "armed", 15)

        assert demand.troubles == {}


async def test_history_is_asked_for_again_once_the_venue_answers():
    async with demanded("rsi(14) on 5m > 99.99") as (run, judge, demand):
        run.fault("binance", "rest=503 for=20s")
        demand.wish(BTC)
        demand.open(BTC)
        await until(lambda: demand.troubles, 15)
        assert judge.standings(alert().id)[0].state == "warming"

        await run.clock.sleep(25)
        demand.sweep(run.clock.now() + 31 * 10**9)
        await until(lambda: judge.standings(alert().id)[0].state == "armed", 15)
        assert demand.troubles == {}


async def test_the_book_is_followed_only_if_somebody_asks_for_it():
    quotes = Subscription(BTC, Channel.QUOTES)
    async with demanded("spread > 0") as (run, _, demand):
        demand.wish(BTC)
        demand.open(BTC)
        feed = run.feeds.primary
        assert feed.plan.wants_symbol(BTC)
        await until(lambda: feed.plan.line_of(quotes), 5)

        demand.close_all()
        assert feed.plan.line_of(quotes) is None
    async with demanded("price > 0") as (run, _, demand):
        demand.wish(BTC)
        demand.open(BTC)
        await run.heard("binance", BTC)
        assert run.feeds.primary.plan.line_of(quotes) is None


async def test_a_symbol_that_no_venue_can_spell_is_a_trouble():
    async with demanded("price > 1") as (run, _, demand):
        demand.wish("A B/C")
        demand.open("A B/C")

        assert "not a symbol" in demand.troubles["A B/C"]
        assert watched(run) == []
