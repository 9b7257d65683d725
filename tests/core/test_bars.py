"""Tests of core/bars.py."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.bars import (
    SLACK,
    BarSeries,
    FormingBar,
    amended,
    better,
    fold,
)
from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import MINUTE, parse_timeframe
from tests.fakes import empty_after

START = 1_751_500_800 * 10**9  # 2025-07-03T00:00:00Z


def bar(minute=0, price=100.0, volume=1.0, kind=BarKind.LIVE, venue="binance", closed=True):
    open_at = START + minute * MINUTE
    return Bar(
        venue, "BTC/USDT", "1m", open_at, open_at + MINUTE, price, price + 2, price - 2, price + 1,
        volume, closed, open_at + MINUTE, volume * price, volume / 2, int(volume > 0), kind,
    )  # fmt: skip


def test_forming_bar_takes_every_trade():
    forming = FormingBar(START, START + MINUTE, 100.0)
    for price, quantity, is_buy in [(100.0, 1.0, True), (103.0, 2.0, False), (98.0, 1.0, True)]:
        forming.update(price, quantity, is_buy)

    frozen = forming.freeze("binance", "BTC/USDT", START + MINUTE)

    assert (frozen.open, frozen.high, frozen.low, frozen.close) == (100.0, 103.0, 98.0, 98.0)
    assert (frozen.volume, frozen.quote_volume, frozen.buy_volume, frozen.trades) == (4.0, 404.0, 2.0, 3)
    assert (frozen.timeframe, frozen.closed, frozen.kind) == ("1m", True, BarKind.LIVE)


def test_bar_whose_start_was_not_seen_says_so():
    forming = FormingBar(START, START + MINUTE, 100.0)
    forming.update(100.0, 1.0, is_buy=True)

    assert forming.freeze("binance", "X/Y", 0, kind=BarKind.APPROXIMATED).kind is BarKind.APPROXIMATED


def test_forming_bar_without_trades_is_empty():
    frozen = FormingBar(START, START + MINUTE, 100.0).freeze("binance", "X/Y", START, closed=False)

    assert (frozen.kind, frozen.closed, frozen.volume) == (BarKind.EMPTY, False, 0.0)


def test_late_trade_adds_volume_and_widens_the_bar():
    late = amended(bar(), 105.0, 2.0, is_buy=False, received_at=7)

    assert (late.open, late.high, late.low, late.close) == (100.0, 105.0, 98.0, 101.0)
    assert (late.volume, late.buy_volume, late.trades, late.corrected) == (3.0, 0.5, 2, True)


def test_late_trade_gives_an_empty_bar_its_price():
    late = amended(empty_after(bar(), 0), 50.0, 2.0, is_buy=True, received_at=7)

    assert (late.open, late.high, late.low, late.close) == (50.0, 50.0, 50.0, 50.0)
    assert (late.kind, late.buy_volume) == (BarKind.LIVE, 2.0)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (bar(), bar(volume=9.0, closed=False)),
        (bar(volume=1.0, kind=BarKind.BACKFILLED), bar(volume=9.0, kind=BarKind.APPROXIMATED)),
        (bar(volume=2.0, kind=BarKind.BACKFILLED), bar(volume=1.0)),
        (bar(kind=BarKind.APPROXIMATED), bar(volume=0.0, kind=BarKind.EMPTY)),
    ],
)
def test_bar_that_knows_more_is_better(new, old):
    assert better(new, old)
    assert not better(old, new)


def test_sum_in_another_order_is_no_better_bar():
    assert not better(bar(volume=0.1 + 0.2), bar(volume=0.3))


def series(*bars, bound=None):
    own = BarSeries("BTC/USDT", "1m", bound)
    own.put(bars)
    return own


def test_series_gives_back_what_it_took():
    taken = [bar(0), bar(1, venue="kraken", kind=BarKind.BACKFILLED), bar(2, volume=0.0, kind=BarKind.EMPTY)]

    assert list(series(*taken)) == taken


def test_series_of_nothing_has_no_end():
    own = series()

    assert (own.last, own.first_open_at, own.last_open_at, own.get(START)) == (None, None, None, None)
    assert (own.bars(), own.closes(5), own.end) == ([], [], 0)


def test_series_is_bounded():
    own = BarSeries("BTC/USDT", "1m", bound=50)
    for minute in range(500):
        own.append(bar(minute))

    assert 50 <= len(own) <= 50 + SLACK
    assert own.last == bar(499)


def test_a_bar_costs_sixty_six_bytes():
    own = series(*(bar(minute) for minute in range(1500)))

    columns = [getattr(own, name) for name in ("_open", "_minute", "_trades", "_kind")]
    assert sum(column.itemsize * times for column, times in zip(columns, (7, 1, 1, 2), strict=True)) == 66
    assert sum(sys.getsizeof(column) for column in own._columns) < 1500 * 75


def test_series_takes_bars_in_order_only_when_appending():
    own = series(bar(1))

    with pytest.raises(ValueError, match="not newer"):
        own.append(bar(1))


def test_series_puts_bars_where_they_belong_and_says_what_changed():
    own = series(bar(0), bar(3))

    changed = own.put([bar(1), bar(3), bar(0, volume=2.0)])

    assert changed == [bar(1), bar(0, volume=2.0)]
    assert list(own) == [bar(0, volume=2.0), bar(1), bar(3)]


def test_series_leaves_out_what_does_not_belong():
    own = series(bar(5))

    assert own.put([replace(bar(6), open_at=START + 6 * MINUTE + 1), bar(7, closed=False)]) == []


def test_count_of_trades_beyond_the_column_is_the_most_it_holds():
    assert series(replace(bar(), trades=10**12)).bars()[0].trades == 2**32 - 1


def test_full_series_does_not_take_older_bars():
    own = series(*(bar(minute) for minute in range(10, 20)), bound=10)

    assert own.put([bar(1)]) == []
    assert own.first_open_at == START + 10 * MINUTE


@pytest.mark.parametrize(
    ("span", "minutes"),
    [
        ({}, [0, 1, 3, 4]),
        ({"start": 1}, [1, 3, 4]),
        ({"start": 2}, [3, 4]),
        ({"end": 3}, [0, 1]),
        ({"limit": 2}, [3, 4]),
        ({"start": 1, "limit": 2}, [1, 3]),
        ({"end": 4, "limit": 2}, [1, 3]),
        ({"start": 1, "end": 4, "limit": 9}, [1, 3]),
        ({"limit": 0}, []),
        ({"start": 9}, []),
    ],
)
def test_series_is_read_in_slices(span, minutes):
    own = series(bar(0), bar(1), bar(3), bar(4))
    bounds = {name: START + value * MINUTE if name != "limit" else value for name, value in span.items()}

    assert [(row.open_at - START) // MINUTE for row in own.bars(**bounds)] == minutes


def test_closes_are_the_newest():
    own = series(bar(0, 10.0), bar(1, 20.0), bar(2, 30.0))

    assert own.closes(2) == [21.0, 31.0]
    assert own.closes(48) == [11.0, 21.0, 31.0]
    assert own.closes(0) == []


def test_new_close_runs_through_the_empty_bars_after_it():
    first = bar(0)
    own = series(first, empty_after(first, 0), empty_after(empty_after(first, 0), 0), bar(3))
    own.put([replace(first, close=77.0)])

    changed = own.refill(START)

    assert [(row.open, row.close) for row in changed] == [(77.0, 77.0), (77.0, 77.0)]
    assert own.refill(START) == []


@given(st.lists(st.integers(0, 40), max_size=60))
def test_series_equals_a_sorted_dictionary(minutes):
    own, plain = series(), {}
    for turn, minute in enumerate(minutes):
        row = bar(minute, volume=float(turn))
        own.put([row])
        plain[minute] = row

    assert list(own) == [plain[minute] for minute in sorted(plain)]


def test_folding_prefers_the_prices_of_minutes_with_trades():
    quiet = replace(bar(0, 500.0, 0.0, BarKind.EMPTY), trades=0)

    folded = fold([quiet, bar(1), bar(2, 110.0)], parse_timeframe("3m"), 0, closed=True, whole=True)

    assert (folded.open, folded.high, folded.low, folded.close) == (100.0, 112.0, 98.0, 111.0)
    assert (folded.volume, folded.trades, folded.kind, folded.timeframe) == (2.0, 2, BarKind.LIVE, "3m")


@pytest.mark.parametrize(
    ("kinds", "whole", "kind"),
    [
        ([BarKind.LIVE, BarKind.EMPTY], True, BarKind.LIVE),
        ([BarKind.EMPTY, BarKind.EMPTY], True, BarKind.EMPTY),
        ([BarKind.LIVE, BarKind.BACKFILLED], True, BarKind.BACKFILLED),
        ([BarKind.BACKFILLED, BarKind.APPROXIMATED], True, BarKind.APPROXIMATED),
        ([BarKind.LIVE, BarKind.LIVE], False, BarKind.APPROXIMATED),
    ],
)
def test_folded_bar_is_as_sure_as_its_weakest_part(kinds, whole, kind):
    parts = [bar(minute, kind=own, volume=float(own != "empty")) for minute, own in enumerate(kinds)]

    assert fold(parts, parse_timeframe("5m"), 0, closed=True, whole=whole).kind is kind
