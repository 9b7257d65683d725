"""From alerts and firings to what is shown of them."""

import math
from typing import Any

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.api.alert_views import (
    LIVELIEST,
    alert_view,
    alerts_of,
    explanation_view,
    firing_view,
    liveliest,
    silence_view,
    subject_of,
)
from crypto_portfolio_analyzer.core.alerts import (
    Alert,
    AlertState,
    Evidence,
    Explanation,
    Firing,
    Leaf,
    Operand,
    Rearm,
    Silence,
    Standing,
)
from crypto_portfolio_analyzer.errors import NotFound
from tests.fakes import NOON, SECOND

ALERT = Alert(
    id="a1",
    number=1,
    owner="anna",
    name="both",
    symbols=("BTC/USDT", "ETH/USDT"),
    condition="price > 1",
    rearm=Rearm(level=0.00000012),
)
LEAF = Leaf("price > 1", True, Operand("price", 2.0, 0.5), Operand("1", 1.0, 1.0), 1.0)
FIRING = Firing(
    id="f1",
    alert_id="a1",
    revision=1,
    symbol="BTC/USDT",
    key="1",
    price=2.5,
    event_at=NOON,
    received_at=NOON + SECOND,
    detected_at=NOON + SECOND,
    evidence=Evidence("above", (LEAF,), {"price": 2.0}, {"price": 0.5}, "binance", 7, NOON),
    stored_at=NOON + 2 * SECOND,
    seq=9,
)


def standing(symbol: str, state: AlertState, reason: str = "", **more: Any) -> Standing:
    return Standing(alert_id="a1", symbol=symbol, revision=1, state=state, reason=reason, **more)


def test_every_state_has_a_place_among_the_liveliest() -> None:
    assert set(LIVELIEST) == set(AlertState)


def test_an_alert_is_shown_with_the_liveliest_of_its_symbols() -> None:
    states = [
        standing("BTC/USDT", AlertState.ERROR, "unknown at Binance"),
        standing("ETH/USDT", AlertState.ARMED, last_fired_at=NOON),
    ]
    view = alert_view(ALERT, states)

    assert (view.state, view.reason, view.states) == ("armed", "", {"error": 1, "armed": 1})
    assert view.last_fired_at == "2026-11-20T12:00:00.000Z"
    assert liveliest(ALERT, states[:1]) == (AlertState.ERROR, "unknown at Binance")


def test_what_is_switched_off_is_paused_whatever_its_symbols_were() -> None:
    off = replace(ALERT, enabled=False)

    assert liveliest(off, [standing("BTC/USDT", AlertState.ARMED)])[0] is AlertState.PAUSED
    assert liveliest(ALERT, [])[0] is AlertState.WARMING


def test_an_alert_shows_prices_as_decimal_strings_and_both_sentences() -> None:
    view = alert_view(ALERT, [])

    assert view.rearm is not None
    assert view.rearm.level == "0.00000012"
    assert view.symbol is None
    assert view.summary == view.sentence.en == "BTC/USDT, ETH/USDT: the price is above 1"
    assert view.sentence.de == "BTC/USDT, ETH/USDT: der Preis liegt über 1"


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"symbols": ("BTC/USDT",)}, "BTC/USDT"),
        ({"symbols": ("A/B", "C/D", "E/F", "G/H")}, "A/B, C/D +2"),
        ({"symbols": ("*",)}, "*"),
        ({"symbols": (), "watchlist": "majors"}, "majors"),
    ],
)
def test_a_sentence_is_about_the_symbols_or_the_watchlist(changes: dict[str, Any], subject: str) -> None:
    assert subject_of(replace(ALERT, **changes)) == subject


def test_a_firing_shows_its_evidence() -> None:
    view = firing_view(FIRING, ALERT, simulated=True)

    assert (view.price, view.seq, view.simulated, view.alert_name) == ("2.5", 9, True, "both")
    [leaf] = view.evidence.leaves
    assert (leaf.value, leaf.need, leaf.distance, leaf.holds) == (2.0, 1.0, 1.0, True)
    assert view.evidence.bar_open_at == "2026-11-20T12:00:00.000Z"


def test_a_price_nobody_knew_is_null() -> None:
    assert firing_view(replace(FIRING, price=math.nan), None, simulated=False).price is None


def test_an_explanation_shows_what_stands_in_the_way() -> None:
    told = Explanation(
        alert_id="a1",
        symbol="BTC/USDT",
        state=AlertState.COOLDOWN,
        reason="cooldown",
        sentence="above",
        holds=None,
        leaves=(Leaf("rsi(14) < 30", None, missing="rsi(14): 3 of 294 bars"),),
        cooldown_until=NOON,
    )
    view = explanation_view(told)

    assert (view.cooldown_until, view.silenced_until) == ("2026-11-20T12:00:00.000Z", None)
    assert (view.leaves[0].left, view.leaves[0].missing) == (None, "rsi(14): 3 of 294 bars")


@pytest.mark.parametrize(("at", "active"), [(-1, False), (0, True), (SECOND - 1, True), (SECOND, False)])
def test_a_silence_is_active_from_its_start_to_before_its_end(at: int, active: bool) -> None:
    silence = Silence(id="s", owner="anna", matchers={"tag": "*"}, starts_at=NOON, ends_at=NOON + SECOND)

    assert silence_view(silence, NOON + at).active is active


async def test_the_alerts_of_firings_are_asked_for_once_and_deleted_ones_are_left_out() -> None:
    asked: list[str] = []

    class Store:
        async def get(self, owner: str, alert_id: str) -> Alert:
            asked.append(alert_id)
            if alert_id != "a1":
                raise NotFound("alert", alert_id)
            return ALERT

    firings = [FIRING, replace(FIRING, id="f2"), replace(FIRING, alert_id="gone")]

    assert await alerts_of(Store(), "anna", firings) == {"a1": ALERT}
    assert asked == ["a1", "gone"]
