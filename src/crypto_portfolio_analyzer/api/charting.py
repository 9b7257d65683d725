"""Charts over HTTP: bars of any timeframe with what is missing between them, and series drawn over them.

Where memory and store know too few bars the venue is asked once; what it tells is stored, so that the next look
finds it there. A venue that does not answer costs a chart its past, never more than `PATIENCE_SECONDS`.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from weakref import WeakValueDictionary

from msgspec import Struct

from crypto_portfolio_analyzer.api.past import Span, bars_of
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.conditions.charted import Charted
from crypto_portfolio_analyzer.core.coverage import CoverageStatus, Interval
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import HOUR, Timeframe, parse_timeframe
from crypto_portfolio_analyzer.engine.indicators import Indicator, indicators, needed
from crypto_portfolio_analyzer.errors import FeedError, StorageError
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.storage.coverage import CoverageStore
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.history import past_bars
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.views import WatchView

PART = 500
"""Bars read at once: preparing them holds up the event loop for about 3 ms."""
MOST_WARMUP = 3000
"""Bars before the first one shown; an indicator that needs more is told as not settled."""
PATIENCE_SECONDS = 3.0
AGAIN_AFTER = 30 * 10**9
"""How long (ns) a venue that did not answer is left alone."""
MOST_ASKED = 5000
SHORTEST_SHARE = 10
"""A gap shorter than this part of a bar would be invisible."""
MOST_GAPS = 200


class Asked(Struct, frozen=True):
    """The stretch `[start, end)` of a symbol's bars that a venue was asked for, and until when not again; ns."""

    start: int
    end: int
    until: int

    def holds(self, start: int, end: int, now: int) -> bool:
        """Tell whether a stretch was asked for and need not be again yet."""
        return now < self.until and self.start <= start and end <= self.end

    def joined(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch that another one makes together with this, or that other alone if they do not touch."""
        if end < self.start or self.end < start:
            return start, end
        return min(self.start, start), max(self.end, end)


class Charting:
    """Answers what charts ask; computes one picture at a time, beside everything else."""

    def __init__(
        self,
        *,
        market: Market,
        feeds: PriceFeedManager,
        bars: BarStore,
        coverage: CoverageStore,
        clock: Clock,
    ) -> None:
        self._market, self._feeds, self._bars, self._coverage = market, feeds, bars, coverage
        self._clock = clock
        self._asked: dict[tuple[str, str], Asked] = {}
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._turn = asyncio.Semaphore(1)

    async def bars(self, view: WatchView, span: Span) -> list[Bar]:
        """Return bars of a watched symbol, oldest first, the last one perhaps forming, as `bars_of` does."""
        found = await self._read(view, span)
        frame = parse_timeframe(span.timeframe)
        start = self._missing_from(frame, span, found)
        end = found[0].open_at if found else span.end or frame.open_of(self._clock.now())
        if view.source is None or start >= end:
            return found
        if await self._ask(view, frame, start, end):
            return await self._read(view, span)
        return found

    async def gaps(self, view: WatchView, bars: Sequence[Bar]) -> list[Interval]:
        """Return what was missed between the first and the last bar, oldest first, and how well it is known now.

        Only what is long enough to be seen, and of many the newest.
        """
        if not bars:
            return []
        start, end = bars[0].open_at, bars[-1].open_at
        least = (bars[0].close_at - start) // SHORTEST_SHARE
        holes = [
            Interval(before.close_at, after.open_at, CoverageStatus.MISSING)
            for before, after in pairwise(bars)
            if after.open_at > before.close_at
        ]
        known = [
            told
            for each in await self._accounted(view, start, end)
            if each.status is not CoverageStatus.LIVE
            for told in [_clipped(each, start, end)]
            if not any(_overlaps(told, hole) for hole in holes)
        ]
        long = [each for each in [*holes, *known] if each.until_at - each.from_at >= least]
        return sorted(long, key=lambda each: each.from_at)[-MOST_GAPS:]

    async def indicators(
        self, view: WatchView, wanted: Sequence[Charted], span: Span
    ) -> tuple[list[Indicator], int]:
        """Return series at the last `span.limit` bars, and how many bars there were."""
        warm_up = min(needed(view.symbol, wanted, span.timeframe), MOST_WARMUP)
        longer = Span(span.timeframe, None, span.end, span.limit + warm_up)
        found = await self.bars(view, longer)
        count = min(span.limit, len(found))
        async with self._turn:
            told = await asyncio.to_thread(indicators, view.symbol, wanted, span.timeframe, found, count)
        return told, count

    async def _read(self, view: WatchView, span: Span) -> list[Bar]:
        """Read in parts, newest first, so that nobody waits for a long past."""
        if span.start is not None or span.limit <= PART:
            return await bars_of(self._market, self._bars, view, span)
        found: list[Bar] = []
        end = span.end
        while len(found) < span.limit:
            wanted = min(PART, span.limit - len(found))
            part = await bars_of(self._market, self._bars, view, Span(span.timeframe, None, end, wanted))
            found = [*part, *found]
            if len(part) < wanted:
                break
            end = part[0].open_at
        return found

    def _missing_from(self, frame: Timeframe, span: Span, found: Sequence[Bar]) -> int:
        """Return from where on (ns) bars are missing before the first one found."""
        if span.start is not None:
            return frame.open_of(span.start + frame.length - 1)
        newest = found[-1].close_at if found else span.end or self._clock.now()
        return max(0, frame.open_of(newest - 1) - (span.limit - 1) * frame.length)

    async def _ask(self, view: WatchView, frame: Timeframe, start: int, end: int) -> bool:
        """Ask the venue for the bars of a stretch, unless it was; tell whether any came."""
        key = (view.symbol, frame.name)
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            now, before = self._clock.now(), self._asked.get(key)
            if before is not None and before.holds(start, end, now):
                return True
            told = await self._fetch(view, frame, start, end)
            if len(self._asked) >= MOST_ASKED:
                self._asked.clear()
            whole = before.joined(start, end) if before is not None and now < before.until else (start, end)
            self._asked[key] = Asked(*whole, now + (HOUR if told is not None else AGAIN_AFTER))
            return bool(told)

    async def _fetch(self, view: WatchView, frame: Timeframe, start: int, end: int) -> int | None:
        """Store what the venue tells of a stretch; return how many bars, None if it did not answer."""
        feed = self._feeds.feeds.get(view.source or "")
        if feed is None:
            return None
        told: list[Bar] = []
        with suppress(FeedError, StorageError, TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                told = await past_bars(feed, view.symbol, frame.name, start, end)
                return await self._bars.save(told)
        return None

    async def _accounted(self, view: WatchView, start: int, end: int) -> list[Interval]:
        """Return the coverage of a stretch: this run's from its ledger, earlier ones' from the store."""
        venue = view.source or ""
        feed = self._feeds.feeds.get(venue)
        seat = feed.seats.get(view.symbol) if feed is not None else None
        own = seat.coverage.intervals(start, min(end, self._clock.now())) if seat is not None else []
        begun = own[0].from_at if own else end
        earlier: list[Interval] = []
        with suppress(StorageError):
            earlier = await self._coverage.load(venue, view.symbol, start=start, end=begun)
        return [*(_clipped(each, start, begun) for each in earlier), *own]


def _clipped(interval: Interval, start: int, end: int) -> Interval:
    return Interval(max(interval.from_at, start), min(interval.until_at, end), interval.status)


def _overlaps(one: Interval, other: Interval) -> bool:
    return one.from_at < other.until_at and other.from_at < one.until_at
