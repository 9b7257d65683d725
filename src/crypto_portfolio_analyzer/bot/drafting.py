"""Drafts: what somebody is in the middle of asking for; in memory, for ten minutes, one per person and chat."""

from collections import OrderedDict
from secrets import token_urlsafe

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Alert

LIFE = 600.0
"""Seconds that a draft lives after it was last touched."""
MOST = 1000
"""Drafts of everybody; the one touched longest ago goes first."""


class Draft(Struct, kw_only=True):
    """An alert in the making. `message` is the one message it is told in, `waits_for` what may be typed."""

    id: str
    person: str
    chat: str
    message: int = 0
    waits_for: str = ""
    symbol: str = ""
    preset: str = ""
    condition: str = ""
    timeframe: str = "1m"
    tested: str = ""
    """The back-test's line, once it is there."""
    cautions: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    """What the buttons of the present step stand for."""
    alert: Alert | None = None
    """The alert that is to be changed; None makes a new one."""
    touched_at: float = 0.0


class Drafts:
    """All drafts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: OrderedDict[tuple[str, str], Draft] = OrderedDict()

    def begin(self, person: str, chat: str) -> Draft:
        """Return a new draft; an earlier one of the same person and chat is forgotten."""
        draft = Draft(id=token_urlsafe(6), person=person, chat=chat, touched_at=self._clock.monotonic())
        self._held.pop((person, chat), None)
        self._held[person, chat] = draft
        if len(self._held) > MOST:
            self._held.popitem(last=False)
        return draft

    def of(self, person: str, chat: str, draft_id: str | None = None) -> Draft | None:
        """Return the living draft of a person in a chat, as touched now; with an id only that one."""
        draft = self._held.get((person, chat))
        now = self._clock.monotonic()
        if draft is None or (draft_id is not None and draft.id != draft_id):
            return None
        if now - draft.touched_at >= LIFE:
            self.end(draft)
            return None
        draft.touched_at = now
        self._held.move_to_end((person, chat))
        return draft

    def end(self, draft: Draft) -> None:
        """Forget a draft."""
        if self._held.get((draft.person, draft.chat)) is draft:
            del self._held[draft.person, draft.chat]

    def __len__(self) -> int:
        return len(self._held)
