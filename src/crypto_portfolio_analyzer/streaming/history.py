"""History: a venue's list of markets and the bars before we came, fetched beside the live streams.

Nothing waits for it: a dead REST side costs charts their past, never anybody a price.
"""

import asyncio
import logging
from collections import defaultdict
from itertools import groupby

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.bars import fold
from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import COMMON, Timeframe, parse_timeframe
from crypto_portfolio_analyzer.core.venues import Request
from crypto_portfolio_analyzer.errors import FeedError, StorageError
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.ports import BarStore
from crypto_portfolio_analyzer.streaming.venue import VenueFeed

logger = logging.getLogger(__name__)

WANTED = {"30m": 48, "1m": 500}
"""Bars fetched of each new symbol by timeframe: the day of a sparkline, and a chart's first screen."""
MOST = 500
"""Symbols beyond this many at one venue get their history when somebody looks at them."""
BUDGET = 0.5
"""Share of the REST budget that stays free for back-fills."""
AGAIN_AFTER = 30.0
_PAUSE = 1.0


async def past_bars(feed: VenueFeed, symbol: str, timeframe: str, start: int, end: int) -> list[Bar]:
    """Return a venue's closed bars with `start <= open_at < end` (ns), oldest first, asked page by page.

    A timeframe the venue has not is folded from one it has. A bar that nobody traded in may be absent. Raises
    FeedError.
    """
    wanted, found = parse_timeframe(timeframe), list[Bar]()
    told = _told(feed, symbol, wanted)
    while told is not None and start < end:
        page = await _page(feed, symbol, told.name, (start, end))
        if not page:
            break
        found += page
        start = page[-1].close_at
    return found if told == wanted else _folded(found, wanted)


async def _page(feed: VenueFeed, symbol: str, timeframe: str, span: tuple[int, int]) -> list[Bar]:
    exchange, rest = feed.exchange, feed.rest
    request = exchange.bars_request(symbol, timeframe, *span)
    if request is None:
        return []
    while rest.free_weight() < exchange.limits.rest_weight * BUDGET:
        await feed.clock.sleep(_PAUSE)
    facts = exchange.decode_bars(symbol, timeframe, await rest.get(request), feed.clock.now())
    start, end = span
    return [fact for fact in facts if isinstance(fact, Bar) and fact.closed and start <= fact.open_at < end]


def _told(feed: VenueFeed, symbol: str, wanted: Timeframe) -> Timeframe | None:
    """Return the longest timeframe that a venue tells and that bars of `wanted` consist of."""
    shorter = [parse_timeframe(name) for name in COMMON]
    fitting = [
        wanted,
        *sorted((each for each in shorter if each.divides(wanted)), key=lambda each: -each.length),
    ]
    return next((each for each in fitting if feed.exchange.bars_request(symbol, each.name, 0, 1)), None)


def _folded(bars: list[Bar], wanted: Timeframe) -> list[Bar]:
    groups = groupby(bars, key=lambda bar: wanted.open_of(bar.open_at))
    parts = [list(group) for _open_at, group in groups]
    return [fold(group, wanted, group[-1].received_at, closed=True, whole=True) for group in parts]


class History:
    """Fetches the past of every served symbol, once."""

    def __init__(self, market: Market, clock: Clock, store: BarStore | None = None) -> None:
        self._market, self._clock, self._store = market, clock, store
        self._queues: dict[str, asyncio.Queue[str]] = {}
        self._asked: dict[str, set[str]] = defaultdict(set)
        """Symbols whose bars were asked for, by venue."""

    def want(self, feed: VenueFeed, symbol: str) -> None:
        """Fetch the bars of a symbol when there is time."""
        asked = self._asked[feed.exchange.name]
        if symbol not in asked and len(asked) < MOST:
            asked.add(symbol)
            self._queue(feed).put_nowait(symbol)

    def forget(self, symbol: str) -> None:
        """Fetch the bars of a symbol anew when it is wanted again."""
        for asked in self._asked.values():
            asked.discard(symbol)

    def _queue(self, feed: VenueFeed) -> asyncio.Queue[str]:
        return self._queues.setdefault(feed.exchange.name, asyncio.Queue())

    async def run(self, feed: VenueFeed) -> None:
        """Fetch a venue's markets, then bars as symbols are wanted."""
        await self._learn(feed)
        queue = self._queue(feed)
        while True:
            symbol = await queue.get()
            await self._remember(feed, symbol)
            for timeframe, count in WANTED.items():
                if symbol in feed.seats:
                    await self._load(feed, symbol, timeframe, count)

    async def _learn(self, feed: VenueFeed) -> None:
        request = feed.exchange.instruments_request()
        if request is None:
            return
        body = await self._fetch(feed, request, tries=3)
        if body is not None:
            self._market.learn(feed.exchange.decode_instruments(body))

    async def _remember(self, feed: VenueFeed, symbol: str) -> None:
        """Put the bars of earlier runs where they belong."""
        if self._store is None:
            return
        try:
            for timeframe, count in WANTED.items():
                bars = await self._store.load(feed.exchange.name, symbol, timeframe, limit=count)
                self._market.entry(symbol).load(timeframe, bars)
        except StorageError as error:
            logger.warning("stored bars cannot be read", extra={"symbol": symbol, "why": str(error)})

    async def _load(self, feed: VenueFeed, symbol: str, timeframe: str, count: int) -> None:
        frame = parse_timeframe(timeframe)
        now = self._clock.now()
        start = frame.open_of(now) - count * frame.length
        request = feed.exchange.bars_request(symbol, timeframe, start, frame.open_of(now))
        if request is None:
            return
        while feed.rest.free_weight() < feed.exchange.limits.rest_weight * BUDGET:
            await self._clock.sleep(_PAUSE)
        body = await self._fetch(feed, request, tries=2)
        if body is None or symbol not in feed.seats:
            return
        facts = feed.exchange.decode_bars(symbol, timeframe, body, now)
        bars = [
            fact for fact in facts if isinstance(fact, Bar) and fact.closed and fact.kind is not BarKind.EMPTY
        ]
        self._market.entry(symbol).load(timeframe, bars)

    async def _fetch(self, feed: VenueFeed, request: Request, *, tries: int) -> bytes | None:
        for attempt in range(tries):
            try:
                return await feed.rest.get(request)
            except FeedError as error:
                logger.info("no history", extra={"venue": feed.exchange.name, "why": str(error)[:200]})
                if not error.transient or attempt + 1 == tries:
                    return None
                await self._clock.sleep(AGAIN_AFTER)
        return None
