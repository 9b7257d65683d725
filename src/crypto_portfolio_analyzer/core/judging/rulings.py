"""Rulings: what follows from a condition's truth – a firing, a suppressed trigger, another state."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from crypto_portfolio_analyzer.core.alerts import (
    Alert,
    AlertState,
    Evidence,
    Firing,
    Silence,
    Suppressed,
    Trigger,
    firing_id,
)
from crypto_portfolio_analyzer.core.judging.case import PER_STRETCH, Case
from crypto_portfolio_analyzer.core.judging.docket import Docket
from crypto_portfolio_analyzer.core.judging.evidence import evidence_of
from crypto_portfolio_analyzer.core.judging.lifecycle import JUDGED, Event
from crypto_portfolio_analyzer.core.judging.moment import Moment


class Rulings:
    """Judges cases and writes what follows into the docket."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        self.silences: Sequence[Silence] = ()

    def judge(self, case: Case, moment: Moment) -> None:
        """Judge a case once for a moment that touches it."""
        if not self.is_up(case, moment):
            return
        if case.is_closer and not case.plan.bars.closes(moment):
            return
        triggers = case.ask(moment)
        self._docket.judged(case)
        if triggers:
            self._trigger(case, moment, None)
        if case.plan.holds:
            self._note_hold(case, moment)
        if case.dwells and case.standing.state in JUDGED:
            case.quiet_until = case.stretch_end(moment)
            case.subject.dwelling[case] = None
        elif case.subject.dwelling:
            case.subject.dwelling.pop(case, None)

    def judge_late(self, case: Case, moment: Moment) -> None:
        """Judge what a late fact would have done, leaving no trace but a firing."""
        is_up = case.standing.state in JUDGED and case.is_warm and moment.at >= case.standing.since
        if not is_up or case.is_closer or _is_over(case, moment):
            return
        with case.peeking():
            triggers = case.ask(moment)
            evidence = evidence_of(case, moment) if triggers else None
        if evidence is not None:
            self._trigger(case, moment, evidence)

    def change(self, case: Case, event: Event, reason: str, at: int) -> None:
        """Advance a state for a reason."""
        if case.become(event, reason, at):
            self._docket.decide(case)

    def silenced(self, case: Case, at: int) -> Silence | None:
        """Return the silence that keeps a case quiet at an instant; the one that ends last."""
        matching = [
            silence
            for silence in self.silences
            if silence.starts_at <= at < silence.ends_at and matches(silence, case.alert, case.subject.symbol)
        ]
        return max(matching, key=lambda silence: silence.ends_at, default=None)

    def is_up(self, case: Case, moment: Moment) -> bool:
        """Let end what time has ended, and tell whether the case is to be judged."""
        if case.standing.state not in JUDGED or not case.is_warm:
            return False
        if _is_over(case, moment):
            self.change(case, Event.EXPIRED, "its time is over", moment.at)
            return False
        standing = case.standing
        is_back = case.hysteresis is None or case.hysteresis.settle(moment)
        if standing.state is AlertState.COOLDOWN and is_back and moment.at >= (standing.cooldown_until or 0):
            standing.epoch += 1
            self.change(case, Event.RESTED, "armed again", moment.at)
        return True

    def _trigger(self, case: Case, moment: Moment, evidence: Evidence | None) -> None:
        if case.alert.trigger in PER_STRETCH:
            case.standing.key = case.key(moment)
        reason = self._obstacle(case, moment)
        if reason is None:
            self._fire(case, moment, evidence or evidence_of(case, moment))
            return
        case.standing.suppressed += 1
        told = Suppressed(
            alert_id=case.alert.id,
            symbol=case.subject.symbol,
            revision=case.alert.revision,
            event_at=moment.at,
            price=case.price(moment),
            reason=reason,
        )
        self._docket.decide(case, suppressed=told)

    def _obstacle(self, case: Case, moment: Moment) -> str | None:
        until = case.standing.cooldown_until
        if until is not None and moment.at < until:
            return "cooldown"
        if case.hysteresis is not None and case.hysteresis.is_waiting:
            return "not back at its re-arm level"
        silence = self.silenced(case, moment.at)
        return None if silence is None else f"silence {silence.id}"

    def _fire(self, case: Case, moment: Moment, evidence: Evidence) -> None:
        alert, standing, symbol = case.alert, case.standing, case.subject.symbol
        key = str(standing.key if alert.trigger in PER_STRETCH else standing.epoch)
        firing = Firing(
            id=firing_id(alert.id, alert.revision, symbol, key),
            alert_id=alert.id,
            revision=alert.revision,
            symbol=symbol,
            key=key,
            price=case.price(moment),
            event_at=moment.at,
            received_at=moment.received_at,
            detected_at=moment.detected_at,
            evidence=evidence,
            late=moment.late,
            approximated=moment.approximated,
            cause=moment.cause,
        )
        standing.fired += 1
        standing.last_fired_at = max(moment.at, standing.last_fired_at or 0)
        standing.cooldown_until = standing.last_fired_at + alert.cooldown if alert.cooldown else None
        if case.hysteresis is not None:
            case.hysteresis.fired(moment)
        self._after(case, moment)
        self._docket.decide(case, firing=firing)

    def _after(self, case: Case, moment: Moment) -> None:
        """Advance the state behind a firing."""
        alert, standing = case.alert, case.standing
        is_last = alert.max_triggers is not None and standing.fired >= alert.max_triggers
        waits = case.hysteresis is not None and case.hysteresis.is_waiting
        if alert.trigger is Trigger.ONCE or is_last:
            case.become(
                Event.FINISHED, "fired once" if not is_last else "fired as often as it may", moment.at
            )
        elif alert.cooldown or waits:
            standing.reason, standing.since = "fired", moment.at
            case.become(Event.RESTS, "fired", moment.at)
        else:
            standing.epoch += 1
            standing.reason, standing.since = "fired and armed again", moment.at
            case.become(Event.FIRED, standing.reason, moment.at)

    def _note_hold(self, case: Case, moment: Moment) -> None:
        if case.is_holding:
            self.change(case, Event.HOLDS, "holds, but not yet for long enough", moment.at)
        else:
            self.change(case, Event.BROKEN, "no longer waits for a hold", moment.at)


def _is_over(case: Case, moment: Moment) -> bool:
    return case.alert.expires_at is not None and moment.at >= case.alert.expires_at


def matches(silence: Silence, alert: Alert, symbol: str) -> bool:
    """Tell whether every matcher of a silence holds for an alert of its owner; `*` stands for any rest."""
    if silence.owner != alert.owner:
        return False
    values = {
        "name": (alert.name,),
        "symbol": (symbol,),
        "tag": alert.tags,
        "severity": (alert.severity.value,),
        "id": (alert.id,),
    }
    return all(
        any(
            fnmatchcase(value, pattern.replace("[", "[[]").replace("?", "[?]"))
            for value in values.get(field, ())
        )
        for field, pattern in silence.matchers.items()
    )
