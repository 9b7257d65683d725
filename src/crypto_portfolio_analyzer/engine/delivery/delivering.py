"""The delivery engine: what people do with channels and deliveries, and the worker that tells."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.notices.notification import (
    PENDING,
    Attempt,
    Channel,
    Content,
    Delivery,
    DeliveryState,
    Kind,
    Notification,
    Settlement,
    Work,
)
from crypto_portfolio_analyzer.engine.delivery.accounts import QUOTA, Accounts, visible
from crypto_portfolio_analyzer.engine.delivery.composing import Breadth, Composer, Move
from crypto_portfolio_analyzer.engine.delivery.examples import SAYS_SO, example
from crypto_portfolio_analyzer.engine.delivery.notices import Notices
from crypto_portfolio_analyzer.engine.delivery.pacing import Pacer
from crypto_portfolio_analyzer.engine.delivery.ports import ChannelType, DeliveryStore, Lane, Law
from crypto_portfolio_analyzer.engine.delivery.timing import Timing
from crypto_portfolio_analyzer.engine.delivery.worker import Worker
from crypto_portfolio_analyzer.errors import InvalidInput

POLL = 0.25
"""Seconds between looks at a test that another process may be sending."""


class Made(Struct, frozen=True):
    """A channel just made, and its secret, shown this once."""

    channel: Channel
    secret: str | None = None


class Tested(Struct, frozen=True):
    """What became of a test: its delivery, and its attempts so far."""

    delivery: Delivery
    attempts: Sequence[Attempt] = ()


class DeliveryEngine:
    """Claims, composes, sends, records. Everything people do is by owner; `actor` is who did it, for the audit."""

    def __init__(
        self,
        *,
        store: DeliveryStore,
        channels: Mapping[str, ChannelType],
        clock: Clock,
        simulated: bool = False,
        public_url: str = "",
        quota: int = QUOTA,
        unbound: Iterable[str] = (),
        breadth: Breadth | None = None,
        move: Move | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.store, self._types, self._clock = store, channels, clock
        self.pacer = Pacer(clock)
        self._compose = Composer(simulated=simulated, public_url=public_url, breadth=breadth, move=move)
        self._notices = Notices(store, channels, clock)
        self._tests: dict[str, asyncio.Event] = {}
        self._worker = Worker(
            store=store,
            types=channels,
            clock=clock,
            pacer=self.pacer,
            compose=self._compose,
            notices=self._notices,
            timing=timing or Timing(),
            settled=self._settled,
        )
        self.tally = self._worker.tally
        self._accounts = Accounts(
            store=store,
            types=channels,
            clock=clock,
            pacer=self.pacer,
            lock=self._worker.book.lock,
            quota=quota,
            unbound=tuple(unbound),
        )

    async def start(self) -> None:
        """Take up what waits."""
        for kind in self._types.values():
            await kind.start()
        await self._worker.start()

    async def stop(self) -> None:
        """Let what is under way end, for a while; what does not is claimed again later."""
        await self._worker.stop()
        for kind in self._types.values():
            await kind.stop()

    def wake(self) -> None:
        """Look at the outbox now: something was queued."""
        self._worker.wake()

    @property
    def error(self) -> str:
        """Why deliveries wait for the database; nothing while they do not."""
        return self._worker.error

    @property
    def unstored(self) -> int:
        """How many outcomes wait for the database."""
        return len(self._worker.book.waiting)

    # --- channels -----------------------------------------------------------------------------------------

    async def add_channel(
        self, owner: str, fields: Mapping[str, object], *, actor: str, trusted: bool
    ) -> Made:
        """Check and store a channel: `type`, `name`, `enabled`, `default`, and the options of its type.

        Of a `trusted` owner (the operator) no proof is asked. Raises InvalidFields, InvalidInput, UnknownName.
        """
        return self._made(await self._accounts.add(owner, fields, actor=actor, trusted=trusted))

    async def edit_channel(
        self, owner: str, channel_id: str, fields: Mapping[str, object], *, actor: str, trusted: bool
    ) -> Channel:
        """Change the named fields of a channel; secrets not given stay, None takes an option away.

        Enabling one clears why it was off.
        """
        channel = await self._accounts.edit(owner, channel_id, fields, actor=actor, trusted=trusted)
        self._worker.reset(channel)
        return channel

    async def rotate_secret(self, owner: str, channel_id: str, *, actor: str) -> Made:
        """Give a channel a new signing secret; the old one goes on signing beside it for a day."""
        return self._made(await self._accounts.rotate(owner, channel_id, actor=actor))

    def _made(self, channel: Channel) -> Made:
        return Made(channel, self._accounts.kind(channel.type).revealed(channel.options))

    async def remove_channel(self, owner: str, channel_id: str, *, actor: str) -> Channel:
        """Forget a channel; raises NotFound."""
        channel = await self.store.channel(owner, channel_id)
        return await self.store.remove_channel(owner, channel.id, self._clock.now(), actor)

    async def confirm(self, owner: str, channel_id: str, code: str, *, actor: str) -> Channel:
        """Take the proof that the owner holds the other end; raises InvalidInput for a wrong or late code.

        Without a code a new one is sent there.
        """
        channel = await self._accounts.confirm(owner, channel_id, code, actor=actor)
        self.wake()
        return channel

    async def channels(self, owner: str) -> list[Channel]:
        """Return an owner's channels."""
        return await self.store.channels(owner)

    def shown(self, channel: Channel) -> dict[str, object]:
        """Return the options of a channel as they may be seen."""
        kind = self._types.get(channel.type)
        return {} if kind is None else visible(kind, channel.options)

    async def test(self, owner: str, channel_id: str, *, wait: float = 20.0) -> Tested:
        """Send a test by the real path and wait (real seconds) for what becomes of it."""
        channel = await self.store.channel(owner, channel_id)
        if channel.verified_at is None:
            raise InvalidInput(
                f"channel {channel.name!r} is not confirmed yet; enter the code that was sent there"
            )
        if not channel.enabled:
            raise InvalidInput(f"channel {channel.name!r} is off; switch it on first")
        content = Content(title="Test")
        queued = await self.store.queue(channel, Kind.TEST, content, self._clock.now())
        event = self._tests[queued.id] = asyncio.Event()
        self.wake()
        try:
            await self._settlement(queued, event, wait)
        finally:
            del self._tests[queued.id]
        return Tested(await self.store.delivery(owner, queued.id), await self.store.attempts(queued.id))

    async def _settlement(self, queued: Delivery, event: asyncio.Event, wait: float) -> None:
        """Wait until a test was tried, by us or by another process."""
        ends_at = asyncio.get_running_loop().time() + wait
        while not event.is_set() and asyncio.get_running_loop().time() < ends_at:
            delivery = await self.store.delivery(queued.owner, queued.id)
            if delivery.attempts or delivery.state not in PENDING:
                return
            waiter = asyncio.wait_for(event.wait(), min(POLL, wait))
            await asyncio.gather(waiter, return_exceptions=True)

    async def preview(self, owner: str, channel_id: str | None, fields: Mapping[str, object]) -> Notification:
        """Return what a firing of an alert with these fields (`name`, `symbol`, `condition`, `message`, …) would say.

        For one channel, or in general. Numbers in it are examples, and it says so.
        """
        if channel_id is None:
            channel = Channel(id="preview", owner=owner, type="preview", name="Preview", options={})
        else:
            channel = await self.store.channel(owner, channel_id)
        now = self._clock.now()
        told = await self._compose((example(channel, fields, now),), channel, now)
        return replace(told, more=(*told.more, SAYS_SO[told.language]))

    # --- deliveries ---------------------------------------------------------------------------------------

    async def redeliver(
        self, owner: str, ids: Sequence[str], *, actor: str, anyway: bool = False
    ) -> list[Delivery]:
        """Send again, under the same keys; raises InvalidInput for an order past its time to live unless `anyway`."""
        queued = await self.store.redeliver(owner, ids, self._clock.now(), actor, anyway=anyway)
        self.wake()
        return queued

    async def lanes(self) -> list[Lane]:
        """Return what waits, by channel."""
        return await self.store.lanes(self._clock.now())

    async def law(self) -> list[Law]:
        """Return the conservation law of every channel."""
        return await self.store.law()

    def _settled(self, group: Sequence[Settlement], works: Mapping[str, Work]) -> None:
        """Wake whoever waits for a test."""
        for each in group:
            event = self._tests.get(each.delivery_id)
            if event is not None and (each.attempt is not None or each.state is not DeliveryState.QUEUED):
                event.set()
