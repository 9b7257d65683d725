"""The docket: what was decided since the last commit, and how far each subject has been judged."""

from collections.abc import Callable
from enum import StrEnum

from crypto_portfolio_analyzer.core.alerts import Batch, Cursor, Decision, Firing, Suppressed
from crypto_portfolio_analyzer.core.judging.case import Case
from crypto_portfolio_analyzer.core.judging.columns import Columns

WINDOWS_EVERY = 30
"""Regular takes between those of symbols with clock windows: every sample of a window is written each time."""


class Scope(StrEnum):
    """Of which symbols memory and cursors are taken; a symbol's are only ever taken together."""

    DECIDED = "decided"
    """Those that something was decided of: what a firing has to wait for."""
    REGULAR = "regular"
    """All, but rarely those with clock windows."""
    ALL = "all"


class Docket:
    """Collects decisions in order; standings whose memory changed; subjects that went on."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._decisions: list[Decision] = []
        self._judged: dict[Case, None] = {}
        self._turn = 0

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

    def take(self, scope: Scope = Scope.ALL) -> Batch:
        """Return what is to be stored of the symbols in scope since they were taken last."""
        decisions, self._decisions = self._decisions, []
        wanted = self._wanted(scope, {each.standing.symbol for each in decisions})
        judged, self._judged = self._judged, {}
        dirty = []
        for case in judged:
            if not wanted(case.subject.symbol):
                self._judged[case] = None
                continue
            before = case.standing.memory
            standing = case.remember()
            if standing.memory != before:
                dirty.append(standing)
        cursors = [
            Cursor(trade.symbol, trade.venue, trade.event_at, trade.trade_id, trade.price)
            for trade in self._columns.take_touched(wanted)
        ]
        return Batch(decisions=decisions, dirty=dirty, cursors=cursors)

    def _wanted(self, scope: Scope, decided: set[str]) -> Callable[[str], bool]:
        """Return which symbols are in scope; all of them where a case depends on more than its own."""
        self._turn += scope is Scope.REGULAR
        if scope is Scope.ALL or any(case.plan.has_foreign for case in self._judged):
            return lambda _symbol: True
        if scope is Scope.DECIDED:
            return decided.__contains__
        if self._turn % WINDOWS_EVERY == 0:
            return lambda _symbol: True
        heavy = {case.subject.symbol for case in self._judged if case.plan.windows} - decided
        return lambda symbol: symbol not in heavy
