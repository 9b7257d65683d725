"""A case and its memory."""

import msgspec

from crypto_portfolio_analyzer.core.alerts import Rearm, Trigger
from crypto_portfolio_analyzer.core.conditions import tree
from tests.core.judging.scene import BTC, Scene, above, at, crosses, instants, seconds, trade


def test_memory_is_plain_json():
    scene = Scene()
    alert = scene.arm(tree.Held(tree.And((above(100), above(90))), ns=seconds(5)), rearm=Rearm(percent=1))
    scene.prices(101)

    version, was, *_ = msgspec.json.decode(scene.standing(alert).memory)

    assert (version, was) == (1, False)


def test_memory_of_another_version_begins_anew():
    scene = Scene()
    alert = scene.arm(crosses(100), is_wakeful=True)
    scene.prices(99)
    old = msgspec.structs.replace(scene.standing(alert), memory=b"[0]")

    scene.arm(crosses(100), id=alert.id, is_wakeful=True, standing=old)

    assert scene.prices(101, start=2) == []


def test_restart_during_a_cooldown_goes_on_with_it():
    scene = Scene()
    alert = scene.arm(above(100), cooldown=seconds(10))
    scene.prices(101, 99)

    scene.restart(2)
    fired = scene.prices(101, 99, start=3) + scene.prices(101, start=11)

    assert instants(fired) == [11]
    assert scene.standing(alert).suppressed == 1


def test_restart_during_a_hold_goes_on_with_it():
    scene = Scene()
    scene.arm(tree.Held(above(100), ns=seconds(10)))
    scene.prices(101)

    scene.restart(5)

    assert instants(scene.wait(12.1)) == [10]


def test_restart_remembers_the_bar_that_has_fired():
    scene = Scene()
    scene.arm(above(100), trigger=Trigger.ONCE_PER_BAR)
    scene.prices(101)

    scene.restart(5)

    assert instants(scene.play(trade(6, 102), trade(61, 103))) == [61]


def test_restart_catches_what_was_crossed_meanwhile():
    scene = Scene()
    scene.arm(crosses(100))
    scene.prices(99)

    scene.restart(5)

    assert instants(scene.prices(101, start=6)) == [6]


def test_state_changes_carry_reason_and_instant():
    scene = Scene()
    alert = scene.arm(above(100), trigger=Trigger.ONCE)
    scene.prices(99, 101)

    standing = scene.standing(alert)
    assert (standing.reason, standing.since, standing.last_fired_at) == ("fired once", at(1), at(1))
    assert scene.firings[0].symbol == BTC
