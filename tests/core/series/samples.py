"""Bars for tests: from arrays, from seeded walks, from the recorded OHLCV files."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import MINUTE

START = 1_751_846_400 * 10**9  # 2025-07-07T00:00:00Z
FIELDS = ("open", "high", "low", "close", "volume")
HEADERLESS = {
    "ADABTC-1m-2021-11-27.csv": (1, 2, 3, 4, 5),
    "binance_BTCUSDT_24h_2019_01_01_2020_01_01.csv": (2, 3, 4, 5, 1),
}
NO_BARS = "binance_BTCUSDT_24h-trades_2020_11_16.csv"


def bars_of(columns, *, symbol="BTC/USDT", timeframe="1m", start=START, length=MINUTE):
    """Return closed bars of a mapping of arrays; 60 % of the volume are buys unless `buy_volume` is there."""
    count = len(columns["close"])
    bought = columns.get("buy_volume", columns["volume"] * 0.6)
    rows = zip(*(columns[field].tolist() for field in FIELDS), bought.tolist(), strict=True)
    bars = [
        Bar(
            venue="binance", symbol=symbol, timeframe=timeframe,
            open_at=start + at * length, close_at=start + (at + 1) * length,
            open=opened, high=high, low=low, close=close, volume=volume, closed=True, received_at=0,
            quote_volume=close * volume, buy_volume=buys, trades=at,
        )
        for at, (opened, high, low, close, volume, buys) in enumerate(rows)
    ]  # fmt: skip
    assert len(bars) == count
    return bars


def walk(seed, count, *, price=1000.0, step=1.0, still=0.2):
    """Return columns of a seeded walk in which some bars do not move and some trade nothing."""
    random = np.random.default_rng(seed)
    moves = random.normal(0, step, count) * (random.random(count) > still)
    close = price + np.cumsum(moves)
    opened = np.concatenate([[price], close[:-1]])
    spread = np.abs(random.normal(0, step, (2, count))) * (random.random(count) > still)
    volume = random.lognormal(0, 2, count) * (random.random(count) > still)
    return {
        "open": opened,
        "high": np.maximum(opened, close) + spread[0],
        "low": np.minimum(opened, close) - spread[1],
        "close": close,
        "volume": volume,
        "buy_volume": volume * random.random(count),
    }


def recorded(root: Path) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Yield every recorded OHLCV file with its columns."""
    for path in sorted((root / "ohlcv").rglob("*.csv*")):
        if path.name != NO_BARS:
            yield path.name, read(path)


def read(path: Path) -> dict[str, np.ndarray]:
    """Read the columns of one OHLCV file, with a header or without."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as text:
        rows = list(csv.reader(text))
    header = [name.strip().lower() for name in rows[0]]
    if "close" in header:
        places, rows = [header.index(field) for field in FIELDS], rows[1:]
    else:
        places = list(HEADERLESS.get(path.name, (1, 2, 3, 4, 5)))
    table = np.array([[float(row[place]) for place in places] for row in rows if row])
    return dict(zip(FIELDS, table.T.copy(), strict=True))


def fed(calculator, bars, source=None):
    """Return a calculator's outputs over bars, one row per output."""
    values = (bar.close for bar in bars) if source is None else source
    return np.array([calculator.update(bar, value) for bar, value in zip(bars, values, strict=True)]).T
