"""The roster: which alerts are armed for which symbols, and so what is wished of the market."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.core.alerts import EVERY_SYMBOL, Alert, Standing
from crypto_portfolio_analyzer.core.conditions.tree import Condition, Series
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.engine.demand import Demand
from crypto_portfolio_analyzer.engine.ports import SETTLED

NOTHING_KNOWN: Mapping[str, Standing] = {}
NOTHING_BEGAN: Mapping[str, int] = {}


class Roster:
    """Armed alerts by id."""

    def __init__(self, judge: Judge, demand: Demand) -> None:
        self._judge, self._demand = judge, demand
        self.alerts: dict[str, Alert] = {}
        self.counts: Counter[str] = Counter()
        """How many armed alerts stand on each symbol."""
        self.growing: dict[str, Condition] = {}
        """Conditions of alerts whose symbols come and go: those of a watchlist, or every one."""
        self._done: dict[str, set[str]] = {}
        """What growing alerts are done with."""
        self._others: dict[str, tuple[str, ...]] = {}
        """The symbols that a condition asks of besides its own, where there are any."""

    def arm(
        self,
        alert: Alert,
        condition: Condition,
        symbols: Sequence[str],
        now: int,
        known: Mapping[str, Standing] = NOTHING_KNOWN,
        began: Mapping[str, int] = NOTHING_BEGAN,
    ) -> list[Standing]:
        """Judge an alert for `symbols` too, going on from `known` standings of theirs; return those that are new.

        It is judged from `now` (ns) on, or from where the facts of a symbol go on.
        """
        settled = {symbol for symbol, each in known.items() if each.state in SETTLED}
        if is_growing(alert):
            self.growing[alert.id] = condition
            self._done.setdefault(alert.id, set()).update(settled)
            settled = self._done[alert.id]
        wanted = [symbol for symbol in symbols if symbol not in settled]
        if not wanted and not is_growing(alert):
            return []
        self.alerts[alert.id] = alert
        if '"' in condition.spelling:  # else it can name no other subject, and most of a million do not
            others = tuple(sorted(set(_subjects_of(condition.question))))
            if others:
                self._others[alert.id] = others
        return [
            self._arm(alert, condition, symbol, known.get(symbol), began.get(symbol, now))
            for symbol in wanted
        ]

    def _arm(
        self, alert: Alert, condition: Condition, symbol: str, known: Standing | None, now: int
    ) -> Standing:
        standing = self._judge.arm(alert, condition, symbol, known, now)
        self.counts[symbol] += 1
        for each in (symbol, *self._others.get(alert.id, ())):
            self._demand.wish(each)
        return standing

    def held(self, alert_id: str) -> list[str]:
        """Return the symbols that an alert is judged for."""
        return [each.symbol for each in self._judge.standings(alert_id)] if alert_id in self.alerts else []

    def disarm(self, alert_id: str) -> None:
        """Let go of an alert."""
        for symbol in self.held(alert_id):
            self._leave(alert_id, symbol)
        self._forget(alert_id)

    def leave(self, alert_id: str, symbol: str, *, is_done: bool) -> None:
        """Let go of an alert for one symbol, for good if it is done with it."""
        if symbol not in self.held(alert_id):
            return
        self._leave(alert_id, symbol)
        if alert_id not in self.growing:
            if not self.held(alert_id):
                self._forget(alert_id)
        elif is_done:
            self._done[alert_id].add(symbol)

    def _leave(self, alert_id: str, symbol: str) -> None:
        self._judge.disarm(alert_id, symbol)
        self.counts[symbol] -= 1
        if not self.counts[symbol]:
            del self.counts[symbol]
        for each in (symbol, *self._others.get(alert_id, ())):
            self._demand.drop(each)

    def _forget(self, alert_id: str) -> None:
        self.alerts.pop(alert_id, None)
        self.growing.pop(alert_id, None)
        self._done.pop(alert_id, None)
        self._others.pop(alert_id, None)

    def wished_by(self, alert_id: str) -> set[str]:
        """Return the symbols whose facts an armed alert needs."""
        return {*self.held(alert_id), *self._others.get(alert_id, ())}


def is_growing(alert: Alert) -> bool:
    """Tell whether the symbols of an alert come and go."""
    return alert.watchlist is not None or alert.symbols == (EVERY_SYMBOL,)


def _subjects_of(node: object) -> Iterator[str]:
    """Yield every subject that is named in a tree."""
    if isinstance(node, Series) and node.subject is not None:
        yield node.subject
    if isinstance(node, tuple):
        for each in node:
            yield from _subjects_of(each)
    elif isinstance(node, Struct):
        for name in node.__struct_fields__:
            yield from _subjects_of(getattr(node, name))
