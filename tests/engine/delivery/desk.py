"""A delivery engine on an outbox in memory, its clock in the hands of the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Firing, Severity
from crypto_portfolio_analyzer.core.notices.notification import Channel, Delivery, DeliveryState
from crypto_portfolio_analyzer.engine.delivery.delivering import DeliveryEngine
from crypto_portfolio_analyzer.engine.delivery.timing import Timing
from tests.engine.delivery.media import Hook, Mail, Medium, Trade, alert_of, channel_of, firing_of
from tests.engine.delivery.outbox import MemoryOutbox
from tests.fakes import NOON, FakeClock

SLOW = Timing(look=3600.0, rescue=36_000.0, grace=0.05)
"""A rhythm for days of virtual time: nobody but the test queues anything, and it wakes the engine."""


class Desk:
    """The engine, the media it speaks to, and ways to fire."""

    def __init__(self, now: int = NOON, timing: Timing = SLOW) -> None:
        self.clock = FakeClock(now)
        self.chat, self.hook = Medium(self.clock), Hook(self.clock)
        self.mail, self.trade = Mail(self.clock), Trade(self.clock)
        media = (self.chat, self.hook, self.mail, self.trade)
        self.media = {each.name: each for each in media}
        self.store = MemoryOutbox([each.name for each in media if not each.ordered])
        self.engine = DeliveryEngine(
            store=self.store, channels=self.media, clock=self.clock, timing=timing, unbound=("admin",)
        )

    def channel(self, kind: str = "chat", **fields: Any) -> Channel:
        """Make a channel, as if by its owner."""
        channel = channel_of(kind, **fields)
        ttl = self.media[kind].policy_ttl(channel.options)
        channel = channel if ttl is None else replace(channel, ttl=round(ttl * 10**9))
        self.store.by_id[channel.id] = channel
        return channel

    def fire(
        self,
        *channels: Channel,
        symbol: str = "BTC/USDT",
        severity: Severity = Severity.INFO,
        ago: float = 0.0,
        **fields: Any,
    ) -> Firing:
        """Let an alert fire, `ago` seconds before now, for some channels of one owner."""
        alert = alert_of(channels[0].owner, severity, **fields)
        firing = firing_of(alert, self.clock.now() - int(ago * 1e9), symbol)
        self.store.fire(alert, firing, *channels)
        self.engine.wake()
        return firing

    def of(self, firing: Firing, channel: Channel) -> Delivery:
        """Return a delivery as it is now."""
        return self.store.rows[f"{firing.id}_{channel.id}"]

    def states(self) -> dict[DeliveryState, int]:
        """Return how many deliveries are in each state."""
        states = [each.state for each in self.store.rows.values()]
        return {state: states.count(state) for state in DeliveryState if state in states}


@asynccontextmanager
async def desk(now: int = NOON, timing: Timing = SLOW) -> AsyncIterator[Desk]:
    """Run an engine."""
    made = Desk(now, timing)
    await made.engine.start()
    try:
        yield made
    finally:
        await made.engine.stop()
