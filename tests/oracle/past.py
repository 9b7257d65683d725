"""The past of a tape: bars and averages at every close, computed at once from the whole tape."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import talib

from tests.oracle.tape import Candle, Print, candles

Node = tuple[Any, ...]
UNKNOWN = math.nan


class Past:
    """All there is to know of one tape, indexed by what an instant may see."""

    def __init__(self, prints: list[Print]) -> None:
        self.prints = prints
        self.times = [each.at for each in prints]
        self._candles: dict[int, list[Candle]] = {}
        self._columns: dict[Any, Any] = {}

    def candles(self, length: int) -> list[Candle]:
        if length not in self._candles:
            self._candles[length] = candles(self.prints, length)
        return self._candles[length]

    def column(self, node: Node) -> Any:
        """Return a bar value at every close of its timeframe."""
        if node not in self._columns:
            self._columns[node] = self._computed(node)
        return self._columns[node]

    def _computed(self, node: Node) -> Any:
        kind, length = node[0], node[1]
        bars = self.candles(length)
        if kind == "bar":
            return np.array([getattr(bar, node[2]) for bar in bars], dtype=float)
        if kind == "indicator":
            return self._indicator(node)
        if kind == "back":
            inner, count = self.column(node[2]), node[3]
            return np.concatenate([np.full(count, UNKNOWN), inner])[: len(inner)]
        if kind == "window":
            return _window(node[2], self.column(node[3]), node[4])
        message = f"no column of {node}"
        raise AssertionError(message)

    def _indicator(self, node: Node) -> Any:
        _, length, name, arguments = node
        bars = self.candles(length)
        close = np.array([bar.close for bar in bars], dtype=float)
        high, low = np.array([bar.high for bar in bars]), np.array([bar.low for bar in bars])
        if not len(close):
            return close
        if name == "sma":
            return talib.SMA(close, *arguments)
        if name == "ema":
            return talib.EMA(close, *arguments)
        if name == "rsi":
            return _rsi(close, *arguments)
        if name == "atr":
            return talib.ATR(high, low, close, *arguments)
        if name.startswith("bollinger"):
            bands = talib.BBANDS(close, arguments[0], float(arguments[1]), float(arguments[1]))
            return bands[("upper", "middle", "lower").index(name.partition(".")[2])]
        message = f"no indicator {name}"
        raise AssertionError(message)


def _rsi(close: Any, length: int) -> Any:
    """Without any movement there is no RSI (the declared exception from TA-Lib)."""
    values = talib.RSI(close, length)
    moved = np.maximum.accumulate(np.concatenate([[0.0], np.abs(np.diff(close))]))
    return np.where(moved > 0, values, UNKNOWN)


def _window(name: str, values: Any, count: int) -> Any:
    out = np.full(len(values), UNKNOWN)
    for place in range(len(values)):
        seen = values[max(0, place + 1 - count) : place + 1]
        if name == "change":
            seen = values[place - count : place + 1] if place >= count else []
        if len(seen) < (count + 1 if name == "change" else count) or np.isnan(seen).any():
            continue
        if name == "change":
            out[place] = seen[-1] - seen[0]
        else:
            over: dict[str, Callable[[Any], float]] = {"highest": max, "lowest": min, "avg": np.mean}
            out[place] = over[name](seen)
    return out
