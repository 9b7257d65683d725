"""Bars for the tests of patterns and levels: drawn by hand, by chance, turned over and made larger."""

from itertools import pairwise

from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.core.timeframes import MINUTE


def bar(number, opened, high, low, close, length=MINUTE):
    """Return the closed bar of a number, counted from the epoch."""
    first, top, bottom, last = (float(each) for each in (opened, high, low, close))
    at = number * length
    return Bar("x", "X/Y", "1m", at, at + length, first, top, bottom, last, 1.0, True, 0)


def through(corners, reach=0.0):
    """Return one bar per step on the way through the corners (bar, price), each reaching that far out."""
    closes = [float(corners[0][1])]
    for (start, price), (end, other) in pairwise(corners):
        closes += [price + (other - price) * step / (end - start) for step in range(1, end - start + 1)]
    return [bar(place, each, each + reach, each - reach, each) for place, each in enumerate(closes)]


def scaled(bars, factor):
    """Return the bars with all prices times a factor; exact for powers of two and for -1, which turns them over."""
    if factor < 0:
        return [
            replace(
                each, open=factor * each.open, high=factor * each.low, low=factor * each.high,
                close=factor * each.close,
            )
            for each in bars
        ]  # fmt: skip
    return [
        replace(
            each, open=factor * each.open, high=factor * each.high, low=factor * each.low, close=factor * each.close
        )
        for each in bars
    ]  # fmt: skip


@st.composite
def walks(draw, least=1, most=120):
    """Draw bars of a walk in quarters with flat stretches, ties and single-bar spikes."""
    step = st.tuples(st.integers(-9, 9), st.integers(0, 4), st.integers(0, 4))
    steps = draw(st.lists(step, min_size=least, max_size=most))
    bars, before = [], 200.0
    for number, (move, up, down) in enumerate(steps):
        close = before + move / 4
        bars.append(bar(number, before, max(before, close) + up / 4, min(before, close) - down / 4, close))
        before = close
    return bars


def calculator(kind, **arguments):
    """Return a calculator of a kind."""
    make = SERIES[kind].make
    assert make is not None
    return make(arguments)


def run(kind, bars, **arguments):
    """Return the outputs at every bar."""
    series = calculator(kind, **arguments)
    return [series.update(each, each.close) for each in bars]


def run_peeking(kind, bars, **arguments):
    """Return the outputs at every bar, asserting that peeking foretells each and changes none."""
    series = calculator(kind, **arguments)
    rows = []
    for each in bars:
        series.peek(replace(each, close=each.low), each.low)
        foretold = series.peek(each, each.close)
        rows.append(series.update(each, each.close))
        assert repr(foretold) == repr(rows[-1])
    return rows
