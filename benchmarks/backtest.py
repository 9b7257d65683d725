"""Back-test: CPU seconds of 30 days of 1-minute bars, against a bare TA-Lib batch and a numpy scan of the same bars.

The scan only finds where a vector is true; the back-test goes bar by bar through the judge that runs live.

usage: backtest.py
"""

import os
import random
import statistics
import time
from collections.abc import Callable

import numpy as np
import talib

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.engine.backtesting import backtest

DAYS, ROUNDS = 30, 9
MINUTE = 60 * 10**9
START = 1_735_689_600 * 10**9


def walk() -> list[Bar]:
    """Return a seeded past."""
    chance, price, bars = random.Random(7), 50_000.0, []
    for number in range(DAYS * 1440):
        opened, at = price, START + number * MINUTE
        price = round(opened * (1 + chance.gauss(0, 0.0008)), 2)
        high = round(max(opened, price) * (1 + abs(chance.gauss(0, 0.0003))), 2)
        low = round(min(opened, price) * (1 - abs(chance.gauss(0, 0.0003))), 2)
        volume = round(chance.expovariate(0.1), 4)
        bars.append(
            Bar(
                "file", "BTC/USDT", "1m", at, at + MINUTE, opened, high, low, price, volume, True, at + MINUTE
            )
        )
    return bars


def hourly(close: np.ndarray) -> np.ndarray:
    """Return the closes of whole hours."""
    return close[59::60]


def scans(bars: list[Bar]) -> dict[str, Callable[[], int]]:
    """Return each condition with a vector scan that counts the same firings."""
    close = np.array([bar.close for bar in bars])
    volume = np.array([bar.volume for bar in bars])

    def crossed() -> int:
        gap = close - talib.EMA(close, 50)
        return int(np.sum((gap[1:] > 0) & (gap[:-1] < 0)))

    def held() -> int:
        below = np.append(np.repeat(talib.RSI(hourly(close), 14) < 30, 60), [])
        return int(np.sum(below[: len(close) - 59]))

    level = float(np.median(close))

    def passed() -> int:
        return int(np.sum((close[1:] > level) & (close[:-1] < level)))

    return {
        "rsi(14) < 30": lambda: int(np.sum(talib.RSI(close, 14) < 30)),
        "rsi(14) on 1h < 30": held,
        "close crosses above ema(50)": crossed,
        "volume > 3 * sma(volume, 20)": lambda: int(np.sum(volume > 3 * talib.SMA(volume, 20))),
        f"price crosses above {level!r}": passed,
    }


def median_cpu(work: Callable[[], int], rounds: int) -> tuple[float, int]:
    """Return the median CPU seconds of some rounds, and what was counted."""
    times, count = [], 0
    for _ in range(rounds):
        begin = time.process_time()
        count = work()
        times.append(time.process_time() - begin)
    return statistics.median(times), count


def main() -> None:
    """Print seconds, firings and ratios."""
    os.sched_setaffinity(0, {1})
    bars = walk()
    print(f"{DAYS} days of 1-minute bars, one condition, one core, median of {ROUNDS} rounds")
    for text, scan in scans(bars).items():
        condition = read_condition(text, "1m")
        bare, found = median_cpu(scan, ROUNDS)
        whole, fired = median_cpu(lambda asked=condition: backtest(asked, bars).count, ROUNDS)
        note = "" if fired == found else f"  (the scan sees closes only: {found:,})"
        print(
            f"  {text:32} {whole:6.2f} s  {len(bars) / whole:9,.0f} bars/s  {fired:6,} firings"
            f"  {whole / bare:8,.0f}x the scan's {bare * 1000:.2f} ms{note}"
        )


if __name__ == "__main__":
    main()
