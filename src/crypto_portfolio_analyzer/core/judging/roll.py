"""The roll: every subject, every case, every sleeper, and who is told of what."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Cursor, Standing
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.judging.board import Board
from crypto_portfolio_analyzer.core.judging.case import Case
from crypto_portfolio_analyzer.core.judging.columns import Columns
from crypto_portfolio_analyzer.core.judging.compiling import Compiler
from crypto_portfolio_analyzer.core.judging.directory import Directory
from crypto_portfolio_analyzer.core.judging.operands import Forming
from crypto_portfolio_analyzer.core.judging.questions import Edge
from crypto_portfolio_analyzer.core.judging.sleepers import Row, Shape, shape_of
from crypto_portfolio_analyzer.core.judging.subjects import Subject, TickSeries


class Roll:
    """Who is before the judge."""

    def __init__(self, board: Board, forming: Forming, *, settle: bool) -> None:
        self._board, self._forming, self._settle = board, forming, settle
        self.columns = Columns()
        self._kept: Subject | None = None
        self.subjects: dict[str, Subject] = {}
        self._cases: dict[str, dict[str, Case]] = {}
        self._directory = Directory()
        self._shapes: dict[Shape, Shape] = {}
        self._cursors: dict[str, Cursor] = {}

    # --- subjects -----------------------------------------------------------------------------------------

    def subject(self, symbol: str) -> Subject:
        """Return a subject, made if it is new; it goes on from the price it was judged with last."""
        subject = self.subjects.get(symbol)
        if subject is None:
            subject = self.subjects[symbol] = Subject(symbol, self.columns)
            cursor = self._cursors.get(symbol)
            if cursor is not None and cursor.price is not None:
                subject.take_price(cursor.price, cursor.venue, cursor.event_at, cursor.event_at)
        return subject

    @contextmanager
    def keeping(self, subject: Subject) -> Iterator[None]:
        """Keep a subject, whoever leaves it."""
        self._kept = subject
        yield
        self._kept = None

    def _forget(self, subject: Subject) -> None:
        if subject is not self._kept and self.subjects.pop(subject.symbol, None) is not None:
            self.columns.drop(subject.symbol)

    def resume(self, cursors: Mapping[str, Cursor]) -> None:
        """Let subjects go on from the prices they were judged with last; to be called before any is armed."""
        self._cursors = dict(cursors)

    # --- cases --------------------------------------------------------------------------------------------

    def make(self, alert: Alert, condition: Condition, symbol: str, standing: Standing) -> Case:
        """Put a case on the roll."""
        compiler = Compiler(
            symbol, condition.timeframe, subjects=self.subject, board=self._board, forming=self._forming
        )
        plan = compiler.compile(condition.question)
        case = Case(alert, condition, self.subject(symbol), plan, replace(standing))
        case.is_warm = not self._settle
        self._cases.setdefault(alert.id, {})[symbol] = case
        case.subject.cases[alert.id] = case
        for each, timeframe in closes_of(case):
            self.subject(each).closers.setdefault(timeframe, {})[case] = None
        for subject in plan.restless:
            subject.restless[case] = None
            subject.bound()
        if case.dwells:
            case.subject.dwelling[case] = None
        return case

    def find(self, alert_id: str, symbol: str) -> Case | None:
        """Return a case, woken if it sleeps; None if there is none."""
        case = self._cases.get(alert_id, {}).get(symbol)
        if case is not None:
            return case
        for series, place, row in self._asleep(alert_id, symbol):
            return self._rise(series, place, row)
        return None

    def standings(self, alert_id: str) -> list[Standing]:
        """Return the standings of an alert, awake or asleep."""
        found = [case.remember() for case in self._cases.get(alert_id, {}).values()]
        for symbol in set(self._directory.symbols(alert_id)):
            found += [row.standing(symbol) for _, _, row in self._asleep(alert_id, symbol)]
        return found

    def symbols(self, alert_id: str) -> list[str]:
        """Return the subjects an alert is held for, or may be."""
        return [*self._cases.get(alert_id, {}), *set(self._directory.symbols(alert_id))]

    def drop(self, alert_id: str, symbol: str) -> Case | None:
        """Take an alert off the roll for one subject; return its case if it was awake."""
        for series, place, _ in self._asleep(alert_id, symbol):
            series.sleepers.take([place])
            self._directory.remove(alert_id, symbol)
            self._let_go(series)
            return None
        held = self._cases.get(alert_id, {})
        case = held.pop(symbol, None)
        if not held:
            self._cases.pop(alert_id, None)
        if case is not None:
            self._remove(case)
        return case

    def _remove(self, case: Case) -> None:
        case.due, case.standing.state = None, AlertState.PAUSED
        plan, subjects = case.plan, {case.subject: None}
        for symbol, timeframe in closes_of(case):
            subject = self.subject(symbol)
            subjects[subject] = None
            waiting = subject.closers[timeframe]
            waiting.pop(case, None)
            if not waiting:
                del subject.closers[timeframe]
        for subject in plan.restless:
            subject.restless.pop(case, None)
            subjects[subject] = None
        for series, level in case.armed:
            series.thresholds.remove(level, case)
        for slot in plan.slots:
            self._board.release(slot)
        case.subject.cases.pop(case.alert.id, None)
        case.subject.dwelling.pop(case, None)
        for series in plan.ticks:
            self._let_go(series)
        for subject in subjects:
            self._settle_subject(subject)

    def _let_go(self, series: TickSeries) -> None:
        series.subject.release(series)
        self._settle_subject(series.subject)

    def _settle_subject(self, subject: Subject) -> None:
        subject.bound()
        if subject.is_idle:
            self._forget(subject)

    # --- sleepers -----------------------------------------------------------------------------------------

    def lay_down(self, alert: Alert, condition: Condition, symbol: str, now: int) -> bool:
        """Let an alert sleep if it can; tell whether it does.

        One whose level holds already cannot: it is to be judged.
        """
        found = shape_of(alert, condition)
        if found is None:
            return False
        shape, level = found
        wanted, subject = shape.series, self.subject(symbol)
        series = subject.want((wanted.kind, wanted.output, wanted.arguments))
        if shape.wakes(0, series.value, level):
            subject.release(series)
            return False
        series.sleepers.add(alert, self._shapes.setdefault(shape, shape), level, now)
        self._directory.add(alert.id, symbol)
        subject.bound()
        return True

    def wake(self, series: TickSeries, old: float, new: float) -> list[Case]:
        """Make cases of the sleepers whose trigger may come when a series moves."""
        woken = series.sleepers.woken(old, new)
        series.sleepers.move(old, new)
        return self._raise(series, woken)

    def wake_for(self, series: TickSeries, value: float) -> list[Case]:
        """Make cases of the sleepers whose trigger would come with a value, which the series does not take."""
        return self._raise(series, series.sleepers.woken(series.value, value))

    def _raise(self, series: TickSeries, woken: list[tuple[int, Row]]) -> list[Case]:
        if not woken:
            return []
        series.sleepers.take(place for place, _ in woken)
        return [self._awake(series, row) for _, row in woken]

    def _rise(self, series: TickSeries, place: int, row: Row) -> Case:
        series.sleepers.take([place])
        return self._awake(series, row)

    def _awake(self, series: TickSeries, row: Row) -> Case:
        symbol = series.subject.symbol
        case = self.make(row.alert, row.shape.condition(row.level), symbol, row.standing(symbol))
        case.is_warm = True
        for _, leaf in case.plan.leaves:
            if isinstance(leaf, Edge):
                leaf.memory = row.came_from
        series.subject.release(series)
        self._directory.remove(row.alert.id, symbol)
        return case

    def _asleep(self, alert_id: str, symbol: str) -> Iterator[tuple[TickSeries, int, Row]]:
        subject = self.subjects.get(symbol)
        if subject is None or symbol not in self._directory.symbols(alert_id):
            return
        subject.sync()
        for series in list(subject.series.values()):
            for place, row in list(series.sleepers.rows(series.value, alert_id)):
                yield series, place, row

    def touching(self, subject: Subject) -> list[Case]:
        """Return every case that reads a subject, in order."""
        cases = {*subject.cases.values(), *subject.restless}
        return sorted(cases.union(*subject.closers.values()), key=by_number)


def closes_of(case: Case) -> set[tuple[str, str]]:
    """Return the (symbol, timeframe) whose closes a case is judged at."""
    own = {(case.subject.symbol, case.alert.timeframe)} if case.is_closer else set()
    return case.plan.closes | own


def by_number(case: Case) -> int:
    """Return what cases are sorted by."""
    return case.number
