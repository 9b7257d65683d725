"""Order of one symbol's trades at one venue: in order at once, a hole waits, a double is dropped.

A lane is fed trade by trade. Venues that number their trades let a jump prove a loss: later trades are held
until the missing ones come, at most `REORDER_WINDOW`; then the hole is a gap, which is back-filled while live
trades wait, at most `FILL_WINDOW` and `MAX_HELD`. Trades of missing ids that come after all are *late*.
"""

from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct

from crypto_portfolio_analyzer.core.bars import FormingBar
from crypto_portfolio_analyzer.core.market import Trade

REORDER_WINDOW = 250_000_000
"""How long (ns) a hole holds a symbol back before it is a gap."""
FILL_WINDOW = 30_000_000_000
"""How long (ns) live trades wait for a back-fill."""
MAX_HELD = 10_000
_RENUMBERED_AFTER = 3
_MAX_MISSING = 256


class Hole(Struct, frozen=True):
    """Missing ids `first_id..last_id`, between two instants (ns) of trades that came."""

    first_id: int
    last_id: int
    from_at: int
    until_at: int


class LaneState(Enum):
    """What a lane waits for."""

    OPEN = "open"
    SUSPECT = "suspect"
    HOLDING = "holding"
    FILLING = "filling"


class Lane:
    """One symbol at one venue. `next_id` is the id that may pass next; None before the first numbered trade."""

    __slots__ = (
        "_backwards",
        "_counted",
        "_first_id",
        "_held",
        "_last_at",
        "_last_event_at",
        "_missing",
        "bar",
        "duplicates",
        "hole_at",
        "next_id",
        "renumbered",
        "state",
        "symbol",
        "venue",
    )

    def __init__(self, venue: str, symbol: str) -> None:
        self.venue, self.symbol = venue, symbol
        self.next_id: int | None = None
        self._last_at = self._last_event_at = 0
        self.bar: FormingBar | None = None
        """The minute that the hot path updates with each trade in order; None while nobody is served from here."""
        self.duplicates = 0
        self.renumbered = 0
        self.state = LaneState.OPEN
        self.hole_at = 0
        self._held: dict[int, Trade] = {}
        self._missing: list[tuple[int, int]] = []
        self._backwards = 0
        self._first_id = 0
        self._counted = 0

    @property
    def last_at(self) -> int:
        """When the last trade came (ns); 0 for never."""
        return self._last_at if self.bar is None else max(self._last_at, self.bar.last_at)

    @property
    def last_event_at(self) -> int:
        """When the last trade happened (ns)."""
        return self._last_event_at if self.bar is None else max(self._last_event_at, self.bar.last_event_at)

    @property
    def count(self) -> int:
        """How many trades passed: told by the ids, so that the hot path need not count."""
        return self._counted + (0 if self.next_id is None else self.next_id - self._first_id)

    def offer(self, trade: Trade) -> tuple[Sequence[Trade], bool]:
        """Take the next trade from the wire; return the trades that may pass now and whether they are late."""
        number, expected = trade.trade_id, self.next_id
        if number is None:
            self._counted += 1
            self._passed(trade)
            return (trade,), False
        if expected is None:
            self._first_id, self.next_id = number, number + 1
            self._passed(trade)
            return (trade,), False
        if number == expected and self.state is not LaneState.FILLING:
            return self._release(trade), False
        if number >= expected:
            self._hold(number, trade)
            return (), False
        return self._behind(number, trade)

    def _passed(self, trade: Trade) -> None:
        self._last_at, self._last_event_at = trade.received_at, trade.event_at
        self._backwards = 0

    def _release(self, *first: Trade) -> list[Trade]:
        """Pass `first` and all held trades that follow without a hole."""
        passing = list(first)
        number = (self.next_id or 0) + len(first)
        while number in self._held:
            passing.append(self._held.pop(number))
            number += 1
        self.next_id = number
        for trade in passing:
            self._passed(trade)
        if self._held:
            self.hole_at = min(trade.received_at for trade in self._held.values())
        else:
            self.state = LaneState.OPEN
        return passing

    def _hold(self, number: int, trade: Trade) -> None:
        if number in self._held:
            self.duplicates += 1
            return
        self._held[number] = trade
        if self.state in (LaneState.OPEN, LaneState.SUSPECT):
            self.state, self.hole_at = LaneState.HOLDING, trade.received_at

    def _behind(self, number: int, trade: Trade) -> tuple[Sequence[Trade], bool]:
        for index, (first, last) in enumerate(self._missing):
            if first <= number <= last:
                parts = [(first, number - 1), (number + 1, last)]
                self._missing[index : index + 1] = [part for part in parts if part[0] <= part[1]]
                self._counted += 1
                return (trade,), True
        if trade.event_at > self.last_event_at and self.state in (LaneState.OPEN, LaneState.SUSPECT):
            return self._maybe_renumbered(number, trade)
        self.duplicates += 1
        return (), False

    def _maybe_renumbered(self, number: int, trade: Trade) -> tuple[Sequence[Trade], bool]:
        """Newer trades under lower ids, several in a row: the venue has begun to count anew."""
        self._backwards += 1
        if self._backwards < _RENUMBERED_AFTER:
            return (), False
        self.renumbered += 1
        self._counted = self.count
        self._first_id, self.next_id = number, number + 1
        self._missing.clear()
        self._passed(trade)
        return (trade,), False

    def suspect(self) -> None:
        """Note that the connection was lost: the next trade is looked at closely."""
        if self.state is LaneState.OPEN:
            self.state = LaneState.SUSPECT

    def begin_after(self, trade_id: int | None, event_at: int) -> None:
        """Go on where an earlier run ended; the first trade is looked at as after a lost connection.

        Does nothing once a trade has come.
        """
        if self.next_id is not None or self._last_at:
            return
        if trade_id is not None:
            self._first_id = self.next_id = trade_id + 1
        self._last_at = self._last_event_at = event_at
        self.state = LaneState.SUSPECT

    def is_overdue(self, now: int) -> bool:
        """Tell whether the hole has waited long enough for its state (`now` in ns), or too much is held."""
        if self.state in (LaneState.OPEN, LaneState.SUSPECT):
            return False
        window = REORDER_WINDOW if self.state is LaneState.HOLDING else FILL_WINDOW
        return now - self.hole_at >= window or len(self._held) >= MAX_HELD

    def hole(self) -> Hole | None:
        """Return the first hole before the held trades."""
        if not self._held or self.next_id is None:
            return None
        first = min(self._held)
        return Hole(self.next_id, first - 1, self.last_event_at, self._held[first].event_at)

    def begin_fill(self, now: int) -> None:
        """Hold live trades back while missing ones are fetched."""
        self.state, self.hole_at = LaneState.FILLING, now

    def fill(self, trades: Iterable[Trade]) -> Sequence[Trade]:
        """Take fetched trades, oldest first; return those that may pass."""
        passing: list[Trade] = []
        for trade in trades:
            number = trade.trade_id
            if number is None or self.next_id is None or number < self.next_id:
                continue
            if number == self.next_id:
                self.next_id = number + 1
                first_seen = self._held.pop(number, trade)
                self._passed(first_seen)
                passing.append(first_seen)
            else:
                self._held.setdefault(number, trade)
        return passing

    def resume(self) -> tuple[Sequence[Trade], list[tuple[int, int]]]:
        """End the fill: pass all held trades in order; return them and the ids that stay missing."""
        passing: list[Trade] = []
        missing: list[tuple[int, int]] = []
        for number in sorted(self._held):
            expected = self.next_id
            if expected is not None and number > expected:
                missing.append((expected, number - 1))
                self._counted -= number - expected
            trade = self._held.pop(number)
            self.next_id = number + 1
            self._passed(trade)
            passing.append(trade)
        self._missing = (self._missing + missing)[-_MAX_MISSING:]
        self.state = LaneState.OPEN
        return passing, missing
