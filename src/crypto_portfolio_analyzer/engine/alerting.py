"""The alert engine: alerts of all owners, armed over the live market, decided by the judge, stored, then told."""

import gc
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import uuid4

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import (
    Alert,
    AlertDraft,
    Decision,
    Explanation,
    Firing,
    Silence,
    Standing,
)
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.ordering import LaneState
from crypto_portfolio_analyzer.engine.arming import Arming
from crypto_portfolio_analyzer.engine.checking import QUOTA, Checking
from crypto_portfolio_analyzer.engine.committing import Committer
from crypto_portfolio_analyzer.engine.demand import Demand
from crypto_portfolio_analyzer.engine.following import Following
from crypto_portfolio_analyzer.engine.outlook import Outlook
from crypto_portfolio_analyzer.engine.ports import AlertStore
from crypto_portfolio_analyzer.engine.resuming import Resuming
from crypto_portfolio_analyzer.engine.roster import NOTHING_KNOWN, Roster
from crypto_portfolio_analyzer.engine.symbols import canonical_all
from crypto_portfolio_analyzer.engine.telling import alert_data
from crypto_portfolio_analyzer.engine.warming import Warming
from crypto_portfolio_analyzer.errors import Fault, InvalidFields, StorageError
from crypto_portfolio_analyzer.streaming.bus import EventType, StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.ports import BarStore
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

FiringCall = Callable[[Alert, Firing], None]

SWEEP_EVERY = 1.0
LISTS_EVERY = 10
"""Sweeps between looks at watchlists and at what `*` stands for."""


class AlertEngine:
    """Arms, judges, stores and tells. Everything people do is by owner; `actor` is who did it, for the audit.

    `bars` are those of earlier runs. An owner may have `quota` alerts, unless it is one of the `unbound`.
    """

    def __init__(
        self,
        *,
        store: AlertStore,
        feeds: PriceFeedManager,
        bus: StreamEventBus,
        clock: Clock,
        bars: BarStore | None = None,
        quota: int = QUOTA,
        unbound: Collection[str] = (),
    ) -> None:
        self._store, self._feeds, self._bus, self._clock = store, feeds, bus, clock
        self._checking = Checking(store, feeds, quota=quota, unbound=unbound)
        self._listeners: list[FiringCall] = []
        self._silences: dict[str, Silence] = {}
        self._nursery = Nursery()
        self.judge = Judge(forming=self._forming, is_complete=self._is_complete)
        self.committer = Committer(store, clock, take=self.judge.take, tell=self._stored)
        self._warming = Warming(feeds, bars, clock)
        self.demand = Demand(self.judge, feeds, self._warming, clock)
        self._roster = Roster(self.judge, self.demand)
        self._following = Following(self.judge, feeds.market, feeds.feeds, bus, clock, self.committer.wake)
        self._outlook = Outlook(self.judge, feeds, self.demand, clock)
        self._arming = Arming(
            judge=self.judge,
            roster=self._roster,
            demand=self.demand,
            committer=self.committer,
            store=store,
            feeds=feeds,
            clock=clock,
        )
        self._resuming = Resuming(
            judge=self.judge,
            arming=self._arming,
            demand=self.demand,
            warming=self._warming,
            store=store,
            feeds=feeds,
        )

    # --- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Load every enabled alert, go on from its stored standing, follow the market."""
        await self._nursery.start()
        self.committer.resumed_at = self._clock.now()
        await self._go_on(resumes=True)
        gc.freeze()  # what was loaded stays: a collection that walked a million alerts would stop the ticks
        self._nursery.spawn(self.committer.run(), name="commit decisions")
        self._nursery.spawn(self.committer.flush_always(), name="flush what is remembered")
        self._nursery.spawn(self._following.look_always(), name="judge by time")
        self._nursery.spawn(self.demand.warm_always(), name="warm alerts")
        self._nursery.spawn(self._sweep_always(), name="sweep alerts")

    async def stop(self) -> None:
        """Store what is decided and let go of the market."""
        self._following.end()
        async with self.committer.lock:  # a commit under way is not cut off
            await self._nursery.stop()
        self.judge.flush()
        await self.committer.commit()
        self.demand.close_all()

    async def _go_on(self, *, resumes: bool) -> None:
        await self._resuming.load(resumes=resumes)
        now = self._clock.now()
        self._silences = {each.id: each for each in await self._store.silences(None, now)}
        self.judge.silence(list(self._silences.values()))
        self._following.begin()
        await self._resuming.open()

    async def start_monitoring(self) -> bool:
        """Judge again after `stop_monitoring`; False if it never stopped (S0)."""
        if self.is_monitoring:
            return False
        await self._go_on(resumes=False)
        return True

    async def stop_monitoring(self) -> int | None:
        """Stop judging and let go of every stream; return how many, None if stopped already (S0)."""
        if not self.is_monitoring:
            return None
        self._following.end()
        self.judge.flush()
        await self.committer.commit()
        self._arming.end_all()
        return self.demand.close_all()

    @property
    def is_monitoring(self) -> bool:
        """Tell whether alerts are judged."""
        return self._following.is_on

    async def _sweep_always(self) -> None:
        turn = 0
        while True:
            await self._clock.sleep(SWEEP_EVERY)
            turn += 1
            if self.is_monitoring:
                await self.sweep(with_lists=turn % LISTS_EVERY == 0)

    async def sweep(self, *, with_lists: bool) -> None:
        """Act on what the clock alone has brought: expiry, ended silences, idle streams, and changed lists."""
        now = self._clock.now()
        self._arming.expire(now)
        self.demand.sweep(now)
        self._outlook.sweep(now)
        if self.judge.is_waiting:
            self.committer.wake()
        ended = [each.id for each in self._silences.values() if each.ends_at <= now]
        if ended:
            self._silences = {key: each for key, each in self._silences.items() if key not in ended}
            self.judge.silence(list(self._silences.values()))
        if with_lists:
            try:
                await self._arming.follow_lists()
            except StorageError as error:
                logger.warning("watchlists cannot be read", extra={"why": str(error)})

    # --- what people do -----------------------------------------------------------------------------------

    async def create(
        self, owner: str, drafts: Sequence[AlertDraft], *, actor: str, key: str | None = None
    ) -> list[Alert]:
        """Check, store and arm alerts, all or none.

        Raises InvalidFields (paths like `condition` or `alerts[3].symbol`) and InvalidCondition.
        """
        now = self._clock.now()
        paths = [f"alerts[{place}]." if len(drafts) > 1 else "" for place in range(len(drafts))]
        faults: list[Fault] = []
        fields = [
            await self._checking.fields(owner, draft, path, faults)
            for draft, path in zip(drafts, paths, strict=True)
        ]
        if faults:
            raise InvalidFields(faults)
        new = [
            Alert(id=uuid4().hex, number=0, owner=owner, created_at=now, updated_at=now, **each)
            for each in fields
        ]
        async with self.committer.lock:
            if key is None or not await self._store.knows(owner, key, now):
                await self._checking.keep_quota(owner, len(new))
            made = await self._store.create(new, now, actor, key)
            ids = {each.id for each in new}
            for alert in made:
                if alert.id in ids:  # else this key has made it before
                    await self._begin(alert)
            await self.committer.commit_held()  # so that what was before it is never judged by it
        return made

    async def edit(self, owner: str, alert_id: str, draft: AlertDraft, *, actor: str) -> Alert:
        """Store a new revision and arm it anew; raises as `create`, and NotFound."""
        faults: list[Fault] = []
        fields = await self._checking.fields(owner, draft, "", faults)
        if faults:
            raise InvalidFields(faults)
        async with self.committer.lock:
            old = await self._store.get(owner, alert_id)
            now = self._clock.now()
            alert = await self._store.replace(replace(old, **fields), now, actor)
            self._arming.end(alert.id)
            await self._begin(alert)
        return alert

    async def remove(self, owner: str, alert_id: str, *, actor: str) -> Alert:
        """Delete; final when it returns."""
        async with self.committer.lock:
            alert = await self._store.remove(owner, alert_id, self._clock.now(), actor)
            self._arming.end(alert.id)
        return alert

    async def restore(self, owner: str, alert_id: str, *, actor: str) -> Alert:
        """Take a deletion back."""
        async with self.committer.lock:
            alert = await self._store.restore(owner, alert_id, self._clock.now(), actor)
            await self._begin(alert, await self._arming.known(alert.id))
        return alert

    async def pause(self, owner: str, alert_id: str, *, actor: str) -> Alert:
        """Stop judging; final when it returns."""
        async with self.committer.lock:
            alert = await self._store.enable(owner, alert_id, False, self._clock.now(), actor)
            self._arming.end(alert.id)
        return alert

    async def resume(self, owner: str, alert_id: str, *, actor: str) -> Alert:
        """Judge again, from a fresh start."""
        async with self.committer.lock:
            alert = await self._store.enable(owner, alert_id, True, self._clock.now(), actor)
            await self._begin(alert)
        return alert

    async def _begin(self, alert: Alert, known: Mapping[str, Standing] = NOTHING_KNOWN) -> None:
        """Judge a stored alert from the next fact on, unless that is done already."""
        held = self._roster.alerts.get(alert.id)
        if not self.is_monitoring or not alert.enabled or (held and held.revision == alert.revision):
            return
        self._arming.end(alert.id)
        await self._arming.begin(alert, known)

    async def silence(self, silence: Silence, *, actor: str, most: int | None = None) -> None:
        """Put a silence in force; raises InvalidInput for one more than `most` of its owner."""
        await self._store.add_silence(silence, actor, most)
        self._silences[silence.id] = silence
        self.judge.silence(list(self._silences.values()))

    async def end_silence(self, owner: str, silence_id: str, *, actor: str) -> None:
        """End a silence; raises NotFound."""
        await self._store.end_silence(owner, silence_id, self._clock.now(), actor)
        self._silences.pop(silence_id, None)
        self.judge.silence(list(self._silences.values()))

    async def set_watchlist(
        self, owner: str, name: str, symbols: Sequence[str], *, actor: str, most: int | None = None
    ) -> tuple[str, ...]:
        """Make or replace a watchlist, with no symbols end it, and arm its alerts anew; return it canonical.

        Raises InvalidFields, and InvalidInput for one more than `most` of its owner.
        """
        canonical, faults = canonical_all(symbols, self._feeds, "symbols")
        if faults:
            raise InvalidFields(faults)
        await self._store.set_watchlist(owner, name, canonical, self._clock.now(), actor, most)
        await self._arming.follow_lists()
        return canonical

    # --- what people see ----------------------------------------------------------------------------------

    async def explain(self, owner: str, alert_id: str) -> list[Explanation]:
        """Return, for each subject, why the alert has or has not fired; raises NotFound."""
        alert = await self._store.get(owner, alert_id)
        standings = (await self.standings(owner, [alert.id]))[alert.id]
        held = set(self._roster.held(alert.id))
        return [self._explained(alert, each, is_held=each.symbol in held) for each in standings]

    def _explained(self, alert: Alert, standing: Standing, *, is_held: bool) -> Explanation:
        if is_held:
            told = self.judge.explain(alert.id, standing.symbol)
            return replace(told, state=standing.state, reason=standing.reason or told.reason)
        return Explanation(
            alert_id=alert.id,
            symbol=standing.symbol,
            state=standing.state,
            reason=standing.reason,
            sentence=alert.condition,
            holds=None,
            leaves=(),
            suppressed=standing.suppressed,
        )

    async def standings(self, owner: str, alert_ids: Sequence[str]) -> Mapping[str, Sequence[Standing]]:
        """Return the states of alerts as they are now, judged or not, by alert id; others' have none."""
        stored = await self._store.states(owner, alert_ids)
        found: dict[str, list[Standing]] = {}
        for alert_id in alert_ids:
            alert = self._roster.alerts.get(alert_id)
            known = {each.symbol: each for each in stored.get(alert_id, ())}
            if alert is not None and alert.owner == owner:
                known |= {each.symbol: each for each in self.judge.standings(alert_id)}
            found[alert_id] = self._outlook.of(known.values())
        return found

    def listen(self, call: FiringCall) -> Callable[[], None]:
        """Call `call(alert, firing)` for each firing once it is stored; return the function that ends it.

        The call must be quick and must not raise.
        """
        self._listeners.append(call)

        def end() -> None:
            if call in self._listeners:
                self._listeners.remove(call)

        return end

    def symbols(self) -> Mapping[str, int]:
        """Return how many armed alerts stand on each canonical symbol."""
        return dict(self._roster.counts)

    def cooling(self) -> int:
        """Return how many standings are in cooldown now."""
        return self._arming.cooling(self._clock.now())

    # --- what the parts call ------------------------------------------------------------------------------

    def _stored(self, decisions: Sequence[Decision], firings: Sequence[Firing]) -> None:
        """Tell what was stored, then let go of what that has settled."""
        for firing in firings:
            alert = self._roster.alerts.get(firing.alert_id)
            if alert is None:  # it expired after this was decided
                continue
            for call in list(self._listeners):
                call(alert, firing)
            if self._bus.wants(EventType.ALERT_TRIGGERED):
                data = alert_data(alert, firing)
                self._bus.publish_nowait(self._bus.event(EventType.ALERT_TRIGGERED, data, "engine"))
        self._arming.decided(decisions)

    def _is_complete(self, symbol: str) -> bool:
        """Tell whether no trade of a symbol may be missing: its line holds, and no hole waits or is being filled."""
        feed = self._feeds.feeds.get(self._feeds.market.entry(symbol).source)
        lane = feed.lanes.get(symbol) if feed is not None else None
        return lane is None or lane.state is LaneState.OPEN

    def _forming(self, symbol: str, timeframe: str) -> Bar | None:
        bars = self._feeds.market.bars(symbol, timeframe, limit=1)
        return bars[-1] if bars and not bars[-1].closed else None
