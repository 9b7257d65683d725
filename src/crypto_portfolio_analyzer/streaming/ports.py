"""What streaming asks of others: the database fits the stores, a venue's feed fits what its parts ask of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.coverage import Changes, Interval
from crypto_portfolio_analyzer.core.market import Bar, GapCause, Instrument, Trade
from crypto_portfolio_analyzer.core.venues import Exchange
from crypto_portfolio_analyzer.metrics import Buckets
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.plan import Plan
from crypto_portfolio_analyzer.streaming.rest import RestClient
from crypto_portfolio_analyzer.streaming.seats import Seat
from crypto_portfolio_analyzer.tasks import Nursery


class FeedPort(Protocol):
    """A venue's feed, as back-fill, liveness and books see it."""

    exchange: Exchange
    clock: Clock
    bus: StreamEventBus
    rest: RestClient
    plan: Plan
    nursery: Nursery
    seats: dict[str, Seat]
    facts: Counter[str]
    rejects: Counter[str]
    latency: Buckets
    backfilled: int

    def deliver(self, seat: Seat, trades: Sequence[Trade]) -> None:
        """Hand trades on in order."""
        ...

    def late(self, seat: Seat, trades: Sequence[Trade]) -> None:
        """Hand on trades whose place in the order has passed."""
        ...

    def gap(
        self, seat: Seat, cause: GapCause, from_at: int, until_at: int, ids: tuple[int, int] | None = None
    ) -> None:
        """Tell everybody that facts may be missing."""
        ...

    def fill(self, seat: Seat, cause: GapCause) -> None:
        """Fetch what is missing while live trades of the symbol wait."""
        ...


class BarStore(Protocol):
    """Closed bars that survive a restart.

    Every call raises StorageUnavailable (transient) while the database cannot be reached.
    """

    async def save(self, bars: Sequence[Bar]) -> int:
        """Write closed bars, over stored ones of the same place and start; return how many.

        Forming bars are left out. After an error some may have been written: save all again.
        """
        ...

    async def load(
        self,
        venue: str,
        symbol: str,
        timeframe: str,
        *,
        start: int | None = None,
        end: int | None = None,
        limit: int = 500,
    ) -> list[Bar]:
        """Return bars with `start <= open_at < end` (ns), oldest first.

        From `start` the first `limit`, without it the last.
        """
        ...

    async def prune(self, now: int) -> int:
        """Delete what is older than its timeframe is kept; return how many bars that were."""
        ...


class CoverageStore(Protocol):
    """Which stretches of a feed were seen, and how."""

    async def save(self, changes: Iterable[tuple[str, str, Changes]]) -> None:
        """Replace what is stored of each (venue, symbol) from `from_at` on, each whole or not at all."""
        ...

    async def load(
        self, venue: str, symbol: str, *, start: int | None = None, end: int | None = None
    ) -> list[Interval]:
        """Return the intervals that overlap `[start, end)` (ns), oldest first."""
        ...

    async def prune(self, before: int) -> int:
        """Delete the intervals that ended before an instant (ns); return how many."""
        ...


class InstrumentStore(Protocol):
    """The markets a venue listed when it was last asked."""

    async def save(self, venue: str, instruments: Sequence[Instrument], now: int) -> None:
        """Replace a venue's list; markets that are gone stay, inactive."""
        ...

    async def load(self, venue: str) -> list[Instrument]:
        """Return a venue's markets, by symbol."""
        ...

    async def refreshed_at(self, venue: str) -> int | None:
        """Return when a venue's list was saved last (ns), or None."""
        ...
