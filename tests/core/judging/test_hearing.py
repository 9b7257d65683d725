"""Facts: late, back-filled, missing, from another venue."""

from crypto_portfolio_analyzer.core.alerts import AlertState, Cause
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.market import Arrival, Gap, GapCause, SourceChange
from tests.core.judging.scene import (
    BTC,
    ETH,
    PRICE,
    Scene,
    above,
    at,
    crosses,
    instants,
    late,
    quote,
    seconds,
    tick,
    ticker,
    trade,
)


def gap(from_seconds: float, until: float) -> Gap:
    return Gap("binance", BTC, GapCause.SEQUENCE, at(from_seconds), at(until), at(until))


def test_late_trade_may_add_a_firing_and_moves_no_reference():
    scene = Scene()
    scene.arm(crosses(100))
    scene.prices(99, 98, start=1)

    (fired,) = scene.play(late(trade(1.5, 101)))
    again = scene.play(trade(3, 101))

    assert (fired.late, fired.cause, fired.event_at) == (True, Cause.OUT_OF_ORDER, at(1.5))
    assert instants(again) == [3]


def test_late_trade_withdraws_nothing():
    scene = Scene()
    alert = scene.arm(tree.Held(above(100), ns=seconds(10)))
    scene.prices(101, start=1)

    scene.play(late(trade(0.5, 99)))

    assert scene.standing(alert).state is AlertState.PENDING
    assert instants(scene.wait(13.1)) == [11]


def test_late_trade_from_before_arming_is_no_business_of_the_alert():
    scene = Scene()
    scene.arm(above(100), now=5)

    assert scene.play(trade(6, 99), late(trade(3, 101))) == []


def test_back_filled_trades_fire_late_in_order():
    scene = Scene()
    scene.arm(crosses(100))
    filled = [trade(second, price, arrival=Arrival.BACKFILLED) for second, price in ((2, 101), (3, 99))]

    fired = scene.play(trade(1, 99), *filled, trade(4, 101))

    assert [(firing.late, firing.cause) for firing in fired] == [
        (True, Cause.GAP_BACKFILL),
        (False, Cause.LIVE),
    ]


def hold_over_a_gap(*, filled: bool) -> Scene:
    scene = Scene()
    scene.arm(tree.Held(above(100), ns=seconds(10)))
    scene.play(trade(0, 101, number=1))
    scene.judge.gap(gap(0, 5))
    if filled:
        scene.play(trade(3, 102, number=2, arrival=Arrival.BACKFILLED))
    scene.play(trade(5, 103, number=3))
    scene.wait(30)
    return scene


def test_gap_starts_a_hold_over():
    assert instants(hold_over_a_gap(filled=False).firings) == [15]


def test_gap_that_was_filled_whole_is_none():
    assert instants(hold_over_a_gap(filled=True).firings) == [10]


def test_hold_is_not_decided_while_facts_may_be_missing():
    scene = Scene()
    scene.arm(tree.Held(above(100), ns=seconds(10)))
    scene.play(trade(0, 101, number=1))
    scene.judge.gap(gap(0, 5))

    assert scene.wait(20) == []
    assert scene.play(trade(7, 99, number=2, arrival=Arrival.BACKFILLED), trade(21, 99, number=3)) == []


def test_gap_does_not_reset_the_reference_of_a_crossing():
    scene = Scene()
    scene.arm(crosses(100))
    scene.play(trade(0, 99, number=1))
    scene.judge.gap(gap(0, 5))

    assert instants(scene.play(trade(6, 101, number=9))) == [6]


def test_gap_is_a_series():
    scene = Scene()
    scene.arm(tree.Flag(tick("feed.gap")))
    scene.play(trade(0, 99, number=1))

    scene.judge.gap(gap(0, 5))

    assert instants(scene.take()) == [5]


def test_another_venue_resets_the_reference():
    for is_wakeful in (True, False):
        scene = Scene()
        scene.arm(crosses(100), is_wakeful=is_wakeful)
        scene.prices(99)

        scene.judge.source_change(SourceChange(BTC, "binance", "kraken", "down", at(1)), BTC)

        assert scene.prices(101, 99, 101, start=2)[0].event_at == at(4)


def test_ticker_gives_the_price_only_when_no_trade_is_newer():
    scene = Scene()
    scene.arm(above(100))

    assert scene.play(trade(5, 99), ticker(4, 101)) == []
    assert instants(scene.play(ticker(6, 101))) == [6]


def test_ticker_of_trades_that_are_known_gives_no_price():
    scene = Scene()
    scene.arm(above(100))

    assert scene.play(trade(5, 99, number=7), ticker(6, 101, last_trade_id=7)) == []


def test_series_of_the_ticker_and_of_the_book():
    scene = Scene()
    scene.arm(above(5, tick("change_24h")))
    scene.arm(above(1, tick("spread")))

    assert instants(scene.play(ticker(1, 99, open_24h=95.0), trade(2, 101))) == [2]
    assert instants(scene.play(quote(3, 99, 99.5), quote(4, 99, 101))) == [4]


def test_other_subjects_price_is_known_for_a_minute():
    scene = Scene()
    scene.arm(tree.Comparison(">", PRICE, tick(subject=ETH)))
    scene.play(trade(0, 100, symbol=ETH), trade(1, 99))

    assert scene.play(trade(61, 101)) == []
    assert instants(scene.play(trade(62, 100, symbol=ETH))) == [62]


def test_lost_subject_has_no_data_until_a_fact_comes():
    scene = Scene()
    alert = scene.arm(crosses(100), is_wakeful=True)
    scene.prices(99)

    scene.judge.lose(BTC, at(60))
    assert scene.standing(alert).state is AlertState.NO_DATA
    fired = scene.prices(101, start=61)

    assert scene.standing(alert).state is AlertState.ARMED
    assert instants(fired) == [61]


def test_symbols_nobody_asks_for_cost_nothing():
    scene = Scene()

    assert scene.play(trade(1, 1), quote(1, 1, 2), ticker(1, 1)) == []
    assert scene.judge.demands() == {}
