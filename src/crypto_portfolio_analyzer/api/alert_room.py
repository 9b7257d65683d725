"""The room `alerts`: every owner's firings, numbered, none missed and none twice however often a client returns.

A client is followed by the `seq` of the last firing it was sent. What fires live is the next number, or else the
reason to read from the store what lies between: so the store alone decides what a client gets, and in which order.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from crypto_portfolio_analyzer.api.alert_views import alerts_of
from crypto_portfolio_analyzer.api.clients import HIGH_BYTES, Client
from crypto_portfolio_analyzer.api.envelopes import frame_of
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Alert, Firing
from crypto_portfolio_analyzer.errors import StorageError
from crypto_portfolio_analyzer.tasks import Nursery

PAGE = 100
"""Firings read at once."""
_LOOK_EVERY = 0.05

FiringCall = Callable[[Alert, Firing], None]


class FiringFeed(Protocol):
    """Where firings are kept."""

    async def firings(
        self,
        owner: str,
        *,
        before_seq: int | None = None,
        after_seq: int | None = None,
        limit: int = PAGE,
    ) -> list[Firing]:
        """Return an owner's firings, newest first, or with `after_seq` oldest first."""
        ...

    async def get(self, owner: str, alert_id: str) -> Alert:
        """Return one alert; raises NotFound."""
        ...


class Member(Struct, eq=False):
    """A client in the room: `last` is the number of the last firing it was sent, None before the first."""

    client: Client
    owner: str
    last: int | None = None
    announced: int = 0
    """The highest number that fired while it is here."""
    reading: asyncio.Task[None] | None = None
    """What reads from the store for it; live firings wait in the store meanwhile."""


class AlertRoom:
    """Everybody who listens to firings; each hears those of the own alerts only."""

    def __init__(
        self,
        *,
        store: FiringFeed,
        listen: Callable[[FiringCall], Callable[[], None]],
        show: Callable[[Firing, Alert | None], Mapping[str, Any]],
        clock: Clock,
    ) -> None:
        self.sent = 0
        self._store, self._listen, self._show, self._clock = store, listen, show, clock
        self._members: dict[str, dict[str, Member]] = {}
        self._nursery = Nursery()
        self._unlisten: Callable[[], None] | None = None

    async def start(self) -> None:
        """Begin to tell what fires."""
        await self._nursery.start()
        self._unlisten = self._listen(self._fired)

    async def stop(self) -> None:
        """Tell no more."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        await self._nursery.stop()

    def enter(self, client: Client) -> None:
        """Let a client hear what fires from now on; one that is inside stays where it is."""
        owner = client.identity.owner
        self._members.setdefault(owner, {}).setdefault(client.id, Member(client, owner))

    def leave(self, client: Client) -> None:
        """Forget a client."""
        owner = client.identity.name or ""
        members = self._members.get(owner, {})
        member = members.pop(client.id, None)
        if member is not None and member.reading is not None:
            member.reading.cancel()
        if not members:
            self._members.pop(owner, None)

    def resume(self, client: Client, after: int) -> None:
        """Send a client everything after a number, then what fires; a new wish replaces the one under way."""
        if not self._nursery.is_open:  # the server stops
            return
        self.enter(client)
        member = self._members[client.identity.owner][client.id]
        if member.reading is not None:
            member.reading.cancel()
        member.last = after
        member.reading = self._nursery.spawn(self._resume(member, after), name=f"resume {client.id}")

    def _fired(self, alert: Alert, firing: Firing) -> None:
        members = self._members.get(alert.owner)
        if not members:
            return
        frame: bytes | None = None
        for member in members.values():
            member.announced = max(member.announced, firing.seq)
            if member.reading is not None or (member.last is not None and firing.seq <= member.last):
                continue
            if member.last is None or firing.seq == member.last + 1:
                frame = frame or self._frame(firing, alert)
                self._send(member, firing.seq, frame)
            else:
                member.reading = self._nursery.spawn(
                    self._catch_up(member), name=f"catch up {member.client.id}"
                )

    async def _resume(self, member: Member, after: int) -> None:
        try:
            newest = await self._store.firings(member.owner, limit=1)
            known = newest[0].seq if newest else 0
            # Who has seen more than there is has seen another server's numbers
            member.last = min(after, known)
            first = await self._read(member)
        except StorageError as error:
            member.reading = None
            self._tell(member, "error", {"code": "unavailable", "message": f"{error}; resume again later"})
            return
        member.reading = None
        is_gap = after > known or (first is not None and first > after + 1)
        self._tell(member, "status", {"room": "alerts", "resumed_to": member.last, "gap": is_gap})

    async def _catch_up(self, member: Member) -> None:
        try:
            await self._read(member)
        except StorageError as error:
            self._tell(member, "error", {"code": "unavailable", "message": f"{error}; resume again later"})
        member.reading = None

    async def _read(self, member: Member) -> int | None:
        """Send what the store has after `member.last`; return the first number of it.

        What was announced before a page was asked for is in it; so when nothing was announced meanwhile, the
        client has everything, and what fires next is the next number.
        """
        first: int | None = None
        while True:
            announced = member.announced
            page = await self._store.firings(member.owner, after_seq=member.last, limit=PAGE)
            alerts = await alerts_of(self._store, member.owner, page)
            for firing in page:
                await self._until_read(member.client)
                self._send(member, firing.seq, self._frame(firing, alerts.get(firing.alert_id)))
            if page and first is None:
                first = page[0].seq
            if len(page) < PAGE and member.announced == announced:
                return first

    async def _until_read(self, client: Client) -> None:
        while client.wire.is_open and client.wire.buffered >= HIGH_BYTES:
            await self._clock.sleep(_LOOK_EVERY)

    def _send(self, member: Member, seq: int, frame: bytes) -> None:
        member.last = seq
        member.client.send(frame)
        self.sent += 1

    def _tell(self, member: Member, kind: str, data: Mapping[str, Any]) -> None:
        member.client.send(frame_of(kind, data, self._clock.now()))
        self.sent += 1

    def _frame(self, firing: Firing, alert: Alert | None) -> bytes:
        return frame_of("alert", self._show(firing, alert), self._clock.now(), firing.seq)
