"""Rulings: triggers, cooldown, hysteresis, silences, expiry."""

from crypto_portfolio_analyzer.core.alerts import AlertState, Rearm, Severity, Silence, Trigger, firing_id
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.judging.rulings import matches
from tests.core.judging.scene import BTC, Scene, above, at, bar, bars, crosses, instants, seconds, trade


def test_once_fires_once_and_is_done():
    scene = Scene()
    alert = scene.arm(above(100), trigger=Trigger.ONCE)

    fired = scene.prices(99, 101, 99, 101)

    assert instants(fired) == [1]
    assert scene.standing(alert).state is AlertState.DONE


def test_once_per_bar_fires_once_in_each_bar_while_true():
    scene = Scene()
    scene.arm(above(100), trigger=Trigger.ONCE_PER_BAR)

    fired = scene.play(*(trade(second, price) for second, price in (
        (1, 101), (30, 102), (59, 103), (60, 104), (61, 99), (62, 105), (130, 106),
    )))  # fmt: skip

    assert instants(fired) == [1, 60, 130]
    assert [int(firing.key) for firing in fired] == [at(0), at(60), at(120)]


def test_once_per_minute_counts_clock_minutes():
    scene = Scene()
    scene.arm(above(100), trigger=Trigger.ONCE_PER_MINUTE, timeframe="1h")

    assert instants(scene.play(trade(1, 101), trade(2, 102), trade(61, 103))) == [1, 61]


def test_once_per_bar_close_looks_at_closes_only():
    scene = Scene()
    scene.arm(above(100), trigger=Trigger.ONCE_PER_BAR_CLOSE)

    fired = scene.play(trade(1, 101), trade(59, 99), bar(0, 99), trade(61, 101), bar(1, 101), bar(2, 101))

    assert instants(fired) == [120, 180]
    assert [int(firing.key) for firing in fired] == [at(60), at(120)]


def test_crossings_close_to_close_do_not_see_what_lies_between():
    scene = Scene()
    scene.arm(crosses(100), trigger=Trigger.ONCE_PER_BAR_CLOSE)

    fired = scene.play(
        trade(1, 99), bar(0, 99), trade(61, 101), trade(62, 99), bar(1, 99), trade(121, 101), bar(2, 101)
    )

    assert instants(fired) == [180]


def test_close_of_a_bar_belongs_to_that_bar():
    scene = Scene()
    scene.arm(above(10, bars()), trigger=Trigger.ONCE_PER_BAR)

    fired = scene.play(bar(0, 11), bar(1, 11))

    assert [int(firing.key) for firing in fired] == [at(0), at(60)]


def test_cooldown_suppresses_and_counts():
    scene = Scene()
    alert = scene.arm(above(100), cooldown=seconds(10))

    fired = scene.prices(99, 101, 99, 101, 99) + scene.prices(101, start=12)

    assert instants(fired) == [1, 12]
    assert scene.standing(alert).suppressed == 1
    assert [each.reason for each in scene.suppressed] == ["cooldown"]


def test_cooldown_is_over_at_its_end_exactly():
    scene = Scene()
    scene.arm(above(100), cooldown=seconds(10))

    assert instants(scene.prices(101, 99) + scene.prices(101, start=10)) == [0, 10]


def test_cooldown_ends_by_time_alone():
    scene = Scene()
    alert = scene.arm(above(100), cooldown=seconds(10))
    scene.prices(101)
    assert scene.standing(alert).state is AlertState.COOLDOWN

    scene.wait(12.1)

    assert scene.standing(alert).state is AlertState.ARMED
    assert scene.standing(alert).epoch == 2


def test_keys_are_the_epochs_of_arming():
    scene = Scene()
    alert = scene.arm(above(100))

    fired = scene.prices(101, 99, 101, 99, 101)

    assert [firing.key for firing in fired] == ["1", "2", "3"]
    assert [firing.id for firing in fired] == [firing_id(alert.id, 1, BTC, key) for key in ("1", "2", "3")]


def test_value_must_go_back_before_it_may_fire_again():
    scene = Scene()
    scene.arm(crosses(100), rearm=Rearm(percent=1))

    fired = scene.prices(99.5, 101, 99.5, 101, 99, 101)

    assert instants(fired) == [1, 5]
    assert [each.reason for each in scene.suppressed] == ["not back at its re-arm level"]


def test_going_back_counts_between_judgements_too():
    scene = Scene()
    scene.arm(above(100), rearm=Rearm(level=90))

    assert instants(scene.prices(101, 89, 95, 101)) == [0, 3]


def test_max_triggers_ends_it():
    scene = Scene()
    alert = scene.arm(above(100), max_triggers=2)

    assert instants(scene.prices(101, 99, 101, 99, 101)) == [0, 2]
    assert scene.standing(alert).state is AlertState.DONE


def test_tick_at_exactly_the_expiry_does_not_fire():
    scene = Scene()
    alert = scene.arm(above(100), expires_at=at(3))

    assert scene.prices(99, 99, 99, 101) == []
    assert scene.standing(alert).state is AlertState.EXPIRED


def test_expiry_comes_by_time_alone():
    scene = Scene()
    alert = scene.arm(above(100), expires_at=at(3))

    scene.wait(5.1)

    assert scene.standing(alert).state is AlertState.EXPIRED


def silence(**matchers: str) -> Silence:
    return Silence(id="s1", owner="anna", matchers=matchers, starts_at=at(0), ends_at=at(10))


def test_silenced_trigger_is_stored_as_suppressed():
    scene = Scene()
    alert = scene.arm(above(100), trigger=Trigger.ONCE)
    scene.judge.silence([silence(symbol="BTC/*")])

    assert scene.prices(101, 99) == []
    assert [each.reason for each in scene.suppressed] == ["silence s1"]
    assert scene.judge.explain(alert.id, BTC).silenced_until == at(10)
    assert instants(scene.prices(101, start=11)) == [11]


def test_all_matchers_of_a_silence_must_hold():
    scene = Scene()
    alert = scene.arm(above(100), name="btc breakout", tags=("swing",), severity=Severity.CRITICAL)

    assert matches(silence(name="btc*", tag="swing", severity="critical"), alert, BTC)
    assert not matches(silence(name="btc*", tag="scalp"), alert, BTC)
    assert not matches(silence(nonsense="*"), alert, BTC)


def test_silences_are_of_one_owner():
    scene = Scene()
    alert = scene.arm(above(100), owner="otto")

    assert not matches(silence(symbol="*"), alert, BTC)


def test_brackets_in_a_matcher_are_no_pattern():
    scene = Scene()
    alert = scene.arm(above(100), name="b")

    assert not matches(silence(name="[abc]"), alert, BTC)


def test_true_unknown_true_is_no_new_edge():
    scene = Scene()
    quotient = tree.Arithmetic("/", tree.Arithmetic("*", bars(), bars(), bars().unit), bars(), bars().unit)
    scene.arm(above(10, quotient))

    fired = scene.play(bar(0, 11), bar(1, 0), bar(2, 11), bar(3, 9), bar(4, 11))

    assert instants(fired) == [60, 300]
