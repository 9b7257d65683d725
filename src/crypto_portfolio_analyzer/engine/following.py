"""Following: facts go from the bus to the judge in the turn they come in, and time goes on where none come.

A tick that nothing waits for costs two comparisons on top of the judge's own; whether anything was decided is looked
at once at the end of each turn of the loop.
"""

import asyncio
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.market import Bar, BarKind, Fact, Gap, Quote, SourceChange, Ticker, Trade
from crypto_portfolio_analyzer.core.ordering import LaneState
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.streaming.bus import FactCall, StreamEventBus
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.venue import VenueFeed

LOOK_EVERY = 0.1
"""Seconds between looks whether time alone has changed something."""


class Following:
    """Feeds a judge; `wake` is called when it has decided something."""

    def __init__(
        self,
        judge: Judge,
        market: Market,
        venues: Mapping[str, VenueFeed],
        bus: StreamEventBus,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._judge, self._market, self._venues = judge, market, venues
        self._bus, self._clock, self._wake = bus, clock, wake
        self._judge_ticker = self._tick(judge.ticker)
        self._detach: list[Callable[[], None]] = []
        self._is_looking = False

    @property
    def is_on(self) -> bool:
        """Tell whether facts are followed."""
        return bool(self._detach)

    def begin(self) -> None:
        """Follow the market from now on."""
        judge = self._judge
        calls: dict[type[Fact], FactCall] = {
            Trade: self._trade(),
            Ticker: self._ticker,
            Quote: self._tick(judge.quote),
            Gap: self._tick(judge.gap),
            Bar: self._bar,
            SourceChange: self._source_change,
        }
        self._detach = [self._bus.attach(call, [kind]) for kind, call in calls.items()]

    def end(self) -> None:
        """Follow no more."""
        for detach in self._detach:
            detach()
        self._detach.clear()

    def _trade(self) -> FactCall:
        """Return what takes trades: the many that flip nothing cost one call of the judge."""
        is_quiet, judged = self._judge.quiet(), self._tick(self._judge.trade)

        def take(trade: Trade) -> None:
            if not is_quiet(trade):
                judged(trade)

        return take

    def _tick(self, judged: FactCall) -> FactCall:
        """Return what takes one kind of facts; everything it needs is at hand in it, since it runs for every tick."""
        judge = self._judge

        def take(fact: Trade | Ticker | Quote | Gap) -> None:
            if fact.received_at >= judge.next_due:
                self._advance(fact.received_at)
            judged(fact)
            if not self._is_looking:
                self._look_soon()

        return take

    def _advance(self, now: int) -> None:
        """Judge what is due; the bars that end by then first, since a condition is asked once all of them are there."""
        self._market.advance(now)
        self._judge.advance(now)

    def _look_soon(self) -> None:
        """Look once at the end of the turn whether anything was decided in it."""
        self._is_looking = True
        asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._is_looking = False
        self._judge.flush()  # all bars of a turn are judged together
        if self._judge.is_waiting:
            self._wake()

    def _ticker(self, ticker: Ticker) -> None:
        """Let statistics tell the price only where no trades do; those tell it each in its order.

        While numbered trades are missing it is not heard at all, polled or not: it would be ahead of those that are
        fetched, and what they fire would fire twice.
        """
        feed = self._venues.get(ticker.venue)
        lane = feed.lanes.get(ticker.symbol) if feed is not None else None
        if lane is not None and lane.next_id is not None and lane.state is not LaneState.OPEN:
            return
        if lane is not None and not ticker.polled and 0 < lane.last_event_at < ticker.event_at:
            ticker = replace(ticker, event_at=lane.last_event_at)
        self._judge_ticker(ticker)

    def _bar(self, bar: Bar) -> None:
        if not bar.closed:
            return
        if self._stands_for_trades(bar):
            self._judge.path(bar)
        self._judge.bar(bar)
        if not self._is_looking:
            self._look_soon()

    def _stands_for_trades(self, bar: Bar) -> bool:
        """Tell whether a minute was fetched for want of its trades, while those after it wait."""
        if bar.kind is not BarKind.APPROXIMATED or bar.corrected or bar.timeframe != "1m":
            return False
        feed = self._venues.get(bar.venue)
        lane = feed.lanes.get(bar.symbol) if feed is not None else None
        return lane is not None and lane.state is LaneState.FILLING

    def _source_change(self, change: SourceChange) -> None:
        """Tell of a change under the symbol that facts bear; a lone asset's market changes with its venue."""
        asked = parse_symbol(change.symbol)
        if asked.quote is not None:
            self._judge.source_change(change, asked.canonical())

    async def look_always(self) -> None:
        """Judge what time alone changes, also while no fact comes."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            now = self._clock.now()
            if now >= self._judge.next_due:
                self._advance(now)
            if self._judge.is_waiting:
                self._wake()
