"""What delivery asks of storage and of channels; `app` joins them, and mypy proves the fit."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar, Protocol

from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.core.notices.notification import (
    Attempt,
    Channel,
    Content,
    Delivery,
    DeliveryState,
    Kind,
    Lane,
    Law,
    Notification,
    Settlement,
    Work,
)

__all__ = ["Accepted", "ChannelType", "DeliveryStore", "Lane", "Law", "Rate"]


class Rate(Protocol):
    """So many messages in so many seconds, for whatever `key` names."""

    @property
    def key(self) -> str:
        """What is limited: a chat, a bot, a host."""
        ...

    @property
    def count(self) -> int:
        """So many messages."""
        ...

    @property
    def seconds(self) -> float:
        """In so many seconds."""
        ...

    @property
    def burst(self) -> int:
        """How many of them at once after a rest."""
        ...


class Accepted(Protocol):
    """How a send went well: what the other end calls the message, and what it wants of us."""

    @property
    def reference(self) -> str:
        """What the other end calls the message."""
        ...

    @property
    def status(self) -> int | None:
        """Its status."""
        ...

    @property
    def answer(self) -> str:
        """What a bot answered."""
        ...

    @property
    def pause(self) -> float | None:
        """Seconds in which it wants no more."""
        ...

    @property
    def options(self) -> Mapping[str, object] | None:
        """The channel's options as they must be from now on."""
        ...


class ChannelType(Protocol):
    """What the engine asks of a type of channel; `channels.kinds` says what each part means."""

    name: ClassVar[str]
    label: ClassVar[str]
    for_people: ClassVar[bool]
    ordered: ClassVar[bool]
    parallel: ClassVar[int]
    schedule: ClassVar[tuple[float, ...]]
    timeout: ClassVar[float]

    @property
    def is_ready(self) -> str:
        """Return nothing, or what the operator must set before this type can be used."""
        ...

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored; raises InvalidFields."""
        ...

    def shown(self, options: Mapping[str, object]) -> dict[str, object]:
        """Return what may be seen of options."""
        ...

    def revealed(self, options: Mapping[str, object]) -> str | None:
        """Return the secret that is shown once."""
        ...

    def needs_proof(self, options: Mapping[str, object]) -> bool:
        """Tell whether it must be shown that the owner holds the other end."""
        ...

    def policy_ttl(self, options: Mapping[str, object]) -> float | None:
        """Return seconds after which a firing is worth nothing here; None for what can be told late."""
        ...

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return what shares order, parallelism and fate."""
        ...

    def rates(self, channel: Channel) -> Sequence[Rate]:
        """Return the limits a message to this channel counts against."""
        ...

    async def send(self, notification: Notification) -> Accepted:
        """Send once; raises DeliveryFailed."""
        ...

    async def prove(self, channel: Channel, challenge: str) -> bool:
        """Ask the other end to answer a challenge; True if it did at once; raises DeliveryFailed."""
        ...

    async def start(self) -> None:
        """Open what is kept open."""
        ...

    async def stop(self) -> None:
        """Close it."""
        ...


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

    async def redeliver(
        self, owner: str, ids: Sequence[str], now: int, actor: str, *, anyway: bool = False
    ) -> list[Delivery]:
        """Queue settled deliveries again, under their old keys; raises NotFound for one that is not theirs.

        Raises InvalidInput for orders past their time to live; with `anyway` they get another.
        """
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

    async def of_message(self, owner: str, channel_id: str, reference: str) -> list[Delivery]:
        """Return the deliveries that one message of a channel told, newest first."""
        ...

    async def attempts(self, delivery_id: str) -> list[Attempt]:
        """Return the attempts of one delivery, oldest first."""
        ...

    async def last_attempts(self, ids: Sequence[str]) -> Mapping[str, Attempt]:
        """Return the latest attempt of each of some deliveries that has one, by delivery."""
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
