"""Hearing: from a fact of one subject to the cases it touches, each judged once."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.judging.case import Case
from crypto_portfolio_analyzer.core.judging.closing import Closing
from crypto_portfolio_analyzer.core.judging.docket import Docket
from crypto_portfolio_analyzer.core.judging.lifecycle import Event
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.roll import Roll, by_number
from crypto_portfolio_analyzer.core.judging.rulings import Rulings
from crypto_portfolio_analyzer.core.judging.subjects import Subject
from crypto_portfolio_analyzer.core.judging.waking import Waking
from crypto_portfolio_analyzer.core.market import Arrival, Quote, Ticker, Trade


class Hearing:
    """Takes the facts that may flip something."""

    def __init__(
        self, roll: Roll, closing: Closing, docket: Docket, rulings: Rulings, waking: Waking
    ) -> None:
        self._roll, self._closing, self._docket = roll, closing, docket
        self._rulings, self._waking = rulings, waking
        self._instant = 0

    def heard(self, symbol: str, event_at: int) -> Subject | None:
        """Return the subject of a fact, with everything before the fact judged; None if nobody asks."""
        self._closing.flush()
        subject = self._roll.subjects.get(symbol)
        if subject is not None:
            self._waking.run_before(subject, event_at)
            subject.sync()
            if subject.is_lost and event_at:
                self._find(subject, event_at)
        return subject

    def _find(self, subject: Subject, at: int) -> None:
        """Let cases go on after nothing had covered their subject."""
        subject.is_lost = False
        for case in subject.cases.values():
            self._rulings.change(case, Event.FOUND, "facts come again", at)
            if case.is_warm:
                self._rulings.change(case, Event.READY, "armed", at)
                self._waking.set(case, moment_at(subject, at))

    def trade(self, subject: Subject, trade: Trade) -> None:
        """Take a trade that may flip something."""
        self.heard(subject.symbol, trade.event_at)
        resumed = self._end_gap(subject) if subject.gap is not None and subject.gap.passes(trade) else []
        subject.take_trade(trade)
        moment = moment_of(trade)
        moment.price, moment.trade_id = trade.price, trade.trade_id
        if trade.arrival is Arrival.BACKFILLED:
            moment.late, moment.cause = True, Cause.GAP_BACKFILL
        self.changed(subject, moment, resumed)

    def _end_gap(self, subject: Subject) -> list[Case]:
        """Let facts flow again; return the cases whose holds and windows begin anew: the gap was not filled whole."""
        hole, subject.gap, subject.state.gap = subject.gap, None, False
        if hole is None or hole.is_whole:
            return []
        cases = [case for case in self._roll.touching(subject) if case.plan.holds or case.plan.windows]
        for case in cases:
            case.start_over()
            self._docket.judged(case)
        return cases

    def changed(self, subject: Subject, moment: Moment, touched: Sequence[Case] = ()) -> None:
        """Read the tick series anew, then judge what they touch, each case once."""
        self._instant += 1
        cases = {*touched, *self._flipped(subject, moment), *self._restless(subject, moment)}
        for case in sorted(cases, key=by_number):
            self._waking.judge(case, moment)
        subject.bound()

    def _flipped(self, subject: Subject, moment: Moment) -> Iterator[Case]:
        """Read the tick series anew; yield the cases for which one reached, left or passed a boundary."""
        for series in list(subject.series.values()):
            old = series.value
            if series.update(series.read(subject.state, moment.received_at), self._instant):
                yield from series.thresholds.between(old, series.value)
                if series.sleepers:
                    yield from self._roll.wake(series, old, series.value)

    def _restless(self, subject: Subject, moment: Moment) -> Iterator[Case]:
        """Yield the cases for which there is more than boundaries, if a series of theirs changed."""
        for case in subject.dwelling:
            if moment.at >= case.quiet_until and self._has_changed(case):
                yield case
        for case in subject.restless:
            for window in case.plan.windows:
                window.feed(subject, moment)
            if case.plan.is_always_touched or self._has_changed(case):
                yield case

    def _has_changed(self, case: Case) -> bool:
        return any(series.changed == self._instant for series in case.plan.ticks)

    def late(self, subject: Subject, trade: Trade) -> None:
        """Let a trade whose place in the order has passed add a firing, and leave everything else as it was."""
        self.heard(subject.symbol, 0)
        series, state = subject.price, subject.state
        if series is None:
            return
        moment = moment_of(trade)
        moment.price, moment.trade_id = trade.price, trade.trade_id
        moment.late, moment.cause, moment.is_peek = True, Cause.OUT_OF_ORDER, True
        woken = self._roll.wake_for(series, trade.price)
        cases = {
            *series.thresholds.between(series.value, trade.price),
            *subject.restless,
            *subject.dwelling,
            *woken,
        }
        value, before = series.value, series.before
        subject.state = replace(state, price=trade.price)
        series.value, series.before = trade.price, value
        for case in sorted(cases, key=by_number):
            if case.subject is subject:
                self._rulings.judge_late(case, moment)
        subject.state, series.value, series.before = state, value, before
        for case in cases:
            self._waking.set(case, moment_at(subject, max(state.event_at, case.standing.since)))
        subject.bound()


def moment_at(subject: Subject, at: int) -> Moment:
    """Return the moment at which nothing came but time, or a person."""
    return Moment(at=at, received_at=at, detected_at=at, venue=subject.state.venue)


def moment_of(fact: Trade | Ticker | Quote) -> Moment:
    """Return the moment of a fact."""
    return Moment(
        at=fact.event_at, received_at=fact.received_at, detected_at=fact.received_at, venue=fact.venue
    )
