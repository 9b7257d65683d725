"""The delivery engine: what people do with channels and deliveries, and the worker that tells."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.notices.notification import Attempt, Channel, Delivery, Notification
from crypto_portfolio_analyzer.engine.delivery.ports import DeliveryStore, Lane, Law


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
        channels: Mapping[str, object],
        clock: Clock,
        simulated: bool = False,
        public_url: str = "",
        quota: int = 20,
        unbound: Iterable[str] = (),
        breadth: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        self.store = store
        raise NotImplementedError((channels, clock, simulated, public_url, quota, unbound, breadth))

    async def start(self) -> None:
        """Take up what waits."""

    async def stop(self) -> None:
        """Let what is under way end, for a while; what does not is claimed again later."""

    def wake(self) -> None:
        """Look at the outbox now: something was queued."""

    # --- channels -----------------------------------------------------------------------------------------

    async def add_channel(
        self, owner: str, fields: Mapping[str, object], *, actor: str, trusted: bool
    ) -> Made:
        """Check and store a channel: `type`, `name`, `enabled`, `default`, and the options of its type.

        Of a `trusted` owner (the operator) no proof is asked. Raises InvalidFields, InvalidInput, UnknownName.
        """
        raise NotImplementedError

    async def edit_channel(
        self, owner: str, channel_id: str, fields: Mapping[str, object], *, actor: str, trusted: bool
    ) -> Channel:
        """Change the named fields of a channel; secrets not given stay. Enabling one clears why it was off."""
        raise NotImplementedError

    async def rotate_secret(self, owner: str, channel_id: str, *, actor: str) -> Made:
        """Give a channel a new signing secret; the old one goes on signing beside it for a day."""
        raise NotImplementedError

    async def remove_channel(self, owner: str, channel_id: str, *, actor: str) -> Channel:
        """Forget a channel; raises NotFound."""
        raise NotImplementedError

    async def confirm(self, owner: str, channel_id: str, code: str, *, actor: str) -> Channel:
        """Take the proof that the owner holds the other end; raises InvalidInput for a wrong or late code."""
        raise NotImplementedError

    async def channels(self, owner: str) -> list[Channel]:
        """Return an owner's channels."""
        raise NotImplementedError

    def shown(self, channel: Channel) -> dict[str, object]:
        """Return the options of a channel as they may be seen."""
        raise NotImplementedError

    async def test(self, owner: str, channel_id: str, *, wait: float = 20.0) -> Tested:
        """Send a test by the real path and wait for what becomes of it."""
        raise NotImplementedError

    async def preview(self, owner: str, channel_id: str | None, fields: Mapping[str, object]) -> Notification:
        """Return what a firing of an alert with these fields (`name`, `symbol`, `condition`, `message`, …) would say.

        For one channel, or in general. Numbers in it are examples, and it says so.
        """
        raise NotImplementedError

    # --- deliveries ---------------------------------------------------------------------------------------

    async def redeliver(
        self, owner: str, ids: Sequence[str], *, actor: str, anyway: bool = False
    ) -> list[Delivery]:
        """Send again, under the same keys; raises InvalidInput for an order past its time to live unless `anyway`."""
        raise NotImplementedError

    async def lanes(self) -> list[Lane]:
        """Return what waits, by channel."""
        raise NotImplementedError

    async def law(self) -> list[Law]:
        """Return the conservation law of every channel."""
        raise NotImplementedError
