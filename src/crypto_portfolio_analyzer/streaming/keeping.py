"""Keeping: closed bars and coverage go to the store in batches, beside the live path.

A store that cannot be reached costs nobody a tick: what waits is bounded, and what is dropped is counted.
"""

import asyncio
import logging
from collections import OrderedDict

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.coverage import Changes
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.errors import StorageError, StorageUnavailable
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.ports import BarStore, CoverageStore
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

FLUSH_EVERY = 2.0
PRUNE_EVERY = 3600.0
MAX_WAITING = 200_000
KEEP_COVERAGE = 90 * 24 * 3600 * 10**9


class Keeper:
    """Writes what must survive."""

    def __init__(
        self,
        feeds: PriceFeedManager,
        bus: StreamEventBus,
        bars: BarStore,
        coverage: CoverageStore,
        clock: Clock,
    ) -> None:
        self._feeds, self._bars, self._coverage, self._clock = feeds, bars, coverage, clock
        self._waiting: OrderedDict[tuple[str, str, int], Bar] = OrderedDict()
        self._unsaved: dict[tuple[str, str], Changes] = {}
        self._nursery = Nursery()
        self._detach = bus.attach(self._bar, (Bar,))
        self.saved = 0
        self.dropped = 0
        self._is_down = False

    @property
    def waiting(self) -> int:
        """Return how many bars wait to be written."""
        return len(self._waiting)

    async def start(self) -> None:
        """Begin to write."""
        await self._nursery.start()
        self._nursery.spawn(self._flush_always(), name="keep bars and coverage")
        self._nursery.spawn(self._prune_always(), name="prune")

    async def stop(self) -> None:
        """Write what waits, then stop."""
        await self._nursery.stop()
        self._detach()
        await self.flush()

    def _bar(self, bar: Bar) -> None:
        if not bar.closed:
            return
        self._waiting[bar.symbol, bar.timeframe, bar.open_at] = bar
        if len(self._waiting) > MAX_WAITING:
            self._waiting.popitem(last=False)
            self.dropped += 1

    async def _flush_always(self) -> None:
        while True:
            await self._clock.sleep(FLUSH_EVERY)
            await self.flush()

    async def flush(self) -> None:
        """Write everything that waits; on failure it waits on."""
        taken, self._waiting = self._waiting, OrderedDict()
        self._gather()
        try:
            if taken:
                self.saved += await self._bars.save(list(taken.values()))
                taken = OrderedDict()
            unsaved, self._unsaved = self._unsaved, {}
            if unsaved:
                await self._save_coverage(unsaved)
        except asyncio.CancelledError:  # `stop` writes what was under way
            self._put_back(taken)
            raise
        except StorageUnavailable as error:
            self._put_back(taken)
            self._tell(error)
        except StorageError as error:
            self.dropped += len(taken)
            self._tell(error)
        else:
            self._tell(None)

    def _put_back(self, taken: OrderedDict[tuple[str, str, int], Bar]) -> None:
        taken.update(self._waiting)
        self._waiting = taken

    async def _save_coverage(self, unsaved: dict[tuple[str, str], Changes]) -> None:
        try:
            await self._coverage.save(
                (venue, symbol, changes) for (venue, symbol), changes in unsaved.items()
            )
        except (StorageUnavailable, asyncio.CancelledError):
            self._unsaved = {**unsaved, **self._unsaved}
            raise

    def _gather(self) -> None:
        for feed in self._feeds.feeds.values():
            for symbol, seat in feed.seats.items():
                seat.coverage.extend(seat.lane.last_event_at)
                changes = seat.coverage.take_changes()
                if changes is not None:
                    self._note((feed.exchange.name, symbol), changes)

    def _note(self, key: tuple[str, str], changes: Changes) -> None:
        before = self._unsaved.get(key)
        if before is not None and before.from_at < changes.from_at:
            kept = tuple(each for each in before.intervals if each.until_at <= changes.from_at)
            changes = Changes(before.from_at, (*kept, *changes.intervals))
        self._unsaved[key] = changes

    def _tell(self, error: StorageError | None) -> None:
        """Log a failure once when it begins and once when it ends."""
        if error is not None and not self._is_down:
            what = "bars wait for the store" if error.transient else "bars cannot be stored and are dropped"
            logger.error(what, extra={"why": str(error)})
        elif error is None and self._is_down:
            logger.info("bars are stored again")
        self._is_down = error is not None

    async def _prune_always(self) -> None:
        while True:
            try:
                await self._bars.prune(self._clock.now())
                await self._coverage.prune(self._clock.now() - KEEP_COVERAGE)
            except StorageError as error:
                self._tell(error)
            await self._clock.sleep(PRUNE_EVERY)
