"""Warming: the history that bar series need, gathered before anything is judged by them.

What is at hand, what the store kept and what the venue tells by REST are joined. Where the venue was asked, a bar it
does not tell is one that nobody traded in; where it was not, only what follows the last hole is used.
"""

import logging
from collections.abc import Iterable

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.bars import better
from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR, MINUTE, Timeframe, parse_timeframe
from crypto_portfolio_analyzer.errors import FeedError, StorageError
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.history import past_bars
from crypto_portfolio_analyzer.streaming.market import WATERMARK_LAG
from crypto_portfolio_analyzer.streaming.ports import BarStore

logger = logging.getLogger(__name__)

PARTS = ((MINUTE, "1m", 60), (HOUR, "1h", 24), (DAY, "1d", 7))
"""Bars longer than the first consist of bars of the second; so many fill the one that has begun."""

ByStart = dict[int, Bar]


class Gathered(Struct, frozen=True):
    """Closed bars, oldest first, without a hole; `trouble` says why there are fewer than were asked for."""

    bars: list[Bar]
    trouble: str = ""


class Warming:
    """Finds the past of symbols. `began` says where (ns) the facts of a symbol go on from an earlier run."""

    def __init__(self, feeds: PriceFeedManager, store: BarStore | None, clock: Clock) -> None:
        self._feeds, self._store, self._clock = feeds, store, clock
        self.began: dict[str, int] = {}

    async def gather(self, symbol: str, timeframe: str, count: int) -> Gathered:
        """Return the newest `count` closed bars, and let the market know what the forming one consists of."""
        frame = parse_timeframe(timeframe)
        entry = self._feeds.market.entry(symbol)
        entry.rolls.want(timeframe)
        for longer_than, part, parts in PARTS:
            if frame.length > longer_than:
                entry.load(part, (await self._search(symbol, parse_timeframe(part), parts)).bars)
        return await self._search(symbol, frame, count)

    async def _search(self, symbol: str, frame: Timeframe, count: int) -> Gathered:
        end = self._end(symbol, frame)
        start = frame.open_of(end - count * frame.length)
        found = joined(self._at_hand(symbol, frame, start), await self._stored(symbol, frame, start, count))
        trouble, is_told = "", False
        if sum(bar.kind is not BarKind.APPROXIMATED for bar in found.values()) < count:
            try:
                told = await past_bars(self._feeds.primary, symbol, frame.name, start, end)
                found, is_told = joined(found.values(), told), bool(told)
            except FeedError as error:
                trouble = f"its {frame.name} history cannot be fetched: {error}"
        found = joined(found.values(), self._at_hand(symbol, frame, start))  # more may have closed meanwhile
        bars = unbroken(found, frame, self._end(symbol, frame), is_told=is_told)[-count:]
        return Gathered(bars, trouble if len(bars) < count else "")

    def _end(self, symbol: str, frame: Timeframe) -> int:
        """Return the start of the bar that live trades go into."""
        forming = self._feeds.market.entry(symbol).forming
        if forming is not None:
            return frame.open_of(forming.open_at)
        return frame.open_of(self.began.get(symbol, self._clock.now() - WATERMARK_LAG))

    def _at_hand(self, symbol: str, frame: Timeframe, start: int) -> list[Bar]:
        series = self._feeds.market.entry(symbol).rolls.want(frame.name)
        return series.bars(start, self._end(symbol, frame))

    async def _stored(self, symbol: str, frame: Timeframe, start: int, count: int) -> list[Bar]:
        if self._store is None:
            return []
        venue = self._feeds.primary.exchange.name
        try:
            return await self._store.load(venue, symbol, frame.name, start=start, limit=count)
        except StorageError as error:
            logger.warning("stored bars cannot be read", extra={"symbol": symbol, "why": str(error)})
            return []


def joined(*groups: Iterable[Bar]) -> ByStart:
    """Return bars by their start, of several that know the same span the one that knows most."""
    found: ByStart = {}
    for bars in groups:
        for bar in bars:
            known = found.get(bar.open_at)
            if known is None or better(bar, known):
                found[bar.open_at] = bar
    return found


def unbroken(found: ByStart, frame: Timeframe, end: int, *, is_told: bool) -> list[Bar]:
    """Return the bars up to `end` (ns), holes filled with empty ones if the venue has told all there is.

    Otherwise only the bars after the last hole; none if the newest is missing.
    """
    bars: list[Bar] = []
    for open_at in sorted(at for at in found if at < end):
        while bars and bars[-1].close_at < open_at and is_told:
            bars.append(_empty_after(bars[-1], frame))
        if bars and bars[-1].close_at < open_at:
            bars.clear()
        bars.append(found[open_at])
    while bars and bars[-1].close_at < end and is_told:
        bars.append(_empty_after(bars[-1], frame))
    return bars if bars and bars[-1].close_at >= end else []


def _empty_after(bar: Bar, frame: Timeframe) -> Bar:
    price, open_at = bar.close, bar.close_at
    return Bar(
        bar.venue, bar.symbol, frame.name, open_at, open_at + frame.length, price, price, price, price, 0.0, True,
        open_at + frame.length, kind=BarKind.EMPTY,
    )  # fmt: skip
