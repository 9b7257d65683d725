"""A seat: what one venue's feed knows of one symbol."""

from crypto_portfolio_analyzer.core.books import OrderBook
from crypto_portfolio_analyzer.core.coverage import CoverageLedger
from crypto_portfolio_analyzer.core.ordering import Lane
from crypto_portfolio_analyzer.streaming.market import Entry

QUIET_INTERVAL = 60.0
"""Expected seconds between trades before any rhythm is known."""


class Seat:
    """State of one symbol at one venue. `entry` is the market entry it serves; None while another venue does.

    Instants are ns of our clock, 0 for never.
    """

    __slots__ = (
        "_entry",
        "asked_at",
        "book",
        "coverage",
        "dead_checks",
        "gaps_open",
        "lane",
        "latency",
        "polled_at",
        "price",
        "quiet_checks",
        "ticker_at",
    )

    def __init__(self, venue: str, symbol: str, now: int) -> None:
        self.lane = Lane(venue, symbol)
        self._entry: Entry | None = None
        self.book: OrderBook | None = None
        self.coverage = CoverageLedger()
        self.coverage.arm(now)
        self.asked_at = now
        self.ticker_at = 0
        self.polled_at = 0
        self.price = 0.0
        self.latency = 0
        self.gaps_open = 0
        self.quiet_checks = 0
        self.dead_checks = 0

    @property
    def entry(self) -> Entry | None:
        """The market entry the seat serves; None while another venue does."""
        return self._entry

    @entry.setter
    def entry(self, entry: Entry | None) -> None:
        if self._entry is not None:
            self._entry.follow(None)
        self._entry = entry
        if entry is not None:
            entry.follow(self.lane)

    @property
    def heard_at(self) -> int:
        """When anything about the symbol last came by stream."""
        return max(self.lane.last_at, self.ticker_at)

    def interval(self, now: int) -> float:
        """Return the mean seconds between trades since the symbol was asked for."""
        if self.lane.count < 2:  # one trade has no rhythm
            return QUIET_INTERVAL
        return max((now - self.asked_at) / 1e9 / self.lane.count, 1e-6)
