"""Charts with a known pattern planted in them, and how many of them the recognition finds.

Run `python -m tests.core.series.planted` for the table of `docs/explanation/patterns.md`.

Each template is what the textbooks draw: corners (bars, height), then the way out. Corners are moved by chance
in time and height, the way between them is noisy, and before and after it a random walk goes on. The thresholds
of the recognition play no part here.
"""

import sys
from itertools import pairwise
from random import Random

from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.core.series.patterns import PATTERNS
from tests.core.series.charts import bar

CORNERS = {
    "double_top": [(0, -1.5), (30, 1.0), (20, 0.0), (20, 1.0), (30, -1.2)],
    "head_and_shoulders": [(0, -1.0), (25, 0.6), (15, 0.0), (18, 1.0), (18, 0.0), (15, 0.6), (30, -1.0)],
    "ascending_triangle": [(0, -1), (20, 1), (22, 0), (20, 1), (17, 0.35), (15, 1), (12, 0.65), (20, 2)],
    "symmetric_triangle": [
        (0, -1),
        (20, 1),
        (22, 0),
        (20, 0.8),
        (17, 0.25),
        (14, 0.65),
        (10, 0.45),
        (20, 1.6),
    ],
    "rising_channel": [
        (0, -1),
        (15, 1),
        (20, 0.4),
        (20, 1.7),
        (20, 1.1),
        (20, 2.4),
        (20, 1.8),
        (18, 3.0),
        (40, 0.6),
    ],
    "bull_flag": [(0, 0.0), (12, 3.0), (10, 2.3), (9, 2.75), (9, 2.1), (25, 4.5)],
    "wedge_rising": [
        (0, -1),
        (15, 1),
        (20, 0),
        (20, 1.3),
        (18, 0.7),
        (16, 1.6),
        (13, 1.3),
        (10, 1.75),
        (30, 0.0),
    ],
}
MIRRORS = {
    "double_bottom": "double_top",
    "inverse_head_and_shoulders": "head_and_shoulders",
    "descending_triangle": "ascending_triangle",
    "falling_channel": "rising_channel",
    "bear_flag": "bull_flag",
    "wedge_falling": "wedge_rising",
}
CALM = 60
"""Bars of random walk before and after a pattern."""


def path(name, chance, noise):
    """Return closes around 100 with the pattern, one height being 10, and the bar at which the way out begins."""
    sign = -1 if name in MIRRORS else 1
    corners = CORNERS[MIRRORS.get(name, name)]
    moved = [
        (max(6, round(bars * chance.uniform(0.8, 1.25))) if bars else 0, height + chance.gauss(0, 0.04))
        for bars, height in corners
    ]
    heights = [moved[0][1]]
    for (_, start), (bars, end) in pairwise(moved):
        heights += [start + (end - start) * step / bars for step in range(1, bars + 1)]
    planted = [100 + sign * 10 * (each + chance.gauss(0, noise)) for each in heights]
    before = walk(chance, planted[0], 10 * noise)[::-1]
    begins = len(before) + sum(bars for bars, _ in moved[:-1])
    return [*before, *planted, *walk(chance, planted[-1], 10 * noise)], begins


def walk(chance, start, step, bars=CALM):
    """Return a random walk of closes that begins beside `start`."""
    closes = []
    for _ in range(bars):
        start += chance.gauss(0, step)
        closes.append(start)
    return closes


def bars_of(closes, chance, reach):
    """Return 1m bars through the closes, each reaching a little beyond its open and close."""
    made, before = [], closes[0]
    for number, close in enumerate(closes):
        top = max(before, close) + abs(chance.gauss(0, reach))
        bottom = min(before, close) - abs(chance.gauss(0, reach))
        made.append(bar(number, before, top, bottom, close))
        before = close
    return made


def confirmed_at(name, bars, good=0.0):
    """Return the bars at which a pattern of at least that quality became confirmed."""
    kind = SERIES["pattern"]
    assert kind.make is not None
    calculator = kind.make({"name": name, "wing": 5})
    rows = [calculator.update(each, each.close) for each in bars]
    return [
        place
        for place, (before, row) in enumerate(pairwise(rows), start=1)
        if row[0] == 1 and before[0] != 1 and row[2] >= good
    ]


def measured(charts, noise, good=0.0, seed=1):
    """Return by pattern: planted charts in which it was found, and confirmations that were right and wrong.

    Right is one in the chart it was planted in, from the start of the way out on; all others are wrong: too
    early, in another pattern's chart, in the random walk around. Only confirmations of a quality of at least
    `good` count.
    """
    found, right, wrong = (dict.fromkeys(PATTERNS, 0) for _ in range(3))
    for planted in PATTERNS:
        for number in range(charts):
            chance = Random(f"{seed} {planted} {number}")
            closes, begins = path(planted, chance, noise)
            bars = bars_of(closes, chance, 5 * noise)
            for name in PATTERNS:
                hits = confirmed_at(name, bars, good)
                right_ones = [hit for hit in hits if name == planted and begins <= hit < begins + 45]
                found[name] += bool(right_ones)
                right[name] += len(right_ones)
                wrong[name] += len(hits) - len(right_ones)
    return found, right, wrong


def by_chance(bars, seed=1):
    """Return by pattern the confirmations in one long random walk."""
    chance = Random(seed)
    walked = bars_of(walk(chance, 1000.0, 0.5, bars), chance, 0.25)
    return {name: len(confirmed_at(name, walked)) for name in PATTERNS}


def main():
    """Write the table."""
    charts, bars = 100, 50_000
    chance = by_chance(bars)
    tables = [measured(charts, noise, good) for noise, good in ((0.02, 0.0), (0.02, 0.75), (0.05, 0.0))]
    for name in PATTERNS:
        row = [f"`{name}`"]
        for found, right, wrong in tables:
            told = right[name] + wrong[name]
            row += [f"{found[name] / charts:.2f}", f"{right[name] / told:.2f}" if told else "–"]
        row.append(f"{chance[name] / bars * 1000:.2f}")
        sys.stdout.write(f"| {' | '.join(row)} |\n")


if __name__ == "__main__":
    main()
