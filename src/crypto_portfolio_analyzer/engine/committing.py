"""Committing: what was decided goes to the store in groups, by one writer, and only then it is told.

While the store is away decisions wait in memory and the judging goes on: nothing is lost as long as the process
lives, and what it had not stored is judged again from the last stored cursor if it does not.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Batch, Cause, Decision, Firing, Standing
from crypto_portfolio_analyzer.core.judging.docket import Scope
from crypto_portfolio_analyzer.engine.ports import AlertStore
from crypto_portfolio_analyzer.errors import StorageError
from crypto_portfolio_analyzer.metrics import Buckets

logger = logging.getLogger(__name__)

FLUSH_EVERY = 1.0
"""Seconds after which memory and cursors are stored though nothing was decided."""
FIRST_RETRY, LAST_RETRY = 0.1, 5.0
LATE_CAUSES = (Cause.GAP_BACKFILL, Cause.OUT_OF_ORDER)


class Committer:
    """The one writer of decisions.

    `take` hands over what was decided since it was called last; `tell` hears what was stored by a commit, before
    the next one begins and before whoever waits for `lock` goes on.
    """

    def __init__(
        self,
        store: AlertStore,
        clock: Clock,
        *,
        take: Callable[[Scope], Batch],
        tell: Callable[[Sequence[Decision], Sequence[Firing]], None],
    ) -> None:
        self._store, self._clock, self._take, self._tell = store, clock, take, tell
        self._batch = Batch()
        self._begun: list[Standing] = []
        self._ended: list[Decision] = []
        self._decided_at = 0
        """When the first decision that was not taken yet was made (ns); 0 if there is none."""
        self._unsure: set[int] = set()
        """When commits were tried (ns) of which nobody knows whether they were made."""
        self._awake = asyncio.Event()
        self._flushes = False
        """Whether the next commit is to take more than what was decided."""
        self.lock = asyncio.Lock()
        """Held while a commit is under way: who holds it knows that nothing is half told."""
        self.resumed_at = 0
        """Facts from before this instant (ns) were missed while nobody ran."""
        self.error: StorageError | None = None
        self.fired: Counter[str] = Counter()
        self.suppressed = 0
        self.refused = 0
        self.failures = 0
        self.latencies = {"received": Buckets(), "evaluated": Buckets(), "stored": Buckets()}

    @property
    def waiting(self) -> int:
        """How many decisions were taken and are not stored."""
        return len(self._batch.decisions)

    def wake(self) -> None:
        """Commit what was decided just now as soon as the turn is over."""
        if not self._decided_at:
            self._decided_at = self._clock.now()
        self._awake.set()

    def add(self, standings: Sequence[Standing]) -> None:
        """Store the state of standings with the next commit."""
        self._begun.extend(standings)

    def decide(self, standings: Iterable[Standing]) -> None:
        """Store what somebody else than the judge decided: that alerts are over, or cannot be judged."""
        self._ended.extend(Decision(standing=each) for each in standings)
        self.wake()

    async def run(self) -> None:
        """Commit whenever something was decided; after a failure less and less often."""
        wait = FIRST_RETRY
        while True:
            await self._awake.wait()
            self._awake.clear()
            scope, self._flushes = Scope.REGULAR if self._flushes else Scope.DECIDED, False
            if await self.commit(scope):
                wait = FIRST_RETRY
                continue
            await self._clock.sleep(wait)
            wait = min(LAST_RETRY, wait * 2)
            self._awake.set()

    async def flush_always(self) -> None:
        """Commit every now and then what is remembered."""
        while True:
            await self._clock.sleep(FLUSH_EVERY)
            self._flushes = True
            self._awake.set()

    async def commit(self, scope: Scope = Scope.ALL) -> bool:
        """Store what waits in one transaction and tell it; False if the store cannot, and all waits on."""
        async with self.lock:
            return await self.commit_held(scope)

    async def commit_held(self, scope: Scope = Scope.ALL) -> bool:
        """Commit for whoever holds the lock."""
        batch = self._batch = self._gather(scope)
        if not batch:
            return True
        now = self._clock.now()
        try:
            stored = await self._store.commit(batch, now)
            if self._unsure:
                stored = [*await self._made_unnoticed(batch), *stored]
        except StorageError as error:
            self._unsure.add(now)
            self.failures += 1
            self._report(error)
            return False
        self._batch = Batch()
        self._unsure.clear()
        self._report(None)
        self._count(batch, stored)
        self._tell(batch.decisions, stored)
        return True

    async def _made_unnoticed(self, batch: Batch) -> list[Firing]:
        """Return the firings of a batch that an earlier try has stored, though it looked like a failure."""
        ids = [each.firing.id for each in batch.decisions if each.firing is not None]
        return [each for each in await self._store.stored(ids) if each.stored_at in self._unsure]

    def _gather(self, scope: Scope) -> Batch:
        """Return all that is to be stored, in the order it happened: begun, judged, ended."""
        begun, judged, ended = Batch(dirty=self._begun), self._take(scope), Batch(decisions=self._ended)
        self._begun, self._ended = [], []
        decided_at, self._decided_at = self._decided_at, 0
        for decision in judged.decisions:
            if decision.firing is not None:
                decision.firing = self._stamped(decision.firing, decided_at)
        return joined(joined(joined(self._batch, begun), judged), ended)

    def _stamped(self, firing: Firing, decided_at: int) -> Firing:
        """Say when it was decided, which the judge, without a clock, cannot; and what a restart has made late."""
        is_missed = firing.cause in LATE_CAUSES and firing.event_at < self.resumed_at
        return replace(
            firing,
            detected_at=max(firing.detected_at, decided_at),
            cause=Cause.RESTART if is_missed else firing.cause,
            late=firing.late or is_missed,
        )

    def _report(self, error: StorageError | None) -> None:
        """Log a failure once when it begins and once when it ends."""
        if error is not None and self.error is None:
            logger.error("decisions wait for the store", extra={"why": str(error)})
        elif error is None and self.error is not None:
            logger.info("decisions are stored again")
        self.error = error

    def _count(self, batch: Batch, stored: Sequence[Firing]) -> None:
        self.suppressed += sum(each.suppressed is not None for each in batch.decisions)
        self.refused += sum(each.firing is not None for each in batch.decisions) - len(stored)
        for firing in stored:
            self.fired[firing.cause] += 1
            if firing.cause is Cause.LIVE:
                self.latencies["received"].observe(firing.received_at - firing.event_at)
                self.latencies["evaluated"].observe(firing.detected_at - firing.received_at)
                self.latencies["stored"].observe(firing.stored_at - firing.detected_at)


def joined(first: Batch, second: Batch) -> Batch:
    """Return both batches as one: decisions in order, of memory and cursors the newest."""
    if not first:
        return second
    decided = {(each.standing.alert_id, each.standing.symbol) for each in second.decisions}
    dirty = {(each.alert_id, each.symbol): each for each in first.dirty}
    dirty = {key: each for key, each in dirty.items() if key not in decided}
    dirty |= {(each.alert_id, each.symbol): each for each in second.dirty}
    cursors = {(each.symbol, each.venue): each for each in (*first.cursors, *second.cursors)}
    decisions = [*first.decisions, *second.decisions]
    return Batch(decisions=decisions, dirty=list(dirty.values()), cursors=list(cursors.values()))
