"""Order books: a snapshot and the changes since, in step with the venue or not there at all.

Three kinds of numbering are understood: Binance spot (`first_id` continues the last update), Binance futures
(`previous_id` names it), and none (Coinbase level2: the stream sends the snapshot and its order is the proof).
https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#how-to-manage-a-local-order-book-correctly
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable
from enum import StrEnum

from crypto_portfolio_analyzer.core.market import BookDelta, BookSnapshot, Level

MAX_LEVELS = 10_000
"""Levels kept of each side; Binance's largest snapshot has 5000."""
MAX_PENDING = 2_000
"""Changes kept while the snapshot is fetched: more than three minutes of 100 ms updates."""


class BookOutcome(StrEnum):
    """What came of a snapshot or a change."""

    APPLIED = "applied"
    STALE = "stale"
    """It was older than the book, and ignored."""
    WAITING = "waiting"
    """It is kept until a snapshot arrives."""
    GAP = "gap"
    """Something is missing between the book and it: a (newer) snapshot is needed."""


class OrderBook:
    """The bids and asks of one symbol; shows nothing until synchronised, and never a half-applied change."""

    def __init__(self, symbol: str, *, max_levels: int = MAX_LEVELS, max_pending: int = MAX_PENDING) -> None:
        self.symbol = symbol
        self._bids = _Side(1, max_levels)
        self._asks = _Side(-1, max_levels)
        self._pending: deque[BookDelta] = deque(maxlen=max_pending)
        self._is_synchronised = False
        self._is_chained = False
        self._last_id = 0
        self._event_at = 0

    @property
    def is_synchronised(self) -> bool:
        """Whether the book is in step with the venue."""
        return self._is_synchronised

    @property
    def last_id(self) -> int:
        """The newest update in the book; 0 where a venue numbers none."""
        return self._last_id

    @property
    def event_at(self) -> int:
        """The venue's instant (ns) of the newest change in the book."""
        return self._event_at

    @property
    def is_crossed(self) -> bool:
        """Whether somebody bids as much as another asks, which no matching venue leaves standing."""
        bid, ask = self._bids.best_price(), self._asks.best_price()
        return bid is not None and ask is not None and bid >= ask

    def apply(self, change: BookSnapshot | BookDelta) -> BookOutcome:
        """Take in what the venue sent; after `GAP` the book is empty until the next snapshot."""
        if isinstance(change, BookSnapshot):
            return self._start(change)
        if not self._is_synchronised:
            return self._keep(change)
        outcome = self._follow(change)
        if outcome is BookOutcome.GAP:
            self.reset()
            self._keep(change)
        return outcome

    def reset(self) -> None:
        """Forget everything: changes were lost, or the connection was."""
        self._bids.load(())
        self._asks.load(())
        self._pending.clear()
        self._is_synchronised = self._is_chained = False
        self._last_id = self._event_at = 0

    def best(self) -> tuple[Level, Level] | None:
        """Return the best bid and ask as (price, quantity); None unless synchronised and both exist."""
        bid, ask = self._bids.best(), self._asks.best()
        return (bid, ask) if bid is not None and ask is not None else None

    def depth(self, count: int) -> tuple[list[Level], list[Level]]:
        """Return the best `count` bids and asks, best first; both are empty unless synchronised."""
        return self._bids.top(count), self._asks.top(count)

    def imbalance(self, count: int) -> float | None:
        """Return (bids - asks) / (bids + asks) of the best `count` quantities, from -1 to 1; None without any."""
        bids, asks = self.depth(count)
        bid, ask = sum(quantity for _, quantity in bids), sum(quantity for _, quantity in asks)
        return (bid - ask) / (bid + ask) if bid + ask else None

    def _keep(self, change: BookDelta) -> BookOutcome:
        if change.last_id:  # an unnumbered change cannot be told from those a later snapshot includes
            self._pending.append(change)
        return BookOutcome.WAITING

    def _start(self, snapshot: BookSnapshot) -> BookOutcome:
        """Begin anew from `snapshot` and the kept changes after it."""
        if self._is_synchronised and snapshot.last_id and snapshot.last_id < self._last_id:
            return BookOutcome.STALE
        pending = list(self._pending)
        self.reset()
        self._bids.load(snapshot.bids)
        self._asks.load(snapshot.asks)
        self._last_id, self._event_at = snapshot.last_id, snapshot.event_at
        self._is_synchronised = not self.is_crossed
        if not self._is_synchronised:
            self.reset()
        for number, change in enumerate(pending):
            if not self._is_synchronised or self._follow(change) is BookOutcome.GAP:
                self.reset()
                self._pending.extend(pending[number:])
                break
        return BookOutcome.APPLIED if self._is_synchronised else BookOutcome.GAP

    def _follow(self, change: BookDelta) -> BookOutcome:
        if self._last_id and change.last_id:
            if change.last_id < self._last_id or (change.last_id == self._last_id and self._includes(change)):
                return BookOutcome.STALE
            if not self._continues(change):
                return BookOutcome.GAP
        self._bids.change(change.bids)
        self._asks.change(change.asks)
        self._last_id, self._event_at = change.last_id, max(self._event_at, change.event_at)
        self._is_chained = True
        is_broken = self.is_crossed or self._bids.is_spent or self._asks.is_spent
        return BookOutcome.GAP if is_broken else BookOutcome.APPLIED

    def _includes(self, change: BookDelta) -> bool:
        """Tell whether the book has the change it ends with: on futures only after the first one."""
        return change.previous_id is None or self._is_chained

    def _continues(self, change: BookDelta) -> bool:
        """Tell whether nothing is missing between the book and `change`."""
        if change.previous_id is None:
            return change.first_id <= self._last_id + 1
        if self._is_chained:
            return change.previous_id == self._last_id
        return change.first_id <= self._last_id


class _Side:
    """One side's levels: quantities by price, and the prices in order.

    Prices are kept as sorted keys with the best at the end (bids as they are, asks negated). Nearly all changes
    happen near the best, so an insertion is a bisection and a short move in one flat list.
    """

    __slots__ = ("_horizon", "_keys", "_limit", "_quantities", "_sign")

    def __init__(self, sign: int, limit: int) -> None:
        self._sign, self._limit = sign, limit
        self._quantities: dict[float, float] = {}
        self._keys: list[float] = []
        self._horizon: float | None = None

    @property
    def is_spent(self) -> bool:
        """Whether so many levels are gone that the unknown ones beyond the cut may matter."""
        return self._horizon is not None and len(self._keys) < self._limit // 4

    def load(self, levels: Iterable[Level]) -> None:
        """Replace all levels."""
        self._quantities = {price: quantity for price, quantity in levels if quantity > 0}
        self._keys = sorted(price * self._sign for price in self._quantities)
        self._horizon = None
        self._cut()

    def change(self, levels: Iterable[Level]) -> None:
        """Set the quantities of `levels`; 0 removes one."""
        quantities, keys, sign = self._quantities, self._keys, self._sign
        for price, quantity in levels:
            key = price * sign
            if quantity > 0:
                if price not in quantities:
                    insort(keys, key)
                quantities[price] = quantity
            elif quantities.pop(price, None) is not None:
                del keys[bisect_left(keys, key)]
        self._cut()

    def best_price(self) -> float | None:
        """Return the best level's price."""
        return self._keys[-1] * self._sign if self._keys else None

    def best(self) -> Level | None:
        """Return the best level."""
        price = self.best_price()
        return None if price is None else (price, self._quantities[price])

    def top(self, count: int) -> list[Level]:
        """Return the best `count` levels, best first."""
        prices = (key * self._sign for key in reversed(self._keys[-count:] if count > 0 else ()))
        return [(price, self._quantities[price]) for price in prices]

    def _cut(self) -> None:
        """Drop the worst levels beyond the limit, and from then on whatever is worse than the rest."""
        keys = self._keys
        end = len(keys) - self._limit
        if end > 0:
            end += self._limit // 8  # a few more, so that cutting is rare
            self._horizon = keys[end]
        elif self._horizon is None:
            return
        else:
            end = bisect_left(keys, self._horizon)
        for key in keys[:end]:
            del self._quantities[key * self._sign]
        del keys[:end]
