"""Liveness per subscription: a silent one is asked about, not guessed about.

A busy symbol that falls silent and a quiet one look alike on the wire. Where another channel proves that the
market moved, or REST shows trades the stream did not bring, the subscription is dead and is opened anew; where
REST agrees that nothing happened, the symbol is quiet and is asked about less and less often.
"""

import logging

from crypto_portfolio_analyzer.core.market import GapCause, Trade
from crypto_portfolio_analyzer.core.ordering import LaneState
from crypto_portfolio_analyzer.core.venues import Channel, Subscription
from crypto_portfolio_analyzer.errors import FeedError
from crypto_portfolio_analyzer.streaming.lines import Request
from crypto_portfolio_analyzer.streaming.ports import FeedPort
from crypto_portfolio_analyzer.streaming.seats import Seat

logger = logging.getLogger(__name__)

SOONEST, LATEST, QUIET = 5.0, 20.0, 120.0
"""Seconds of silence after which a symbol is asked about: by its rhythm, at the latest, and when known quiet."""
INTERVALS = 10
"""Silence of so many mean intervals is worth a question."""
GRACE = 2.0
"""A trade younger than this may still be on its way."""
ASKED_AT_ONCE = 8
BUDGET = 0.3
"""Share of the REST budget that must stay free for back-fills."""


class Liveness:
    """Watches the trades subscriptions of one venue."""

    def __init__(self, feed: FeedPort) -> None:
        self._feed = feed

    async def run(self, every: float) -> None:
        """Look at every symbol again and again."""
        while True:
            await self._feed.clock.sleep(every)
            seats = list(self._feed.seats.values())
            for seat in seats:
                if seat.dead_checks and seat.lane.last_at > seat.polled_at:  # the stream itself speaks again
                    seat.dead_checks = 0
            due = [seat for seat in seats if self._is_due(seat)]
            due.sort(key=lambda seat: seat.lane.last_at)
            for seat in due[: ASKED_AT_ONCE * 4]:
                if self._feed.rest.free_weight() < self._feed.exchange.limits.rest_weight * BUDGET:
                    break
                await self._ask(seat)

    def _is_due(self, seat: Seat) -> bool:
        feed = self._feed
        line = feed.plan.line_of(Subscription(seat.lane.symbol, Channel.TRADES))
        if (
            line is None
            or not line.stream.is_connected
            or seat.lane.state in (LaneState.HOLDING, LaneState.FILLING)
        ):
            return False
        if line.subscriptions.get(Subscription(seat.lane.symbol, Channel.TRADES)) is not Request.ACKED:
            return False
        now, monotonic = feed.clock.now(), feed.clock.monotonic()
        if seat.lane.state is LaneState.SUSPECT and monotonic - line.opened_at > GRACE:
            return now - seat.polled_at > SOONEST * 1e9
        silent = min((now - max(seat.lane.last_at, seat.polled_at)) / 1e9, monotonic - line.opened_at)
        return silent > self._patience(seat, now)

    def _patience(self, seat: Seat, now: int) -> float:
        known = min(LATEST, max(SOONEST, INTERVALS * seat.interval(now)))
        return known if known < LATEST else min(QUIET, known * float(2**seat.quiet_checks))

    async def _ask(self, seat: Seat) -> None:
        """Ask the venue by REST whether trades happened that the stream did not bring."""
        feed, lane = self._feed, seat.lane
        seat.polled_at = feed.clock.now()
        since = lane.last_event_at or None
        request = feed.exchange.trades_request(lane.symbol, from_id=lane.next_id, start=since)
        if request is None:
            return
        try:
            body = await feed.rest.get(request)
        except FeedError:
            return
        facts = feed.exchange.decode_trades(lane.symbol, body, feed.clock.now())
        self._judge(seat, [fact for fact in facts if isinstance(fact, Trade)])

    def _judge(self, seat: Seat, trades: list[Trade]) -> None:
        feed, lane = self._feed, seat.lane
        if lane.state in (LaneState.HOLDING, LaneState.FILLING):  # the stream spoke while we asked
            return
        settled = feed.clock.now() - int(GRACE * 1e9)
        lost = [each for each in trades if self._is_new(seat, each) and each.event_at < settled]
        if not lost:
            seat.quiet_checks = min(seat.quiet_checks + 1, 6)
            if lane.state is LaneState.SUSPECT and lane.next_id is not None:
                lane.state = LaneState.OPEN
                self._nothing_lost(seat)
            return
        was_cut = lane.state is LaneState.SUSPECT
        seat.quiet_checks = 0
        if lane.next_id is not None:
            feed.fill(seat, GapCause.DISCONNECT if was_cut else GapCause.SILENCE)
        if not was_cut:
            self._reopen(seat)

    def _is_new(self, seat: Seat, trade: Trade) -> bool:
        if trade.trade_id is not None and seat.lane.next_id is not None:
            return trade.trade_id >= seat.lane.next_id
        return trade.event_at > max(seat.lane.last_event_at, seat.asked_at)

    def _nothing_lost(self, seat: Seat) -> None:
        """Go on as if never cut: the ids prove that nothing happened meanwhile."""
        if not seat.coverage.is_live and seat.coverage.live_until:
            seat.coverage.open_live(seat.coverage.live_until)
        if seat.entry is not None:
            seat.entry.is_covered = True

    def _reopen(self, seat: Seat) -> None:
        """Open a dead subscription anew; if that did not help, replace its connection."""
        feed = self._feed
        subscription = Subscription(seat.lane.symbol, Channel.TRADES)
        line = feed.plan.line_of(subscription)
        if line is None:
            return
        seat.dead_checks += 1
        logger.warning(
            "subscription silent",
            extra={"venue": seat.lane.venue, "symbol": seat.lane.symbol, "times": seat.dead_checks},
        )
        if seat.dead_checks == 1:
            line.again(subscription)
        else:
            feed.plan.replace_soon(line)
