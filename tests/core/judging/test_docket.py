"""What is to be stored since the last commit."""

from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.judging.docket import WINDOWS_EVERY, Scope
from crypto_portfolio_analyzer.core.market import Arrival
from tests.core.judging.scene import BTC, ETH, Scene, above, at, crosses, late, seconds, trade


def test_decisions_come_in_the_order_they_were_made():
    scene = Scene()
    second, first = scene.arm(above(102)), scene.arm(above(100))
    for price in (99, 101, 103):
        scene.judge.trade(trade(price - 99, price))

    batch = scene.judge.take()

    assert [each.standing.alert_id for each in batch.decisions] == [first.id, second.id]


def test_memory_that_changed_without_a_decision_is_dirty():
    scene = Scene()
    alert = scene.arm(tree.Or((crosses(100), above(200))))
    scene.judge.trade(trade(0, 99))

    batch = scene.judge.take()

    assert batch.decisions == []
    assert [standing.alert_id for standing in batch.dirty] == [alert.id]


def test_memory_that_stayed_is_not_stored_again():
    scene = Scene()
    scene.arm(
        tree.Comparison(
            ">", tree.Arithmetic("*", above(1).left, above(1).right, above(1).left.unit), above(200).right
        )
    )
    scene.prices(99)

    scene.judge.trade(trade(1, 98))

    assert scene.judge.take().dirty == []


def test_cursors_name_the_newest_trade_in_order():
    scene = Scene()
    scene.arm(above(1000))
    scene.judge.trade(trade(0, 99, number=1))
    scene.judge.trade(trade(1, 98, number=3, arrival=Arrival.BACKFILLED))
    scene.judge.trade(late(trade(0.5, 97, number=2)))

    (cursor,) = scene.judge.take().cursors

    assert (cursor.symbol, cursor.venue, cursor.event_at, cursor.trade_id, cursor.price) == (
        BTC,
        "binance",
        at(1),
        3,
        98,
    )


def test_what_was_taken_is_not_given_again():
    scene = Scene()
    scene.arm(above(100))
    scene.judge.trade(trade(0, 101))
    scene.judge.take()

    assert not scene.judge.take()
    assert not scene.judge.is_waiting


def test_subjects_without_new_facts_have_no_cursor():
    scene = Scene()
    scene.arm(above(1000))
    scene.arm(above(1000), symbol=ETH)
    scene.judge.trade(trade(0, 99))

    assert [cursor.symbol for cursor in scene.judge.take().cursors] == [BTC]


def test_alert_that_is_let_go_is_no_longer_dirty():
    scene = Scene()
    alert = scene.arm(tree.Held(above(100), ns=seconds(5)))
    scene.judge.trade(trade(0, 101))
    scene.judge.take()
    scene.judge.trade(trade(1, 99))
    scene.judge.disarm(alert.id)

    assert scene.judge.take().dirty == []


def test_what_is_decided_takes_the_memory_of_its_symbol_along_and_leaves_others_for_later():
    scene = Scene()
    fires, same = scene.arm(above(100)), scene.arm(tree.Or((crosses(100), above(200))))
    other = scene.arm(tree.Or((crosses(10), above(20))), symbol=ETH)
    scene.judge.trade(trade(0, 9, symbol=ETH))
    scene.judge.trade(trade(0.1, 101))

    decided, rest = scene.judge.take(Scope.DECIDED), scene.judge.take(Scope.REGULAR)

    assert [each.standing.alert_id for each in decided.decisions] == [fires.id]
    assert [each.alert_id for each in decided.dirty] == [same.id]
    assert [each.symbol for each in decided.cursors] == [BTC]
    assert [each.alert_id for each in rest.dirty] == [other.id]
    assert [each.symbol for each in rest.cursors] == [ETH]


def test_symbols_with_clock_windows_are_taken_rarely_but_never_halfway():
    scene = Scene()
    scene.arm_text("price rises by 50% in 15m")
    scene.arm(tree.Or((crosses(100), above(200))))
    taken = []
    for turn in range(2 * WINDOWS_EVERY):
        scene.judge.trade(trade(turn, 99 - turn / 1000))
        taken.append(scene.judge.take(Scope.REGULAR))

    whole = [batch for batch in taken if batch]
    assert len(whole) == 2
    assert all(batch.cursors for batch in whole)
    assert whole[0].dirty


def test_an_alert_over_two_symbols_has_all_taken_together():
    scene = Scene()
    scene.arm_text('price > "ETH/USDT".price')
    scene.arm(above(100))
    scene.judge.trade(trade(0, 9, symbol=ETH))
    scene.judge.trade(trade(0.1, 101))

    assert {each.symbol for each in scene.judge.take(Scope.DECIDED).cursors} == {BTC, ETH}
