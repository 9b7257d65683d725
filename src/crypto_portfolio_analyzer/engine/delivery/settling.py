"""Writing down what became of claimed deliveries: in groups, by one writer, until the store has it."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.notices.notification import (
    Channel,
    DeliveryState,
    Settlement,
)
from crypto_portfolio_analyzer.engine.delivery.ports import DeliveryStore
from crypto_portfolio_analyzer.errors import NotFound, StorageError
from crypto_portfolio_analyzer.failpoints import reach

logger = logging.getLogger(__name__)

GROUP = 256
FIRST_RETRY, LAST_RETRY = 0.1, 5.0

Lesson = Callable[[Channel], Channel]
"""Makes of a channel as it is stored what it is after an attempt; the same one if nothing has changed."""


class Book:
    """The one writer. What comes while it writes goes with the next group, so that a busy one writes rarely.

    `settled` hears of every group once it is stored, `learnt` of every channel that an attempt has changed: as it
    was, and as it is.
    """

    def __init__(
        self,
        store: DeliveryStore,
        clock: Clock,
        *,
        settled: Callable[[Sequence[Settlement]], None],
        learnt: Callable[[Channel, Channel], None],
    ) -> None:
        self._store, self._clock, self._settled, self._learnt = store, clock, settled, learnt
        self._waiting: list[Settlement] = []
        self._lessons: list[tuple[Channel, Lesson]] = []
        self._awake = asyncio.Event()
        self.lock = asyncio.Lock()
        """Held while a channel is read and written, by whoever changes one."""
        self.writing = asyncio.Lock()
        """Held while something is being stored."""
        self.error: StorageError | None = None

    @property
    def is_behind(self) -> bool:
        """Whether the store could not be written to: nothing more is to be claimed."""
        return self.error is not None

    @property
    def waiting(self) -> Sequence[Settlement]:
        """What is not stored yet."""
        return self._waiting

    def put(self, settlements: Iterable[Settlement]) -> None:
        """Have settlements stored."""
        self._waiting.extend(settlements)
        self._awake.set()

    def teach(self, channel: Channel, lesson: Lesson) -> None:
        """Have a channel changed by what an attempt has taught."""
        self._lessons.append((channel, lesson))
        self._awake.set()

    async def run(self) -> None:
        """Write whenever there is something; after a failure less and less often."""
        wait = FIRST_RETRY
        while True:
            await self._awake.wait()
            self._awake.clear()
            if await self.write():
                wait = FIRST_RETRY
                continue
            await self._clock.sleep(wait)
            wait = min(LAST_RETRY, wait * 2)
            self._awake.set()

    async def write(self) -> bool:
        """Store what waits; False if the store cannot, and all waits on."""
        try:
            async with self.writing:
                while self._waiting or self._lessons:
                    await self._write_lessons()
                    await self._write_group()
        except StorageError as error:
            self._report(error)
            return False
        self._report(None)
        return True

    async def _write_group(self) -> None:
        group = self._waiting[:GROUP]
        if not group:
            return
        if any(each.state is DeliveryState.DELIVERED for each in group):
            reach("before_mark_delivered")
        await self._store.settle(group, self._clock.now())
        del self._waiting[: len(group)]
        self._settled(group)

    async def _write_lessons(self) -> None:
        while self._lessons:
            channel, lesson = self._lessons[0]
            async with self.lock:
                await self._learn(channel, lesson)
            del self._lessons[0]

    async def _learn(self, channel: Channel, lesson: Lesson) -> None:
        try:
            stored = await self._store.channel(channel.owner, channel.id)
        except NotFound:
            return  # removed meanwhile
        after = lesson(stored)
        if after is not stored:
            await self._store.note_health(after)
            self._learnt(stored, after)

    def _report(self, error: StorageError | None) -> None:
        """Log a failure once when it begins and once when it ends."""
        if error is not None and self.error is None:
            logger.error("what became of deliveries waits for the store", extra={"why": str(error)})
        elif error is None and self.error is not None:
            logger.info("what became of deliveries is stored again")
        self.error = error
