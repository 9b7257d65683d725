"""Bars that end together are judged together."""

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.market import BarKind
from tests.core.judging.scene import BTC, ETH, Scene, above, bar, bars, below, instants, trade


def test_all_timeframes_of_one_instant_are_applied_before_anything_is_judged():
    scene = Scene()
    scene.arm(tree.And((above(10, bars()), below(10, bars("close", "5m")))))
    scene.play(*(bar(minute, 9) for minute in range(4)), bar(0, 9, timeframe="5m"))

    assert scene.play(bar(9, 11), bar(1, 11, timeframe="5m"), trade(601, 1)) == []


def test_each_condition_is_judged_once_for_an_instant():
    scene = Scene()
    scene.arm(tree.Held(tree.Or((above(10, bars()), above(10, bars("close", "5m")))), bars=2))

    assert scene.play(bar(4, 11), bar(0, 11, timeframe="5m")) == []
    assert instants(scene.play(bar(5, 11))) == [360]


def test_bars_wait_for_the_next_fact():
    scene = Scene()
    scene.arm(above(10, bars()))
    scene.judge.bar(bar(0, 11))
    assert not scene.judge.is_waiting

    scene.judge.trade(trade(61, 1))

    assert scene.judge.is_waiting


def test_bars_that_wait_are_due_just_after_they_came():
    scene = Scene()
    scene.arm(above(10, bars()))
    taken = bar(0, 11)
    scene.judge.bar(taken)

    scene.judge.advance(taken.received_at)
    assert not scene.judge.is_waiting
    scene.judge.advance(scene.judge.next_due)

    assert scene.judge.is_waiting


def test_corrected_and_stale_bars_change_nothing():
    scene = Scene()
    scene.arm(above(10, bars()))
    scene.play(bar(5, 9))

    assert (
        scene.play(replace(bar(5, 11), corrected=True), bar(4, 11), replace(bar(6, 11), closed=False)) == []
    )


def test_first_bar_whose_start_was_not_seen_is_unknown():
    scene = Scene()
    scene.arm(above(10, bars()))

    assert scene.play(replace(bar(0, 11), kind=BarKind.APPROXIMATED)) == []
    assert instants(scene.play(bar(1, 11))) == [120]


def test_back_filled_bar_fires_late_and_says_why():
    scene = Scene()
    scene.arm(above(10, bars()))

    (fired,) = scene.play(replace(bar(0, 11), kind=BarKind.BACKFILLED))

    assert (fired.late, fired.cause) == (True, Cause.GAP_BACKFILL)


def cross_symbol() -> tree.Comparison:
    return tree.Comparison(">", bars(), bars(subject=ETH))


def test_two_symbols_are_judged_once_when_both_bars_have_closed():
    scene = Scene()
    scene.arm(cross_symbol())

    assert scene.play(bar(0, 11)) == []
    (fired,) = scene.play(bar(0, 10, symbol=ETH, delay=0.5))

    assert instants([fired]) == [60]
    assert fired.cause is Cause.LIVE


def test_at_the_boundary_and_two_seconds_the_previous_bar_must_do():
    scene = Scene()
    scene.arm(cross_symbol())
    scene.play(bar(0, 9), bar(0, 10, symbol=ETH))

    assert scene.play(bar(1, 11)) == []
    assert scene.wait(122) == []
    (fired,) = scene.wait(122.1)

    assert instants([fired]) == [120]
    assert fired.cause is Cause.BOUNDARY


def test_bar_that_the_watermark_closes_is_still_in_time():
    scene = Scene()
    scene.arm(cross_symbol())
    scene.play(bar(0, 11))

    (fired,) = scene.play(bar(0, 10, symbol=ETH, delay=2))

    assert fired.cause is Cause.LIVE


def test_other_subjects_bar_is_unknown_after_two_bars():
    scene = Scene()
    scene.arm(cross_symbol())
    scene.play(bar(0, 10, symbol=ETH), bar(0, 9), bar(1, 9), bar(2, 9))
    scene.wait(190)

    scene.play(bar(3, 11))
    assert scene.wait(250) == []


def test_firing_carries_the_bar_it_came_from():
    scene = Scene()
    scene.arm(above(10, bars()))

    (fired,) = scene.play(bar(3, 11))

    assert fired.symbol == BTC
    assert fired.price == 11
    assert fired.evidence.bar_open_at == bar(3, 11).open_at
