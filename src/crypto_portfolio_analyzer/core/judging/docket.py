"""The docket: what was decided since the last commit, and how far each subject has been judged."""

from crypto_portfolio_analyzer.core.alerts import Batch, Cursor, Decision, Firing, Suppressed
from crypto_portfolio_analyzer.core.judging.case import Case
from crypto_portfolio_analyzer.core.judging.columns import Columns


class Docket:
    """Collects decisions in order; standings whose memory changed; subjects that went on."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._decisions: list[Decision] = []
        self._judged: dict[Case, None] = {}

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
        decisions, judged = self._decisions, self._judged
        self._decisions, self._judged = [], {}
        dirty = []
        for case in judged:
            before = case.standing.memory
            standing = case.remember()
            if standing.memory != before:
                dirty.append(standing)
        cursors = [
            Cursor(trade.symbol, trade.venue, trade.event_at, trade.trade_id, trade.price)
            for trade in self._columns.take_touched()
        ]
        return Batch(decisions=decisions, dirty=dirty, cursors=cursors)
