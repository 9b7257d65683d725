"""Waking: what a case is to be woken by next – thresholds of its series, timers – and the timers' ringing."""

from collections.abc import Callable
from functools import partial

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.judging.case import Case
from crypto_portfolio_analyzer.core.judging.lifecycle import JUDGED
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.rulings import Rulings
from crypto_portfolio_analyzer.core.judging.subjects import Subject, TickSeries
from crypto_portfolio_analyzer.core.judging.timers import WATERMARK_LAG, Timers

LATE_AFTER = 2 * WATERMARK_LAG
"""How long (ns) after its instant something is judged late, where a gap has kept it waiting."""
IsComplete = Callable[[str], bool]
"""Whether all facts of a symbol are here: its line is not lost, and nothing is being fetched."""


class Waking:
    """Judges cases, and sets what wakes them again. `now` is our clock, as far as it was told."""

    def __init__(self, rulings: Rulings, is_complete: IsComplete) -> None:
        self._rulings, self._is_complete = rulings, is_complete
        self.timers = Timers()
        self.now = 0

    def judge(self, case: Case, moment: Moment) -> None:
        """Judge a case for a moment that touches it."""
        moment.detected_at = max(moment.detected_at, self.now)
        if case.subject.gap is not None and moment.received_at - moment.at > LATE_AFTER:
            moment.late, moment.cause = True, Cause.GAP_BACKFILL
        self._rulings.judge(case, moment)
        self.set(case, moment)

    def set(self, case: Case, moment: Moment) -> None:
        """Set the thresholds and timers of a case as they are to be after a moment."""
        if case.standing.state not in JUDGED:
            self._rearm(case, [])
            case.due = case.alarm = None
            return
        self._rearm(case, [each for each in case.boundaries(moment) if each[1] == each[1]])  # NaN
        self._set_due(case, case.next_due(moment.at))
        if case.plan.clocks:
            self._set_alarm(case, case.clock_due(moment))

    def run_before(self, subject: Subject, at: int) -> None:
        """Judge what is due strictly before an instant of a subject's event time."""
        if subject.timers.next_due < at:
            subject.timers.run(at - 1)
            subject.bound()

    def _rearm(self, case: Case, boundaries: list[tuple[TickSeries, float]]) -> None:
        if boundaries == case.armed:
            return
        for series, level in case.armed:
            series.thresholds.remove(level, case)
        for series, level in boundaries:
            series.thresholds.add(level, case)
        case.armed = boundaries

    def _set_due(self, case: Case, due: int | None) -> None:
        """Let what is due in event time be judged when a later fact comes, or when the watermark passes it."""
        if due is not None and due != case.due:
            # one ns behind the bars that the same watermark closes: what changes at one instant is judged once
            self.timers.set(due + WATERMARK_LAG + 1, partial(self._watermark_passed, case, due))
            case.subject.timers.set(due, partial(self._on_time, case, due))
        case.due = due

    def _set_alarm(self, case: Case, due: int | None) -> None:
        """Let what grows with our clock be looked at; one alarm at a time, which sets itself anew."""
        if due is not None and (case.alarm is None or due < case.alarm):
            case.alarm = due
            self.timers.set(due, partial(self._ring, case, due))

    def _watermark_passed(self, case: Case, due: int) -> None:
        """Judge what is due; while facts may be missing it waits for them."""
        subject = case.subject
        if case.due == due and (subject.gap is not None or not self._is_complete(subject.symbol)):
            self.timers.set(self.now + WATERMARK_LAG, partial(self._watermark_passed, case, due))
        else:
            self._on_time(case, due)

    def _on_time(self, case: Case, due: int) -> None:
        if case.due != due:
            return
        case.due = None
        if case.plan.question.due(due - 1) == due:
            self._judge_alone(case, due)
        else:
            self._end_rest(case, due)

    def _end_rest(self, case: Case, due: int) -> None:
        """Let a cooldown or the alert's time be over; none of its series changed, so it is not judged."""
        case.subject.sync()
        moment = self._alone(case, due)
        self._rulings.is_up(case, moment)
        self.set(case, moment)
        case.subject.bound()

    def _ring(self, case: Case, due: int) -> None:
        if case.alarm == due:
            case.alarm = None
            self._judge_alone(case, due)

    def _judge_alone(self, case: Case, at: int) -> None:
        case.subject.sync()
        self.judge(case, self._alone(case, at))
        case.subject.bound()

    def _alone(self, case: Case, at: int) -> Moment:
        """Return the moment at which nothing came but time."""
        now = max(self.now, at)
        return Moment(at=at, received_at=now, detected_at=now, venue=case.subject.state.venue)
