"""The life of a standing."""

import pytest

from crypto_portfolio_analyzer.core.alerts import AlertState
from crypto_portfolio_analyzer.core.judging.lifecycle import JUDGED, OVER, Event, advance


@pytest.mark.parametrize("state", AlertState)
@pytest.mark.parametrize("event", Event)
def test_every_event_has_an_outcome_in_every_state(state, event):
    assert advance(state, event) in AlertState


@pytest.mark.parametrize("state", sorted(OVER))
def test_what_is_over_only_resuming_wakes(state):
    following = {event: advance(state, event) for event in Event}

    assert following.pop(Event.RESUMED) is AlertState.WARMING
    assert set(following.values()) == {state}


@pytest.mark.parametrize("state", sorted(JUDGED))
def test_only_what_is_judged_can_fire(state):
    assert advance(state, Event.FINISHED) is AlertState.DONE
    assert all(
        advance(other, Event.FINISHED) is other for other in AlertState if other not in (*JUDGED, "firing")
    )


def test_no_data_comes_back_through_warming():
    assert advance(AlertState.NO_DATA, Event.FOUND) is AlertState.WARMING
    assert advance(AlertState.NO_DATA, Event.READY) is AlertState.NO_DATA
