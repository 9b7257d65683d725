"""From trees to questions: what wakes them is all that can change them."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.alerts import Trigger
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.judging.board import Board
from crypto_portfolio_analyzer.core.judging.columns import Columns
from crypto_portfolio_analyzer.core.judging.compiling import Compiler, Plan, homes, shifted
from crypto_portfolio_analyzer.core.judging.subjects import Subject
from crypto_portfolio_analyzer.core.market import Bar, Trade
from tests.core.judging.scene import BTC, ETH, PRICE, Scene, bar, number, trade

LEAVES = (
    "price > 100", "price <= 99", "price crosses above 100", "price crosses 101", "price enters 99..101",
    "price outside 99..101", "price > close", "close crosses below price", "price crosses above sma(close, 2)",
    "close > 100", "close crosses above 100", "100 < price", "price rises by 2 in 3s", "highest(price, 3s) > 101",
)  # fmt: skip
LEVELS = tuple(each for each in LEAVES if "crosses" not in each and "enters" not in each)
leaf = st.sampled_from(LEAVES)
text = st.one_of(
    leaf,
    st.builds("({} and {})".format, leaf, leaf),
    st.builds("({} or {})".format, leaf, leaf),
    st.builds("2 of ({}, {}, {})".format, leaf, leaf, leaf),
    st.builds("not ({})".format, leaf),
    st.builds("({}) for 3s".format, st.sampled_from(LEVELS)),
    st.builds("({}) within 4s".format, leaf),
    st.builds("({} then {} within 5s)".format, leaf, leaf),
    st.builds("({}) for 2 bars".format, st.sampled_from(["price > 100", "close > 100"])),
    st.builds("({}) within 2 bars".format, leaf),
)  # fmt: skip
tapes = st.lists(st.sampled_from([98.0, 99.0, 100.0, 101.0, 102.0]), min_size=4, max_size=24)
EVERY_CHANGE = tree.Comparison("==", tree.Arithmetic("-", PRICE, PRICE, PRICE.unit), number(0))
"""True whenever the price is known, and no threshold stands for it: whoever asks it is judged at every change."""


def facts(tape: Sequence[float]) -> list[Trade | Bar]:
    """Return a trade every 10 s, and the 1m bars they make."""
    told: list[Trade | Bar] = []
    for place, price in enumerate(tape):
        told.append(trade(place * 10 + 1, price))
        if place % 6 == 5:
            told.append(bar(place // 6, price))
    return told


@given(text, st.sampled_from(Trigger), tapes)
def test_what_wakes_a_condition_misses_nothing_that_judging_at_every_change_finds(asked, trigger, tape):
    assume(
        "price" in asked or trigger in (Trigger.ONCE, Trigger.EVERY_TIME)
    )  # else a tick is no judgement of it
    question = read_condition(asked).question
    woken, always = Scene(), Scene()
    woken.arm(question, trigger=trigger)
    always.arm(tree.And((question, EVERY_CHANGE)), trigger=trigger)
    told = facts([tape[0], *tape])

    fired = [[(each.id, each.event_at) for each in scene.play(*told)] for scene in (woken, always)]

    assert fired[0] == fired[1]


def plan_of(asked: str) -> Plan:
    subjects = {symbol: Subject(symbol, Columns()) for symbol in (BTC, ETH)}
    compiler = Compiler(
        BTC,
        "1m",
        subjects=subjects.__getitem__,
        board=Board(settle=False, columnar=False),
        forming=lambda _symbol, _timeframe: None,
    )
    return compiler.compile(read_condition(asked).question)


@pytest.mark.parametrize(
    ("asked", "arms", "is_restless"),
    [
        ("price > 100", 1, False),
        ("price inside 99..101", 2, False),
        ("price crosses above ema(50) on 15m", 1, False),
        ("rsi(14) on 1h < 30", 0, False),
        ("price > bid", 0, True),
        ("price * 2 > 100", 0, True),
        ("rsi(14) on 1h live < 30", 0, True),
        ("price falls by 5% in 15m", 0, True),
        ("price > 100 within 5m", 1, True),
        ("not (price crosses 100)", 1, True),
    ],
)
def test_thresholds_stand_for_what_closes_alone_can_move(asked, arms, is_restless):
    plan = plan_of(asked)

    assert (len(plan.arms), bool(plan.restless)) == (arms, is_restless)


def test_closes_of_every_timeframe_and_subject_are_waited_for():
    plan = plan_of(f'rsi(14) on 1h < 30 and "{ETH}".close on 5m > 10 for 3 bars')

    assert plan.closes == {(BTC, "1h"), (ETH, "5m"), (BTC, "1m")}
    assert plan.has_foreign


def test_own_symbol_by_name_is_no_other_subject():
    assert not plan_of(f'"{BTC}".price > 10').has_foreign


def test_values_of_one_home_are_one_slot():
    assert len(plan_of("close - open > 10").slots) == 1
    assert len(plan_of("close - close on 5m > 10").slots) == 2


def test_shifting_moves_every_series_and_no_number():
    question = read_condition("close + 1 > abs(open)").question
    assert isinstance(question, tree.Comparison)

    earlier = shifted(question.left, 3)

    assert isinstance(earlier, tree.Arithmetic)
    assert homes(earlier) == homes(question.left)
    assert [getattr(part, "back", None) for part in (earlier.left, earlier.right)] == [3, None]
