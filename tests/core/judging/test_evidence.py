"""Evidence and explanation."""

import pytest

from tests.core.judging.scene import BTC, Scene, at, bar, instants, trade


def armed(asked: str, **options: bool) -> Scene:
    scene = Scene(**options)
    scene.arm_text(asked)
    return scene


def test_evidence_holds_every_operand_now_and_before():
    scene = armed("price crosses above close")

    (fired,) = scene.play(trade(1, 98), bar(0, 99), trade(61, 98.5), trade(62, 101, number=7))

    assert fired.evidence.values == {"price": 101, "close": 99}
    assert fired.evidence.before == {"price": 98.5, "close": 99}
    assert fired.evidence.venue == "binance"
    assert fired.evidence.trade_id == 7
    assert fired.evidence.leaves[0].holds is True
    assert fired.evidence.leaves[0].distance == 2


def test_price_before_is_the_last_one_even_if_it_flipped_nothing():
    scene = armed("price > 100")

    (fired,) = scene.prices(90, 91, 92, 101)

    assert fired.evidence.before == {"price": 92}


def test_closed_bars_evidence_names_the_bar_before():
    scene = armed("close > 100")

    (fired,) = scene.play(bar(0, 99), bar(1, 101))

    assert fired.evidence.before == {"close": 99}
    assert fired.evidence.bar_open_at == at(60)


def test_moves_and_ranges_have_their_sides():
    scene = armed("price rises by 5% in 10s and price inside 100..200")

    (fired,) = scene.play(trade(0, 100), trade(10, 106))

    move, inside = fired.evidence.leaves
    assert [side and side.value for side in (move.left, move.right)] == [100, 106]
    assert inside.distance == 6
    assert instants([fired]) == [10]


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        ("price > 100", "price is not known yet"),
        ("rsi(14) on 1h < 30", "has seen 0 of the"),
        ("close / (close - close) > 1", "close"),
    ],
)
def test_explanation_says_what_is_missing(asked, missing):
    scene = armed(asked, settle=True)

    told = scene.judge.explain(scene.armed[0][0].id, BTC)

    assert missing in told.leaves[0].missing
    assert told.leaves[0].holds is None


@pytest.mark.parametrize(
    ("asked", "holds"),
    [("price > 100", False), ("price crosses above 100", False), ("price > 100 or not price > 100", True)],
)
def test_what_nothing_has_touched_yet_is_explained_all_the_same(asked, holds):
    scene = armed(asked)
    scene.prices(99)

    told = scene.judge.explain(scene.armed[0][0].id, BTC)

    assert told.holds is holds
    assert told.leaves[0].holds is False
    assert told.leaves[0].distance == 1


def test_an_explanation_leaves_no_trace():
    asked = (
        "price crosses above 100",
        "price > 100 then price < 99 within 5s",
        "price > 98 for 2s",
        "price > 100 within 4s and price < 99",
    )
    for text in asked:
        told, untold = armed(text), armed(text)
        for second, price in enumerate((99, 98, 101, 102, 98, 99, 100, 101, 97, 97, 97)):
            told.judge.explain(told.armed[0][0].id, BTC)
            for scene in (told, untold):
                scene.prices(price, start=second)

        assert told.firings == untold.firings
        assert told.firings


def test_nearest_is_in_percent_of_the_price():
    scene = armed("price > 110 or price < 95")
    scene.prices(100)

    assert scene.judge.explain(scene.armed[0][0].id, BTC).nearest_percent == 5


def test_own_timeframe_is_named_where_the_condition_names_it():
    scene = armed("close on 1m > close on 5m")

    (fired,) = scene.play(bar(4, 9), bar(0, 9, timeframe="5m"), bar(5, 10))

    assert fired.evidence.values == {"close on 1m": 10, "close on 5m": 9}
