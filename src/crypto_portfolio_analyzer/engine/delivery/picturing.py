"""Picturing: from a notification to the picture of its firing, with the bars around the moment.

Bars come from where warming has them: at hand, stored, else told by the venue; the one that is forming ends them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Alert, Firing
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.formats import digits_for
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.notices.notification import Notification
from crypto_portfolio_analyzer.core.notices.pictures import PictureOrder, Sight, order_of, sight_of
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.engine.warming import Warming
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.ports import BarStore

SHOWN, AFTER = 64, 16
"""Candles in the picture, and how many of them at most are later than the firing's."""
MOST_BARS = 1000
"""A firing that lies further back than this many bars has no picture: fetching them takes too long."""
AT_ONCE = 4
"""Pictures whose bars are gathered at the same time: a market-wide move must not eat the venue's limits."""

Drawer = Callable[[PictureOrder], Awaitable[bytes | None]]


class Picturing:
    """Makes pictures of firings; `draw` turns an order into a PNG, or into None if it cannot."""

    def __init__(
        self,
        feeds: PriceFeedManager,
        bars: BarStore | None,
        clock: Clock,
        draw: Drawer,
    ) -> None:
        self._feeds, self._clock, self._draw = feeds, clock, draw
        self._warming = Warming(feeds, bars, clock)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, notification: Notification) -> bytes | None:
        """Return the picture of a notification about one firing; None if there is nothing to draw."""
        firing, alert = notification.firing, notification.alert
        if firing is None or alert is None:
            return None
        order = await self.order(firing, alert, notification.channel.options)
        return None if order is None else await self._draw(order)

    async def order(self, firing: Firing, alert: Alert, options: Mapping[str, object]) -> PictureOrder | None:
        """Return what is to be drawn of a firing; None if its bars cannot be had."""
        try:
            sight = sight_of(read_condition(alert.condition, alert.timeframe), firing.evidence)
        except InvalidInput:  # of a grammar that is no more
            sight = Sight(timeframe=alert.timeframe)
        async with self._turn:
            bars = await self._bars(firing, sight)
        if not bars:
            return None
        instrument = self._feeds.market.instrument(firing.symbol)
        latest = self._feeds.market.latest(firing.symbol)
        return order_of(
            firing,
            alert,
            sight,
            bars,
            shown=min(SHOWN, len(bars)),
            digits=digits_for(firing.price, instrument.tick_size if instrument else None),
            change=latest.change_percent_24h if latest else None,
            simulated=self._feeds.market.simulated,
            options=options,
        )

    async def _bars(self, firing: Firing, sight: Sight) -> list[Bar]:
        """Return the bars up to a little after the firing's, with those that the series need before."""
        frame = parse_timeframe(sight.timeframe)
        end = frame.close_of(firing.event_at) + AFTER * frame.length
        since = max(0, frame.open_of(self._clock.now()) - end) // frame.length
        count = SHOWN + sight.history + since
        if count > MOST_BARS:
            return []
        closed = (await self._warming.gather(firing.symbol, frame.name, count)).bars
        forming = self._forming(firing.symbol, frame.name)
        bars = [*closed, forming] if forming is not None else closed
        return [bar for bar in bars if bar.close_at <= end][-SHOWN - sight.history :]

    def _forming(self, symbol: str, timeframe: str) -> Bar | None:
        bars = self._feeds.market.bars(symbol, timeframe, limit=1)
        return bars[-1] if bars and not bars[-1].closed else None
