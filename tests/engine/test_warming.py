"""Warming: history without a hole, from what is at hand, stored or told by the venue."""

from itertools import pairwise

import pytest

from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.engine.warming import Warming, joined, unbroken
from crypto_portfolio_analyzer.storage.bars import BarStore
from tests.fakes import MINUTE, NOON
from tests.streaming.house import house

FRAME = parse_timeframe("1m")


def bar(minute: int, close: float = 1.0, *, kind: BarKind = BarKind.LIVE, volume: float = 1.0) -> Bar:
    at = NOON + minute * MINUTE
    values = (close, close, close, close, volume)
    return Bar("binance", "BTC/USDT", "1m", at, at + MINUTE, *values, True, at + MINUTE, trades=1, kind=kind)


def minutes(bars: list[Bar]) -> list[int]:
    return [(each.open_at - NOON) // MINUTE for each in bars]


def test_of_two_bars_of_a_span_the_one_that_knows_more_is_kept():
    sure, guessed = bar(0, 2.0), bar(0, 3.0, kind=BarKind.APPROXIMATED, volume=9.0)

    assert joined([guessed], [sure]) == joined([sure], [guessed]) == {NOON: sure}


def test_a_hole_that_the_venue_does_not_tell_of_is_a_minute_without_trades():
    bars = unbroken(joined([bar(0, 5.0), bar(3)]), FRAME, NOON + 6 * MINUTE, is_told=True)

    assert minutes(bars) == [0, 1, 2, 3, 4, 5]
    assert [(each.kind, each.close, each.volume) for each in bars[1:3]] == [(BarKind.EMPTY, 5.0, 0.0)] * 2


def test_a_hole_that_nobody_was_asked_about_ends_what_can_be_used():
    found = joined([bar(0), bar(2), bar(3)])

    assert minutes(unbroken(found, FRAME, NOON + 4 * MINUTE, is_told=False)) == [2, 3]
    assert unbroken(found, FRAME, NOON + 5 * MINUTE, is_told=False) == []
    assert minutes(unbroken(found, FRAME, NOON + 3 * MINUTE, is_told=False)) == [2]


@pytest.mark.parametrize(("venue", "symbol"), [("binance", "BTC/USDT"), ("coinbase", "BTC/USD")])
@pytest.mark.parametrize(
    ("timeframe", "count"), [("1m", 700), ("5m", 40), ("45m", 12), ("4h", 30), ("1d", 5)]
)
async def test_any_number_of_bars_is_had_from_a_venue(venue, symbol, timeframe, count):
    async with house(venue, scale=1.0) as run:
        gathered = await Warming(run.feeds, None, run.clock).gather(symbol, timeframe, count)

    frame = parse_timeframe(timeframe)
    assert (len(gathered.bars), gathered.trouble) == (count, "")
    assert all(one.close_at == other.open_at for one, other in pairwise(gathered.bars))
    assert all(
        each.timeframe == timeframe and each.close_at - each.open_at == frame.length for each in gathered.bars
    )


async def test_a_dead_rest_side_is_said_and_the_stored_bars_are_used(database):
    store = BarStore(database)
    async with house("binance", scale=1.0) as run:
        warming = Warming(run.feeds, store, run.clock)
        told = (await warming.gather("BTC/USDT", "1m", 10)).bars
        run.fault("binance", "rest=503 for=10m")
        assert "cannot be fetched" in (await warming.gather("BTC/USDT", "1m", 10)).trouble

        await store.save(told)
        again = await warming.gather("BTC/USDT", "1m", 10)
        assert (minutes(again.bars), again.trouble) == (minutes(told), "")
        more = await warming.gather("BTC/USDT", "1m", 20)
        assert minutes(more.bars) == minutes(told)
        assert "cannot be fetched" in more.trouble


async def test_history_ends_where_facts_go_on_from_an_earlier_run():
    async with house("binance", scale=1.0) as run:
        warming = Warming(run.feeds, None, run.clock)
        warming.began["BTC/USDT"] = began = run.clock.now() - 90 * MINUTE
        bars = (await warming.gather("BTC/USDT", "1m", 5)).bars

    assert bars[-1].close_at == FRAME.open_of(began)
