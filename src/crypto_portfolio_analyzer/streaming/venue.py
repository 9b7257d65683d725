"""One venue's live feed: frames become ordered, gated, covered facts.

The function that `VenueFeed.reader` returns is the hottest code of the program: from frame to inline subscribers
it makes no task, no queue and no dictionary. Everything unusual leaves it at once for a slower path.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random
from statistics import median

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.coverage import CoverageStatus
from crypto_portfolio_analyzer.core.market import (
    Arrival,
    Gap,
    GapCause,
    Trade,
)
from crypto_portfolio_analyzer.core.ordering import Lane, LaneState
from crypto_portfolio_analyzer.core.venues import Channel, Exchange, Subscription
from crypto_portfolio_analyzer.exchanges.recordings import RecordKind
from crypto_portfolio_analyzer.metrics import Buckets
from crypto_portfolio_analyzer.streaming.backfill import Backfill
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.lines import Line
from crypto_portfolio_analyzer.streaming.liveness import Liveness
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.ordered_books import OrderedBooks
from crypto_portfolio_analyzer.streaming.other_facts import OtherFacts
from crypto_portfolio_analyzer.streaming.plan import Plan
from crypto_portfolio_analyzer.streaming.rest import RestClient
from crypto_portfolio_analyzer.streaming.seats import Seat
from crypto_portfolio_analyzer.streaming.transport import Closed, OnFrame, Transport
from crypto_portfolio_analyzer.streaming.views import FeedView
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

Tap = Callable[[RecordKind, str, bytes, int], None]
"""Hears what happens on the wire before it is decoded: kind, line name, frame, instant (ns)."""

_OPEN, _RECEIVED = LaneState.OPEN, RecordKind.RECEIVED
"""An attribute of an Enum class costs 55 ns to read, a global 5; these are read for every trade."""
_HOLE_TICK = 0.05
_CHECK_EVERY = 2.0


class VenueFeed:
    """Everything one venue tells of the wanted symbols."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        clock: Clock,
        market: Market,
        bus: StreamEventBus,
        rest: RestClient,
        ws_url: str | None = None,
        transport: Transport | None = None,
        random: Random | None = None,
        can_fetch: bool = True,
    ) -> None:
        self.exchange, self.clock, self.market, self.bus, self.rest = exchange, clock, market, bus, rest
        self.seats: dict[str, Seat] = {}
        self.lanes: dict[str, Lane] = {}
        """The lanes of the seats: the hot path goes straight to them."""
        self.rejects: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()
        self.latency = Buckets()
        self.gaps = 0
        self.backfilled = 0
        self.taps: list[Tap] = []
        self.nursery = Nursery()
        self._trade_calls = bus.calls(Trade)
        self._holding: set[Seat] = set()
        self._forgotten = 0
        self._can_fetch = can_fetch
        self.plan = Plan(
            exchange,
            ws_url or exchange.ws_url,
            clock=clock,
            nursery=self.nursery,
            reader=self.reader,
            on_down=self.down,
            transport=transport,
            random=random or Random(),
        )
        self._backfill = Backfill(self)
        self._liveness = Liveness(self)
        self._others = OtherFacts(self, OrderedBooks(self))

    # --- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to connect what is wanted."""
        await self.nursery.start()
        self.nursery.spawn(self.plan.run(), name=f"{self.exchange.name} plan")
        self.nursery.spawn(self.plan.care(), name=f"{self.exchange.name} care")
        self.nursery.spawn(self._watch_holes(), name=f"{self.exchange.name} holes")
        self.nursery.spawn(self._liveness.run(_CHECK_EVERY), name=f"{self.exchange.name} liveness")

    async def stop(self) -> None:
        """Close every connection."""
        self.plan.stop()
        await self.nursery.stop()
        await self.rest.close()
        for seat in self.seats.values():
            seat.coverage.close(seat.heard_at or self.clock.now())

    def subscribe(self, subscriptions: Iterable[Subscription]) -> None:
        """Want these channels; connections follow shortly."""
        for each in subscriptions:
            self.seat(each.symbol)
            if each.channel is Channel.BOOK:
                self._others.books.want(each.symbol)
            self.plan.want(each)

    def seat(self, symbol: str) -> Seat:
        """Return the seat of a symbol, made if it is new."""
        seat = self.seats.get(symbol)
        if seat is None:
            seat = self.seats[symbol] = Seat(self.exchange.name, symbol, self.clock.now())
            self.lanes[symbol] = seat.lane
        return seat

    def unsubscribe(self, subscriptions: Iterable[Subscription]) -> None:
        """Want these channels no longer; a symbol without any is forgotten."""
        for each in subscriptions:
            self.plan.drop(each)
            if not self.plan.wants_symbol(each.symbol):
                seat = self.seats.pop(each.symbol, None)
                self.lanes.pop(each.symbol, None)
                if seat is not None:
                    self._holding.discard(seat)
                    self._forgotten += seat.lane.count

    # --- the way of a frame -------------------------------------------------------------------------------

    def reader(self, line: Line) -> OnFrame:
        """Return the function that takes the frames of one connection; everything it needs is at hand in it."""
        stream, decode, now = line.stream, line.decoder.decode, self.clock.now
        lanes, taps, calls, others = self.lanes, self.taps, self._trade_calls, self._others.by_type

        def receive(frame: bytes) -> None:
            received_at = now()
            stream.frames += 1
            stream.last_frame_at = received_at
            for tap in taps:
                tap(_RECEIVED, line.name, frame, received_at)
            for fact in decode(frame, received_at):
                if type(fact) is Trade:
                    number = fact.trade_id
                    try:
                        lane = lanes[fact.symbol]
                    except KeyError:
                        self.facts["unwanted"] += 1
                        continue
                    bar = lane.bar
                    at = fact.event_at
                    if (
                        number == lane.next_id
                        and number is not None
                        and lane.state is _OPEN
                        and bar is not None
                        and bar.open_at <= at < bar.close_at
                    ):
                        lane.next_id = number + 1
                        price, quantity = fact.price, fact.quantity
                        if price > bar.high:
                            bar.high = price
                        elif price < bar.low:
                            bar.low = price
                        bar.close = price
                        bar.volume += quantity
                        bar.quote_volume += price * quantity
                        if fact.side == "buy":
                            bar.buy_volume += quantity
                        bar.trades += 1
                        bar.last_event_at = at
                        bar.last_at = received_at
                        for call in calls:
                            call(fact)
                    else:
                        self._trade(line, fact)
                else:
                    others[type(fact)](line, fact)

        return receive

    def _trade(self, line: Line, trade: Trade) -> None:
        """Take a trade that is not simply the next one."""
        seat = self.seats[trade.symbol]
        line.heard(Subscription(trade.symbol, Channel.TRADES))
        lane = seat.lane
        if lane.state is LaneState.SUSPECT and trade.trade_id is None:
            self._lost_unnumbered(seat, trade)
        passing, is_late = lane.offer(trade)
        if is_late:
            self.late(seat, passing)
        else:
            self.deliver(seat, passing)
        if lane.state is LaneState.HOLDING:
            self._holding.add(seat)
        if passing and lane.state is LaneState.OPEN and not seat.coverage.is_live:
            self._covered_again(seat, trade)

    def deliver(self, seat: Seat, trades: Sequence[Trade]) -> None:
        """Hand trades on in order, if this venue serves the symbol now."""
        entry = seat.entry
        if entry is None:
            return
        for trade in trades:
            entry.trade(trade)
            for call in self._trade_calls:
                call(trade)

    def late(self, seat: Seat, trades: Sequence[Trade]) -> None:
        """Hand on trades whose place in the order has passed."""
        self.facts["late"] += len(trades)
        entry = seat.entry
        if entry is None:
            return
        for trade in trades:
            marked = replace(trade, arrival=Arrival.LATE)
            entry.late(marked)
            for call in self._trade_calls:
                call(marked)

    # --- gaps ---------------------------------------------------------------------------------------------

    def down(self, line: Line, _ended: Closed) -> None:
        """Note a lost connection: its symbols are not covered now, and their next trade is looked at."""
        for tap in self.taps:
            tap(RecordKind.CLOSED, line.name, b"", self.clock.now())
        for each in line.subscriptions:
            seat = self.seats.get(each.symbol)
            if seat is None or self.plan.is_carried_elsewhere(each, line):
                continue
            seat.lane.suspect()
            if seat.coverage.is_live:
                seat.coverage.close(seat.heard_at)
            if seat.entry is not None:
                seat.entry.is_covered = False

    def _covered_again(self, seat: Seat, trade: Trade) -> None:
        """Trades flow in order: live coverage begins; where ids prove that none was lost it never ended."""
        lost_nothing = seat.coverage.live_until and trade.trade_id is not None and not seat.gaps_open
        seat.coverage.open_live(seat.coverage.live_until if lost_nothing else trade.event_at)
        seat.quiet_checks = seat.dead_checks = 0
        if seat.entry is not None:
            seat.entry.is_covered = True

    def _lost_unnumbered(self, seat: Seat, trade: Trade) -> None:
        """After a cut nobody can say what a venue without numbers told meanwhile: the span is marked missing."""
        seat.lane.state = LaneState.OPEN
        if seat.lane.last_at:
            self.gap(seat, GapCause.DISCONNECT, seat.lane.last_at, trade.event_at)
            seat.coverage.mark(seat.lane.last_at, trade.event_at, CoverageStatus.MISSING)
            seat.gaps_open -= 1

    def gap(
        self, seat: Seat, cause: GapCause, from_at: int, until_at: int, ids: tuple[int, int] | None = None
    ) -> None:
        """Tell everybody that facts may be missing."""
        self.gaps += 1
        seat.gaps_open += 1
        first, last = ids or (None, None)
        now = self.clock.now()
        self.bus.emit(Gap(self.exchange.name, seat.lane.symbol, cause, from_at, until_at, now, first, last))

    async def _watch_holes(self) -> None:
        """Turn holes that waited too long into gaps, and end fills that take too long."""
        while True:
            await self.clock.sleep(_HOLE_TICK)
            self.expire(self.clock.now())

    def expire(self, now: int) -> None:
        """Act on every hole that has waited too long at `now` (ns)."""
        if not self._holding:
            return
        for seat in [each for each in self._holding if each.lane.is_overdue(now)]:
            self._overdue(seat)
        self._holding = {
            each for each in self._holding if each.lane.state in (LaneState.HOLDING, LaneState.FILLING)
        }

    def _overdue(self, seat: Seat) -> None:
        if seat.lane.state is LaneState.HOLDING:
            cause = GapCause.SEQUENCE if seat.coverage.is_live else GapCause.DISCONNECT
            self.fill(seat, cause)
        else:
            passing, _missing = seat.lane.resume()
            self.deliver(seat, passing)

    def fill(self, seat: Seat, cause: GapCause) -> None:
        """Fetch what is missing while live trades of the symbol wait; where nothing can be fetched, go on."""
        if not self._can_fetch:
            self._give_up(seat, cause)
            return
        seat.lane.begin_fill(self.clock.now())
        self._holding.add(seat)
        self.nursery.spawn(self._backfill.run(seat, cause), name=f"back-fill {seat.lane.symbol}")

    def _give_up(self, seat: Seat, cause: GapCause) -> None:
        hole = seat.lane.hole()
        if hole is not None:
            self.gap(seat, cause, hole.from_at, hole.until_at, (hole.first_id, hole.last_id))
            seat.coverage.mark(hole.from_at, hole.until_at, CoverageStatus.MISSING)
            seat.gaps_open -= 1
        passing, _missing = seat.lane.resume()
        self.deliver(seat, passing)

    # --- what the doors may know --------------------------------------------------------------------------

    def refusal(self, symbol: str) -> str | None:
        """Return what the venue said when it declined the symbol; None if it did not."""
        told = self.plan.refusal(symbol)
        if told is None and self.market.is_listed(self.exchange.name, symbol) is False:
            return f"{self.exchange.label} lists no {symbol}"
        return told

    def counts(self) -> Counter[str]:
        """Return how many facts came, by kind."""
        trades = self._forgotten + sum(seat.lane.count for seat in self.seats.values())
        return self.facts + Counter(trade=trades)

    def view(self) -> FeedView:
        """Return the feed's health."""
        now = self.clock.now()
        heard = max((seat.heard_at for seat in self.seats.values()), default=0)
        latencies = [seat.latency for seat in self.seats.values() if seat.latency > 0]
        streams = [line.stream for line in self.plan.lines]
        return FeedView(
            venue=self.exchange.name,
            label=self.exchange.label,
            status=self.plan.status(),
            simulated=self.exchange.simulated or self.market.simulated,
            connections=sum(stream.is_connected for stream in streams),
            subscriptions=self.plan.size,
            facts=self.counts().total(),
            rejects=dict(self.rejects),
            reconnects=self.plan.reconnects(),
            gaps=self.gaps,
            gaps_open=sum(seat.gaps_open for seat in self.seats.values()),
            backfilled=self.backfilled,
            latency_ms=median(latencies) / 1e6 if latencies else None,
            age_seconds=(now - heard) / 1e9 if heard else None,
            last_error=next((stream.last_error for stream in streams if not stream.is_connected), None),
        )
