"""A case: one alert for one subject before the judge – its standing, its questions, and what they remember."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import nan
from typing import Any

import msgspec

from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Standing, Trigger
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.judging.compiling import Plan
from crypto_portfolio_analyzer.core.judging.hysteresis import Hysteresis
from crypto_portfolio_analyzer.core.judging.lifecycle import Event, advance
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.operands import TickOperand, earliest
from crypto_portfolio_analyzer.core.judging.subjects import Subject, TickSeries
from crypto_portfolio_analyzer.core.timeframes import MINUTE, Timeframe, parse_timeframe

MEMORY_VERSION = 1
PER_STRETCH = frozenset((Trigger.ONCE_PER_BAR, Trigger.ONCE_PER_BAR_CLOSE, Trigger.ONCE_PER_MINUTE))
"""Triggers that look at whether the condition is true, not at whether it became true."""


class Case:
    """Everything the judge holds of one alert for one subject; `number` puts cases in order.

    `was` is whether the condition has been true since it was last definitely not; `is_stale` whether it must first
    be seen false (`fresh`).
    """

    __slots__ = (
        "alarm", "alert", "armed", "condition", "due", "frame", "hysteresis", "is_stale", "is_warm", "number", "plan",
        "quiet_until", "standing", "subject", "waits_for", "was",
    )  # fmt: skip

    def __init__(
        self, alert: Alert, condition: Condition, subject: Subject, plan: Plan, standing: Standing
    ) -> None:
        self.alert, self.condition, self.subject, self.plan = alert, condition, subject, plan
        self.standing, self.number = standing, alert.number
        self.frame: Timeframe = parse_timeframe(alert.timeframe)
        self.hysteresis: Hysteresis | None = plan.hysteresis(alert.rearm)
        self.was = alert.fresh
        self.is_stale = alert.fresh
        self.is_warm = False
        """Whether every indicator has the history it needs."""
        self.waits_for: int | None = None
        """The boundary at which bars of another subject have not closed yet."""
        self.due: int | None = None
        """When (event time) the timer set for it is due."""
        self.alarm: int | None = None
        """When (our clock) it looks again at what grows with time."""
        self.quiet_until = 0
        """Until when (event time) nothing new can come of its staying true."""
        self.armed: list[tuple[TickSeries, float]] = []
        if standing.memory:
            self._recall(standing.memory)

    # --- life ---------------------------------------------------------------------------------------------

    def become(self, event: Event, reason: str, at: int) -> bool:
        """Advance the state; tell whether it changed."""
        standing = self.standing
        state = advance(standing.state, event)
        if state is standing.state:
            return False
        standing.state, standing.reason, standing.since = state, reason, at
        return True

    def warm_up(self) -> bool:
        """Tell whether every indicator has the history it needs by now, for the first time."""
        if self.is_warm:
            return False
        self.is_warm = all(slot.seen >= slot.needs for slot in self.plan.slots)
        return self.is_warm

    def price(self, moment: Moment) -> float:
        """Return the price at a moment; unknown (NaN) if none was ever told."""
        told = (moment.price, self.subject.state.price, self.subject.last_close)
        return next((price for price in told if price is not None), nan)

    @property
    def is_closer(self) -> bool:
        """Whether it is judged at closes of its own timeframe only."""
        return self.alert.trigger is Trigger.ONCE_PER_BAR_CLOSE

    def key(self, moment: Moment) -> int:
        """Return what the trigger consumes: the open of the bar, or the minute, in ns.

        What is judged at a bar's end belongs to that bar.
        """
        if self.alert.trigger is Trigger.ONCE_PER_MINUTE:
            return moment.at - moment.at % MINUTE
        return self.frame.open_of(moment.at - 1 if moment.closed else moment.at)

    def stretch_end(self, moment: Moment) -> int:
        """Return when the next key begins."""
        length = MINUTE if self.alert.trigger is Trigger.ONCE_PER_MINUTE else self.frame.length
        return self.key(moment) + length

    # --- judging ------------------------------------------------------------------------------------------

    @property
    def dwells(self) -> bool:
        """Whether it stays true, and the next bar or minute may trigger it again without anything flipping."""
        is_such = self.alert.trigger in PER_STRETCH and not self.is_closer
        return self.was and is_such and bool(self.plan.ticks)

    def ask(self, moment: Moment) -> bool:
        """Judge the question; tell whether its truth is a trigger."""
        self.plan.bars.count(moment)
        truth = self.plan.question.answer(moment)
        triggers = truth is True and self._is_new(moment)
        if truth is not None:
            self.was = truth and self.plan.question.rest() is not False
            self.is_stale = self.is_stale and self.was
        return triggers

    def _is_new(self, moment: Moment) -> bool:
        if self.is_stale:
            return False
        if self.alert.trigger in PER_STRETCH:
            key = self.standing.key
            return key is None or self.key(moment) > key
        return not self.was

    @contextmanager
    def peeking(self) -> Iterator[None]:
        """Leave no trace of what is asked inside."""
        kept, was, is_stale = self._memories(), self.was, self.is_stale
        answers = [leaf.last for _, leaf in self.plan.leaves]
        yield
        self._restore(kept)
        self.was, self.is_stale = was, is_stale
        for (_, leaf), last in zip(self.plan.leaves, answers, strict=True):
            leaf.last = last

    def open_windows(self) -> None:
        """Let clock windows begin with what is known already."""
        for window in self.plan.windows:
            for subject in window.subjects:
                state = subject.state
                if state.event_at:
                    known = Moment(
                        at=state.event_at, received_at=state.received_at, detected_at=state.received_at
                    )
                    window.feed(subject, known)

    def start_over(self) -> None:
        """Let every hold and clock window begin anew: facts are missing."""
        for hold in self.plan.holds:
            hold.start_over()
        for window in self.plan.windows:
            window.window.clear()

    def forget_references(self) -> None:
        """Let crossings begin anew from another provider's first value."""
        for _, leaf in self.plan.leaves:
            if hasattr(leaf, "memory"):
                leaf.memory = 0
        for window in self.plan.windows:
            window.window.clear()

    @property
    def is_holding(self) -> bool:
        """Whether something holds, but not yet for long enough."""
        return any(hold.is_running for hold in self.plan.holds)

    def next_due(self, at: int) -> int | None:
        """Return when (event time, after `at`) time alone may change something."""
        standing = self.standing
        cooled = standing.cooldown_until if standing.state is AlertState.COOLDOWN else None
        ends = (cooled, self.alert.expires_at)
        return earliest((self.plan.question.due(at), *(end for end in ends if end is not None and end > at)))

    def clock_due(self, moment: Moment) -> int | None:
        """Return when (our clock) a series that grows with time reaches what it is compared to."""
        return earliest(_reached(value, bound.value(moment), moment) for value, bound in self.plan.clocks)

    def boundaries(self, moment: Moment) -> Iterable[tuple[TickSeries, float]]:
        """Return where its tick series have to be woken now."""
        for series, bound in self.plan.arms:
            yield series, bound.value(moment)
        if self.hysteresis is not None and self.plan.pivot is not None:
            value = self.plan.pivot[0]
            if type(value) is TickOperand:
                for level in self.hysteresis.levels(moment):
                    yield value.series, level

    # --- memory -------------------------------------------------------------------------------------------

    def remember(self) -> Standing:
        """Return the standing as it is now, with everything that must survive."""
        parts = [self.was, self.is_stale, self.hysteresis and self.hysteresis.memory, self.plan.bars.memory]
        self.standing.memory = msgspec.json.encode([MEMORY_VERSION, *parts, self._memories()])
        return msgspec.structs.replace(self.standing)

    def _recall(self, memory: bytes) -> None:
        version, *parts = msgspec.json.decode(memory)
        if version != MEMORY_VERSION:
            return
        self.was, self.is_stale, waiting, self.plan.bars.memory, memories = parts
        if self.hysteresis is not None:
            self.hysteresis.memory = waiting
        self._restore(memories)

    def _memories(self) -> list[Any]:
        return [each.memory for each in self.plan.memories]

    def _restore(self, memories: list[Any]) -> None:
        for each, memory in zip(self.plan.memories, memories, strict=True):
            each.memory = memory


def _reached(value: TickOperand, bound: float, moment: Moment) -> int | None:
    value.series.subject.sync()
    now = value.value(moment)
    if not now <= bound:
        return None
    return moment.at + max(1, round((bound - now) * 1e9))
