"""What a venue's dialect speaks about: its tape with books and bars, and how wrong its clock is."""

import numpy as np

from crypto_portfolio_analyzer.simulation.bars import Ledger, TapeBar
from crypto_portfolio_analyzer.simulation.book import Books
from crypto_portfolio_analyzer.simulation.tape import Trades, VenueTape
from crypto_portfolio_analyzer.simulation.wording import SECOND


class Market:
    """The market of one venue at any instant up to now."""

    def __init__(self, tape: VenueTape) -> None:
        self.tape, self.books = tape, Books(tape)
        self.skew = 0
        """Nanoseconds added to every instant the venue tells."""
        self._ledgers: dict[int, Ledger] = {}
        self._days: dict[int, tuple[int, TapeBar]] = {}

    def ledger(self, listing: int) -> Ledger:
        """Return the bars of a listing."""
        if listing not in self._ledgers:
            self._ledgers[listing] = Ledger(self.tape, listing)
        return self._ledgers[listing]

    def bars(self, listing: int, start: int, end: int, *, minutes: int, now: int) -> list[TapeBar]:
        """Return bars with `start <= open_at < end`, oldest first, the forming one included."""
        return self.ledger(listing).bars(start, end, minutes=minutes, now=now)

    def day(self, listing: int, now: int) -> TapeBar:
        """Return the last 24 h as one bar."""
        return self.ledger(listing).day(now)

    def recent_day(self, listing: int, now: int) -> TapeBar:
        """Return the last 24 h as they stood within this second: cheap enough to tell with every trade."""
        second, known = now // SECOND, self._days.get(listing)
        if known is None or known[0] != second:
            known = self._days[listing] = (second, self.day(listing, now))
        return known[1]

    def count(self, listing: int, at: int) -> int:
        """Return how many trades happened up to and including `at`, from the first numbered one on."""
        return max(0, int(self.tape.count_at(at, np.array([listing]))[0]))

    def latest(self, listing: int, now: int, count: int) -> Trades:
        """Return the newest trades, oldest first."""
        stop = self.count(listing, now)
        return self.tape.stretch(listing, stop - count, stop)

    def last(self, listing: int, now: int) -> tuple[int, int]:
        """Return the newest trade's price in ticks and quantity in lots; the path's price before any trade."""
        trades = self.latest(listing, now, 1)
        if len(trades.ticks):
            return int(trades.ticks[0]), int(trades.lots[0])
        return self.ledger(listing).bar(now, minutes=1, now=now).close, 1

    def fill_ids(self, listing: int, first: int, count: int) -> tuple[int, int]:
        """Return the first fill id of a run of trades and the id after its last."""
        number = np.array([first, first + count])
        ids = self.tape.listings[listing].first_fill + self.tape.fills(np.array([listing, listing]), number)
        return int(ids[0]), int(ids[1])
