"""Order books that are a function of time: a snapshot and the updates around it always fit together."""

from typing import NamedTuple

import numpy as np

from crypto_portfolio_analyzer.simulation.noise import Integers, draw, unit
from crypto_portfolio_analyzer.simulation.tape import VenueTape

SLOT = 100_000_000
"""Books change every 100 ms."""
LEVELS = 100
IDS_PER_SLOT = 40
_SEED = np.uint64(11)
_GRID = 2e-5
"""Levels stand this far apart, as a fraction of the price."""

Side = dict[int, int]
"""Lots by price in ticks, best price first."""


class Book(NamedTuple):
    """Both sides at one slot; `last_id` numbers the newest change."""

    slot: int
    bids: Side
    asks: Side

    @property
    def last_id(self) -> int:
        """Return the update id a venue would give this state."""
        return self.slot * IDS_PER_SLOT

    def top(self, depth: int) -> "Book":
        """Return the best `depth` levels of each side."""
        return Book(self.slot, dict(list(self.bids.items())[:depth]), dict(list(self.asks.items())[:depth]))


class Books:
    """The order books of one venue."""

    def __init__(self, tape: VenueTape) -> None:
        self._tape = tape
        everything = np.arange(len(tape.listings))
        start = tape.mid_ticks(everything, np.full(len(everything), tape.tape.start_at))
        self._steps = np.maximum(1, (start * _GRID).astype(np.int64)).tolist()
        self._seeds = [np.array([listing.seed], np.uint64) + _SEED for listing in tape.listings]
        self._known: dict[int, Book] = {}

    def at(self, listing: int, at: int) -> Book:
        """Return the book of a listing at an instant."""
        slot = at // SLOT
        known = self._known.get(listing)
        if known is None or known.slot != slot:
            known = self._known[listing] = self._build(listing, slot)
        return known

    def _build(self, listing: int, slot: int) -> Book:
        mid = int(self._tape.mid_ticks(np.array([listing]), np.array([slot * SLOT]))[0])
        step = self._steps[listing]
        below = (mid - 1) // step * step - np.arange(LEVELS - 1) * step
        above = -(-(mid + 2) // step) * step + np.arange(LEVELS - 1) * step
        bids = np.append(np.array([mid]), below[below > 0])
        asks = np.append(np.array([mid + 1]), above)
        return Book(slot, self._filled(listing, bids, slot), self._filled(listing, asks, slot))

    def _filled(self, listing: int, prices: Integers, slot: int) -> Side:
        seed = self._seeds[listing]
        phase = (draw(seed, prices) >> np.uint64(40)).astype(np.int64) % 60
        # A level lives up to 6 s, and each one changes at its own moment
        age = (slot + phase) // 60
        lots = self._tape.mean_lots(listing) * (0.2 + 8 * unit(draw(seed, prices * 1_000_003 + age)))
        return dict(zip(prices.tolist(), (1 + lots.astype(np.int64)).tolist(), strict=True))


def changes(before: Side, after: Side) -> Side:
    """Return what turns one side into another: new quantities, 0 for levels that are gone."""
    changed = {price: lots for price, lots in after.items() if before.get(price) != lots}
    changed.update((price, 0) for price in before if price not in after)
    return changed
