"""Back-tests: what would have fired over bars, by the judge that runs live."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.alerts import Alert, Rearm, Trigger
from crypto_portfolio_analyzer.core.barfiles import read_bars
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.market import Bar, Trade
from crypto_portfolio_analyzer.core.rollup import RollUp
from crypto_portfolio_analyzer.engine.backtesting import (
    BacktestResult,
    Candidate,
    Hole,
    backtest,
    backtest_all,
    default_trigger,
)
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.engine.past import bar, flat
from tests.fakes import MINUTE, NOON


def asked(text: str, bars: list[Bar], timeframe: str = "1m", **how: object) -> BacktestResult:
    return backtest(read_condition(text, timeframe), bars, **how)  # type: ignore[arg-type]  # as each test has it


def at(result: BacktestResult) -> list[int]:
    """Return the minutes after noon at which it fired."""
    return [(each.event_at - NOON) // MINUTE for each in result.firings]


def test_a_condition_over_bars_is_judged_at_each_close():
    result = asked("close > 100", flat([99, 101, 102, 100, 103]))

    assert result.trigger is Trigger.ONCE_PER_BAR_CLOSE
    assert at(result) == [2, 3, 5]
    assert [each.price for each in result.firings] == [101, 102, 103]
    assert [each.bar_open_at for each in result.firings] == [NOON + place * MINUTE for place in (1, 2, 4)]
    assert not any(each.approximated for each in result.firings)
    assert list(result.firings[0].values.values()) == [101.0]


def test_a_condition_over_the_price_follows_the_path_of_each_bar_and_says_so():
    result = asked("price crosses above 105", [bar(0, (100, 101, 99, 100)), bar(1, (100, 110, 98, 104))])

    (fired,) = result.firings
    assert (result.trigger, fired.price, fired.approximated) == (Trigger.EVERY_TIME, 110, True)
    assert fired.bar_open_at == NOON + MINUTE
    assert NOON + MINUTE <= fired.event_at < NOON + 2 * MINUTE


def test_the_nearer_extreme_comes_first_and_the_low_if_both_are_equally_near():
    low_first = [bar(0, (100, 100, 100, 100)), bar(1, (100, 106, 94, 100))]

    assert asked("price > 105 and lowest(price, 1m) < 95", low_first).count == 1
    assert asked("price < 95 and highest(price, 1m) > 105", low_first).count == 0


def test_a_longer_timeframe_is_built_from_the_file_s_own():
    bars = flat([float(100 + number) for number in range(11)])

    result = asked("close on 5m > 0", bars, "5m")

    assert at(result) == [5, 10]
    assert [each.price for each in result.firings] == [104, 109]
    assert [each.bar_open_at for each in result.firings] == [NOON, NOON + 5 * MINUTE]


def test_a_timeframe_shorter_than_the_file_s_is_refused():
    with pytest.raises(InvalidInput, match="bars of 1m cannot be built from bars of 5m"):
        asked("close on 1m > 0", flat([1.0, 2.0], timeframe="5m"), "5m")


def test_holes_are_reported_and_not_filled():
    bars = [*flat([100.0, 101.0]), bar(9, (100, 100, 100, 100))]

    result = asked("close > 0", bars)

    assert result.holes == (Hole(NOON + 2 * MINUTE, NOON + 9 * MINUTE, 7),)
    assert (result.count, result.bars) == (3, 3)
    assert (result.first_at, result.last_at) == (NOON, NOON + 10 * MINUTE)


def test_cooldown_holds_triggers_back_and_counts_them():
    bars = flat([101.0] * 10)

    result = asked("close > 100", bars, cooldown=5 * MINUTE)

    assert at(result) == [1, 6]
    assert result.suppressed == 8


def test_hysteresis_wants_the_value_to_go_back():
    prices = [99.0, 101.0, 99.9, 101.0, 95.0, 101.0]

    every = asked("price crosses above 100", flat(prices))
    again = asked("price crosses above 100", flat(prices), rearm=Rearm(percent=2))

    assert (every.count, again.count) == (3, 2)


def test_a_question_of_another_symbol_needs_its_bars():
    condition = read_condition('close / "ETH/USDT".close > 10', "1m")
    bars = flat([100.0, 120.0])
    others = flat([11.0, 11.0], symbol="ETH/USDT")

    with pytest.raises(InvalidInput, match="asks for ETH/USDT too"):
        backtest(condition, bars)

    together = sorted([*bars, *others], key=lambda each: each.close_at)
    assert at(backtest(condition, together, symbol="BTC/USDT")) == [2]


def test_without_bars_there_is_nothing_to_ask():
    with pytest.raises(InvalidInput, match="there are no bars"):
        asked("close > 0", [])
    with pytest.raises(InvalidInput, match=r"no bars of ETH/USDT"):
        asked("close > 0", flat([1.0]), symbol="ETH/USDT")


def test_the_forming_bar_knows_nothing_of_what_comes_after():
    bars = [bar(0, (100, 100, 100, 100)), bar(1, (100, 101, 90, 99))]

    peeked = asked("close on 5m live > 100.5 and low on 5m live > 95", bars)

    assert peeked.count == 1, "at the high, the low had not come"
    assert asked("high on 5m live > 100.5 and low on 5m live < 95", bars).count == 1


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("close > 1", Trigger.ONCE_PER_BAR_CLOSE),
        ('rsi(14) on 1h < 30 and candle("hammer") on 4h', Trigger.ONCE_PER_BAR_CLOSE),
        ("price > 1", Trigger.EVERY_TIME),
        ("price > sma(close, 3)", Trigger.EVERY_TIME),
        ("rsi(14) on 1h live < 30", Trigger.EVERY_TIME),
    ],
)
def test_without_a_trigger_it_fires_each_time_where_something_ticks_else_at_closes(text, trigger):
    assert default_trigger(read_condition(text, "1m")) is trigger


def test_several_conditions_in_one_pass_do_what_each_does_alone():
    bars = flat([100.0, 103.0, 99.0, 104.0, 98.0, 101.0])
    texts = ["close > 100", "price crosses below 100", "close < sma(close, 2)"]
    candidates = [Candidate(condition=read_condition(text, "1m")) for text in texts]

    together = backtest_all(candidates, bars)

    assert together == [asked(text, bars) for text in texts]


# --- against others ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["1m/BTC-PERP_1m_2022-01.csv.gz", "60m/SOLUSDT_60m.csv.gz"])
def test_firings_over_recorded_bars_are_those_a_vector_scan_finds(recorded_data: Path, name: str):
    with gzip.open(recorded_data / "ohlcv" / name) as lines:
        bars = read_bars(lines, symbol="BTC/USDT")[:6000]
    close = np.array([each.close for each in bars])
    high, low = np.array([each.high for each in bars]), np.array([each.low for each in bars])
    rsi, mean = talib.RSI(close, 14), talib.SMA(close, 20)
    above = (close > mean) & ~np.isnan(mean)
    crossed = np.zeros(len(close), dtype=bool)
    crossed[20:] = above[20:] & (close[19:-1] < mean[19:-1])
    expected = {
        "rsi(14) < 30": rsi < 30,
        "close > sma(close, 20)": above,
        "atr(14) > 1% * close": talib.ATR(high, low, close, 14) > 0.01 * close,
    }

    for text, holds in expected.items():
        result = asked(text, bars, bars[0].timeframe)
        assert [each.event_at for each in result.firings] == [
            each.close_at for each, is_true in zip(bars, holds, strict=True) if is_true
        ], text
    met = [
        each.event_at for each in asked("close crosses above sma(close, 20)", bars, bars[0].timeframe).firings
    ]
    assert {each.close_at for each, is_true in zip(bars, crossed, strict=True) if is_true} <= set(met)


closes = st.lists(st.integers(90, 110).map(float), min_size=1, max_size=60)
conditions = st.sampled_from(
    [
        "close > 100",
        "close crosses above 100",
        "close crosses sma(close, 3)",
        "close on 5m < 99",
        "close > 101 for 2 bars",
        "close < 95 within 3 bars",
        "close crosses above 100 then close < 100 within 5 bars",
        "close rises by 3% in 2 bars",
        "rsi(3) < 30 or close > highest(close, 4)[1]",
    ]
)


@settings(max_examples=150, deadline=None)
@given(closes, conditions, st.sampled_from(list(Trigger)), st.sampled_from([0, 3 * MINUTE]))
def test_a_judge_driven_as_live_from_trades_fires_the_same(prices, text, trigger, cooldown):
    """Live, each minute's bar comes from the market's own roll-up, with the trades before it."""
    condition = read_condition(text, "1m")
    bars = [bar(place, (price, price, price, price)) for place, price in enumerate(prices)]
    judge = Judge(forming=lambda _symbol, _timeframe: None, settle=False, columnar=True)
    alert = Alert(
        id="live", number=1, owner="me", name="live", symbols=("BTC/USDT",), condition=condition.spelling,
        trigger=trigger, cooldown=cooldown,
    )  # fmt: skip
    judge.arm(alert, condition, "BTC/USDT", None, NOON)
    rolls, live = RollUp("BTC/USDT", judge.demands()["BTC/USDT"].history), []
    for number, each in enumerate(bars):
        judge.trade(Trade("file", "BTC/USDT", each.close, 1.0, "buy", number, each.open_at, each.open_at))
        for closed in (each, *rolls.append(each)):
            judge.bar(closed)
        judge.advance(each.close_at)
        judge.flush()
        live += [one.firing for one in judge.take().decisions if one.firing is not None]

    past = backtest(condition, bars, trigger=trigger, cooldown=cooldown)

    assert [(each.event_at, each.price) for each in past.firings] == [
        (each.event_at, each.price) for each in live
    ]
