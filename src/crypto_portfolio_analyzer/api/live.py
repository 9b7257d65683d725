"""The hub behind `/ws`: clients, rooms, heartbeats, and the patience with clients that do not read."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from crypto_portfolio_analyzer.api.alert_room import AlertRoom
from crypto_portfolio_analyzer.api.clients import Client
from crypto_portfolio_analyzer.api.envelopes import frame_of
from crypto_portfolio_analyzer.api.identity import Identity, Policy
from crypto_portfolio_analyzer.api.portfolio_room import PortfolioRoom
from crypto_portfolio_analyzer.api.prices import FASTEST_HZ, PER_FRAME, Prices
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.api.wire import Wire
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 30.0
SLICE_SECONDS = 0.005
"""How long prices are told before everybody else gets a turn."""
MOST_CLIENTS = 2000
ROOMS = {
    "prices": Policy.LOCAL,
    "portfolio": Policy.READ,
    "alerts": Policy.READ,
    "tokens": Policy.READ,
    "predictions": Policy.READ,
    "system": Policy.LOCAL,
}
"""Every room and what it demands; rooms of capabilities to come stay silent."""
AREAS = {
    "prices": "market",
    "portfolio": "portfolio",
    "alerts": "alerts",
    "tokens": "market",
    "predictions": "market",
    "system": "operation",
}
"""What a scope of an API token must reach for each room."""
DURABLE = frozenset({"alerts"})
"""Rooms whose messages are numbered and can be asked for again."""


class Hub:
    """Everybody who is connected. One task flushes prices, another turn of it looks after the clients."""

    def __init__(
        self,
        *,
        prices: Prices,
        alerts: AlertRoom,
        portfolio: PortfolioRoom,
        clock: Clock,
        build: str,
        status: Callable[[], Any],
        chores: Iterable[Callable[[], None]] = (),
    ) -> None:
        self.prices, self.alerts, self.portfolio = prices, alerts, portfolio
        self.clock, self.build = clock, build
        self.clients: dict[str, Client] = {}
        self.sent = 0
        self.closed: dict[str, int] = {}
        self._status, self._chores = status, tuple(chores)
        self._posted: dict[str, bytes] = {}
        self._fresh: set[str] = set()
        self._nursery = Nursery()
        self._numbers = count(1)

    async def start(self) -> None:
        """Begin to serve rooms."""
        await self._nursery.start()
        await self.alerts.start()
        self._nursery.spawn(self._run(), name="live hub")

    async def stop(self) -> None:
        """Say goodbye to everybody."""
        for client in list(self.clients.values()):
            client.close(1001, "the server stops", "shutdown")
        await self.alerts.stop()
        await self._nursery.stop()

    def counts(self) -> dict[str, int]:
        """Return the number of clients in each room."""
        return {room: sum(room in client.rooms for client in self.clients.values()) for room in ROOMS}

    def welcome(self, identity: Identity, wire: Wire) -> Client | None:
        """Take a client in; None (and a goodbye) if the house is full."""
        if len(self.clients) >= MOST_CLIENTS:
            wire.close(1013, "too many clients")
            return None
        client = Client(f"c{next(self._numbers)}", identity, wire, self.clock.monotonic())
        self.clients[client.id] = client
        allowed = [room for room, policy in ROOMS.items() if identity.may(policy, AREAS[room])]
        self.tell(
            client, "status", {"status": "connected", "client_id": client.id, "rooms": allowed, **self._now()}
        )
        return client

    def farewell(self, client: Client) -> None:
        """Forget a client that is gone."""
        if self.clients.pop(client.id, None) is None:
            return
        for form in self.prices.forms(client):
            self.prices.leave(client, form)
        self.alerts.leave(client)
        self.portfolio.leave(client)
        self.closed[client.gone_because] = self.closed.get(client.gone_because, 0) + 1

    def tell(self, client: Client, kind: str, data: Any) -> None:
        """Send one message to one client."""
        client.send(self.frame(kind, data))
        self.sent += 1

    def frame(self, kind: str, data: Any) -> bytes:
        """Build a message for any number of clients."""
        return frame_of(kind, data, self.clock.now())

    def post(self, room: str, kind: str, data: Any) -> None:
        """Put up the newest state of a room: members get it at the next flush, who joins later at once."""
        self._posted[room] = self.frame(kind, data)
        self._fresh.add(room)

    def enter(self, client: Client, room: str) -> None:
        """Let a client into a room and show it what is up there."""
        client.rooms.add(room)
        if room == "alerts":
            self.alerts.enter(client)
        elif room == "portfolio":
            self.portfolio.enter(client)
        if room in self._posted:
            client.send(self._posted[room])

    def exit(self, client: Client, room: str) -> None:
        """Let a client leave a room."""
        client.rooms.discard(room)
        if room == "alerts":
            self.alerts.leave(client)
        elif room == "portfolio":
            self.portfolio.leave(client)

    def dismiss(self, chosen: Callable[[Identity], bool], reason: str) -> None:
        """Close the connections of those whose rights ended."""
        for client in list(self.clients.values()):
            if chosen(client.identity):
                client.close(1008, reason, "unauthorised")

    def heartbeat(self) -> dict[str, str]:
        """Return what a heartbeat says."""
        return self._now()

    def _now(self) -> dict[str, str]:
        return {"server_time": iso(self.clock.now()), "build": self.build}

    def _spread(self, clients: Iterable[Client], frame: bytes) -> None:
        for client in clients:
            if not client.is_behind:
                client.send(frame)
                self.sent += 1

    async def _run(self) -> None:
        beat_at = self.clock.monotonic() + HEARTBEAT_SECONDS
        second_at = spent = 0.0
        while True:
            await self.clock.sleep(max(spent, 1 / FASTEST_HZ))  # much to tell: half of the time is for others
            now = self.clock.monotonic()
            await self._tell_prices(now)
            self._tell_rooms()
            for client in self.clients.values():
                if client.is_behind:
                    self.sent += client.catch_up(PER_FRAME)
            if now >= second_at:
                second_at = now + 1.0
                self._each_second(now)
            if now >= beat_at:
                beat_at = now + HEARTBEAT_SECONDS
                self._spread(list(self.clients.values()), self.frame("heartbeat", self.heartbeat()))
            spent = self.clock.monotonic() - now

    async def _tell_prices(self, now: float) -> None:
        until = now + SLICE_SECONDS
        for handed in self.prices.flush(now):
            self.sent += handed
            if self.clock.monotonic() >= until:
                await asyncio.sleep(0)
                until = self.clock.monotonic() + SLICE_SECONDS

    def _each_second(self, now: float) -> None:
        self.prices.look_again()
        self.sent += self.portfolio.tell()
        for chore in self._chores:
            chore()
        instant = self.clock.now()
        for client in list(self.clients.values()):
            if client.has_stalled(now):
                logger.info(
                    "client does not read", extra={"client": client.id, "unsent": client.wire.buffered}
                )
                client.close(1013, "too slow", "slow")
            elif client.identity.until is not None and instant >= client.identity.until:
                client.close(1008, "the login has run out", "unauthorised")
        if any("system" in client.rooms for client in self.clients.values()):
            told = {"room": "system", "connected_clients": len(self.clients), **self._status()}
            self.post("system", "status", told)

    def _tell_rooms(self) -> None:
        """Send what is fresh to everybody who keeps up; the next one replaces what others miss."""
        fresh, self._fresh = self._fresh, set()
        for room in fresh:
            members = [client for client in self.clients.values() if room in client.rooms]
            self._spread(members, self._posted[room])
