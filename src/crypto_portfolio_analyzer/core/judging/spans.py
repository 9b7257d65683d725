"""Questions over a span: held for, true within, one after the other. Spans are ns of event time, or bars.

Bars are those of the alert's timeframe; `Bars` counts them for all questions of one condition.
"""

from collections.abc import Sequence
from typing import Any

from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.operands import earliest
from crypto_portfolio_analyzer.core.judging.questions import Asked, Truth


class Bars:
    """How many bars of the alert's timeframe have closed, and which one a moment belongs to."""

    __slots__ = ("_key", "memory")

    def __init__(self, symbol: str, timeframe: str) -> None:
        self._key = (symbol, timeframe)
        self.memory = 0

    def count(self, moment: Moment) -> None:
        """Count a close; to be called once for each moment, before any question is judged."""
        if self.closes(moment) and not moment.is_peek:
            self.memory += 1

    def closes(self, moment: Moment) -> bool:
        """Tell whether a bar closes at the moment."""
        return self._key in moment.closed

    def number(self, moment: Moment) -> int:
        """Return the number of the bar a moment belongs to: the one that closes now, else the forming one."""
        return self.memory if self.closes(moment) else self.memory + 1


class HeldFor:
    """`c for 5m`: true once c has held at every judgement over the span; unknown or a gap starts it over."""

    __slots__ = ("_ns", "_part", "last", "memory")

    def __init__(self, part: Asked, ns: int) -> None:
        self._part, self._ns = part, ns
        self.last: Truth = None
        self.memory: int | None = None
        """Since when (event time)."""

    def answer(self, moment: Moment) -> Truth:
        """Judge the part, and how long it has held."""
        holds = self._part.answer(moment)
        if not holds:
            self.memory, self.last = None, holds
            return holds
        if self.memory is None:
            self.memory = moment.at
        self.last = moment.at - self.memory >= self._ns
        return self.last

    def rest(self) -> Truth:
        """Return the last answer: it stays."""
        return self.last

    def due(self, at: int) -> int | None:
        """Return when the span is over, or the part changes."""
        end = None if self.memory is None else self.memory + self._ns
        return earliest((end if end is not None and end > at else None, self._part.due(at)))

    def start_over(self) -> None:
        """Forget how long it has held: facts are missing."""
        self.memory = None

    @property
    def is_running(self) -> bool:
        """Whether it holds, but not yet long enough."""
        return self.memory is not None and not self.last


class HeldBars:
    """`c for 3 bars`: true once c has held at that many consecutive closes."""

    __slots__ = ("_bars", "_clock", "_part", "last", "memory")

    def __init__(self, part: Asked, bars: int, clock: Bars) -> None:
        self._part, self._bars, self._clock = part, bars, clock
        self.last: Truth = None
        self.memory = 0
        """How many closes in a row; -1 where the last one was unknown."""

    def answer(self, moment: Moment) -> Truth:
        """Judge the part; only closes count."""
        holds = self._part.answer(moment)
        if self._clock.closes(moment):
            self.memory = -1 if holds is None else max(self.memory, 0) + 1 if holds else 0
        self.last = None if self.memory < 0 else self.memory >= self._bars
        return self.last

    def rest(self) -> Truth:
        """Return the last answer: it stays."""
        return self.last

    def due(self, at: int) -> int | None:
        """Return when the part changes."""
        return self._part.due(at)

    def start_over(self) -> None:
        """Forget how long it has held."""
        self.memory = 0

    @property
    def is_running(self) -> bool:
        """Whether it holds, but not yet long enough."""
        return 0 < self.memory < self._bars


class Recently:
    """`c within 10m` or `within 3 bars`: c was true at some judgement in the span up to now."""

    __slots__ = ("_bars", "_clock", "_ns", "_part", "last", "memory")

    def __init__(self, part: Asked, ns: int | None, bars: int | None, clock: Bars) -> None:
        self._part, self._ns, self._bars, self._clock = part, ns, bars, clock
        self.last: Truth = None
        self.memory: int | None = None
        """When it was true last: an instant, or the number of a bar."""

    def answer(self, moment: Moment) -> Truth:
        """Judge the part, and how long ago it was true."""
        holds = self._part.answer(moment)
        now = moment.at if self._bars is None else self._clock.number(moment)
        if holds:
            self.memory = now
        self.last = holds or (True if self._is_recent(now) else holds)
        return self.last

    def _is_recent(self, now: int) -> bool:
        if self.memory is None:
            return False
        if self._bars is not None:
            return now - self.memory < self._bars
        return self._ns is not None and now - self.memory <= self._ns

    def rest(self) -> Truth:
        """Return the last answer: it stays until it runs out."""
        return self.last

    def due(self, at: int) -> int | None:
        """Return when it runs out, or the part changes."""
        end = None if self.memory is None or self._ns is None else self.memory + self._ns + 1
        return earliest((end if end is not None and end > at else None, self._part.due(at)))


class Becoming:
    """When a question becomes true: true after a definite not true; unknown in between is no change."""

    __slots__ = ("_part", "was")

    def __init__(self, part: Asked) -> None:
        self._part = part
        self.was = False

    def answer(self, moment: Moment) -> Truth:
        """Judge it, and tell whether it became true; unknown while it is."""
        truth = self._part.answer(moment)
        became = truth and not self.was
        if truth is not None:
            self.was = truth and self._part.rest() is not False
        return became


class Then:
    """`a then b within w`: b becomes true strictly after a became true, at most w later; it consumes a."""

    __slots__ = ("_bars", "_clock", "_first", "_ns", "_parts", "_second", "_since", "_since_bar", "last")

    def __init__(self, first: Asked, second: Asked, ns: int | None, bars: int | None, clock: Bars) -> None:
        self._parts: Sequence[Asked] = (first, second)
        self._first, self._second = Becoming(first), Becoming(second)
        self._ns, self._bars, self._clock = ns, bars, clock
        self.last: Truth = None
        self._since: int | None = None
        self._since_bar = 0

    def answer(self, moment: Moment) -> Truth:
        """Judge both: b against the a that was, then a begins anew."""
        first, second = self._first.answer(moment), self._second.answer(moment)
        self.last = second and self._is_in_time(moment)
        if self.last:
            self._since = None
        if first:
            self._since, self._since_bar = moment.at, self._clock.number(moment)
        return self.last

    def _is_in_time(self, moment: Moment) -> bool:
        if self._since is None or moment.at <= self._since:
            return False
        if self._bars is not None:
            return self._clock.number(moment) - self._since_bar <= self._bars
        return self._ns is None or moment.at - self._since <= self._ns

    def rest(self) -> Truth:
        """Return false: it is over with its instant; what is unknown stays so."""
        return None if self.last is None else False

    def due(self, at: int) -> int | None:
        """Return when a part changes."""
        return earliest(part.due(at) for part in self._parts)

    @property
    def memory(self) -> Any:
        """When a became true, and what was true last."""
        return [self._since, self._since_bar, self._first.was, self._second.was]

    @memory.setter
    def memory(self, memory: Any) -> None:
        self._since, self._since_bar, self._first.was, self._second.was = memory
