"""The judge as a whole: facts in, firings out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import AlertState, Trigger
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.judging.judge import path_of
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.errors import NotFound
from tests.core.judging.scene import (
    BTC,
    ETH,
    PRICE,
    Scene,
    above,
    at,
    bar,
    bars,
    crosses,
    instants,
    tick,
    trade,
)


def test_level_fires_when_it_becomes_true_and_again_after_not_being_true():
    scene = Scene()
    scene.arm(above(100))

    fired = scene.prices(99, 100, 101, 102, 100, 101)

    assert instants(fired) == [2, 5]


def test_equality_keeps_the_side_a_crossing_came_from():
    scene = Scene()
    scene.arm(crosses(100))

    fired = scene.prices(100, 99, 100, 101, 100, 101, 99, 101)

    assert instants(fired) == [3, 7]


def test_first_known_price_is_only_a_reference():
    scene = Scene()
    scene.arm(crosses(100))

    assert scene.prices(101, 102) == []


def test_edge_inside_and_asks_whether_the_rest_holds_then():
    scene = Scene()
    scene.arm(tree.And((crosses(100), above(10, bars("close", "1m")))))

    assert scene.prices(99, 101, 99) == []
    assert scene.play(bar(0, 11)) == []
    assert instants(scene.prices(101, start=61)) == [61]


def test_crossings_at_successive_ticks_are_each_their_own():
    scene = Scene()
    scene.arm(crosses(100, tree.Direction.EITHER))

    assert instants(scene.prices(99, 101, 99, 101)) == [1, 2, 3]


def test_average_that_falls_through_a_still_price_is_a_cross():
    scene = Scene()
    scene.arm(tree.Cross(tree.Direction.UP, PRICE, bars()))

    fired = scene.play(trade(1, 10), bar(0, 11), bar(1, 12), bar(2, 9))

    assert instants(fired) == [180]


def test_condition_between_two_tick_series_is_judged_at_every_change():
    scene = Scene()
    scene.arm(tree.Comparison(">", PRICE, tree.Arithmetic("*", tick("high_24h"), above(2).right, PRICE.unit)))

    assert scene.prices(10) == []
    assert scene.standing(scene.armed[0][0]).state is AlertState.ARMED


def test_level_that_is_true_when_armed_fires_at_once():
    scene = Scene()
    scene.arm(above(1000))
    scene.prices(101)

    scene.arm(above(100), now=5)

    assert instants(scene.take()) == [5]


def test_fresh_waits_until_it_becomes_true_again():
    scene = Scene()
    scene.arm(above(1000))
    scene.prices(101)
    scene.arm(above(100), now=5, fresh=True)

    assert instants(scene.prices(102, 99, 101, start=6)) == [8]


def test_edges_never_fire_on_arming():
    scene = Scene()
    scene.arm(above(1000))
    scene.prices(101)
    scene.arm(crosses(100), now=5)

    assert scene.prices(102, start=6) == []


def test_stored_bars_are_followed_along_their_path():
    scene = Scene()
    scene.arm(above(100))

    scene.judge.path(bar(0, 99, open=99, high=101, low=98))
    fired = scene.take()

    assert [firing.approximated for firing in fired] == [True]
    assert fired[0].price == 101
    assert fired[0].evidence.bar_open_at == at(0)
    assert at(0) <= fired[0].event_at < at(60)


def test_a_bars_path_goes_on_behind_the_newest_trade():
    scene = Scene()
    scene.arm(above(100))
    scene.play(trade(40, 99))

    scene.judge.path(bar(0, 99.5, open=101.0, high=102.0, low=90.0))
    assert scene.take() == []
    scene.judge.path(bar(1, 101.0))
    assert instants(scene.take()) == [60]


def test_what_ends_with_a_bar_does_not_see_the_next_one():
    opened: list[Bar] = []
    scene = Scene(forming=lambda _symbol, _timeframe: opened[-1] if opened else None)
    scene.arm_text("close live > 100")
    opened.append(replace(bar(0, 99.0), closed=False))
    scene.play(trade(31, 99, number=1))
    opened.append(replace(bar(1, 101.0), closed=False))  # its first trade is what ends the one before

    fired = scene.play(bar(0, 99.0, delay=1.6), trade(61.6, 101, number=2))

    assert [(each.event_at, each.price) for each in fired] == [(at(61.6), 101)]


@pytest.mark.parametrize(
    ("high", "low", "path"),
    [(105, 97, (100, 97, 105, 101)), (102, 90, (100, 102, 90, 101)), (105, 95, (100, 95, 105, 101))],
)
def test_path_takes_the_nearer_extreme_first_and_the_low_at_equal_distance(high, low, path):
    assert path_of(bar(0, 101, open=100, high=high, low=low)) == path


def test_demands_name_timeframes_history_and_the_book():
    scene = Scene(settle=True)
    scene.arm(above(10, bars("close", "15m", back=3)))
    scene.arm(above(10, tick("spread")), symbol=ETH)

    demands = scene.judge.demands()

    assert demands[BTC].history == {"15m": 4}
    assert demands[ETH].needs_quotes
    assert not demands[BTC].needs_quotes
    assert scene.judge.demand("X/Y") is None


def test_disarming_is_final_and_leaves_nothing_behind():
    scene = Scene()
    asleep = scene.arm(above(100))
    awake = scene.arm(tree.And((crosses(100), above(10, bars()))))
    scene.prices(99)

    for alert in (asleep, awake):
        scene.judge.disarm(alert.id)

    assert scene.prices(101) == []
    assert scene.judge.demands() == {}
    assert scene.judge.standings(awake.id) == []


def test_warming_becomes_armed_when_history_is_there_and_then_asks_at_once():
    scene = Scene(settle=True)
    alert = scene.arm(above(10, bars("close", "1m", back=2)))
    assert scene.standing(alert).state is AlertState.WARMING

    scene.judge.seed(BTC, "1m", [bar(number, 11) for number in range(3)], at(180))

    assert instants(scene.take()) == [180]
    assert scene.standing(alert).state is AlertState.ARMED


def test_closes_alone_warm_up_too():
    scene = Scene(settle=True)
    scene.arm(above(10, bars("close", "1m", back=2)))

    fired = scene.play(*(bar(number, 11) for number in range(3)))

    assert instants(fired) == [180]


def test_first_close_after_arming_is_compared_with_the_one_before_it():
    scene = Scene(settle=True)
    scene.arm(crosses(100, left=bars()), trigger=Trigger.ONCE_PER_BAR_CLOSE)
    scene.judge.seed(BTC, "1m", [bar(number, 99) for number in range(3)], at(180))

    fired = scene.play(bar(3, 101), bar(4, 99), bar(5, 101))

    assert instants(fired) == [240, 360]


def test_silence_of_the_feed_is_judged_while_nothing_else_is():
    scene = Scene()
    silent = scene.arm_text("feed.age > 30s")
    other = scene.arm_text("price > 100", fresh=True)
    scene.prices(99)

    scene.judge.lose(BTC, at(20))

    assert scene.standing(other).state is AlertState.NO_DATA
    assert instants(scene.wait(31)) == [pytest.approx(30.1)]  # of our clock: it was heard at 0.1
    assert scene.standing(silent).fired == 1


def test_nothing_fires_while_warming():
    scene = Scene(settle=True)
    scene.arm(tree.Or((above(100), above(10, bars()))))

    assert scene.prices(101) == []


def test_explain_tells_what_is_missing_and_how_far_it_is():
    scene = Scene(settle=True)
    alert = scene.arm(tree.And((above(110), above(10, bars("close", "1m", back=2)))))
    scene.prices(100)

    told = scene.judge.explain(alert.id, BTC)

    assert told.state is AlertState.WARMING
    assert told.leaves[0].distance == 10
    assert "0 of the 3 bars" in told.leaves[1].missing


def test_explain_of_a_sleeper_wakes_it_and_changes_nothing_else():
    scene = Scene()
    alert = scene.arm(crosses(110))
    scene.prices(100)

    told = scene.judge.explain(alert.id, BTC)

    assert told.nearest_percent == 10
    assert instants(scene.prices(111, start=2)) == [2]


def test_explain_of_what_is_not_held_is_an_error():
    with pytest.raises(NotFound):
        Scene().judge.explain("nobody", BTC)


def test_paused_alert_is_not_judged():
    scene = Scene()
    alert = scene.arm(above(100), enabled=False)

    assert scene.prices(99, 101) == []
    assert scene.standing(alert).state is AlertState.PAUSED


def test_another_revision_begins_anew():
    scene = Scene()
    alert = scene.arm(above(100), trigger=Trigger.ONCE)
    scene.prices(99, 101)
    done = scene.stored[alert.id, BTC]

    scene.arm(above(100), id=alert.id, revision=2, standing=done, now=5, trigger=Trigger.ONCE)

    fired = scene.take()
    assert [firing.revision for firing in fired] == [2]
    assert fired[0].id != scene.firings[0].id


@given(st.lists(st.integers(95, 105), min_size=1, max_size=60))
def test_quiet_trades_leave_everything_as_if_they_had_been_judged(prices):
    def played(quietly):
        scene = Scene()
        for question in (above(100), crosses(103), tree.Held(above(98), ns=3 * 10**9)):
            scene.arm(question)
        is_quiet = scene.judge.quiet()
        for place, price in enumerate(prices):
            fact = trade(place, price, number=place + 1)
            if quietly and is_quiet(fact):
                continue
            scene.judge.advance(fact.received_at)
            scene.judge.trade(fact)
        fired = scene.wait(200)
        return [(each.alert_id, each.event_at, each.price) for each in fired], scene.cursors, scene.stored

    assert played(quietly=True) == played(quietly=False)
