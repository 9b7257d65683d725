"""Columns: what the usual tick reads and writes, for all subjects side by side.

At 10,000 subjects an object for each is out of the processor's cache when the next tick of that subject comes; a
row of these columns is a few bytes in it. Everything else is looked at only when something may flip.
"""

from array import array
from collections.abc import Container, Iterable
from math import inf

from crypto_portfolio_analyzer.core.judging.timers import NEVER
from crypto_portfolio_analyzer.core.market import Trade


class Columns:
    """One row for each subject, by number.

    `low` to `high` is the open interval in which a price flips nothing, `due` when (event time) the subject's first
    timer is due, `last` its newest trade in order. `touched` lists rows with trades since it was emptied.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.low, self.high = array("d"), array("d")
        self.due: list[int] = []
        self.last: list[Trade | None] = []
        self.is_touched = bytearray()
        self.touched: list[int] = []
        self._free: list[int] = []

    def add(self, symbol: str) -> int:
        """Give a symbol a row, in which nothing is known; return its number."""
        if self._free:
            number = self._free.pop()
        else:
            number = len(self.last)
            self.low.append(0.0)
            self.high.append(0.0)
            self.due.append(0)
            self.last.append(None)
            self.is_touched.append(0)
        self.low[number], self.high[number], self.due[number] = -inf, inf, NEVER
        self.numbers[symbol] = number
        return number

    def drop(self, symbol: str) -> None:
        """Take a symbol's row back."""
        number = self.numbers.pop(symbol)
        self.last[number] = None
        self._free.append(number)

    def take_touched(self, kept: Container[str] = ()) -> list[Trade]:
        """Return the newest trades of the symbols that had any since they were taken last; not those to be kept."""
        touched, self.touched = self.touched, []
        taken = []
        for number in touched:
            trade = self.last[number]
            if trade is not None and self.is_touched[number]:
                if trade.symbol in kept:
                    self.touched.append(number)
                    continue
                taken.append(trade)
            self.is_touched[number] = 0
        return taken

    def take_touched_of(self, symbols: Iterable[str]) -> list[Trade]:
        """Return the newest trades of these symbols alone, where they had any since they were taken last."""
        taken = []
        for symbol in symbols:
            number = self.numbers.get(symbol)
            trade = self.last[number] if number is not None else None
            if number is not None and trade is not None and self.is_touched[number]:
                self.is_touched[number] = 0  # its place in the list says nothing then, and is passed over
                taken.append(trade)
        return taken
