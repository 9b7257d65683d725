"""What delivery asks of storage and of channels; `app` joins them, and mypy proves the fit."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.core.notices.notification import (
    Attempt,
    Channel,
    Content,
    Delivery,
    DeliveryState,
    Kind,
    Settlement,
    Work,
)


class Lane(Struct, frozen=True):
    """A channel with deliveries that wait: since when, and how many (up to a bound) are due."""

    channel: Channel
    due_at: int
    due: int


class Law(Struct, frozen=True):
    """The conservation law of one channel: every firing that was to be told there is in exactly one state."""

    channel_id: str
    told: int
    """Firings committed with a delivery for this channel."""
    states: Mapping[DeliveryState, int]
    broken: tuple[str, ...] = ()
    """Deliveries that contradict themselves, with the reason; none ever should."""


class DeliveryStore(Protocol):
    """Channels, the outbox and its log.

    Every call raises StorageUnavailable (transient) while the database cannot be reached. What people ask is always by
    owner: what belongs to somebody else does not exist. Every change by a person leaves an audit entry by `actor`.
    """

    # --- channels -----------------------------------------------------------------------------------------

    async def add_channel(self, channel: Channel, actor: str) -> Channel:
        """Store a channel; raises InvalidInput for a name the owner has already."""
        ...

    async def replace_channel(self, channel: Channel, now: int, actor: str) -> Channel:
        """Store a channel over the old one; raises NotFound, InvalidInput."""
        ...

    async def remove_channel(self, owner: str, channel_id: str, now: int, actor: str) -> Channel:
        """Forget a channel: its pending deliveries are cancelled, its name is free; raises NotFound."""
        ...

    async def channels(self, owner: str) -> list[Channel]:
        """Return an owner's channels, oldest first."""
        ...

    async def channel(self, owner: str, channel_id: str) -> Channel:
        """Return one by id or name; raises NotFound."""
        ...

    async def all_channels(self, kind: str) -> list[Channel]:
        """Return everybody's channels of one type."""
        ...

    async def note_health(self, channel: Channel) -> None:
        """Store what the attempts have taught us, without an audit entry.

        `enabled`, `disabled_reason`, `failing_since`, `failures`, `paused_until`, `verified_at` and `options`.
        """
        ...

    # --- the outbox ---------------------------------------------------------------------------------------

    async def lanes(self, now: int) -> list[Lane]:
        """Return the enabled channels that have waiting deliveries, with their earliest `due_at`."""
        ...

    async def claim(self, wishes: Mapping[str, int], now: int, until: int, claim: str) -> list[Work]:
        """Take up to so many due deliveries of each channel, by id, for the holder of `claim` until `until` (ns).

        Of each channel the lowest numbers. No two workers ever hold the same one.
        """
        ...

    async def settle(self, settlements: Sequence[Settlement], now: int) -> list[str]:
        """Store what became of claimed deliveries and the attempts made, in one transaction.

        Return the ids that were still held by their claim; of the others only the attempts are stored.
        """
        ...

    async def renew(self, ids: Sequence[str], claim: str, until: int) -> None:
        """Hold on to deliveries for longer."""
        ...

    async def rescue(self, now: int) -> int:
        """Queue again what was claimed by somebody who is gone, marked `unsure`; return how many."""
        ...

    async def queue(
        self, channel: Channel, kind: Kind, content: Content, now: int, *, key: str | None = None
    ) -> Delivery:
        """Queue what is about no firing; the same `key` queues once."""
        ...

    async def redeliver(self, owner: str, ids: Sequence[str], now: int, actor: str) -> list[Delivery]:
        """Queue settled deliveries again, under their old keys; raises NotFound for one that is not theirs."""
        ...

    async def cancel(self, owner: str, ids: Sequence[str], now: int, actor: str) -> int:
        """Cancel waiting deliveries; return how many."""
        ...

    # --- the log ------------------------------------------------------------------------------------------

    async def deliveries(
        self,
        owner: str,
        *,
        channel_id: str | None = None,
        firing_id: str | None = None,
        alert_id: str | None = None,
        states: Sequence[DeliveryState] = (),
        kind: Kind | None = None,
        since: int | None = None,
        until: int | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Delivery]:
        """Return deliveries queued in a span, newest first, from number `before` on (exclusive)."""
        ...

    async def delivery(self, owner: str, delivery_id: str) -> Delivery:
        """Return one; raises NotFound."""
        ...

    async def of_firings(self, owner: str, firing_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        """Return the deliveries of some firings, by firing."""
        ...

    async def attempts(self, delivery_id: str) -> list[Attempt]:
        """Return the attempts of one delivery, oldest first."""
        ...

    async def counts(self, owner: str | None = None) -> Mapping[DeliveryState, int]:
        """Return how many deliveries are in each state, of one owner or of all."""
        ...

    async def law(self) -> list[Law]:
        """Return the conservation law of every channel, from the database alone."""
        ...

    async def prune(self, before: int) -> int:
        """Forget attempts older than an instant; return how many."""
        ...

    async def silences(self, owner: str | None, now: int) -> list[Silence]:
        """Return silences that have not ended."""
        ...

    def wakings(self) -> AsyncIterator[None]:
        """Yield whenever another process has queued something; on SQLite there is none, and it never yields."""
        ...
