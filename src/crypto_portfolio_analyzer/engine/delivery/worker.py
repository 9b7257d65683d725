"""The worker: looks what waits, takes its share, sends it, writes down what became of it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random
from uuid import uuid4

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.core.notices.notification import Channel, Settlement, Work
from crypto_portfolio_analyzer.core.timeframes import HOUR
from crypto_portfolio_analyzer.engine.delivery.flying import Flying
from crypto_portfolio_analyzer.engine.delivery.lanes import Track, Tracks
from crypto_portfolio_analyzer.engine.delivery.memory import Memory
from crypto_portfolio_analyzer.engine.delivery.notices import Notices
from crypto_portfolio_analyzer.engine.delivery.outcomes import given_back, settlements, taught
from crypto_portfolio_analyzer.engine.delivery.pacing import Pacer
from crypto_portfolio_analyzer.engine.delivery.pipeline import prepare
from crypto_portfolio_analyzer.engine.delivery.planning import Planner
from crypto_portfolio_analyzer.engine.delivery.ports import ChannelType, DeliveryStore, Lane
from crypto_portfolio_analyzer.engine.delivery.sending import Compose, Flight, Result, Sender
from crypto_portfolio_analyzer.engine.delivery.settling import Book
from crypto_portfolio_analyzer.engine.delivery.sifting import FLOOD, Context, Ruling, symbol_of
from crypto_portfolio_analyzer.engine.delivery.tally import Tally
from crypto_portfolio_analyzer.engine.delivery.timing import ATTEMPTS_KEPT, Timing, nanoseconds
from crypto_portfolio_analyzer.errors import StorageError
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)


class Worker:
    """Empties the outbox, fairly and within every limit; `settled` hears of settlements once they are stored."""

    def __init__(
        self,
        *,
        store: DeliveryStore,
        types: Mapping[str, ChannelType],
        clock: Clock,
        pacer: Pacer,
        compose: Compose,
        timing: Timing,
        notices: Notices,
        settled: Callable[[Sequence[Settlement], Mapping[str, Work]], None],
    ) -> None:
        self._store, self._types, self._clock, self._timing = store, types, clock, timing
        self._dice = Random().random  # noqa: S311  # spreads what is tried again
        self._notices, self._settled = notices, settled
        self._nursery = Nursery()
        self._awake = asyncio.Event()
        self._claim = uuid4().hex
        """Ours alone: of this process, of this start."""
        self._tracks = Tracks()
        self._planner = Planner(types, self._tracks, pacer)
        self._memory = Memory(store)
        self._held: dict[str, Work] = {}
        """What we have claimed and not settled."""
        self._counts: Counter[str] = Counter()
        """How many of them there are of each channel."""
        self._leaves_some = True
        """Whether more was due at the last look than could be taken: what lands makes room for it."""
        self._rescue_at = self._prune_at = 0
        self._error: StorageError | None = None
        self.tally = Tally()
        self.book = Book(store, clock, settled=self._stored, learnt=notices.learnt)
        self._flying = Flying(Sender(clock, pacer, compose), clock, self._land, renew=self._renew)

    async def start(self) -> None:
        """Take up what waits."""
        self._flying.closes = False
        await self._nursery.start()
        self._nursery.spawn(self.book.run(), name="settle deliveries")
        self._nursery.spawn(self._flying.watch(self._timing.lease / 3), name="watch deliveries under way")
        self._nursery.spawn(self._listen(), name="hear of new deliveries")
        self._nursery.spawn(self._run(), name="deliver")

    async def stop(self) -> None:
        """Take nothing more, give what is under way some seconds, and give back what is left."""
        self._flying.closes = True
        landed = await self._flying.end(self._timing.grace)
        async with self.book.writing:  # what is being stored is not cut off
            await self._nursery.stop()
        for flight in landed:
            is_unsure = flight.began_at > 0
            self.book.put(given_back(work.delivery, None, unsure=is_unsure) for work in flight.message)
        self._give_back(self._tracks)
        await self.book.write()

    def wake(self) -> None:
        """Look at the outbox now."""
        self._awake.set()

    def reset(self, channel: Channel) -> None:
        """Forget how a channel did: somebody has changed it."""
        kind = self._types.get(channel.type)
        if kind is not None and not channel.failures:
            track = self._tracks.of(kind.lane(channel, ""), channel, kind)
            track.breaker.succeeded()
            track.blocked_until = 0
        self.wake()

    @property
    def error(self) -> str:
        """Why deliveries wait for the store; nothing while they do not."""
        return str(self.book.error or self._error or "")

    async def _listen(self) -> None:
        async for _ in self._store.wakings():
            self.wake()

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            wait = await self._try_turn()
            alarm = self._nursery.spawn(self._ring(wait))
            await self._awake.wait()
            alarm.cancel()

    async def _ring(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._awake.set()

    async def _try_turn(self) -> float:
        """Take a turn; return the seconds until the next one, unless somebody wakes us."""
        if self.book.is_behind or self._flying.closes:
            return self._timing.look
        try:
            wait = await self._turn()
        except StorageError as error:
            if self._error is None:
                logger.error("deliveries wait for the store", extra={"why": str(error)})
            self._error = error
            return self._timing.look
        if self._error is not None:
            logger.info("deliveries go on")
        self._error = None
        return wait

    async def _turn(self) -> float:
        await self._tidy(self._clock.now())
        now, works = self._clock.now(), list[Work]()
        self._leaves_some = True  # until it is known: what lands meanwhile is not to be missed
        lanes = await self._store.lanes(now)
        self.tally.lanes = lanes
        plan = self._planner.plan(lanes, self._counts, now)
        if plan.wishes:
            silences = await self._memory.silences(
                now
            )  # before the claim: what fails after it hangs until its end
            until = now + nanoseconds(self._timing.lease)
            works = await self._store.claim(plan.wishes, now, until, self._claim)
            self._take(works, {lane.channel.id: lane for lane in lanes}, silences)
        taken = Counter(work.delivery.channel_id for work in works)
        self._leaves_some = any(lane.due > taken[lane.channel.id] for lane in lanes)
        self._launch()
        wait = self._timing.look
        if plan.look_at is not None:
            wait = min(wait, (plan.look_at - self._clock.now()) / 1e9)
        return max(0.001, wait)

    async def _tidy(self, now: int) -> None:
        """Take over what others have left behind; forget old attempts."""
        if now >= self._rescue_at:
            is_first = self._rescue_at == 0
            ahead = nanoseconds(self._timing.lease) + 1 if is_first and self._timing.is_alone else 0
            rescued = await self._store.rescue(now + ahead)
            self._rescue_at = now + nanoseconds(self._timing.rescue)
            if rescued:
                logger.warning("deliveries of a worker that is gone are taken over", extra={"count": rescued})
        if await self._notices.flush():
            self.wake()
        if now >= self._prune_at:
            self._prune_at = now + HOUR
            await self._store.prune(now - ATTEMPTS_KEPT)

    def _take(self, works: Sequence[Work], lanes: Mapping[str, Lane], silences: Sequence[Silence]) -> None:
        """Put what was claimed through the stages, channel by channel."""
        by_channel: dict[str, list[Work]] = {}
        for work in works:
            by_channel.setdefault(work.delivery.channel_id, []).append(work)
            self._counts[work.delivery.channel_id] += work.delivery.id not in self._held
            self._held[work.delivery.id] = work
        now, sent = self._clock.now(), {each.key: each.sent for each in self._tracks}
        for channel_id, own in by_channel.items():
            lane = lanes[channel_id]
            kind = self._types[lane.channel.type]
            context = Context(
                now=now,
                channel=lane.channel,
                for_people=kind.for_people,
                ttl=kind.policy_ttl(lane.channel.options),
                lane=partial(_lane, kind, lane.channel),
                waiting=lane.due,
                silences=silences,
                sent=sent,
                critical=self._memory.critical(lane.channel),
                told=self._memory.told,
            )
            self._prepare(own, context, kind)

    def _prepare(self, works: Sequence[Work], context: Context, kind: ChannelType) -> None:
        prepared = prepare(works, context)
        for message in prepared.messages:
            key = context.lane(message[0])
            track = self._tracks.of(key, context.channel, kind)
            track.next.append((context.channel, message))
            if kind.for_people:
                track.sent.append(context.now)
            self._memory.ready(message, key)
        for ruling in prepared.ruled:
            if ruling.reason == FLOOD:
                self._tracks.of(context.lane(ruling.work), context.channel, kind).gathers = True
        if not any(each.reason == FLOOD for each in prepared.ruled) and len(works) >= context.waiting:
            self._tracks.of(context.lane(works[0]), context.channel, kind).gathers = False
        self.book.put(map(_settled, prepared.ruled))

    def _launch(self) -> None:
        """Send whatever has a place."""
        if self._flying.closes:
            return
        now = self._clock.now()
        for track in list(self._tracks.ready(now)):
            while track.next and track.flying < track.places(now):
                channel, message = track.next.popleft()
                track.flying += 1
                flight = Flight(channel, message, track.key, self._types[channel.type])
                self._flying.begin(flight, self._nursery)

    def _land(self, flight: Flight, result: Result) -> None:
        """Draw the conclusions from an attempt."""
        now = self._clock.now()
        outcome = settlements(flight, result, self._dice())
        track = self._tracks.of(flight.lane, flight.channel, flight.kind)
        track.flying -= 1
        self.book.put(outcome)
        self.tally.attempted(flight, result)
        self._notices.attempted(flight, result)
        if result.accepted is not None:
            track.breaker.succeeded()
            self._memory.accepted(flight.message, flight.channel, now)
        else:
            track.breaker.failed(now)
        self._close(track, flight, result, outcome)
        if flight.channel.failures or result.failure or _asks(result):
            self.book.teach(flight.channel, lambda channel: taught(channel, result, now))
        self._launch()
        if self._leaves_some or result.failure is not None or _had_trouble(flight.channel):
            self.wake()

    def _close(self, track: Track, flight: Flight, result: Result, outcome: Sequence[Settlement]) -> None:
        """Close a lane for as long as it must be, and put back what was to be next."""
        now = self._clock.now()
        learnt = taught(flight.channel, result, now)
        if learnt.paused_until is not None and learnt.paused_until != flight.channel.paused_until:
            track.blocked_until = max(track.blocked_until, learnt.paused_until)
        due = [each.due_at for each in outcome if each.due_at is not None]
        if track.is_serial and due:
            track.blocked_until = max(track.blocked_until, *due)
        if not track.places(now) or not learnt.enabled or track.breaker.is_open:
            self._give_back([track])

    def _give_back(self, tracks: Iterable[Track]) -> None:
        for track in tracks:
            due_at = track.blocked_until if track.is_serial and track.blocked_until else None
            for _, message in track.next:
                self.book.put(given_back(work.delivery, due_at) for work in message)
            track.next.clear()

    def _stored(self, group: Sequence[Settlement]) -> None:
        works: dict[str, Work] = {}
        for each in group:
            work = self._held.pop(each.delivery_id, None)
            if work is not None:
                works[each.delivery_id] = work
                self._counts[work.delivery.channel_id] -= 1
        self._counts += Counter()  # forgets channels without any
        self.tally.settled(group, works)
        self._notices.settled(group, works)
        self._settled(group, works)
        if any(each.attempt is None for each in group):  # else there is room since it landed
            self.wake()

    async def _renew(self) -> None:
        """Hold on to what we have."""
        if not self._held:
            return
        try:
            until = self._clock.now() + nanoseconds(self._timing.lease)
            await self._store.renew(list(self._held), self._claim, until)
        except StorageError as error:
            logger.warning("claims could not be renewed", extra={"why": str(error)})


def _settled(ruling: Ruling) -> Settlement:
    delivery = ruling.work.delivery
    return Settlement(
        delivery_id=delivery.id,
        claim=delivery.claim or "",
        state=ruling.state,
        reason=ruling.reason,
        due_at=ruling.due_at,
        unsure=delivery.unsure,
    )


def _lane(kind: ChannelType, channel: Channel, work: Work) -> str:
    """Return the lane of a delivery: one per pair for orders, else one per channel's other end."""
    is_order = kind.policy_ttl(channel.options) is not None
    return kind.lane(channel, symbol_of(work) if is_order else "")


def _had_trouble(channel: Channel) -> bool:
    """Tell whether something of a channel may wait to be tried again at an instant of its own."""
    return channel.failures > 0 or channel.paused_until is not None


def _asks(result: Result) -> bool:
    accepted = result.accepted
    return accepted is not None and (accepted.pause is not None or accepted.options is not None)
