"""Is a condition true now? Asked of a judge of its own, over what is known; nothing is armed and nothing stored."""

import asyncio
from collections.abc import Mapping

from msgspec import Struct

from crypto_portfolio_analyzer.api.past import Span, bars_of
from crypto_portfolio_analyzer.core.alerts import Alert, Explanation, Trigger
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.judging.judge import Demand, Judge
from crypto_portfolio_analyzer.core.market import Bar, Ticker
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.views import Latest

MOST_BARS = 3000
"""Of one series; an indicator that needs more is unknown in a preview."""
_NOBODY = "preview"


class Known(Struct, frozen=True):
    """What is known of one symbol: its newest state and closed and forming bars by timeframe."""

    latest: Latest | None
    bars: Mapping[str, list[Bar]]


class Previewing:
    """Looks at conditions; one at a time, beside everything else."""

    def __init__(self, *, market: Market, feeds: PriceFeedManager, bars: BarStore) -> None:
        self._market, self._feeds, self._bars = market, feeds, bars
        self._turn = asyncio.Semaphore(1)

    async def look(self, condition: Condition, symbol: str, now: int) -> Explanation:
        """Tell whether a condition is true for a canonical symbol at `now` (ns), question by question."""
        forming: dict[tuple[str, str], Bar] = {}
        judge = Judge(forming=lambda *wanted: forming.get(wanted), columnar=False)
        judge.arm(_alert(condition, symbol), condition, symbol, None, now)
        demands = judge.demands()
        known = {name: await self._known(demand) for name, demand in demands.items()}
        for name, each in known.items():
            for timeframe, bars in each.bars.items():
                if bars and not bars[-1].closed:
                    forming[name, timeframe] = bars[-1]
        async with self._turn:
            return await asyncio.to_thread(_judged, judge, symbol, known, now)

    async def _known(self, demand: Demand) -> Known:
        view = self._feeds.find(demand.symbol)
        if view is None:
            return Known(None, {timeframe: [] for timeframe in demand.history})
        bars = {
            timeframe: await bars_of(
                self._market, self._bars, view, Span(timeframe, None, None, min(needed + 1, MOST_BARS))
            )
            for timeframe, needed in demand.history.items()
        }
        return Known(self._market.latest(view.symbol), bars)


def _judged(judge: Judge, symbol: str, known: Mapping[str, Known], now: int) -> Explanation:
    for name, each in known.items():
        for timeframe, bars in each.bars.items():
            judge.seed(name, timeframe, [bar for bar in bars if bar.closed], now)
        if each.latest is not None:
            judge.ticker(_ticker(each.latest))
    judge.flush()
    return judge.explain(_NOBODY, symbol)


def _alert(condition: Condition, symbol: str) -> Alert:
    return Alert(
        id=_NOBODY,
        number=0,
        owner=_NOBODY,
        name=_NOBODY,
        symbols=(symbol,),
        condition=condition.spelling,
        timeframe=condition.timeframe,
        trigger=Trigger.EVERY_TIME,
        fresh=True,
    )


def _ticker(latest: Latest) -> Ticker:
    return Ticker(
        latest.source,
        latest.symbol,
        latest.price,
        latest.event_at,
        latest.received_at,
        open_24h=latest.open_24h,
        high_24h=latest.high_24h,
        low_24h=latest.low_24h,
        volume_24h=latest.volume_24h,
        bid=latest.bid,
        ask=latest.ask,
    )
