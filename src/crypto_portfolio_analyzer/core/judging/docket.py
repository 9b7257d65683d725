"""The docket: what was decided since the last commit, and how far each subject has been judged."""

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

from crypto_portfolio_analyzer.core.alerts import Batch, Cursor, Decision, Firing, Standing, Suppressed
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
        self._judged: dict[str, dict[Case, None]] = {}
        """Cases that were judged since they were taken last, by symbol."""
        self._has_foreign = False
        """Whether one of them depends on more symbols than its own."""
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
        symbol = case.subject.symbol
        cases = self._judged.get(symbol)
        if cases is None:
            cases = self._judged[symbol] = {}
        cases[case] = None
        self._has_foreign = self._has_foreign or case.plan.has_foreign

    def forget(self, case: Case) -> None:
        """Leave out a case that is no longer held."""
        self._judged.get(case.subject.symbol, {}).pop(case, None)

    def take(self, scope: Scope = Scope.ALL) -> Batch:
        """Return what is to be stored of the symbols in scope since they were taken last.

        All are in scope as long as an alert depends on more than its own symbol.
        """
        decisions, self._decisions = self._decisions, []
        decided = dict.fromkeys(each.standing.symbol for each in decisions)
        self._turn += scope is Scope.REGULAR
        if scope is Scope.DECIDED and not self._has_foreign:
            symbols: Collection[str] = decided
            trades = self._columns.take_touched_of(decided)
        else:
            kept = set() if scope is Scope.ALL or self._has_foreign else self._heavy() - decided.keys()
            symbols = [symbol for symbol in self._judged if symbol not in kept]
            trades = self._columns.take_touched(kept)
            self._has_foreign = False
        dirty = [each for symbol in symbols for each in _changed(self._judged.pop(symbol, {}))]
        cursors = [Cursor(t.symbol, t.venue, t.event_at, t.trade_id, t.price) for t in trades]
        return Batch(decisions=decisions, dirty=dirty, cursors=cursors)

    def _heavy(self) -> set[str]:
        """Return the symbols with clock windows, unless it is their turn."""
        if self._turn % WINDOWS_EVERY == 0:
            return set()
        return {symbol for symbol, cases in self._judged.items() if any(case.plan.windows for case in cases)}


def _changed(cases: Iterable[Case]) -> Iterator[Standing]:
    """Yield the standings whose memory became another."""
    for case in cases:
        before = case.standing.memory
        standing = case.remember()
        if standing.memory != before:
            yield standing
