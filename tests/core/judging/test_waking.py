"""What time alone decides."""

import pytest

from crypto_portfolio_analyzer.core.alerts import AlertState, Cause
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.market import Arrival, Gap, GapCause
from crypto_portfolio_analyzer.core.series.catalog import Unit
from tests.core.judging.scene import (
    BTC,
    Scene,
    above,
    at,
    below,
    crosses,
    instants,
    number,
    seconds,
    tick,
    trade,
)


def held(span: float = 10) -> tree.Held:
    return tree.Held(above(100), ns=seconds(span))


def test_hold_fires_at_its_end_without_a_new_tick_once_the_watermark_has_passed():
    scene = Scene()
    scene.arm(held())
    scene.prices(101)

    assert scene.wait(12) == []
    assert instants(scene.wait(12.1)) == [10]


def test_time_alone_decides_nothing_while_facts_may_be_missing():
    incomplete = {BTC}
    scene = Scene(is_complete=lambda symbol: symbol not in incomplete)
    scene.arm(held())
    scene.prices(101)

    assert scene.wait(100) == []
    incomplete.clear()
    assert instants(scene.wait(102.1)) == [10]


def test_a_fact_that_comes_after_all_breaks_a_hold_that_waited_for_it():
    scene = Scene(is_complete=lambda _symbol: False)
    scene.arm(held())
    scene.prices(101)
    scene.wait(100)

    assert scene.play(trade(5, 99, delay=100)) == []


@pytest.mark.parametrize(("delay", "is_late"), [(3, False), (60, True)])
def test_what_a_gap_has_kept_waiting_is_marked_as_late(delay, is_late):
    scene = Scene()
    scene.arm(held())
    scene.prices(101)
    scene.judge.gap(Gap("binance", BTC, GapCause.SEQUENCE, at(1), at(2), at(2), 2, 3))

    (fired,) = scene.play(trade(11, 99, arrival=Arrival.BACKFILLED, delay=delay))

    assert (fired.event_at, fired.late) == (at(10), is_late)
    assert fired.cause is (Cause.GAP_BACKFILL if is_late else Cause.LIVE)


def test_hold_fires_before_a_later_tick_that_would_break_it():
    scene = Scene()
    scene.arm(held())

    assert instants(scene.play(trade(0, 101), trade(10.5, 99))) == [10]


def test_tick_at_the_end_of_a_hold_is_part_of_it():
    scene = Scene()
    scene.arm(held())

    assert scene.play(trade(0, 101), trade(10, 99), trade(15, 99)) == []


def test_hold_is_pending_until_it_is_over_or_broken():
    scene = Scene()
    alert = scene.arm(held())

    scene.prices(101)
    assert scene.standing(alert).state is AlertState.PENDING
    scene.prices(99, start=1)
    assert scene.standing(alert).state is AlertState.ARMED


def test_age_of_the_feed_is_judged_by_our_clock():
    scene = Scene()
    scene.arm(tree.Comparison(">", tick("feed.age", unit=Unit.DURATION), number(30, Unit.DURATION)))
    scene.play(trade(0, 100), trade(5, 100))

    assert scene.wait(35) == []
    fired = scene.wait(36)

    assert [firing.event_at for firing in fired] == [at(35.1) + 1]


def test_age_fires_again_after_facts_came():
    scene = Scene()
    scene.arm(tree.Comparison(">=", tick("feed.age", unit=Unit.DURATION), number(30, Unit.DURATION)))
    scene.play(trade(0, 100))
    scene.wait(40)
    scene.play(trade(50, 100))
    scene.wait(100)

    assert instants(scene.firings) == [30.1, 80.1]


def test_busy_feed_leaves_one_alarm_behind():
    scene = Scene()
    scene.arm(tree.Comparison(">", tick("feed.age", unit=Unit.DURATION), number(30, Unit.DURATION)))
    scene.play(*(trade(step / 10, 100) for step in range(100)))

    assert len(scene.judge._waking.timers.ringing) == 1


def test_within_runs_out_by_time_so_that_it_can_become_true_again():
    scene = Scene()
    scene.arm(tree.Recent(crosses(100), ns=seconds(10)))

    fired = scene.play(
        trade(0, 99), trade(1, 101), trade(2, 99), trade(3, 101), trade(20, 99), trade(21, 101)
    )

    assert instants(fired) == [1, 21]


def test_move_over_a_clock_window_ends_when_its_start_moves_on():
    scene = Scene()
    move = tree.Move(tree.Direction.UP, tick(), number(5, Unit.PERCENT), is_percent=True, ns=seconds(10))
    scene.arm(move)

    fired = scene.play(trade(0, 100), trade(8, 106), trade(9, 106), trade(10, 106))

    assert instants(fired) == [10]
    assert scene.play(trade(19, 110)) == []
    assert instants(scene.play(trade(30, 112), trade(35, 118))) == [35]


def test_timers_due_run_before_a_fact():
    scene = Scene()
    scene.arm(tree.And((held(), below(200))))
    scene.play(trade(0, 101))

    assert instants(scene.play(trade(11, 99, delay=5))) == [10]
