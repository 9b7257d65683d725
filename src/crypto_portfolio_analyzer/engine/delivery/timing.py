"""How often the engine looks, how long it holds on, and how much it does at once."""

from msgspec import Struct

from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR, MINUTE

SECOND = 10**9

IN_FLIGHT = 256
"""Messages under way at once, over all channels."""
AHEAD = 2
"""Deliveries claimed per place of a lane: the next one is at hand when one ends; a crash leaves few unsure."""
PAIRS_AHEAD = 16
"""Deliveries claimed at once of a channel with many lanes, one per pair."""
BURST, WINDOW = 20, MINUTE
"""Messages to one lane of people in one window (ns); what comes beyond waits for its end."""
FEW = 3
"""So many that waited for the end of a window still come one by one."""
LARGEST = 1000
"""Deliveries that one digest may hold."""
MORNING = 10 * MINUTE
"""How long (ns) after quiet hours what they held is still gathered."""
INHIBITS = 5 * MINUTE
"""How long (ns) a critical firing keeps back those of the same symbol that only inform."""
GIVEN_UP = 5 * DAY
"""How long (ns) a channel may do nothing but fail before it is switched off."""
LONGEST_PAUSE = DAY
"""How long (ns) another end may ask to be left alone."""
NOTICE_EVERY = HOUR
"""How long (ns) a channel's troubles are gathered after its owner was told."""
ATTEMPTS_KEPT = 30 * DAY
"""How long (ns) attempts are kept."""


class Timing(Struct, frozen=True):
    """The engine's own rhythm, in seconds."""

    look: float = 1.0
    """Longest wait between two looks at the outbox: nobody may have told us."""
    rescue: float = 10.0
    """Between two searches for what others have left behind."""
    lease: float = 90.0
    """How long a claim holds unless it is renewed."""
    is_alone: bool = False
    """Nobody else works on this outbox: what is claimed at the start was left behind by us."""
    grace: float = 0.5
    """How long (real seconds) what is under way may take to end at a stop: Ctrl C ends all within a second, and what
    became of the rest is to be written down before that."""


def nanoseconds(seconds: float) -> int:
    """Return a span of seconds in ns."""
    return round(seconds * SECOND)
