"""The seeded market."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.errors import InvalidInput, InvalidSymbol, NotFound
from crypto_portfolio_analyzer.simulation.tape import LARGEST_STEP, Tape, TapeTrade
from tests.fakes import NOON, SECOND

STANDING = Tape(seed=5, symbols=("BTC", "ETH"), start_at=NOON).venue("binance", ("USDT",))
ONE = np.array([0])


def first(tape: Tape, venue: str = "binance", symbol: str = "BTC/USDT", count: int = 500) -> list[TapeTrade]:
    there = tape.venue(venue, (symbol.partition("/")[2],))
    start = there.listings[there.number[symbol]].first_id
    return there.truth(symbol, start, start + count - 1)


def test_the_same_seed_tells_the_same_trades():
    assert first(Tape(seed=9, start_at=NOON)) == first(Tape(seed=9, start_at=NOON))


def test_another_seed_tells_others():
    assert first(Tape(seed=9, start_at=NOON)) != first(Tape(seed=10, start_at=NOON))


def test_a_stretch_told_again_is_the_same_trade_by_trade():
    tape = Tape(seed=9, start_at=NOON)

    assert first(tape)[100:110] == first(tape, count=110)[100:]


def test_ids_count_up_by_one_and_time_moves_on():
    trades = first(Tape(seed=9, start_at=NOON))

    assert {b.trade_id - a.trade_id for a, b in pairwise(trades)} == {1}
    assert all(a.at < b.at for a, b in pairwise(trades))


def test_history_begins_the_asked_time_before_the_start():
    trades = first(Tape(seed=9, start_at=NOON, history=600))

    assert NOON - 660 * SECOND <= trades[0].at <= NOON - 590 * SECOND


@given(st.integers(-(10**12), 10**12))
def test_counting_agrees_with_the_instants(offset):
    at = STANDING.tape.origin + offset
    count = STANDING.count_at(at, ONE)

    assert STANDING.trades(ONE, count - 1).at[0] <= at < STANDING.trades(ONE, count).at[0]


def test_counting_may_ask_a_different_instant_for_each_listing():
    both, instants = np.array([0, 1]), np.array([NOON, NOON + SECOND])

    counts = STANDING.count_at(instants, both)

    assert counts[0] == STANDING.count_at(NOON, ONE)[0]
    assert counts[1] == STANDING.count_at(NOON + SECOND, np.array([1]))[0]


@given(st.integers(-(10**9), 10**9))
def test_fills_leave_no_hole_and_a_trade_has_one_to_three(number):
    starts = STANDING.fills(np.array([0, 0]), np.array([number, number + 1]))

    assert 1 <= starts[1] - starts[0] <= LARGEST_STEP


def test_the_rate_of_trades_is_what_was_asked():
    quiet = Tape(symbols=("BTC", "ETH"), start_at=NOON, trades_per_second=3, rates={"ETH": 0.01})
    there = quiet.venue("binance", ("USDT",))

    an_hour = there.count_at(NOON + 3600 * SECOND, np.array([0, 1])) - there.count_at(NOON, np.array([0, 1]))

    assert 3 * 2 * 3600 - 2 <= an_hour[0] <= 3 * 2 * 3600 + 2
    assert 35 <= an_hour[1] <= 37


def test_venues_agree_within_their_basis():
    tape = Tape(start_at=NOON)
    ticks = {
        venue: tape.venue(venue, (quote,)).mid_ticks(np.arange(5), np.full(5, NOON))
        for venue, quote in (("binance", "USDT"), ("coinbase", "USD"), ("kraken", "USD"))
    }
    spread = np.abs(ticks["binance"] / ticks["kraken"] - 1)

    assert spread.max() <= 0.0006
    assert np.abs(ticks["coinbase"] / ticks["kraken"] - 1).max() <= 0.0006
    assert spread[0] > 0


def test_buyers_pay_one_tick_more_than_sellers_get():
    trades = STANDING.stretch(0, 0, 2000)
    mid = STANDING.mid_ticks(trades.which, trades.at)

    assert ((trades.ticks - mid) == trades.buy).all()
    assert 0.45 < trades.buy.mean() < 0.55


def test_a_jump_changes_nothing_that_was_told():
    tape, still = Tape(seed=9, start_at=NOON), Tape(seed=9, start_at=NOON)
    tape.told_until = NOON + 60 * SECOND

    begin = tape.jump("BTC/USDT", 5.0)

    assert begin == tape.told_until + 1
    same = [a == b for a, b in zip(first(tape, count=15_000), first(still, count=15_000), strict=True)]
    told = len([trade for trade in first(still, count=15_000) if trade.at < begin])
    assert 14_000 < told < 15_000
    assert all(same[:told])
    assert not any(same[told:])


def test_a_jump_moves_every_venue():
    tape, still = Tape(seed=9, start_at=NOON), Tape(seed=9, start_at=NOON)
    tape.jump("BTC", 5.0)
    later = np.array([NOON + 10 * SECOND])

    for venue, quote in (("binance", "USDT"), ("kraken", "USD")):
        moved = tape.venue(venue, (quote,)).mid_ticks(ONE, later)[0]
        assert moved / still.venue(venue, (quote,)).mid_ticks(ONE, later)[0] == pytest.approx(1.05, rel=1e-6)


def test_a_jump_may_be_planned():
    tape = Tape(start_at=NOON)

    assert tape.jump("ETH", -3.0, at=NOON + 30 * SECOND) == NOON + 30 * SECOND


def test_what_cannot_be_traded_is_refused():
    with pytest.raises(NotFound, match="SHIB"):
        Tape(start_at=NOON).jump("SHIB", 1.0)
    with pytest.raises(InvalidInput, match="leaves no price"):
        Tape(start_at=NOON).jump("BTC", -100.0)
    with pytest.raises(InvalidInput, match="at least one symbol"):
        Tape(symbols=(), start_at=NOON)
    with pytest.raises(InvalidSymbol):
        Tape(symbols=("not a symbol",), start_at=NOON)


def test_a_base_is_listed_once_per_quote_however_it_was_spelled():
    tape = Tape(symbols=("BTC/USDT", "BTC", "ETH-USD"), start_at=NOON)

    assert [listing.symbol for listing in tape.venue("kraken", ("USD", "USDT")).listings] == [
        "BTC/USD", "ETH/USD", "BTC/USDT", "ETH/USDT",
    ]  # fmt: skip


def test_nothing_traded_before_number_zero():
    assert len(STANDING.stretch(0, -50, 0).number) == 0
    assert STANDING.stretch(0, -50, 3).number.tolist() == [0, 1, 2]
