"""An outbox in memory, by the rules of the real one, so that days of virtual time pass in milliseconds."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Alert, Firing, Silence
from crypto_portfolio_analyzer.core.notices.notification import (
    MAX_AGE,
    PENDING,
    WAITING,
    Attempt,
    Channel,
    Content,
    Delivery,
    DeliveryState,
    Kind,
    Lane,
    Law,
    Settlement,
    Work,
    delivery_id,
)
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound, StorageUnavailable

MOST_COUNTED = 1000
_LAST = 2**62


class MemoryOutbox:
    """Everything the delivery engine asks of a store; `unordered` are the types whose deliveries may overtake."""

    def __init__(self, unordered: Sequence[str] = ()) -> None:
        self.by_id: dict[str, Channel] = {}
        self.rows: dict[str, Delivery] = {}
        self.leases: dict[str, int] = {}
        self.log: list[Attempt] = []
        self.muted: list[Silence] = []
        self.is_away = False
        """Whether every call fails, as when the database is down."""
        self.groups: list[int] = []
        """How many settlements each transaction stored."""
        self._unordered = frozenset(unordered)
        self._about: dict[str, tuple[Firing, Alert]] = {}
        self._waiting: dict[str, dict[str, None]] = {}
        self._retried: dict[str, set[str]] = {}
        self._keys: dict[str, str] = {}

    # --- what tests put in --------------------------------------------------------------------------------

    def fire(self, alert: Alert, firing: Firing, *channels: Channel) -> None:
        """Queue the deliveries of a firing, as its commit does."""
        self._about[firing.id] = firing, alert
        for channel in channels:
            self._add(
                Delivery(
                    id=delivery_id(firing.id, channel.id),
                    number=len(self.rows) + 1,
                    owner=channel.owner,
                    channel_id=channel.id,
                    firing_id=firing.id,
                    due_at=firing.stored_at,
                    created_at=firing.stored_at,
                    expires_at=firing.event_at + (MAX_AGE if channel.ttl is None else channel.ttl),
                )
            )

    def _add(self, delivery: Delivery) -> None:
        self.rows[delivery.id] = delivery
        self._waiting.setdefault(delivery.channel_id, {})[delivery.id] = None

    def _ask(self) -> None:
        if self.is_away:
            raise StorageUnavailable("the database is away")

    # --- channels -----------------------------------------------------------------------------------------

    async def add_channel(self, channel: Channel, actor: str) -> Channel:
        self._ask()
        if any(each.name == channel.name for each in await self.channels(channel.owner)):
            raise InvalidInput(f"channel {channel.name!r} exists")
        self.by_id[channel.id] = channel
        return channel

    async def replace_channel(self, channel: Channel, now: int, actor: str) -> Channel:
        self._ask()
        self.by_id[channel.id] = replace(channel, updated_at=now)
        return self.by_id[channel.id]

    async def remove_channel(self, owner: str, channel_id: str, now: int, actor: str) -> Channel:
        channel = await self.channel(owner, channel_id)
        for delivery in list(self._waiting.pop(channel.id, {})):
            self._change(delivery, state=DeliveryState.CANCELLED)
        return self.by_id.pop(channel.id)

    async def channels(self, owner: str) -> list[Channel]:
        self._ask()
        return [each for each in self.by_id.values() if each.owner == owner]

    async def channel(self, owner: str, channel_id: str) -> Channel:
        self._ask()
        for each in self.by_id.values():
            if each.owner == owner and channel_id in (each.id, each.name):
                return each
        raise NotFound("channel", channel_id)

    async def all_channels(self, kind: str) -> list[Channel]:
        return [each for each in self.by_id.values() if each.type == kind]

    async def note_health(self, channel: Channel) -> None:
        self._ask()
        if self.by_id[channel.id].updated_at == channel.updated_at:
            self.by_id[channel.id] = channel

    # --- the outbox ---------------------------------------------------------------------------------------

    def _ahead(self, channel: Channel, now: int) -> int:
        """Return the number from which on an ordered channel waits for a delivery that is to be tried again."""
        if channel.type in self._unordered or not self._retried.get(channel.id):
            return _LAST
        waiting = (self.rows[each] for each in self._retried[channel.id])
        return min((each.number for each in waiting if each.due_at > now), default=_LAST)

    async def lanes(self, now: int) -> list[Lane]:
        self._ask()
        found = []
        for channel_id, ids in self._waiting.items():
            channel = self.by_id.get(channel_id)
            if channel is None or not channel.enabled or channel.verified_at is None or not ids:
                continue
            ahead = self._ahead(channel, now)
            rows = [self.rows[each] for each in ids]
            first = min([each.due_at for each in rows if each.number <= ahead])
            due = len([None for each in rows if each.due_at <= now and each.number < ahead])
            found.append(Lane(channel, max(first, channel.paused_until or 0), min(due, MOST_COUNTED)))
        return found

    async def claim(self, wishes: Mapping[str, int], now: int, until: int, claim: str) -> list[Work]:
        self._ask()
        works = []
        for channel_id, count in wishes.items():
            channel = self.by_id[channel_id]
            if (channel.paused_until or 0) > now:
                continue
            ahead = self._ahead(channel, now)
            ids = self._waiting[channel_id]
            rows = sorted((self.rows[each] for each in ids), key=lambda each: each.number)
            due = [each for each in rows if each.due_at <= now and each.number < ahead]
            for each in due[:count]:
                del ids[each.id]
                self._retried.get(channel_id, set()).discard(each.id)
                self.rows[each.id] = replace(each, state=DeliveryState.SENDING, claim=claim)
                self.leases[each.id] = until
                works.append(self.work(each.id))
        return works

    def work(self, delivery: str) -> Work:
        """Return a delivery with what it is about."""
        row = self.rows[delivery]
        firing, alert = self._about.get(row.firing_id or "", (None, None))
        return Work(delivery=row, firing=firing, alert=alert)

    async def settle(self, settlements: Sequence[Settlement], now: int) -> list[str]:
        self._ask()
        self.groups.append(len(settlements))
        kept = []
        for each in settlements:
            if each.attempt is not None:
                self.log.append(each.attempt)
            row = self.rows[each.delivery_id]
            if row.claim != each.claim or row.state is not DeliveryState.SENDING:
                continue
            kept.append(each.delivery_id)
            tried = each.attempt is not None
            first = row.first_attempt_at or (each.attempt.at if each.attempt else None)
            self._change(
                row.id,
                state=each.state,
                reason=each.reason,
                due_at=row.due_at if each.due_at is None else each.due_at,
                attempts=row.attempts + tried,
                first_attempt_at=first,
                settled_at=None if each.state in PENDING else now,
                unsure=row.unsure or each.unsure,
                reference=each.reference or row.reference,
                claim=None,
            )
        return kept

    def _change(self, delivery: str, **values: Any) -> None:
        row = self.rows[delivery] = replace(self.rows[delivery], **values)
        if row.state in WAITING:
            self._waiting.setdefault(row.channel_id, {})[row.id] = None
        if row.state is DeliveryState.RETRY_WAIT:
            self._retried.setdefault(row.channel_id, set()).add(row.id)

    async def renew(self, ids: Sequence[str], claim: str, until: int) -> None:
        self._ask()
        self.leases.update((each, until) for each in ids if self.rows[each].claim == claim)

    async def rescue(self, now: int) -> int:
        self._ask()
        gone = [each for each in self.rows.values() if each.claim and self.leases[each.id] < now]
        for each in gone:
            self._change(each.id, state=DeliveryState.QUEUED, claim=None, unsure=True)
        return len(gone)

    async def queue(
        self, channel: Channel, kind: Kind, content: Content, now: int, *, key: str | None = None
    ) -> Delivery:
        self._ask()
        if key is not None and key in self._keys:
            return self.rows[self._keys[key]]
        number = len(self.rows) + 1
        delivery = Delivery(
            id=f"{kind}{number}_{channel.id}",
            number=number,
            owner=channel.owner,
            channel_id=channel.id,
            kind=kind,
            content=content,
            due_at=now,
            created_at=now,
        )
        self._add(delivery)
        self._keys[key or delivery.id] = delivery.id
        return delivery

    async def redeliver(
        self, owner: str, ids: Sequence[str], now: int, actor: str, *, anyway: bool = False
    ) -> list[Delivery]:
        for each in ids:
            ttl = self.by_id[(await self.delivery(owner, each)).channel_id].ttl
            ends_at = self.rows[each].expires_at or now + 1
            if ttl is not None and now >= ends_at:
                if not anyway:
                    raise InvalidInput("1 of 1 are orders past their time to live")
                ends_at = now + ttl
            self._change(
                each, state=DeliveryState.QUEUED, attempts=0, due_at=now, reason="", settled_at=None,
                expires_at=ends_at,
            )  # fmt: skip
        return [self.rows[each] for each in ids]

    async def cancel(self, owner: str, ids: Sequence[str], now: int, actor: str) -> int:
        for each in ids:
            self._change(each, state=DeliveryState.CANCELLED)
        return len(ids)

    # --- the log ------------------------------------------------------------------------------------------

    async def deliveries(self, owner: str, **_filters: object) -> list[Delivery]:
        return [each for each in self.rows.values() if each.owner == owner]

    async def delivery(self, owner: str, delivery_id: str) -> Delivery:
        row = self.rows.get(delivery_id)
        if row is None or row.owner != owner:
            raise NotFound("delivery", delivery_id)
        return row

    async def of_firings(self, owner: str, firing_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        return {each: [row for row in self.rows.values() if row.firing_id == each] for each in firing_ids}

    async def attempts(self, delivery_id: str) -> list[Attempt]:
        return [each for each in self.log if each.delivery_id == delivery_id]

    async def of_message(self, owner: str, channel_id: str, reference: str) -> list[Delivery]:
        its = [each for each in self.rows.values() if (each.owner, each.channel_id) == (owner, channel_id)]
        return [each for each in reversed(its) if each.reference == reference]

    async def last_attempts(self, ids: Sequence[str]) -> Mapping[str, Attempt]:
        return {each.delivery_id: each for each in self.log if each.delivery_id in ids}

    async def counts(self, owner: str | None = None) -> Mapping[DeliveryState, int]:
        return Counter(each.state for each in self.rows.values())

    async def law(self) -> list[Law]:
        found: dict[str, Counter[DeliveryState]] = {}
        for each in self.rows.values():
            found.setdefault(each.channel_id, Counter())[each.state] += 1
        return [Law(channel, sum(states.values()), states) for channel, states in found.items()]

    async def prune(self, before: int) -> int:
        kept = [each for each in self.log if each.at >= before]
        gone, self.log = len(self.log) - len(kept), kept
        return gone

    async def silences(self, owner: str | None, now: int) -> list[Silence]:
        self._ask()
        return [each for each in self.muted if each.ends_at > now]

    async def wakings(self) -> AsyncIterator[None]:
        await asyncio.get_running_loop().create_future()
        yield
