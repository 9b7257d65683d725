"""Resuming: after a start, every alert goes on where the last stored commit left it, and facts missed since are had.

The feed of a symbol begins after the last trade that was judged, so that the machinery of gaps fetches what lies
between; the alerts that should have fired then fire late and say why.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence

from crypto_portfolio_analyzer.core.alerts import Alert, Cursor, Standing
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.engine.arming import Arming
from crypto_portfolio_analyzer.engine.demand import AT_ONCE, Demand
from crypto_portfolio_analyzer.engine.ports import AlertStore
from crypto_portfolio_analyzer.engine.warming import Warming
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager

logger = logging.getLogger(__name__)

HELD_AT_ONCE = 500
"""Alerts taken into judgement before others have their turn."""
NEVER = 2**63 - 1
PATIENCE = 5.0
"""Real seconds for which the streams wait for history; the rest is gathered beside them."""


class Resuming:
    """Loads everything that is armed."""

    def __init__(
        self,
        *,
        judge: Judge,
        arming: Arming,
        demand: Demand,
        warming: Warming,
        store: AlertStore,
        feeds: PriceFeedManager,
    ) -> None:
        self._judge, self._arming = judge, arming
        self._demand, self._warming, self._store, self._feeds = demand, warming, store, feeds

    async def load(self, *, resumes: bool) -> None:
        """Hold every enabled alert; with `resumes` its facts begin where an earlier run ended."""
        known: dict[str, dict[str, Standing]] = {}
        for standing in await self._store.standings():
            known.setdefault(standing.alert_id, {})[standing.symbol] = standing
        alerts = [
            (alert, await self._arming.symbols_of(alert))
            async for block in self._store.armed()
            for alert in block
        ]
        cursors = still_good(newest(await self._store.cursors()), alerts)
        self._judge.resume(cursors)
        began = {each.symbol: each.event_at for each in cursors} if resumes else {}
        for number, (alert, symbols) in enumerate(alerts):
            self._arming.hold(alert, symbols, known.pop(alert.id, {}), began)
            if number % HELD_AT_ONCE == 0:
                await asyncio.sleep(0)
        self._judge.resume(())  # whoever comes later begins with what the market tells then
        if resumes:
            self._begin_after(cursors)

    async def open(self) -> None:
        """Open the streams of everything that is held, history first where facts go on from an earlier run."""
        wished = self._demand.wished
        resumed = [symbol for symbol in wished if symbol in self._warming.began]
        turns = asyncio.Semaphore(AT_ONCE)

        async def warm(symbol: str) -> None:
            async with turns:
                await self._demand.warm(symbol)

        try:
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
                for symbol in resumed:
                    group.create_task(warm(symbol))
        except TimeoutError:
            logger.warning("history is still being gathered", extra={"symbols": len(resumed)})
        for symbol in wished:
            self._demand.open(symbol)

    def _begin_after(self, cursors: Iterable[Cursor]) -> None:
        wished = set(self._demand.wished)
        for cursor in cursors:
            feed = self._feeds.feeds.get(cursor.venue)
            if feed is not None and cursor.symbol in wished:
                feed.seat(cursor.symbol).lane.begin_after(cursor.trade_id, cursor.event_at)
                self._warming.began[cursor.symbol] = cursor.event_at


def newest(cursors: Iterable[Cursor]) -> list[Cursor]:
    """Return the cursor of each symbol that is furthest: the venue that served it last."""
    found: dict[str, Cursor] = {}
    for cursor in cursors:
        known = found.get(cursor.symbol)
        if known is None or cursor.event_at > known.event_at:
            found[cursor.symbol] = cursor
    return list(found.values())


def still_good(cursors: Iterable[Cursor], alerts: Iterable[tuple[Alert, Sequence[str]]]) -> list[Cursor]:
    """Return the cursors that some alert was judged up to: one older than all of a symbol's alerts was others'.

    Symbols that only a condition names count as those of the oldest alert.
    """
    since: dict[str, int] = {}
    oldest = NEVER
    for alert, symbols in alerts:
        oldest = min(oldest, alert.updated_at)
        for symbol in symbols:
            since[symbol] = min(alert.updated_at, since.get(symbol, alert.updated_at))
    return [each for each in cursors if since.get(each.symbol, oldest) <= each.event_at]
