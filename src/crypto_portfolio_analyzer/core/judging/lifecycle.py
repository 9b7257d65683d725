"""The life of a standing: which state follows which event. Total: every pair has an outcome."""

from enum import StrEnum

from crypto_portfolio_analyzer.core.alerts import AlertState


class Event(StrEnum):
    """What can happen to a standing."""

    READY = "ready"
    """Its history is there."""
    HOLDS = "holds"
    """It is true, but not yet for long enough."""
    BROKEN = "broken"
    """It no longer holds, or facts are missing."""
    FIRED = "fired"
    """It fired and goes on at once."""
    RESTS = "rests"
    """It fired and rests: cooldown, or the way back to its re-arm level."""
    FINISHED = "finished"
    """It fired for the last time."""
    RESTED = "rested"
    LOST = "lost"
    """No venue covers its subject."""
    FOUND = "found"
    EXPIRED = "expired"
    FAILED = "failed"
    """It cannot be judged."""
    PAUSED = "paused"
    RESUMED = "resumed"


_S, _E = AlertState, Event

JUDGED = frozenset((_S.ARMED, _S.PENDING, _S.COOLDOWN))
"""States in which a condition is judged."""
OVER = frozenset((_S.DONE, _S.EXPIRED, _S.ERROR))
"""States that only a new revision, or resuming, leaves."""

_LIVE: dict[Event, AlertState] = {
    _E.FIRED: _S.ARMED,
    _E.RESTS: _S.COOLDOWN,
    _E.FINISHED: _S.DONE,
    _E.LOST: _S.NO_DATA,
    _E.EXPIRED: _S.EXPIRED,
    _E.FAILED: _S.ERROR,
    _E.PAUSED: _S.PAUSED,
}
_ASLEEP: dict[Event, AlertState] = {
    _E.EXPIRED: _S.EXPIRED,
    _E.FAILED: _S.ERROR,
    _E.PAUSED: _S.PAUSED,
}

NEXT: dict[AlertState, dict[Event, AlertState]] = {
    _S.DRAFT: {_E.RESUMED: _S.WARMING, _E.FAILED: _S.ERROR},
    _S.WARMING: {**_ASLEEP, _E.READY: _S.ARMED, _E.LOST: _S.NO_DATA},
    _S.ARMED: {**_LIVE, _E.HOLDS: _S.PENDING},
    _S.PENDING: {**_LIVE, _E.BROKEN: _S.ARMED},
    _S.COOLDOWN: {**_LIVE, _E.RESTED: _S.ARMED, _E.FIRED: _S.ARMED},
    _S.NO_DATA: {**_ASLEEP, _E.FOUND: _S.WARMING},
    _S.PAUSED: {_E.RESUMED: _S.WARMING, _E.EXPIRED: _S.EXPIRED, _E.FAILED: _S.ERROR},
    _S.FIRING: {_E.FIRED: _S.ARMED, _E.RESTS: _S.COOLDOWN, _E.FINISHED: _S.DONE},
    _S.EXPIRED: {_E.RESUMED: _S.WARMING},
    _S.DONE: {_E.RESUMED: _S.WARMING},
    _S.ERROR: {_E.RESUMED: _S.WARMING},
}
"""What is not listed changes nothing. `firing` is left in the transaction that enters it, so it is never seen."""


def advance(state: AlertState, event: Event) -> AlertState:
    """Return the state that follows; the same one where the event means nothing to it."""
    return NEXT[state].get(event, state)
