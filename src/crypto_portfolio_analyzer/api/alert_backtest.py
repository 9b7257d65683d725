"""Back-tests over HTTP: bars from memory and store, judged beside everything else, of bounded size."""

import asyncio
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from crypto_portfolio_analyzer.api.past import Span, bars_of
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.api.watching import Watching
from crypto_portfolio_analyzer.core.alerts import Rearm, Trigger
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import Domain
from crypto_portfolio_analyzer.core.timeframes import DAY, Timeframe, parse_timeframe
from crypto_portfolio_analyzer.engine.backtesting import BacktestResult, backtest, series_of
from crypto_portfolio_analyzer.engine.sweeping import SweepPoint, sweep
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.views import WatchView

MOST_BARS = 100_000
"""Of one symbol: 69 days of minutes."""
USUAL_DAYS = 30
PART = 500
"""Bars read at once: preparing them holds up the event loop for about 3 ms."""
MOST_WORK = 1_000_000
"""Bars of all symbols, times thresholds to try."""


class Question(Struct, frozen=True, kw_only=True):
    """What is to be tried over which past: the last `days`, or the time of so many `bars`; spans in ns."""

    condition: Condition
    symbol: str
    trigger: Trigger | None = None
    cooldown: int = 0
    rearm: Rearm | None = None
    fresh: bool = False
    days: float | None = None
    bars: int | None = None
    thresholds: tuple[float, ...] = ()


class Backtesting:
    """Judges the past; one question at a time, so that no number of them slows the present."""

    def __init__(self, *, market: Market, watching: Watching, bars: BarStore) -> None:
        self._market, self._watching, self._bars = market, watching, bars
        self._turn = asyncio.Semaphore(1)

    async def run(self, asked: Question, now: int) -> tuple[BacktestResult, list[SweepPoint]]:
        """Return what a condition would have done, and how often with other thresholds.

        Raises:
            InvalidInput: there are no bars.
            Problem: 404 no such symbol, 422 more is asked for than one request may cost.

        """
        base = base_of(asked.condition)
        limit = min(asked.bars or _bars_in(asked.days or USUAL_DAYS, base), MOST_BARS)
        subject = await self._watching.visit(asked.symbol)
        views = [subject, *[await self._watching.visit(name) for name in _others(asked.condition)]]
        if limit * len(views) * (1 + len(asked.thresholds)) > MOST_WORK:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"{limit} bars with {len(asked.thresholds)} thresholds are more than one request may cost",
                remedy="ask for fewer days or fewer steps",
            )
        start = base.open_of(now) - limit * base.length
        async with self._turn:
            past = [bar for view in views for bar in await self._past(view, base, start, now)]
            return await asyncio.to_thread(_judged, asked, subject.symbol, past)

    async def _past(self, view: WatchView, base: Timeframe, start: int, now: int) -> list[Bar]:
        """Return the closed bars of a symbol from `start` on, read in small parts so that nobody waits for it."""
        found: list[Bar] = []
        while start < now:
            part = await bars_of(self._market, self._bars, view, Span(base.name, start, None, PART))
            found += [bar for bar in part if bar.closed]
            if len(part) < PART:
                break
            start = part[-1].close_at
        return found


def base_of(condition: Condition) -> Timeframe:
    """Return the bars that are enough for a condition: minutes, unless it asks for longer ones only."""
    series = list(series_of(condition.question))
    if any(each.domain is Domain.TICK or each.live for each in series):
        return parse_timeframe("1m")
    names = {condition.timeframe, *(each.timeframe for each in series if each.timeframe is not None)}
    frames = sorted((parse_timeframe(name) for name in names), key=lambda each: each.length)
    fits = all(frames[0].divides(each) for each in frames[1:])
    return frames[0] if fits else parse_timeframe("1m")


def _judged(asked: Question, symbol: str, bars: list[Bar]) -> tuple[BacktestResult, list[SweepPoint]]:
    how: dict[str, Any] = {
        "symbol": symbol,
        "trigger": asked.trigger,
        "cooldown": asked.cooldown,
        "rearm": asked.rearm,
    }
    bars = sorted(bars, key=lambda bar: bar.close_at)
    result = backtest(asked.condition, bars, fresh=asked.fresh, **how)
    points = sweep(asked.condition, bars, asked.thresholds, **how) if asked.thresholds else []
    return result, points


def _others(condition: Condition) -> list[str]:
    """Return the other symbols a condition asks about."""
    return sorted({each.subject for each in series_of(condition.question) if each.subject is not None})


def _bars_in(days: float, base: Timeframe) -> int:
    return max(1, int(days * DAY / base.length))
