"""The roll: sleepers and cases are the same alerts."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.alerts import Firing, Rearm, Trigger
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.market import SourceChange
from tests.core.judging.scene import BTC, Scene, above, at, bars, below, crosses, late, seconds, tick, trade

prices = st.lists(st.sampled_from([97.0, 98.0, 99.0, 100.0, 101.0, 102.0, 103.0]), max_size=25)
question = st.one_of(
    st.builds(tree.Comparison, st.sampled_from([">", ">=", "<", "<=", "==", "!="]), st.just(tick()),
              st.sampled_from([99, 100, 101]).map(lambda level: above(level).right)),
    st.builds(crosses, st.sampled_from([99, 100, 101]), st.sampled_from(tree.Direction)),
)  # fmt: skip
fields = st.fixed_dictionaries(
    {
        "trigger": st.sampled_from([each for each in Trigger if each is not Trigger.ONCE_PER_BAR_CLOSE]),
        "cooldown": st.sampled_from([0, seconds(3)]),
        "rearm": st.sampled_from([None, Rearm(percent=1), Rearm(level=98)]),
    }
)


def played(*, is_wakeful: bool, arm: Callable[[Scene, bool], None], tape: list[float]) -> list[Firing]:
    scene = Scene()
    scene.arm(above(10**6))
    scene.prices(100)
    arm(scene, is_wakeful)
    scene.take()
    for place, price in enumerate(tape):
        scene.prices(price, start=place + 1)
        if place == 8:
            scene.judge.source_change(SourceChange(BTC, "binance", "kraken", "down", at(place + 1)), BTC)
        if place % 5 == 4:
            scene.play(late(trade(place + 0.5, 203 - price)))
    return scene.firings


@given(question, fields, prices)
def test_sleeping_changes_nothing_but_the_room_it_takes(asked, given_fields, tape):
    def arm(scene: Scene, is_wakeful: bool) -> None:
        scene.arm(asked, is_wakeful=is_wakeful, now=0.5, **given_fields)

    asleep, awake = (played(is_wakeful=each, arm=arm, tape=tape) for each in (False, True))

    assert asleep == awake


general = st.one_of(
    question,
    question.map(
        lambda part: tree.Held(part if isinstance(part, tree.Comparison) else above(100), ns=seconds(2))
    ),
    st.tuples(question, question).map(tree.And),
    st.tuples(question, question).map(tree.Or),
    st.tuples(question, question).map(lambda parts: tree.Sequence(*parts, ns=seconds(4))),
    question.map(lambda part: tree.Recent(part, ns=seconds(3))),
    st.builds(lambda: tree.Move(tree.Direction.UP, tick(), above(2).right, is_percent=False, ns=seconds(3))),
    st.builds(lambda: tree.Not(crosses(100))),
)


@given(general, fields, prices, st.integers(0, 25))
def test_restart_at_any_moment_goes_on_exactly(asked, given_fields, tape, stop):
    whole, broken = Scene(), Scene()
    for scene in (whole, broken):
        scene.arm(asked, **given_fields)

    for place, price in enumerate(tape):
        if place == stop:
            broken.restart(place)
        for scene in (whole, broken):
            scene.prices(price, start=place)

    assert [firing.id for firing in broken.firings] == [firing.id for firing in whole.firings]
    assert [firing.event_at for firing in broken.firings] == [firing.event_at for firing in whole.firings]


@given(general, fields, prices, st.integers(0, 25), st.integers(0, 5))
def test_facts_after_the_cursor_give_the_same_firings_again(asked, given_fields, tape, stop, lost):
    whole, crashed = Scene(), Scene()
    for scene in (whole, crashed):
        scene.arm(asked, **given_fields)
    whole.prices(*tape)

    stored = tape[:stop]
    for place, price in enumerate(stored):
        crashed.prices(price, start=place)
    for place, price in enumerate(tape[stop : stop + lost]):
        crashed.judge.trade(trade(stop + place, price))  # judged, but not stored before the crash
    crashed.restart(stop + lost)
    for place, price in enumerate(tape[stop:]):
        crashed.prices(price, start=stop + place)

    assert {firing.id for firing in crashed.firings} == {firing.id for firing in whole.firings}


@pytest.mark.parametrize("is_wakeful", [False, True])
def test_standings_are_told_asleep_or_awake(is_wakeful):
    scene = Scene()
    alert = scene.arm(below(10), is_wakeful=is_wakeful, now=3)
    scene.prices(100)

    (standing,) = scene.judge.standings(alert.id)

    assert (standing.state, standing.symbol, standing.epoch) == ("armed", BTC, 1)


def test_indicators_are_let_go_with_the_last_alert():
    scene = Scene()
    alert = scene.arm(tree.And((above(100), above(10, bars("close", "5m")))))

    scene.judge.disarm(alert.id, BTC)

    assert scene.judge._board.timeframes(BTC) == []
