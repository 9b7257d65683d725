"""Back-fill: the trades of a gap fetched by REST, else its bars, else the span marked missing."""

import asyncio
import logging
from collections.abc import Sequence

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.coverage import CoverageStatus
from crypto_portfolio_analyzer.core.market import Arrival, Bar, GapCause, Trade
from crypto_portfolio_analyzer.core.ordering import Hole, LaneState
from crypto_portfolio_analyzer.errors import FeedError
from crypto_portfolio_analyzer.streaming.ports import FeedPort
from crypto_portfolio_analyzer.streaming.seats import Seat

logger = logging.getLogger(__name__)

MINUTE = 60_000_000_000
TRIES = 6
FIRST_RETRY = 0.5
MAX_PAGES = 400
"""No more calls for one gap; a longer one is covered by bars."""
AT_ONCE = 4
"""Gaps of one venue fetched at the same time; the others wait for their turn and the REST budget."""


class Backfill:
    """Fetches what one venue's feed missed."""

    def __init__(self, feed: FeedPort) -> None:
        self._feed = feed
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self, seat: Seat, cause: GapCause) -> None:
        """Close the gap before a seat's held trades; live trades of the symbol wait until it is done or overdue."""
        lane = seat.lane
        hole = lane.hole() or self._open_hole(seat)
        ids = (hole.first_id, hole.last_id) if hole.last_id >= hole.first_id else None
        self._feed.gap(seat, cause, hole.from_at, hole.until_at, ids)
        if seat.coverage.is_live:
            seat.coverage.close(hole.from_at)
        async with self._turns:
            is_complete = await self._fetch_trades(seat, hole)
            bars = [] if is_complete else await self._fetch_bars(seat, hole)
        missing = self._resume(seat, hole, bars, is_complete=is_complete)
        if is_complete and missing:
            is_complete, bars = False, await self._fetch_bars(seat, hole)
            self._stand_in(seat, bars)
        status = CoverageStatus.BACKFILLED
        if not is_complete:
            status = CoverageStatus.APPROXIMATED if bars else CoverageStatus.MISSING
        self._covered(seat, hole, status)
        logger.info(
            "gap closed",
            extra={
                "venue": lane.venue,
                "symbol": lane.symbol,
                "cause": cause,
                "status": status,
                "seconds": round((hole.until_at - hole.from_at) / 1e9, 3),
            },
        )

    def _resume(self, seat: Seat, hole: Hole, bars: Sequence[Bar], *, is_complete: bool) -> bool:
        """Let bars stand for trades that cannot be had, then pass those that waited; tell whether ids are missing."""
        before = [bar for bar in bars if bar.close_at <= hole.until_at]
        if seat.entry is not None and not is_complete:
            seat.entry.miss()
        self._stand_in(seat, before)
        missing: list[tuple[int, int]] = []
        if seat.lane.state is LaneState.FILLING:
            passing, missing = seat.lane.resume()
            if seat.entry is not None and is_complete and not missing:
                seat.entry.is_covered = True  # before the trades that waited: minutes without any are known
            self._feed.deliver(seat, passing)
        if seat.entry is not None and not is_complete:
            seat.entry.miss()  # of the minute that goes on, too
        self._stand_in(seat, bars[len(before) :])
        return bool(missing)

    @staticmethod
    def _stand_in(seat: Seat, bars: Sequence[Bar]) -> None:
        if seat.entry is not None:
            for bar in bars:
                seat.entry.approximate(bar)

    def _open_hole(self, seat: Seat) -> Hole:
        """Return the hole from the last trade to now, whose end nobody knows yet."""
        number = seat.lane.next_id or 0
        return Hole(number, number - 1, seat.lane.last_event_at, self._feed.clock.now())

    def _covered(self, seat: Seat, hole: Hole, status: CoverageStatus) -> None:
        seat.gaps_open = max(0, seat.gaps_open - 1)
        seat.polled_at = self._feed.clock.now()
        until = max(hole.until_at, seat.lane.last_event_at)
        if until > hole.from_at:
            seat.coverage.mark(hole.from_at, until, status)
        seat.coverage.open_live(until)
        if seat.entry is not None:
            seat.entry.is_covered = True

    async def _fetch_trades(self, seat: Seat, hole: Hole) -> bool:
        """Fetch trades page by page; True when the hole is closed (or nothing newer exists)."""
        cursor, since = hole.first_id, hole.from_at
        for _page in range(MAX_PAGES):
            page = await self._page(seat, cursor, since)
            if page is None:
                return False
            new = [trade for trade in page if trade.trade_id is not None and trade.trade_id >= cursor]
            if not new or new[0].trade_id != cursor:
                return hole.last_id < hole.first_id and not new
            self._take(seat, new)
            last = new[-1]
            cursor, since = (last.trade_id or 0) + 1, last.event_at
            next_id = seat.lane.next_id or 0
            if hole.last_id >= hole.first_id and max(cursor, next_id) > hole.last_id:
                return True
        return False

    def _take(self, seat: Seat, trades: Sequence[Trade]) -> None:
        if seat.lane.state is LaneState.FILLING:
            passing = seat.lane.fill(trades)
            self._feed.backfilled += sum(trade.arrival is Arrival.BACKFILLED for trade in passing)
            self._feed.deliver(seat, passing)
            return
        for trade in trades:
            passing, is_late = seat.lane.offer(trade)
            (self._feed.late if is_late else self._feed.deliver)(seat, passing)

    async def _page(self, seat: Seat, cursor: int, since: int) -> list[Trade] | None:
        """Return one page of trades, oldest first; None when the venue cannot or will not give them."""
        feed = self._feed
        request = feed.exchange.trades_request(seat.lane.symbol, from_id=cursor, start=since)
        if request is None:
            return None
        wait = FIRST_RETRY
        for _try in range(TRIES):
            try:
                body = await feed.rest.get(request)
            except FeedError as error:
                if not error.transient:
                    return None
                await feed.clock.sleep(wait)
                wait *= 2
                continue
            facts = feed.exchange.decode_trades(seat.lane.symbol, body, feed.clock.now())
            return [replace(fact, arrival=Arrival.BACKFILLED) for fact in facts if isinstance(fact, Trade)]
        return None

    async def _fetch_bars(self, seat: Seat, hole: Hole) -> list[Bar]:
        """Return the minutes the hole touches, as far as they are over; none if they cannot be had."""
        feed, symbol = self._feed, seat.lane.symbol
        start, end = hole.from_at // MINUTE * MINUTE, hole.until_at
        request = feed.exchange.bars_request(symbol, "1m", start, end)
        if request is None:
            return []
        try:
            body = await feed.rest.get(request)
        except FeedError:
            return []
        facts = feed.exchange.decode_bars(symbol, "1m", body, feed.clock.now())
        return [fact for fact in facts if isinstance(fact, Bar) and fact.close_at <= feed.clock.now()]
