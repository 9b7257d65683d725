"""Wire-shaped Binance frames from a seeded walk: the same for every side that is measured."""

import json
import random
from collections.abc import Iterator

START_MS = 1_795_176_000_000
"""2026-11-20 12:00:00 UTC."""


def symbols(count: int) -> list[str]:
    """Return `count` venue symbols."""
    known = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "1000PEPEUSDT"][:count]
    return known + [f"S{index:05d}USDT" for index in range(len(known), count)]


class Walk:
    """Prices that wander; trade ids count up by one per symbol, as the venue's do."""

    def __init__(self, names: list[str], seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._names = names
        self._prices = [10 ** self._random.uniform(-3, 4.8) for _ in names]
        self._ids = [1000 * (index + 1) for index in range(len(names))]
        self._at = START_MS

    def aggregate_trades(self, count: int) -> Iterator[bytes]:
        """Yield combined-stream aggTrade frames."""
        for _ in range(count):
            index, price = self._step()
            number = self._ids[index] = self._ids[index] + 1
            name = self._names[index]
            data = {
                "e": "aggTrade", "E": self._at, "s": name, "a": number, "p": f"{price:.8f}",
                "q": f"{self._random.expovariate(3) + 1e-6:.8f}", "f": number, "l": number + 2,
                "T": self._at - 1, "m": self._random.random() < 0.5, "M": True,
            }  # fmt: skip
            yield _packed({"stream": f"{name.lower()}@aggTrade", "data": data})

    def first_trades(self) -> Iterator[bytes]:
        """Yield the aggTrade frame before the first of every symbol, for a receiver to begin with."""
        for index, name in enumerate(self._names):
            data = {
                "e": "aggTrade", "E": self._at, "s": name, "a": self._ids[index], "p": f"{self._prices[index]:.8f}",
                "q": "1.00000000", "f": 1, "l": 1, "T": self._at - 1, "m": True, "M": True,
            }  # fmt: skip
            yield _packed({"stream": f"{name.lower()}@aggTrade", "data": data})

    def book_tickers(self, count: int) -> Iterator[bytes]:
        """Yield combined-stream bookTicker frames."""
        for number in range(count):
            index, price = self._step()
            name = self._names[index]
            data = {
                "u": 400_900_217 + number, "s": name, "b": f"{price:.8f}",
                "B": f"{self._random.expovariate(1) + 1e-6:.8f}", "a": f"{price * 1.0001:.8f}",
                "A": f"{self._random.expovariate(1) + 1e-6:.8f}",
            }  # fmt: skip
            yield _packed({"stream": f"{name.lower()}@bookTicker", "data": data})

    def _step(self) -> tuple[int, float]:
        index = self._random.randrange(len(self._names))
        self._prices[index] *= 1 + self._random.gauss(0, 2e-4)
        self._at += self._random.random() < 0.01
        return index, self._prices[index]


def _packed(message: object) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()
