"""The board: every wanted bar series of every subject, each computed once however many ask for it."""

from collections.abc import Sequence
from typing import Protocol

from crypto_portfolio_analyzer.core.conditions.tree import Value
from crypto_portfolio_analyzer.core.market import Bar


class Slot(Protocol):
    """One wanted bar value of one subject and timeframe."""

    @property
    def value(self) -> float:
        """Return the value at the last closed bar; NaN while unknown."""
        ...

    @property
    def before(self) -> float:
        """Return the value at the closed bar before that one."""
        ...

    @property
    def seen(self) -> int:
        """Return how many bars it was computed from."""
        ...

    @property
    def needs(self) -> int:
        """Return how many bars it needs until it is settled."""
        ...

    def peek(self, forming: Bar) -> float:
        """Return what it would be if the forming bar closed now."""
        ...


class Board(Protocol):
    """Bar values by (subject, timeframe, value), counted by reference."""

    def want(self, subject: str, value: Value, timeframe: str) -> Slot:
        """Return the slot of a value whose series are all bar series of `timeframe` and `subject`."""
        ...

    def release(self, slot: Slot) -> None:
        """Take one wish back; the last one drops the series and all it alone needed."""
        ...

    def timeframes(self, subject: str) -> Sequence[str]:
        """Return the timeframes that are wanted of a subject."""
        ...

    def seed(self, subject: str, timeframe: str, bars: Sequence[Bar]) -> None:
        """Begin anew with history, oldest first, for every slot of the subject and timeframe."""
        ...

    def close(self, bars: Sequence[Bar]) -> None:
        """Take bars that closed at one instant, of any subjects and timeframes."""
        ...
