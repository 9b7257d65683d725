"""What the price did after each firing of a back-test."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from statistics import median

from msgspec import Struct

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR

SPANS = (HOUR, DAY)


class Outcome(Struct, frozen=True):
    """The price a span (ns) after the firings: how many could be followed that far, and how they went.

    `median_percent` is the median change in percent points, `share_up` the share (0 to 1) that rose; None where
    nothing could be followed.
    """

    span: int
    count: int
    median_percent: float | None
    share_up: float | None


def outcomes(fired: Iterable[tuple[int, float]], bars: Sequence[Bar]) -> tuple[Outcome, ...]:
    """Return what became of firings (instant, price) over `bars` of the same symbol, oldest first.

    A firing counts for a span only if a bar ends there: not where the data end before, nor in a hole, nor over
    a span shorter than a bar.
    """
    ends = [bar.close_at for bar in bars]
    pairs = list(fired)
    return tuple(_outcome(span, pairs, bars, ends) for span in SPANS)


def _outcome(
    span: int, fired: Sequence[tuple[int, float]], bars: Sequence[Bar], ends: Sequence[int]
) -> Outcome:
    changes = []
    for at, price in fired:
        place = bisect_right(ends, at + span) - 1
        if place < 0 or (place == len(bars) - 1 and ends[place] < at + span):
            continue
        bar = bars[place]
        if bar.close_at > at and at + span - bar.close_at < bar.close_at - bar.open_at:
            changes.append((bar.close - price) / price * 100)
    if not changes:
        return Outcome(span, 0, None, None)
    rose = sum(change > 0 for change in changes)
    return Outcome(span, len(changes), median(changes), rose / len(changes))
