"""Streams as S0 sees them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from crypto_portfolio_analyzer.api.alert_streams import HandStreams, activity_of, joined, live
from crypto_portfolio_analyzer.core.alerts import AlertState, Standing
from crypto_portfolio_analyzer.errors import InvalidSymbol
from tests.api.test_prices import Room


class States:
    """An engine and a store that know standings by owner."""

    def __init__(self, **owned: Sequence[Standing]) -> None:
        self._owned = owned

    async def states(self, owner: str) -> Mapping[str, Sequence[Standing]]:
        found: dict[str, list[Standing]] = {}
        for each in self._owned.get(owner, ()):
            found.setdefault(each.alert_id, []).append(each)
        return found

    async def standings(self, owner: str, alert_ids: Sequence[str]) -> Mapping[str, Sequence[Standing]]:
        return {name: each for name, each in (await self.states(owner)).items() if name in alert_ids}


def standing(alert: str, symbol: str, state: AlertState) -> Standing:
    return Standing(alert_id=alert, symbol=symbol, revision=1, state=state)


async def test_only_what_is_at_work_counts_and_nothing_counts_zero() -> None:
    states: Any = States(
        anna=[
            standing("a", "BTC/USDT", AlertState.ARMED),
            standing("a", "ETH/USDT", AlertState.COOLDOWN),
            standing("b", "BTC/USDT", AlertState.WARMING),
            standing("c", "SOL/USDT", AlertState.DONE),
            standing("d", "ADA/USDT", AlertState.PAUSED),
        ],
        ben=[standing("e", "XRP/USDT", AlertState.ARMED)],
    )

    activity = await activity_of(states, states, "anna")

    assert activity.by_symbol == {"BTC/USDT": 2, "ETH/USDT": 1}
    assert (activity.alerts, activity.cooling) == (2, 1)


@pytest.mark.parametrize("state", list(AlertState))
def test_every_state_is_at_work_or_at_rest(state: AlertState) -> None:
    at_rest = state in {"draft", "paused", "expired", "done", "error"}

    assert bool(live([standing("a", "BTC/USDT", state)])) is not at_rest


def test_a_stream_by_hand_is_held_once_and_let_go_once() -> None:
    room = Room("BTC")
    streams = HandStreams(room.feeds)

    assert streams.start("SOLUSDT", "SOL/USDT")
    assert not streams.start("SOL/USDT", "SOL/USDT")
    assert room.feeds.find("SOL/USDT") is not None
    assert streams.symbols == ["SOL/USDT"]
    assert streams.stop("SOL/USDT")
    assert not streams.stop("SOL/USDT")
    assert room.feeds.find("SOL/USDT") is None


def test_a_symbol_that_is_none_is_not_held() -> None:
    streams = HandStreams(Room("BTC").feeds)

    with pytest.raises(InvalidSymbol):
        streams.start("?!", "?!")
    assert streams.symbols == []


def test_s0_spells_symbols_in_one_word() -> None:
    assert joined("BTC/USDT") == "BTCUSDT"
