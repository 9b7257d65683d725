"""Bars out of the tape."""

from itertools import pairwise

import pytest

from crypto_portfolio_analyzer.simulation.bars import Ledger
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Tape, rows
from tests.fakes import MINUTE, NOON, SECOND

HOUR = 60 * MINUTE


@pytest.fixture
def ledger(market: Market) -> Ledger:
    return market.ledger(0)


def test_a_bar_is_what_its_trades_make(market, ledger):
    [bar] = ledger.bars(NOON - 5 * MINUTE, NOON - 4 * MINUTE, minutes=1, now=NOON)

    trades = [
        row for row in rows(market.tape.stretch(0, 0, 20_000)) if bar.open_at <= row[1] < bar.open_at + MINUTE
    ]
    ticks = [row[2] for row in trades]
    assert (bar.open, bar.high, bar.low, bar.close) == (ticks[0], max(ticks), min(ticks), ticks[-1])
    assert (bar.lots, bar.trades, bar.first) == (sum(row[3] for row in trades), len(trades), trades[0][0])
    assert bar.notional == sum(row[2] * row[3] for row in trades)
    assert bar.buy_lots == sum(row[3] for row in trades if row[4])


def test_a_closed_bar_never_changes(market):
    early = market.ledger(0).bars(NOON - HOUR, NOON, minutes=1, now=NOON)

    late = Ledger(market.tape, 0).bars(NOON - HOUR, NOON, minutes=1, now=NOON + 3 * HOUR)

    assert early == late


def test_a_forming_bar_grows_into_the_closed_one(ledger):
    forming = ledger.bar(NOON, minutes=1, now=NOON + 20 * SECOND)
    later = ledger.bar(NOON, minutes=1, now=NOON + 40 * SECOND)
    closed = ledger.bar(NOON, minutes=1, now=NOON + MINUTE)

    assert forming.open == later.open == closed.open
    assert 0 < forming.trades < later.trades < closed.trades


def test_bars_have_no_hole_from_the_invented_past_into_the_traded_one(ledger):
    bars = ledger.bars(NOON - 30 * HOUR, NOON + 1, minutes=1, now=NOON)

    assert [bar.open_at for bar in bars] == list(range(NOON - 30 * HOUR, NOON + 1, MINUTE))
    assert all(bar.low <= min(bar.open, bar.close) and bar.high >= max(bar.open, bar.close) for bar in bars)
    assert all(a.first + a.trades == b.first for a, b in pairwise(bars))


@pytest.mark.parametrize("minutes", [5, 60, 1440])
def test_longer_bars_are_the_sum_of_minutes(ledger, minutes):
    [bar] = ledger.bars(
        NOON // (minutes * MINUTE) * minutes * MINUTE, NOON + 1, minutes=minutes, now=NOON + 3 * SECOND
    )
    parts = ledger.bars(bar.open_at, bar.open_at + minutes * MINUTE, minutes=1, now=NOON + 3 * SECOND)

    assert (bar.open, bar.close) == (parts[0].open, parts[-1].close)
    assert (bar.high, bar.low) == (max(p.high for p in parts), min(p.low for p in parts))
    assert (bar.lots, bar.trades) == (sum(p.lots for p in parts), sum(p.trades for p in parts))


def test_weeks_begin_on_mondays(ledger):
    bars = ledger.bars(NOON - 100 * 24 * HOUR, NOON, minutes=7 * 1440, now=NOON)

    assert {(bar.open_at // (24 * HOUR) + 3) % 7 for bar in bars} == {0}


def test_minutes_without_a_trade_repeat_the_close():
    tape = Tape(symbols=("BTC",), start_at=NOON, rates={"BTC": 1 / 200}).venue("binance", ("USDT",))
    bars = Ledger(tape, 0).bars(NOON - HOUR, NOON, minutes=1, now=NOON)

    empty = [(a, b) for a, b in pairwise(bars) if not b.trades]
    assert len(empty) > 30
    assert all(b.open == b.high == b.low == b.close == a.close and b.lots == 0 for a, b in empty)


def test_the_day_holds_everything_since_yesterday(ledger):
    now = NOON + 61 * SECOND
    day = ledger.day(now)
    minutes = ledger.bars(day.open_at, now, minutes=1, now=now)

    assert NOON - 24 * HOUR <= day.open_at <= NOON - 23 * HOUR - 45 * MINUTE
    assert (day.high, day.low) == (max(bar.high for bar in minutes), min(bar.low for bar in minutes))
    assert (day.close, day.lots) == (minutes[-1].close, sum(bar.lots for bar in minutes))


def test_charts_reach_back_a_year(ledger):
    assert len(ledger.bars(0, NOON, minutes=1440, now=NOON)) == 400


def test_an_empty_span_has_no_bars(ledger):
    assert ledger.bars(NOON, NOON - 1, minutes=1, now=NOON) == []
    assert ledger.bars(NOON + HOUR, NOON + 2 * HOUR, minutes=1, now=NOON) == []
