"""Reading conditions: the worst time a hostile text can take, a usual one, and one whose shape is known.

usage: reading_conditions.py
"""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the hostile texts are the tests'

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.shapes import Shapes
from crypto_portfolio_analyzer.errors import InvalidCondition
from tests.core.conditions.hostile import CORPUS, generated

GENERATED, ROUNDS, KNOWN = 20_000, 9, 20_000
USUAL = (
    "price > 50000",
    "rsi(14) on 1h < 30 and price crosses above ema(50) on 15m",
    "2 of (rsi(14) > 70, price > bollinger(20, 2).upper, volume_ratio(20) > 3) for 3 bars",
)
SHAPES = (
    "price crosses above {}",
    "rsi(14) on 1h < {} and price crosses above ema(50) on 15m",
    "price inside {}..99999",
)


def milliseconds(text: str) -> float:
    """Return the best of some readings of a text, in ms of CPU."""
    times = []
    for _ in range(ROUNDS):
        begin = time.thread_time_ns()
        with suppress(InvalidCondition):
            read_condition(text)
        times.append(time.thread_time_ns() - begin)
    return min(times) / 1e6


def microseconds(read: Callable[[str], object], texts: list[str]) -> float:
    """Return the median over rounds of the µs of CPU a text."""
    times = []
    for _ in range(ROUNDS):
        begin = time.thread_time_ns()
        for text in texts:
            read(text)
        times.append((time.thread_time_ns() - begin) / len(texts) / 1e3)
    return statistics.median(times)


def main() -> None:
    """Print the worst, the usual and the known."""
    os.sched_setaffinity(0, {1})
    read_condition("price > 1")
    chance = random.Random(1)
    texts = [*CORPUS, *(generated(chance) for _ in range(GENERATED))]
    worst = max(texts, key=milliseconds)
    print(f"reading conditions, ms of CPU, best of {ROUNDS}")
    print(f"  worst of {len(texts):,} hostile texts {milliseconds(worst):6.2f}   aim 5   {worst[:60]!r}")
    for text in USUAL:
        print(f"  {milliseconds(text):6.2f}   {text}")
    print(f"a shape that is known, µs of CPU, median of {ROUNDS}   aim 10")
    for shape in SHAPES:
        asked = [shape.format(f"{1 + place * 0.001:.3f}") for place in range(KNOWN)]
        shapes = Shapes()
        print(f"  {microseconds(shapes.read, asked):6.2f}   {shape}")


if __name__ == "__main__":
    main()
