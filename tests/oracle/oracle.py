"""The oracle: a slow, separate reading of the condition language, to find firings that are missing or extra.

It keeps the whole past, judges the whole tree at every instant at which anything may change, and shares no code
with the program (TA-Lib's batch functions compute its averages). Trees are plain tuples, see `rules`.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tests.oracle.past import UNKNOWN, Node, Past
from tests.oracle.tape import MINUTE


class Rule(NamedTuple):
    """What is asked: the tree, and the alert's own fields; spans in ns."""

    tree: Node
    timeframe: int
    trigger: str = "every_time"
    cooldown: int = 0
    fresh: bool = False
    max_triggers: int | None = None
    expires_at: int | None = None


class Fired(NamedTuple):
    """One firing that must exist."""

    at: int
    price: float


class Instant(NamedTuple):
    """A moment of judgement: event time, how many trades have been, and whether bars closed there."""

    at: int
    seen: int
    closes: bool
    is_tick: bool


class Run:
    """One rule over one past."""

    def __init__(self, rule: Rule, past: Past) -> None:
        self.rule, self.past = rule, past
        self._memory: dict[tuple[int, ...], Any] = {}
        self._last: dict[tuple[int, ...], bool | None] = {}
        self._dues: dict[tuple[int, ...], int | None] = {}
        counted = [rule.timeframe] if _counts_bars(rule.tree) else []
        self._timeframes = sorted({*_timeframes(rule.tree), *counted})
        self._has_ticks = _has_ticks(rule.tree)
        self._spans = sorted(set(_clock_spans(rule.tree)))

    # --- values ---

    def value(self, node: Node, now: Instant) -> float:
        kind = node[0]
        if kind == "number":
            return float(node[1])
        if kind == "price":
            return self.past.prints[now.seen - 1].price if now.seen else UNKNOWN
        if kind in ("bar", "indicator", "back", "window"):
            column = self.past.column(node)
            place = self._closed(node[1], now) - 1
            return float(column[place]) if 0 <= place < len(column) else UNKNOWN
        if kind == "arithmetic":
            return self._arithmetic(node, now)
        if kind == "percent_change":
            return self._percent_change(node[1], now)
        message = f"no value {node}"
        raise AssertionError(message)

    def _closed(self, length: int, now: Instant) -> int:
        """How many bars of a length have closed: those that end by now, at a tick inside its own bar too."""
        first = self.past.prints[0].at
        return (now.at - first) // length

    def _arithmetic(self, node: Node, now: Instant) -> float:
        _, operator, one, other = node
        left, right = self.value(one, now), self.value(other, now)
        if operator == "/":
            return left / right if right else UNKNOWN
        return {"+": left + right, "-": left - right, "*": left * right}[operator]

    def _start(self, span: int, now: Instant) -> float:
        """The last price at or before the start of a clock window."""
        last = UNKNOWN
        for each in self.past.prints[: now.seen]:
            if each.at > now.at - span:
                break
            last = each.price
        return last

    def _percent_change(self, span: int, now: Instant) -> float:
        start, price = self._start(span, now), self.value(("price",), now)
        return (price - start) / start * 100

    # --- questions: True, False or None ---

    def holds(self, node: Node, now: Instant, path: tuple[int, ...] = ()) -> bool | None:
        question: Callable[..., bool | None] = getattr(self, f"_{node[0]}")
        held = self._last[path] = question(node, now, path)
        return held

    def rests(self, node: Node, path: tuple[int, ...] = ()) -> bool | None:
        """What is left of the answer once its instant is over: an edge is true only at the instant it happens."""
        held = self._last[path]
        if held is not None and node[0] in ("cross", "range_edge", "sequence"):
            return False
        if node[0] not in ("and", "or", "not", "at_least"):
            return held
        found = [self.rests(each, (*path, place)) for place, each in enumerate(node[-1])]
        return _kleene(node, found)

    def _compare(self, node: Node, now: Instant, _path: tuple[int, ...]) -> bool | None:
        _, operator, one, other = node
        left, right = self.value(one, now), self.value(other, now)
        if math.isnan(left) or math.isnan(right):
            return None
        return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[operator]

    def _range(self, node: Node, now: Instant, _path: tuple[int, ...]) -> bool | None:
        _, is_inside, what, low, high = node
        values = [self.value(each, now) for each in (what, low, high)]
        if any(map(math.isnan, values)):
            return None
        return (values[1] <= values[0] <= values[2]) is is_inside

    def _cross(self, node: Node, now: Instant, path: tuple[int, ...]) -> bool | None:
        _, direction, one, other = node
        difference = self.value(one, now) - self.value(other, now)
        if math.isnan(difference):
            return None
        side = self._memory.get(path, 0)
        if difference:
            self._memory[path] = math.copysign(1, difference)
        up, down = difference > 0 and side < 0, difference < 0 and side > 0
        return {"above": up, "below": down, "either": up or down}[direction]

    def _range_edge(self, node: Node, now: Instant, path: tuple[int, ...]) -> bool | None:
        _, is_entering, what, low, high = node
        inside = self._range(("range", True, what, low, high), now, path)
        if inside is None:
            return None
        was = self._memory.get(path)
        self._memory[path] = inside
        return was is not None and was is not inside and inside is is_entering

    def _move(self, node: Node, now: Instant, _path: tuple[int, ...]) -> bool | None:
        _, direction, amount, is_percent, span = node
        start, price = self._start(span, now), self.value(("price",), now)
        change = (price - start) / start * 100 if is_percent else price - start
        if math.isnan(change):
            return None
        moved = {"rises": change, "falls": -change, "moves": abs(change)}[direction]
        return bool(moved >= amount)

    def _all(self, node: Node, now: Instant, path: tuple[int, ...]) -> Iterator[bool | None]:
        # a list first: every edge must see every judgement
        return iter([self.holds(each, now, (*path, place)) for place, each in enumerate(node[-1])])

    def _and(self, node: Node, now: Instant, path: tuple[int, ...]) -> bool | None:
        return _kleene(node, list(self._all(node, now, path)))

    _or = _not = _at_least = _and

    def _held(self, node: Node, now: Instant, path: tuple[int, ...]) -> bool | None:
        """`for`: since when has it held without a break; in bars, at how many closes in a row."""
        _, bars, span, inner = node
        held = self.holds(inner, now, (*path, 0))
        if bars:
            return self._held_bars(bars, held, now, path)
        if held is not True:
            self._memory[path] = self._dues[path] = None
            return held
        since = self._memory.get(path)
        self._memory[path] = since = now.at if since is None else since
        self._dues[path] = since + span
        return bool(now.at - since >= span)

    def _held_bars(self, bars: int, held: bool | None, now: Instant, path: tuple[int, ...]) -> bool | None:
        closes = self._memory.get(path, 0)
        if self._is_own_close(now):
            closes = UNKNOWN if held is None else (0 if math.isnan(closes) else closes) + 1 if held else 0
        self._memory[path] = closes
        return None if math.isnan(closes) else bool(closes >= bars)

    def _recent(self, node: Node, now: Instant, path: tuple[int, ...]) -> bool | None:
        """`within`: it was true at some judgement of the span up to now; the current bar counts as the first."""
        _, bars, span, inner = node
        held = self.holds(inner, now, (*path, 0))
        here = self._bar_of(now) if bars else now.at
        if held:
            self._memory[path] = here
            self._dues[path] = None if bars else now.at + span + 1
        last = self._memory.get(path)
        is_recent = last is not None and (here - last < bars if bars else here - last <= span)
        return True if is_recent else held

    def _bar_of(self, now: Instant) -> int:
        """The number of the bar of the alert's timeframe; what is judged at its end belongs to it."""
        return (now.at - self._is_own_close(now)) // self.rule.timeframe

    def _sequence(self, node: Node, now: Instant, path: tuple[int, ...]) -> bool | None:
        """`then`: the second becomes true strictly after the first became true, at most a span later."""
        _, span, first, second = node
        one, other = self.holds(first, now, (*path, 0)), self.holds(second, now, (*path, 1))
        armed_at, was_one, was_other = self._memory.get(path, (None, None, None))
        came = other is True and was_other is not True
        happened = came and armed_at is not None and armed_at < now.at and now.at - armed_at <= span
        if happened:
            armed_at = None
        if one is True and was_one is not True:
            armed_at = now.at
        was = [
            _lasting(held, self.rests(each, (*path, place)), before)
            for place, (each, held, before) in enumerate([(first, one, was_one), (second, other, was_other)])
        ]
        self._memory[path] = (armed_at, *was)
        return None if other is None else happened

    def _is_own_close(self, now: Instant) -> bool:
        return now.closes and now.at % self.rule.timeframe == 0

    # --- the course of time ---

    def instants(self) -> Iterator[Instant]:
        """Yield every instant at which a series of the rule changes, in order; closes before ticks."""
        prints, times = self.past.prints, self.past.times
        stamps: dict[tuple[int, int], Instant] = {}
        for place, each in enumerate(prints):
            stamps[each.at, 2] = Instant(each.at, place + 1, closes=False, is_tick=True)
        for length in {*self._timeframes, self.rule.timeframe}:
            for bar in self.past.candles(length):
                at = bar.close_at
                stamps[at, 1] = Instant(at, _count_before(times, at), closes=True, is_tick=False)
        facts = {each.at for each in stamps.values() if self._is_judged(each)}
        for at in self._moves() - facts:  # what comes at the same instant is judged with it
            stamps[at, 0] = Instant(at, _count_before(times, at), closes=False, is_tick=False)
        for key in sorted(stamps):
            yield stamps[key]

    def _moves(self) -> set[int]:
        """When time alone changes a series: the start of a clock window moves on."""
        moved = {at + span for at in self.past.times for span in self._spans}
        return {at for at in moved if at < self.past.times[-1]}

    def _due(self, after: int) -> int | None:
        """When time alone completes a hold, or lets something no longer be recent."""
        dues = [at for at in self._dues.values() if at is not None and at > after]
        return min(dues, default=None)

    def _judged_instants(self) -> Iterator[Instant]:
        """Yield every instant of judgement: what is given, and what falls due between."""
        last = 0
        for now in self.instants():
            if self._is_judged(now):
                yield from self._fallen_due(last, now.at)
                yield now
                last = now.at
        yield from self._fallen_due(last, self.past.times[-1])

    def _fallen_due(self, last: int, until: int) -> Iterator[Instant]:
        due = self._due(last)
        while due is not None and due < until:
            yield Instant(due, _count_before(self.past.times, due), closes=False, is_tick=False)
            due = self._due(due)

    def firings(self) -> list[Fired]:
        """Return every firing the rule must give, in order."""
        life = _Life(self.rule)
        for now in self._judged_instants():
            if self.rule.expires_at is not None and now.at >= self.rule.expires_at:
                break
            held = self.holds(self.rule.tree, now)
            life.judge(now, held, self.rests(self.rule.tree), self.past)
        return life.fired

    def _is_judged(self, now: Instant) -> bool:
        if self.rule.trigger == "once_per_bar_close":
            return self._is_own_close(now)
        if now.is_tick:
            return self._has_ticks
        return not now.closes or any(now.at % length == 0 for length in self._timeframes)


def _kleene(node: Node, found: list[bool | None]) -> bool | None:
    if node[0] == "not":
        return None if found[0] is None else not found[0]
    least = {"and": len(found), "or": 1}.get(node[0]) or node[1]
    if found.count(True) >= least:
        return True
    return None if found.count(True) + found.count(None) >= least else False


def _lasting(held: bool | None, rests: bool | None, before: bool | None) -> bool | None:
    """Whether it is still true after a judgement; only a definite false lets it become true again."""
    return before if held is None else held and rests is not False


class _Life:
    """The alert's course: what becomes true fires, unless it fired for this bar, cools down or is done."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.fired: list[Fired] = []
        self._was: bool | None = True if rule.fresh else None
        self._free_at = 0
        self._key: int | None = None

    def judge(self, now: Instant, held: bool | None, rests: bool | None, past: Past) -> None:
        rule = self.rule
        becomes = held is True and self._was is not True
        self._was = _lasting(held, rests, self._was)
        if held is not True or self._is_done():
            return
        if rule.trigger in ("once", "every_time"):
            if not becomes:
                return
        elif not self._takes(now):
            return
        if now.at < self._free_at:
            return
        self._free_at = now.at + rule.cooldown
        self.fired.append(Fired(now.at, past.prints[now.seen - 1].price))

    def _takes(self, now: Instant) -> bool:
        """Take the bar or minute of this instant, unless it was taken; a close belongs to the bar it closes."""
        if self.rule.trigger == "once_per_minute":
            key = now.at // MINUTE
        else:
            key = (now.at - now.closes) // self.rule.timeframe
        if key == self._key:
            return False
        self._key = key
        return True

    def _is_done(self) -> bool:
        most = 1 if self.rule.trigger == "once" else self.rule.max_triggers
        return most is not None and len(self.fired) >= most


def _count_before(times: list[int], at: int) -> int:
    """How many trades were before an instant."""
    return int(np.searchsorted(times, at, side="left"))


def _nodes(tree: Any) -> Iterator[Node]:
    if isinstance(tree, tuple):
        if tree and isinstance(tree[0], str):
            yield tree
        for part in tree:
            yield from _nodes(part)


def _timeframes(tree: Node) -> Iterator[int]:
    return (node[1] for node in _nodes(tree) if node[0] in ("bar", "indicator", "back", "window"))


def _has_ticks(tree: Node) -> bool:
    return any(node[0] in ("price", "percent_change", "move") for node in _nodes(tree))


def _counts_bars(tree: Node) -> bool:
    return any(node[0] in ("held", "recent") and node[1] is not None for node in _nodes(tree))


def _clock_spans(tree: Node) -> Iterator[int]:
    for node in _nodes(tree):
        if node[0] == "percent_change":
            yield node[1]
        elif node[0] == "move":
            yield node[4]
