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
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from frames import Walk
from frames import symbols as venue_symbols

from crypto_portfolio_analyzer.core.alerts import Alert
from crypto_portfolio_analyzer.core.conditions.tree import Condition, Cross, Direction, Number, Series
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.market import Trade
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit
from crypto_portfolio_analyzer.exchanges.binance import Binance

SYMBOLS, PER_SYMBOL, ROUNDS = 10_000, 100, 11
TICKS = 60_000
SCANNED = 5_000
SPREAD = 0.5
PRICE = Series("price", "", (), Unit.PRICE, Domain.TICK)


def resident() -> int:
    """Return the bytes this process occupies, after what is free was given back."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def plans(firsts: Sequence[Trade], per_symbol: int) -> Iterator[tuple[str, float, Direction]]:
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


def arm(
    judge: Judge, given: Sequence[Alert], rules: Sequence[tuple[str, float, Direction]], now: int
) -> None:
    """Arm every rule, its condition made and let go as a loader does."""
    for alert, (symbol, level, direction) in zip(given, rules, strict=True):
        text = f"{level:.0f}" if level.is_integer() else repr(level)
        question = Cross(direction, PRICE, Number(level, Unit.PRICE, text))
        way = "above" if direction is Direction.UP else "below"
        judge.arm(alert, Condition(question, f"price crosses {way} {text}", "1m"), symbol, None, now)


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
                judge.take()


def judged(judge: Judge, facts: list[Trade]) -> None:
    """Judge decoded trades."""
    for fact in facts:
        judge.trade(fact)
    judge.take()


def longest(judge: Judge, facts: list[Trade]) -> int:
    """Return the longest time (ns of CPU) a single tick took, garbage collection included."""
    worst, clock = 0, time.thread_time_ns
    for fact in facts:
        begin = clock()
        judge.trade(fact)
        if judge.is_waiting:
            judge.take()
        worst = max(worst, clock() - begin)
    return worst


def scan(rules: Sequence[tuple[str, float, Direction]], facts: list[Trade]) -> None:
    """Look at every rule of a tick's symbol."""
    by_symbol: dict[str, list[tuple[float, bool]]] = {}
    for symbol, level, direction in rules:
        by_symbol.setdefault(symbol, []).append((level, direction is Direction.UP))
    begin = time.thread_time_ns()
    fired = 0
    for fact in facts:
        price = fact.price
        for level, is_up in by_symbol[fact.symbol]:
            if (price > level) if is_up else (price < level):
                fired += 1
    scan.cost = (time.thread_time_ns() - begin) / len(facts)  # type: ignore[attr-defined]


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
    scan(rules, facts_of(messages)[:SCANNED])
    scanned: float = scan.cost  # type: ignore[attr-defined]
    busy_alone = statistics.median(cost for _, cost in alone) / TICKS
    print(
        f"{len(rules):,} rules over {count:,} symbols, {rounds} rounds of {TICKS:,} ticks, ns of CPU a tick"
    )
    print(f"  bytes → judged   none {statistics.median(a for a, _ in whole) / TICKS:8,.0f}"
          f"   all {statistics.median(b for _, b in whole) / TICKS:8,.0f}"
          f"   ratio {spread_of([b / a for a, b in whole])}   aim 1.25")  # fmt: skip
    print(f"  judged alone     none {statistics.median(a for a, _ in alone) / TICKS:8,.0f}"
          f"   all {busy_alone:8,.0f}   ratio {spread_of([b / a for a, b in alone])}")  # fmt: skip
    print(f"  scan of a symbol's rules {scanned:8,.0f}   {scanned / busy_alone:.0f}x   aim 30x")
    print(f"  longest tick {worst / 1e6:.2f} ms   aim 5 ms")
    print(f"  {weight:.0f} bytes a rule beside its definition   aim 64")
    print(f"  armed in {loading / 1e9:.1f} s: {loading / len(rules) / 1e3:.1f} µs a rule")


if __name__ == "__main__":
    main()
