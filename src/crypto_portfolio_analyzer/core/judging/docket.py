"""The docket: what was decided since the last commit, and how far each subject has been judged."""

from crypto_portfolio_analyzer.core.alerts import Batch, Cursor, Decision, Firing, Suppressed
from crypto_portfolio_analyzer.core.judging.case import Case
from crypto_portfolio_analyzer.core.judging.subjects import Subject


class Docket:
    """Collects decisions in order; standings whose memory changed; subjects that went on."""

    def __init__(self) -> None:
        self._decisions: list[Decision] = []
        self._judged: dict[Case, None] = {}
        self.touched: list[Subject] = []
        """Subjects with facts since the last commit; the hot path adds to it."""

    @property
    def is_waiting(self) -> bool:
        """Whether decisions wait to be taken."""
        return bool(self._decisions)

    def decide(self, case: Case, firing: Firing | None = None, suppressed: Suppressed | None = None) -> None:
        """Note a decision with the standing as it is now."""
        self._decisions.append(Decision(standing=case.remember(), firing=firing, suppressed=suppressed))

    def judged(self, case: Case) -> None:
        """Note that a case was judged: its memory may be another."""
        self._judged[case] = None

    def forget(self, case: Case) -> None:
        """Leave out a case that is no longer held."""
        self._judged.pop(case, None)

    def take(self) -> Batch:
        """Return everything since the last call."""
        decisions, judged, touched = self._decisions, self._judged, self.touched
        self._decisions, self._judged, self.touched = [], {}, []
        dirty = []
        for case in judged:
            before = case.standing.memory
            standing = case.remember()
            if standing.memory != before:
                dirty.append(standing)
        cursors = []
        for subject in touched:
            subject.is_touched = False
            if subject.last is not None:
                cursors.append(_cursor(subject.symbol, subject))
        return Batch(decisions=decisions, dirty=dirty, cursors=cursors)


def _cursor(symbol: str, subject: Subject) -> Cursor:
    trade = subject.last
    assert trade is not None
    return Cursor(symbol, trade.venue, trade.event_at, trade.trade_id, trade.price)
