"""What is drawn of a firing: the level, the averages, the one other series that decided, computed from the bars."""

from math import isclose

import pytest
import talib
from numpy import array

from crypto_portfolio_analyzer.core.alerts import Leaf, Operand
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import Comparison, Value
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.notices.pictures import (
    MOST_HISTORY,
    Sight,
    order_of,
    price_levels,
    sight_of,
    values_of,
)
from tests.core.notices.made import CROSSING, RSI, alert, crossing, firing
from tests.fakes import MINUTE, NOON


def bars(count: int, *, base: float = 65_000.0) -> list[Bar]:
    made = []
    for number in range(count):
        at, price = NOON + number * MINUTE, base * (1 + (number * 7 % 11 - 5) / 1000)
        made.append(
            Bar(
                "binance",
                "BTC/USDT",
                "1m",
                at,
                at + MINUTE,
                base,
                price + 60,
                base - 60,
                price,
                1.0 + number,
                True,
                at,
            )
        )
    return made


def sight(condition: str, *leaves) -> Sight:
    of = alert(condition)
    return sight_of(read_condition(of.condition, of.timeframe), firing(of, *leaves).evidence)


def sides(condition: str) -> tuple[Value, Value]:
    question = read_condition(condition).question
    assert isinstance(question, Comparison)
    return question.left, question.right


@pytest.mark.parametrize(
    ("condition", "levels"),
    [
        ("price crosses above 65000", [65000.0]),
        ("price < 65000 or price > 70000", [65000.0, 70000.0]),
        ("price inside 60000..65000", [60000.0, 65000.0]),
        ("rsi(14) > 70", []),
        ("price falls by 5% in 15m", []),
        ("price crosses above ema(50)", []),
        ("atr(14) > 500", []),
    ],
)
def test_levels_are_the_constants_that_the_price_is_compared_with(condition, levels):
    assert price_levels(read_condition(condition).question) == levels


def test_a_price_alert_shows_its_level_in_its_own_timeframe_and_nothing_else():
    assert sight("price crosses above 65000", CROSSING) == Sight(timeframe="1m", levels=(65000.0,))


def test_a_second_series_gets_a_pane_in_its_own_timeframe_with_the_bars_it_needs():
    found = sight("rsi(14) on 1h > 70 and price > 65000", RSI)

    assert (found.timeframe, found.levels, len(found.pane)) == ("1h", (65000.0,), 2)
    assert 14 < found.history <= MOST_HISTORY


def test_a_series_that_did_not_decide_gets_no_pane():
    assert sight("rsi(14) on 1h > 70 or price crosses above 65000", CROSSING).pane == ()


def test_an_average_that_is_crossed_lies_over_the_price():
    of = alert("price crosses above ema(20)")
    leaf = Leaf(of.condition, True, CROSSING.left, None)
    found = sight_of(read_condition(of.condition), firing(of, leaf).evidence)

    assert (len(found.curves), found.pane) == (1, ())


def test_values_are_those_of_talib_and_unknown_before_there_are_any():
    past = bars(120)
    rsi, _threshold = sides("rsi(14) > 70")
    expected = talib.RSI(array([bar.close for bar in past]), 14)

    values = values_of(rsi, past)

    assert values[:14] == (None,) * 14
    assert all(
        one is not None and isclose(one, other) for one, other in zip(values[14:], expected[14:], strict=True)
    )


def test_a_series_of_a_series_and_one_of_earlier_bars():
    past = bars(30)
    average, earlier = sides("sma(volume, 3) > volume[2]")

    assert values_of(average, past)[-1] == pytest.approx(29.0)
    assert values_of(earlier, past)[-3:] == (26.0, 27.0, 28.0)
    assert values_of(earlier, past)[:2] == (None, None)


def test_an_order_holds_the_last_candles_and_the_readers_words():
    work, past = crossing(), bars(100)

    order = order_of(
        work.firing, work.alert, sight("price crosses above 65000", CROSSING), past,
        shown=64, digits=2, change=2.31, simulated=True,
        options={"language": "de", "theme": "dark", "zone": "Europe/Berlin"},
    )  # fmt: skip

    assert (len(order.candles), order.candles[-1].open_at) == (64, past[-1].open_at)
    assert (order.language, order.theme, order.zone, order.simulated) == ("de", "dark", "Europe/Berlin", True)
    assert "65.000" in order.condition
    assert (order.levels, order.pane, order.deciding, order.late) == ((65000.0,), None, "", None)


def test_what_decided_is_said_beside_its_pane():
    of = alert("rsi(14) > 70")
    fired = firing(of, Leaf("rsi(14) > 70", True, Operand("rsi(14)", 71.2), RSI.right))
    order = order_of(
        fired, of, sight_of(read_condition(of.condition), fired.evidence), bars(100),
        shown=64, digits=2, change=None, simulated=False, options={},
    )  # fmt: skip

    assert order.deciding == "RSI(14) on 1m 71.2 > 70"
    assert order.pane is not None
    assert (order.pane.levels, len(order.pane.curves[0].values)) == ((70.0,), 64)


def test_a_late_firing_says_by_how_much():
    of = alert()
    fired = firing(of, CROSSING, late=True, detected_at=NOON + 250 * 10**9, event_at=NOON)
    order = order_of(
        fired, of, Sight(timeframe="1m"), bars(3), shown=3, digits=2, change=None, simulated=False, options={}
    )

    assert order.late == 250.0
