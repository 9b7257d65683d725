"""Demand: what armed alerts need of the market. The first wish opens a symbol's streams, the last closes them.

Wishes are counted by the engine's own; a symbol that nobody wishes any more is let go of a moment later, so that an
edit does not close a stream and open it again.
"""

import asyncio
import logging
from collections import Counter

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.venues import Channel, Subscription
from crypto_portfolio_analyzer.engine.warming import Warming
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager

logger = logging.getLogger(__name__)

LINGER = 2 * 10**9
"""How long (ns) the streams of a symbol stay open after the last wish."""
AGAIN_AFTER = 30 * 10**9
"""How long (ns) until history that could not be had is asked for again."""
AT_ONCE = 4
"""Symbols that are warmed at the same time."""


class Demand:
    """Streams, quotes and history of every symbol that an armed alert follows."""

    def __init__(self, judge: Judge, feeds: PriceFeedManager, warming: Warming, clock: Clock) -> None:
        self._judge, self._feeds, self._warming, self._clock = judge, feeds, warming, clock
        self._wishes: Counter[str] = Counter()
        self._open: set[str] = set()
        self._idle: dict[str, int] = {}
        self._with_quotes: set[str] = set()
        self._cold: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._again: dict[str, int] = {}
        self.troubles: dict[str, str] = {}
        """Why a symbol's alerts stay warming, or are in error."""

    @property
    def wished(self) -> list[str]:
        """Every symbol that is wished for."""
        return list(self._wishes)

    @property
    def opened(self) -> frozenset[str]:
        """Every symbol whose streams are open for alerts."""
        return frozenset(self._open)

    def wish(self, symbol: str) -> None:
        """Count one more wish for a symbol; `open` acts on it."""
        self._wishes[symbol] += 1
        self._idle.pop(symbol, None)

    def drop(self, symbol: str) -> None:
        """Take a wish back."""
        self._wishes[symbol] -= 1
        if self._wishes[symbol] <= 0:
            del self._wishes[symbol]
            self._idle[symbol] = self._clock.now() + LINGER

    def open(self, symbol: str, *, is_cold: bool = True) -> None:
        """Open the streams of a wished symbol, and have its history gathered if something waits for it."""
        if symbol not in self._open:
            try:
                self._feeds.want(symbol)
            except InvalidInput as error:
                self.troubles[symbol] = str(error)
                return
            self._open.add(symbol)
        self._follow_quotes(symbol)
        if is_cold:
            self._heat(symbol)

    async def warm(self, symbol: str) -> None:
        """Gather the history that a symbol's bar series need and hand it to the judge."""
        demand = self._judge.demand(symbol)
        if demand is None:
            return
        troubles = []
        for timeframe, count in demand.history.items():
            gathered = await self._warming.gather(symbol, timeframe, count)
            if gathered.bars:
                self._judge.seed(symbol, timeframe, gathered.bars, self._clock.now())
            if gathered.trouble:
                troubles.append(gathered.trouble)
        if troubles:
            self.troubles[symbol] = "; ".join(troubles)
            self._again[symbol] = self._clock.now() + AGAIN_AFTER
        else:
            self.troubles.pop(symbol, None)

    async def warm_always(self) -> None:
        """Warm symbols as they come."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._warm_next())

    async def _warm_next(self) -> None:
        while True:
            symbol = await self._cold.get()
            self._queued.discard(symbol)
            await self.warm(symbol)

    def sweep(self, now: int) -> None:
        """Let go of what nobody wishes any more, and ask again for what could not be had."""
        for symbol in [symbol for symbol, due in self._idle.items() if due <= now]:
            del self._idle[symbol]
            self._close(symbol)
        for symbol in [symbol for symbol, due in self._again.items() if due <= now]:
            del self._again[symbol]
            self._heat(symbol)

    def close_all(self) -> int:
        """Let go of every symbol; return how many that were."""
        count = len(self._open)
        for symbol in list(self._open):
            self._close(symbol)
        self._wishes.clear()
        self._idle.clear()
        return count

    def _close(self, symbol: str) -> None:
        self.troubles.pop(symbol, None)
        self._again.pop(symbol, None)
        self._warming.began.pop(symbol, None)
        if symbol in self._open:
            self._open.discard(symbol)
            self._leave_quotes(symbol)
            self._feeds.release(symbol)

    def _heat(self, symbol: str) -> None:
        if symbol not in self._queued:
            self._queued.add(symbol)
            self._cold.put_nowait(symbol)

    def _follow_quotes(self, symbol: str) -> None:
        demand = self._judge.demand(symbol)
        if demand is None or not demand.needs_quotes or symbol in self._with_quotes:
            return
        self._with_quotes.add(symbol)
        for feed in self._feeds.feeds.values():
            if symbol in feed.seats and Channel.QUOTES in feed.exchange.channels:
                feed.subscribe([Subscription(symbol, Channel.QUOTES)])

    def _leave_quotes(self, symbol: str) -> None:
        if symbol in self._with_quotes:
            self._with_quotes.discard(symbol)
            for feed in self._feeds.feeds.values():
                feed.unsubscribe([Subscription(symbol, Channel.QUOTES)])
