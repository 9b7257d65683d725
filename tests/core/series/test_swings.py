"""Tests of core/series/swings.py."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.series.swings import (
    HIGH,
    LOW,
    Outcome,
    Stepping,
    Swing,
    Window,
    slide,
    turns,
)
from tests.core.series.charts import bar, scaled, through, walks


def swings_of(bars, wing):
    """Return what each bar confirms."""
    window, found = Window(), []
    for each in bars:
        window = slide(window, each.high, each.low, wing)
        found.append(turns(window, wing))
    return found


def by_definition(bars, wing):
    """Return side, price and bar of every swing, looked up in the whole chart."""
    found = []
    for at in range(wing, len(bars) - wing):
        before, after = bars[at - wing : at], bars[at + 1 : at + 1 + wing]
        high, low = bars[at].high, bars[at].low
        if high > max(each.high for each in before) and high >= max(each.high for each in after):
            found.append((HIGH, high, at))
        if low < min(each.low for each in before) and low <= min(each.low for each in after):
            found.append((LOW, low, at))
    return found


def test_a_turn_is_told_when_enough_bars_to_its_right_have_closed():
    found = swings_of(through([(0, 10), (5, 20), (10, 10)], reach=1), wing=2)

    assert [place for place, each in enumerate(found) if each] == [7]
    assert found[7] == (Swing(HIGH, 21.0, 5, 2.0),)


def test_the_first_bar_of_a_plateau_is_the_turn_and_a_flat_market_has_none():
    plateau = through([(0, 10), (4, 14), (8, 14), (12, 10)])
    flat = through([(0, 10), (30, 10)])

    assert [each.at for found in swings_of(plateau, 2) for each in found] == [4]
    assert not any(swings_of(flat, 2))


@settings(max_examples=150, deadline=None)
@given(walks(), st.integers(1, 6))
def test_swings_are_those_of_the_definition(bars, wing):
    told = [(each.side, each.price, each.at) for found in swings_of(bars, wing) for each in found]

    assert told == by_definition(bars, wing)


@settings(max_examples=60, deadline=None)
@given(walks(), st.integers(1, 6))
def test_a_chart_turned_over_has_its_highs_as_lows(bars, wing):
    upright = [(each.side, each.price, each.at) for found in swings_of(bars, wing) for each in found]
    turned = [
        (-each.side, -each.price, each.at) for found in swings_of(scaled(bars, -1), wing) for each in found
    ]

    assert sorted(turned) == sorted(upright)


@settings(max_examples=30, deadline=None)
@given(walks(least=30), st.integers(1, 6))
def test_the_memory_is_as_long_as_a_turn_is_wide(bars, wing):
    window = Window()
    for each in bars:
        window = slide(window, each.high, each.low, wing)

    assert window.count == len(bars)
    assert len(window.highs) == len(window.lows) == 2 * wing + 1


def test_peeking_leaves_the_state_as_it_was():
    counter = Stepping(Outcome((0.0,)), lambda state, each: Outcome((state.outputs[0] + each.close,)))
    first = bar(0, 1, 1, 1, 1)

    assert [counter.peek(first, 1.0), counter.peek(first, 1.0), counter.update(first, 1.0)] == [(1.0,)] * 3
