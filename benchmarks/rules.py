"""1,000,000 rules over 10,000 symbols: what a tick costs beside none, beside a scan, in memory and in pauses.

Every rule is an alert of its own: `price crosses above X` or `below X`, once, X within half of the price. Both judges
take the same frames in turns, round by round; times are CPU time of the thread, medians over the rounds.
usage: rules.py [symbols] [rules per symbol] [rounds]
"""

import ctypes
import gc
import os
import random
import statistics
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

from frames import Walk
from frames import symbols as venue_symbols

from crypto_portfolio_analyzer.core.alerts import Alert
from crypto_portfolio_analyzer.core.conditions.tree import Condition, Cross, Direction, Number, Series
from crypto_portfolio_analyzer.core.judging.docket import Scope
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.judging.sleepers import Sleepers, shape_of
from crypto_portfolio_analyzer.core.market import Trade
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit
from crypto_portfolio_analyzer.exchanges.binance import Binance

SYMBOLS, PER_SYMBOL, ROUNDS = 10_000, 100, 11
TICKS = 60_000
SCANNED = 5_000
SPREAD = 0.5
Rule = tuple[str, float, Direction]
Tick = tuple[int, float]
"""A symbol's number, a price."""
PRICE = Series("price", "", (), Unit.PRICE, Domain.TICK)


def resident() -> int:
    """Return the bytes this process occupies, after what is free was given back."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def plans(firsts: Sequence[Trade], per_symbol: int) -> Iterator[Rule]:
    """Yield symbol, level and direction of every rule."""
    dice = random.Random(11)
    for trade in firsts:
        for _ in range(per_symbol):
            level = float(f"{trade.price * (1 + dice.uniform(-SPREAD, SPREAD)):.8g}")
            yield trade.symbol, level, Direction.UP if level > trade.price else Direction.DOWN


def alerts(count: int) -> list[Alert]:
    """Return the definitions, which whoever serves them holds anyway."""
    return [
        Alert(id=f"{number:032x}", number=number, owner="o", name=f"rule {number}", symbols=(), condition="")
        for number in range(count)
    ]


def condition_of(level: float, direction: Direction) -> Condition:
    """Return the condition of a rule."""
    text = format(Decimal(repr(level)), "f").removesuffix(".0")
    question = Cross(direction, PRICE, Number(level, Unit.PRICE, text))
    way = "above" if direction is Direction.UP else "below"
    return Condition(question, f"price crosses {way} {text}", "1m")


def arm(judge: Judge, given: Sequence[Alert], rules: Sequence[Rule], now: int) -> None:
    """Arm every rule, its condition made and let go as a loader does."""
    for alert, (symbol, level, direction) in zip(given, rules, strict=True):
        judge.arm(alert, condition_of(level, direction), symbol, None, now)


def new_judge() -> Judge:
    """Return a judge without forming bars."""
    return Judge(forming=lambda _symbol, _timeframe: None)


def timed(work: Callable[[], None]) -> int:
    """Return the CPU time (ns) some work took."""
    begin = time.thread_time_ns()
    work()
    return time.thread_time_ns() - begin


def both(idle: Judge, busy: Judge, number: int, work: Callable[[Judge], None]) -> tuple[int, int]:
    """Return what the same work cost each of the two; who begins changes from round to round."""
    costs = {judge: timed(partial(work, judge)) for judge in ((idle, busy), (busy, idle))[number % 2]}
    return costs[idle], costs[busy]


def way(
    judge: Judge, decode: Callable[[bytes, int], Sequence[object]], messages: list[bytes], now: int
) -> None:
    """Take frames from bytes to judged, as the engine does."""
    for message in messages:
        for fact in decode(message, now):
            if judge.next_due <= now:
                judge.advance(now)
            judge.trade(fact)  # type: ignore[arg-type]
            if judge.is_waiting:
                judge.take(Scope.DECIDED)


def judged(judge: Judge, facts: list[Trade]) -> None:
    """Judge decoded trades."""
    for fact in facts:
        judge.trade(fact)
        if judge.is_waiting:
            judge.take(Scope.DECIDED)


def longest(judge: Judge, facts: list[Trade]) -> int:
    """Return the longest time (ns of CPU) a single tick took, garbage collection included."""
    worst, clock = 0, time.thread_time_ns
    for fact in facts:
        begin = clock()
        judge.trade(fact)
        if judge.is_waiting:
            judge.take(Scope.DECIDED)
        worst = max(worst, clock() - begin)
    return worst


class Scan:
    """Looks at every rule of a tick's symbol; a rule that is reached is done."""

    def __init__(self, rules: Sequence[Rule], numbers: Mapping[str, int]) -> None:
        self._rules: list[list[tuple[float, bool]]] = [[] for _ in numbers]
        for symbol, level, direction in rules:
            self._rules[numbers[symbol]].append((level, direction is Direction.UP))

    def run(self, ticks: Sequence[Tick]) -> int:
        """Return how many rules the ticks reached."""
        reached = 0
        for number, price in ticks:
            rules = self._rules[number]
            hit = [rule for rule in rules if ((price > rule[0]) if rule[1] else (price < rule[0]))]
            for rule in hit:
                rules.remove(rule)
            reached += len(hit)
        return reached


class Index:
    """Looks at the two nearest levels, and into the columns only where one is reached."""

    def __init__(
        self,
        rules: Sequence[Rule],
        given: Sequence[Alert],
        firsts: Sequence[Trade],
        numbers: Mapping[str, int],
    ) -> None:
        self._prices = array("d", [trade.price for trade in firsts])
        self._rows = [Sleepers() for _ in firsts]
        for alert, (symbol, level, direction) in zip(given, rules, strict=True):
            found = shape_of(alert, condition_of(level, direction))
            assert found is not None
            self._rows[numbers[symbol]].add(alert, *found, since=0)
        quiet = [rows.around(price) for rows, price in zip(self._rows, self._prices, strict=True)]
        self._low, self._high = (array("d", bounds) for bounds in zip(*quiet, strict=True))

    def run(self, ticks: Sequence[Tick]) -> int:
        """Return how many rules the ticks reached."""
        reached, low, high = 0, self._low, self._high
        for number, price in ticks:
            if not low[number] < price < high[number]:
                reached += self._flip(number, price)
        return reached

    def _flip(self, number: int, price: float) -> int:
        rows, old = self._rows[number], self._prices[number]
        woken = rows.woken(old, price)
        rows.move(old, price)
        if woken:
            rows.take(place for place, _ in woken)
        self._prices[number] = price
        self._low[number], self._high[number] = rows.around(price)
        return len(woken)


def spread_of(values: Sequence[float]) -> str:
    """Return median, least and most."""
    return f"{statistics.median(values):7.3f}   ({min(values):.3f}-{max(values):.3f})"


def main() -> None:
    """Print what a tick costs, in ratios of one run."""
    given = [int(each) for each in sys.argv[1:]]
    count, per_symbol, rounds = [*given, *(SYMBOLS, PER_SYMBOL, ROUNDS)[len(given) :]]
    walk = Walk(venue_symbols(count))
    decode = Binance().decoder().decode
    now = time.time_ns()

    def facts_of(messages: list[bytes]) -> list[Trade]:
        return [fact for message in messages for fact in decode(message, now) if isinstance(fact, Trade)]

    firsts = facts_of(list(walk.first_trades()))
    rules = list(plans(firsts, per_symbol))
    definitions = alerts(len(rules))
    idle, busy = new_judge(), new_judge()
    far = alerts(count)
    arm(idle, far, [(trade.symbol, 1e14, Direction.UP) for trade in firsts], now)
    before = resident()
    loading = timed(lambda: arm(busy, definitions, rules, now))
    weight = (resident() - before) / len(rules)
    for judge in (idle, busy):
        judged(judge, firsts)
    gc.collect()
    gc.freeze()
    whole: list[tuple[int, int]] = []
    alone: list[tuple[int, int]] = []
    messages: list[bytes] = []
    worst = 0
    for number in range(rounds):
        messages = list(walk.aggregate_trades(TICKS))
        whole.append(both(idle, busy, number, partial(way, decode=decode, messages=messages, now=now)))
        facts = facts_of(list(walk.aggregate_trades(TICKS)))
        alone.append(both(idle, busy, number, partial(judged, facts=facts)))
        worst = max(worst, longest(busy, facts_of(list(walk.aggregate_trades(TICKS // 4)))))
    searched = compare(rules, definitions, facts_of, firsts, walk, rounds)
    print(
        f"{len(rules):,} rules over {count:,} symbols, {rounds} rounds of {TICKS:,} ticks, ns of CPU a tick"
    )
    told("bytes → judged", whole, "aim 1.25")
    told("judged alone", alone, "with its firings")
    per_tick = [cost / SCANNED for cost, _ in searched]
    print(f"  which rules a tick reaches: scan {statistics.median(per_tick):,.0f}, index"
          f" {statistics.median(cost / SCANNED for _, cost in searched):,.0f}:"
          f" {spread_of([scan / index for scan, index in searched])} times   aim 30")  # fmt: skip
    print(f"  longest tick {worst / 1e6:.2f} ms   aim 5 ms")
    ticks = rounds * (2 * TICKS + TICKS // 4)
    fired = sum(standing.fired for each in definitions for standing in busy.standings(each.id))
    print(f"  {fired / ticks:.4f} firings a tick")
    print(f"  {weight:.0f} bytes a rule beside its definition   aim 64")
    print(f"  armed in {loading / 1e9:.1f} s: {loading / len(rules) / 1e3:.1f} µs a rule")


def compare(
    rules: Sequence[Rule],
    given: Sequence[Alert],
    facts_of: Callable[[list[bytes]], list[Trade]],
    firsts: Sequence[Trade],
    walk: Walk,
    rounds: int,
) -> list[tuple[int, int]]:
    """Return what scan and index cost on the same ticks, having checked that they find the same rules."""
    numbers = {trade.symbol: number for number, trade in enumerate(firsts)}
    scan, index = Scan(rules, numbers), Index(rules, given, firsts, numbers)
    costs, found = [], {scan: 0, index: 0}

    def run(side: Scan | Index, ticks: Sequence[Tick]) -> None:
        found[side] += side.run(ticks)

    caught_up = [(numbers[fact.symbol], fact.price) for fact in facts_of(list(walk.first_trades()))]
    for side in (scan, index):
        run(side, caught_up)
    for number in range(rounds):
        ticks = [
            (numbers[fact.symbol], fact.price) for fact in facts_of(list(walk.aggregate_trades(SCANNED)))
        ]
        pair = (scan, index) if number % 2 else (index, scan)
        cost = {side: timed(partial(run, side, ticks)) for side in pair}
        costs.append((cost[scan], cost[index]))
    assert found[scan] == found[index], f"scan found {found[scan]}, index {found[index]}"
    return costs


def told(name: str, costs: Sequence[tuple[int, int]], aim: str) -> None:
    """Print a line: what it costs without rules, with all, and the ratio."""
    without, with_all = (statistics.median(each) / TICKS for each in zip(*costs, strict=True))
    print(f"  {name:16} none {without:8,.0f}   all {with_all:8,.0f}"
          f"   ratio {spread_of([b / a for a, b in costs])}   {aim}")  # fmt: skip


if __name__ == "__main__":
    main()
