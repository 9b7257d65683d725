"""Tests of core/rollup.py."""

import csv
import gzip
import json
from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.bars import FormingBar, amended
from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.rollup import RollUp
from crypto_portfolio_analyzer.core.timeframes import MINUTE, open_of, parse_timeframe
from tests.fakes import empty_after

START = 1_751_846_400 * 10**9  # 2025-07-07T00:00:00Z, a Monday
TIMEFRAMES = ("3m", "5m", "15m", "45m", "1h", "90m", "4h", "1d")


def bar(minute, price=100.0, volume=1.0, kind=BarKind.LIVE):
    open_at = START + minute * MINUTE
    return Bar(
        "binance", "BTC/USDT", "1m", open_at, open_at + MINUTE, price, price + 2, price - 2, price + 1,
        volume, True, open_at + MINUTE, volume * price, volume / 2, int(volume > 0), kind,
    )  # fmt: skip


def fed(bars, timeframes=TIMEFRAMES):
    roll = RollUp("BTC/USDT", timeframes)
    told = [closed for row in bars for closed in roll.append(row)]
    return roll, told


def minutes_of(trades):
    """Build the 1m bars of (minute, price, quantity) in order, empty ones included."""
    bars: list[Bar] = []
    forming = FormingBar(START + trades[0][0] * MINUTE, START + (trades[0][0] + 1) * MINUTE, trades[0][1])
    for minute, price, quantity in trades:
        open_at = START + minute * MINUTE
        if forming.open_at != open_at:
            bars.append(forming.freeze("binance", "BTC/USDT", forming.close_at))
            while bars[-1].close_at < open_at:
                bars.append(empty_after(bars[-1], bars[-1].close_at + MINUTE))
            forming = FormingBar(open_at, open_at + MINUTE, price)
        forming.update(price, quantity, is_buy=True)
    return [*bars, forming.freeze("binance", "BTC/USDT", forming.close_at)]


def resampled(trades, timeframe):
    """Resample (minute, price, quantity) the plain way: open → (open, high, low, close, volume, trades)."""
    groups: dict[int, list[tuple[float, float]]] = {}
    for minute, price, quantity in trades:
        groups.setdefault(open_of(START + minute * MINUTE, timeframe), []).append((price, quantity))
    return {
        open_at: (
            group[0][0], max(p for p, _ in group), min(p for p, _ in group), group[-1][0],
            pytest.approx(sum(q for _, q in group)), len(group),
        )
        for open_at, group in groups.items()
    }  # fmt: skip


TRADES = st.lists(
    st.tuples(st.integers(0, 300), st.floats(0.01, 1e6), st.floats(1e-6, 1e4)), min_size=1, max_size=80
).map(lambda trades: sorted(trades, key=lambda trade: trade[0]))


@settings(max_examples=60, deadline=None)
@given(TRADES)
def test_rollup_of_any_trades_equals_an_offline_resample(trades):
    trades = [(0, 50.0, 1.0), *trades]
    roll, told = fed(minutes_of(trades))

    for timeframe in TIMEFRAMES:
        expected = resampled(trades, timeframe)
        closed = [row for row in told if row.timeframe == timeframe]
        assert closed == [replace(row, received_at=row.close_at) for row in roll.series[timeframe]]
        for row in closed:
            if row.kind is BarKind.EMPTY:
                assert row.open_at not in expected
                assert row.volume == 0
            else:
                found = (row.open, row.high, row.low, row.close, row.volume, row.trades)
                assert found == expected[row.open_at]


@settings(max_examples=60, deadline=None)
@given(TRADES)
def test_each_bar_closes_once_and_volume_is_conserved(trades):
    trades = [(0, 50.0, 1.0), *trades]
    minutes = minutes_of(trades)
    roll, told = fed(minutes)

    assert set(Counter((row.timeframe, row.open_at) for row in told).values()) <= {1}
    for timeframe in TIMEFRAMES:
        forming = roll.forming(timeframe)
        closed = sum(row.volume for row in told if row.timeframe == timeframe)
        assert closed + (forming.volume if forming else 0) == pytest.approx(sum(t[2] for t in trades))


@settings(max_examples=40, deadline=None)
@given(TRADES, st.data())
def test_correcting_minutes_equals_having_had_them_right_at_once(trades, data):
    minutes = minutes_of([(0, 50.0, 1.0), *trades])
    roll, _ = fed(minutes)
    corrected = {row.open_at: row for row in minutes if row.kind is not BarKind.EMPTY}
    for index in data.draw(st.lists(st.integers(0, len(corrected) - 1), max_size=5)):
        chosen = corrected[sorted(corrected)[index]]
        corrected[chosen.open_at] = amended(chosen, 60.0, 3.0, is_buy=True, received_at=0)
        roll.correct([corrected[chosen.open_at]])

    right, _ = fed([corrected.get(row.open_at, row) for row in minutes])

    for timeframe in TIMEFRAMES:
        assert list(roll.series[timeframe]) == list(right.series[timeframe])


@settings(max_examples=40, deadline=None)
@given(TRADES, st.integers(1, 200), st.integers(1, 200))
def test_filling_a_hole_later_equals_never_having_had_it(trades, hole_at, hole_length):
    minutes = minutes_of([(0, 50.0, 1.0), *trades, (301, 50.0, 1.0)])
    hole = range(hole_at, hole_at + hole_length)
    roll, _ = fed([row for index, row in enumerate(minutes) if index not in hole])

    roll.merge(row for index, row in enumerate(minutes) if index in hole)

    right, _ = fed(minutes)
    for timeframe in TIMEFRAMES:
        assert list(roll.series[timeframe]) == list(right.series[timeframe])


def test_longer_bar_closes_with_its_last_minute():
    roll, told = fed([bar(minute) for minute in range(5)], ["5m"])

    assert [(row.open_at, row.close_at, row.volume) for row in told] == [(START, START + 5 * MINUTE, 5.0)]
    assert told[0].received_at == START + 5 * MINUTE
    assert roll.forming("5m") is None


def test_bar_whose_start_lies_before_all_data_is_not_closed():
    _, told = fed([bar(minute) for minute in range(2, 15)], ["5m", "15m"])

    assert [(row.timeframe, row.open_at) for row in told] == [
        ("5m", START + 5 * MINUTE),
        ("5m", START + 10 * MINUTE),
    ]


def test_bar_with_a_hole_is_approximated():
    _, told = fed([bar(0), bar(1), bar(3), bar(4)], ["5m"])

    assert [(row.kind, row.volume) for row in told] == [(BarKind.APPROXIMATED, 4.0)]


def test_bar_that_ended_inside_a_hole_is_closed_after_it():
    _, told = fed([bar(0), bar(1), bar(12)], ["5m", "1h"])

    assert [(row.open_at, row.kind, row.volume) for row in told] == [(START, BarKind.APPROXIMATED, 2.0)]


def test_backfill_tells_new_bars_and_corrected_ones():
    roll, _ = fed([bar(0), bar(1), bar(12)], ["5m"])

    told = roll.merge([bar(minute, kind=BarKind.BACKFILLED) for minute in range(12)])

    minutes = [row for row in told if row.timeframe == "1m"]
    longer = [row for row in told if row.timeframe == "5m"]
    assert [row.open_at for row in minutes] == [START + minute * MINUTE for minute in range(2, 12)]
    assert not any(row.corrected for row in minutes)
    assert [(row.open_at, row.corrected, row.kind) for row in longer] == [
        (START, True, BarKind.BACKFILLED),
        (START + 5 * MINUTE, False, BarKind.BACKFILLED),
    ]


def test_correction_runs_through_empty_minutes_and_longer_bars():
    first = bar(0)
    roll, _ = fed([first, empty_after(first, 0), *(bar(minute) for minute in range(2, 5))], ["5m"])

    told = roll.correct([replace(first, high=999.0, close=50.0)])

    assert [(row.timeframe, row.high, row.close, row.corrected) for row in told] == [
        ("1m", 999.0, 50.0, True),
        ("1m", 50.0, 50.0, True),
        ("5m", 999.0, 101.0, True),
    ]


def test_correction_that_changes_nothing_tells_nothing():
    roll, _ = fed([bar(minute) for minute in range(5)], ["5m"])

    assert roll.correct([bar(2)]) == []
    assert roll.merge([bar(2, kind=BarKind.BACKFILLED)]) == []


def test_venues_own_day_is_not_replaced_by_part_of_one():
    roll = RollUp("BTC/USDT", ["1d"])
    own = replace(
        bar(0, volume=5000.0), timeframe="1d", close_at=START + 1440 * MINUTE, kind=BarKind.BACKFILLED
    )
    roll.load("1d", [own])
    for minute in [*range(-60, 10), *range(700, 1500)]:
        roll.append(bar(minute))

    roll.correct([bar(720, volume=7.0)])

    assert roll.series["1d"].bars() == [replace(own, received_at=own.close_at)]


def test_forming_bar_joins_closed_parts_with_the_forming_minute():
    roll, _ = fed([bar(minute) for minute in range(67)], ["5m", "1h", "4h"])
    minute = replace(bar(67, price=200.0), closed=False)

    forming = roll.forming("4h", minute)

    assert (forming.open_at, forming.close_at) == (START, START + 240 * MINUTE)
    assert (forming.open, forming.high, forming.close, forming.volume) == (100.0, 202.0, 201.0, 68.0)
    assert (forming.closed, forming.kind) == (False, BarKind.LIVE)


def test_forming_bar_with_a_hole_is_approximated():
    roll, _ = fed([bar(0), bar(1), bar(3)], ["5m"])

    assert roll.forming("5m").kind is BarKind.APPROXIMATED


def test_forming_minute_is_itself():
    minute = replace(bar(0), closed=False)

    assert RollUp("BTC/USDT").forming("1m", minute) == minute
    assert RollUp("BTC/USDT").forming("1h") is None


def test_timeframe_wanted_later_is_built_from_what_is_kept():
    early, _ = fed([bar(minute, price=100.0 + minute) for minute in range(600)])
    late, _ = fed([bar(minute, price=100.0 + minute) for minute in range(600)], [])

    for timeframe in TIMEFRAMES:
        assert list(late.want(timeframe)) == list(early.series[timeframe])


def test_history_of_minutes_fills_longer_series_that_were_wanted_before():
    roll, _ = fed([bar(minute) for minute in range(17, 31)], ["5m", "15m"])

    roll.load("1m", [bar(minute, kind=BarKind.BACKFILLED) for minute in range(17)])

    assert [row.open_at for row in roll.series["5m"]] == [
        START + minute * MINUTE for minute in range(0, 30, 5)
    ]
    assert [row.kind for row in roll.series["15m"]] == [BarKind.BACKFILLED, BarKind.BACKFILLED]


def test_history_of_a_longer_timeframe_fills_still_longer_ones():
    roll = RollUp("BTC/USDT", ["30m", "1h"])
    halves = [
        replace(bar(minute), timeframe="30m", close_at=START + (minute + 30) * MINUTE)
        for minute in range(0, 240, 30)
    ]

    roll.load("30m", halves)

    assert [row.volume for row in roll.series["1h"]] == [2.0] * 4
    assert len(roll.want("2h")) == 2


def test_history_does_not_replace_what_was_seen_live():
    roll, _ = fed([bar(minute) for minute in range(10)], ["5m"])

    roll.load("1m", [bar(minute, volume=0.5, kind=BarKind.BACKFILLED) for minute in range(5)])

    assert roll.minutes.bars(limit=10) == [bar(minute) for minute in range(10)]
    assert roll.series["5m"].bars(limit=2)[0].volume == 5.0


def test_week_is_folded_from_days():
    roll, told = fed([bar(minute) for minute in range(7 * 1440)], ["1w"])

    assert [(row.timeframe, row.volume) for row in told if row.timeframe == "1w"] == [("1w", 10080.0)]
    assert len(roll.minutes) < 1600


def test_minutes_of_a_recorded_day_equal_the_bars_made_from_its_trades(recorded_data):
    with gzip.open(recorded_data / "trades" / "XRP_ETH-trades.json.gz") as file:
        raw = json.load(file)
    trades = [(trade[0] * 10**6, trade[4], trade[5]) for trade in raw]
    built = minutes_of([((at - START) // MINUTE, price, quantity) for at, price, quantity in trades])

    theirs = read_bars(recorded_data / "ohlcv" / "1m" / "XRP_ETH_1m_freqtrade.csv.gz", "date")

    ours = {row.open_at: row for row in built if row.kind is not BarKind.EMPTY}
    assert len(theirs) > 2000
    for at, values in theirs.items():
        row = ours[at]
        assert (row.open, row.high, row.low, row.close, row.volume) == pytest.approx(values)


@pytest.mark.parametrize("symbol", ["ADAUSDT"])
def test_quarter_hours_of_recorded_minutes_equal_the_venues_own(recorded_data, symbol):
    minutes = read_bars(recorded_data / "ohlcv" / "1m" / f"{symbol}_1m.csv.gz", "timestamp")
    theirs = read_bars(recorded_data / "ohlcv" / "15m" / f"{symbol}_15m.csv.gz", "timestamp")

    names = ("open", "high", "low", "close", "volume")
    plain = [replace(bar(0), open_at=at, close_at=at + MINUTE) for at in minutes]
    rows = zip(plain, minutes.values(), strict=True)
    _, told = fed([replace(row, **dict(zip(names, values, strict=True))) for row, values in rows], ["15m"])

    assert len(told) > 2800
    differing = [
        row.open_at
        for row in told
        if (row.open, row.high, row.low, row.close, row.volume) != pytest.approx(theirs.get(row.open_at))
    ]
    assert differing == []


def read_bars(path, column):
    with gzip.open(path, "rt") as file:
        return {
            int(datetime.fromisoformat(row[column]).timestamp()) * 10**9: tuple(
                float(row[name]) for name in ("open", "high", "low", "close", "volume")
            )
            for row in csv.DictReader(file)
        }


def test_unknown_timeframe_is_refused():
    with pytest.raises(Exception, match="does not divide"):
        RollUp("BTC/USDT").want("7m")
    assert parse_timeframe("5m").name == "5m"
