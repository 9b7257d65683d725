"""Four indicators (RSI 14, MACD, Bollinger 20, EMA 50) of 10,000 series at a bar's close: ns of CPU a series.

Columns against TA-Lib's own stream handles, bare numbers on both sides; against TA-Lib's batch over one long
series, which is the limit and not incremental; and the board with columns against the board without, bars included.
Medians of interleaved rounds, thread CPU time.
usage: indicators.py [series] [rounds]
"""

import gc
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial

import numpy as np
import talib
from talib import stream

from crypto_portfolio_analyzer.core.conditions.tree import Series
from crypto_portfolio_analyzer.core.judging.board import Board
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit
from crypto_portfolio_analyzer.core.series.columns import COLUMNS, Column
from crypto_portfolio_analyzer.core.timeframes import MINUTE

SERIES, ROUNDS, WARM = 10_000, 15, 120
LONG = 20_000
"""Bars of the series that TA-Lib's batch goes over."""
WANTED = (
    ("rsi", {"length": 14}, ""),
    ("macd", {"fast": 12, "slow": 26, "signal": 9}, "macd"),
    ("bollinger", {"length": 20, "deviations": 2.0}, "upper"),
    ("ema", {"length": 50}, ""),
)
FLOOR = 6


def columns(prices: np.ndarray) -> list[Column]:
    """Return the four columns, every series admitted."""
    made = [Column(COLUMNS[kind](arguments)) for kind, arguments, _output in WANTED]
    for column in made:
        for history in prices[:WARM].T:
            column.admit(np.ascontiguousarray(history)[None, :])
    return made


def handles(prices: np.ndarray) -> list[tuple[Callable[[float], object], ...]]:
    """Return the four updates of each series' handles."""
    rows = np.ascontiguousarray(prices[:WARM].T)
    return [
        (
            stream.RSI(row, 14).update,
            stream.MACD(row, 12, 26, 9).update,
            stream.BBANDS(row, 20, 2.0, 2.0).update,
            stream.EMA(row, 50).update,
        )
        for row in rows
    ]


def board(prices: np.ndarray, names: list[str], columnar: bool) -> Board:
    """Return a board on which every symbol wants the four."""
    made = Board(settle=False, columnar=columnar)
    for name in names:
        for kind, arguments, output in WANTED:
            wanted = Series(kind, output, tuple(arguments.values()), Unit.NUMBER, Domain.BAR, "1m")
            made.want(name, wanted, "1m")
    for number, name in enumerate(names):
        made.seed(
            name, "1m", [bar(name, at, price) for at, price in enumerate(prices[:WARM, number].tolist())]
        )
    return made


def bar(name: str, at: int, price: float) -> Bar:
    """Return a closed bar."""
    open_at, close_at = at * MINUTE, (at + 1) * MINUTE
    return Bar("binance", name, "1m", open_at, close_at, price, price, price, price, 1.0, True, close_at)


def batch(prices: np.ndarray) -> None:
    """Let TA-Lib's batch go over one long series."""
    talib.RSI(prices, 14)
    talib.MACD(prices, 12, 26, 9)
    talib.BBANDS(prices, 20, 2.0, 2.0)
    talib.EMA(prices, 50)


def timed(work: Callable[[], object], count: int) -> float:
    """Return the ns of CPU a unit of work took."""
    begin = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - begin) / count


def advance(columns: list[Column], everyone: slice, prices: np.ndarray) -> None:
    """Give every member of the columns its next price."""
    for column in columns:
        column.advance(everyone, [prices])


def update_all(updates: list[tuple[Callable[[float], object], ...]], prices: list[float]) -> None:
    """Give every series its next price."""
    for (rsi, macd, bands, ema), price in zip(updates, prices, strict=True):
        rsi(price)
        macd(price)
        bands(price)
        ema(price)


def measure(count: int, rounds: int) -> dict[str, float]:
    """Return the median ns a series of each side."""
    random = np.random.default_rng(1)
    prices = 100 * np.exp(np.cumsum(random.normal(0, 1e-3, (WARM + rounds + 1, count)), axis=0))
    long = 100 * np.exp(np.cumsum(random.normal(0, 1e-3, LONG)))
    names = [f"Q{number:05d}/USDT" for number in range(count)]
    ours, theirs = columns(prices), handles(prices)
    together, singly = board(prices, names, columnar=True), board(prices, names, columnar=False)
    gc.collect()
    gc.freeze()
    everyone = slice(0, count)
    found = defaultdict(list)
    for at in range(WARM, WARM + rounds + 1):
        row, numbers = prices[at], prices[at].tolist()
        bars = [bar(name, at, price) for name, price in zip(names, numbers, strict=True)]
        found["columns"].append(timed(partial(advance, ours, everyone, row), count))
        found["handles"].append(timed(partial(update_all, theirs, numbers), count))
        found["batch"].append(timed(partial(batch, long), LONG))
        found["board, columns"].append(timed(partial(together.close, bars), count))
        found["board, one by one"].append(timed(partial(singly.close, bars), count))
    check(ours, prices)
    return {name: statistics.median(times[1:]) for name, times in found.items()}


def check(ours: list[Column], prices: np.ndarray) -> None:
    """Refuse to tell figures of wrong values."""
    for number in (0, prices.shape[1] - 1):
        series = np.ascontiguousarray(prices[:, number])
        bands = talib.BBANDS(series, 20, 2.0, 2.0)
        expected = [talib.RSI(series, 14), talib.MACD(series, 12, 26, 9)[0], bands[0], talib.EMA(series, 50)]
        found = [column.values[0, number] for column in ours]
        np.testing.assert_allclose(found, [each[-1] for each in expected], rtol=1e-9)


def main() -> None:
    """Print the figures and their ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SERIES
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    found = measure(count, rounds)
    print(
        f"RSI14 + MACD + BB20 + EMA50 at a close, ns of CPU a series, {count:,} series, median of {rounds} rounds"
    )
    for name, ns in found.items():
        print(f"  {name:20} {ns:8,.0f}")
    print(
        f"  columns are {found['handles'] / found['columns']:.1f}x TA-Lib's stream handles   floor {FLOOR}x"
    )
    print(f"  columns take {found['columns'] / found['batch']:.1f}x the time of TA-Lib's batch   at most 10x")
    print(f"  a board of columns is {found['board, one by one'] / found['board, columns']:.1f}x one without")
    print(
        f"  and, making bars into columns included, {found['handles'] / found['board, columns']:.1f}x bare handles"
    )


if __name__ == "__main__":
    main()
