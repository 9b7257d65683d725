"""The bus: who hears of what. S1's `StreamEventBus` for anybody, inline subscribers for our own hot paths.

*Inline* subscribers (`attach`) get typed facts in the same turn and cost one call per fact. *Queued*
subscribers (`subscribe`) get `StreamEvent`s through a bounded queue of their own: a slow one loses its own
oldest events (policy `every`) or keeps only the latest per symbol (policy `latest`), and delays nobody.
"""

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from typing import Any, Literal

from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.core.market import Fact
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

Policy = Literal["every", "latest"]
EventHandler = Callable[["StreamEvent"], Awaitable[None] | None]
FactCall = Callable[[Any], None]


class EventType(StrEnum):
    """What an event tells."""

    PRICE_UPDATE = "price_update"
    PORTFOLIO_UPDATE = "portfolio_update"
    ALERT_TRIGGERED = "alert_triggered"
    CONNECTION_STATUS = "connection_status"
    MARKET_DATA = "market_data"
    SYSTEM_STATUS = "system_status"
    USER_ACTION = "user_action"


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """Something that happened; `data` is read-only by agreement, `timestamp` aware UTC."""

    event_type: EventType
    data: Mapping[str, Any]
    timestamp: datetime
    source: str
    event_id: str
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to hear; every condition given must hold, none given passes all.

    With `symbols`, an event without a symbol does not match. A `custom_filter` that raises counts as no match.
    """

    event_types: set[EventType] | None = None
    sources: set[str] | None = None
    symbols: set[str] | None = None
    custom_filter: Callable[[StreamEvent], bool] | None = None

    def matches(self, event: StreamEvent) -> bool:
        """Tell whether `event` passes."""
        if self.event_types is not None and event.event_type not in self.event_types:
            return False
        if self.sources is not None and event.source not in self.sources:
            return False
        if self.symbols is not None and event.data.get("symbol") not in self.symbols:
            return False
        return self.custom_filter is None or self._custom(self.custom_filter, event)

    @staticmethod
    def _custom(custom_filter: Callable[[StreamEvent], bool], event: StreamEvent) -> bool:
        try:
            return bool(custom_filter(event))
        except Exception:  # the supervisor of foreign code
            logger.warning("event filter failed", exc_info=True)
            return False


@dataclass(slots=True)
class _Subscription:
    handler: EventHandler
    event_filter: EventFilter
    priority: int
    policy: Policy
    bound: int
    waiting: dict[object, StreamEvent] = field(default_factory=dict)
    awake: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    dropped: int = 0
    conflated: int = 0
    processed: int = 0
    failed: int = 0

    def offer(self, event: StreamEvent) -> None:
        key: object = event.event_id
        if self.policy == "latest":
            key = (event.event_type, event.data.get("symbol"))
            if key in self.waiting:
                self.conflated += 1
        if len(self.waiting) >= self.bound and key not in self.waiting:
            del self.waiting[next(iter(self.waiting))]
            self.dropped += 1
        self.waiting[key] = event
        self.awake.set()

    async def drain(self) -> None:
        while True:
            await self.awake.wait()
            self.awake.clear()
            while self.waiting:
                event = self.waiting.pop(next(iter(self.waiting)))
                await self._handle(event)

    async def _handle(self, event: StreamEvent) -> None:
        try:
            result = self.handler(event)
            if inspect.isawaitable(result):
                await result
        except Exception:  # the supervisor of foreign code
            self.failed += 1
            logger.exception("event handler failed", extra={"event_type": event.event_type})
        self.processed += 1


class StreamEventBus:
    """Publish and subscribe within one process."""

    def __init__(self, max_queue: int = 10_000, history: int = 1000, *, clock: Clock | None = None) -> None:
        self._clock: Clock = clock or SystemClock()
        self._max_queue = max_queue
        self._history: deque[StreamEvent] = deque(maxlen=history)
        self._subscriptions: dict[str, _Subscription] = {}
        self._ordered: list[_Subscription] = []
        self._inline: dict[type[Fact], list[FactCall]] = {}
        self._nursery = Nursery()
        self._ids = count(1)
        self._published = 0
        self._dropped = 0
        self._retired = 0

    async def start(self) -> None:
        """Begin to deliver."""
        await self._nursery.start()
        for subscription_id in self._subscriptions:
            self._run(subscription_id)

    async def stop(self) -> None:
        """End delivery; what still waits is dropped and counted."""
        await self._nursery.stop()
        for subscription in self._ordered:
            subscription.dropped += len(subscription.waiting)
            subscription.waiting.clear()
            subscription.task = None

    def attach(self, callback: FactCall, kinds: Iterable[type[Fact]]) -> Callable[[], None]:
        """Call `callback(fact)` in the same turn for each fact of `kinds`; return the function that ends it.

        The callback must be quick and must not raise: an error in it is a bug and ends the feed.
        """
        lists = [self.calls(kind) for kind in kinds]
        for calls in lists:
            calls.append(callback)

        def detach() -> None:
            for calls in lists:
                if callback in calls:
                    calls.remove(callback)

        return detach

    def calls(self, kind: type[Fact]) -> list[FactCall]:
        """Return the live list of inline subscribers of `kind`, for publishers that keep it at hand."""
        return self._inline.setdefault(kind, [])

    def emit(self, fact: Fact) -> None:
        """Hand a fact to its inline subscribers."""
        for call in self._inline.get(type(fact), ()):
            call(fact)

    def subscribe(
        self,
        subscription_id: str,
        handler: EventHandler,
        event_filter: EventFilter | None = None,
        priority: int = 0,
        *,
        event_types: set[EventType] | None = None,
        symbols: set[str] | None = None,
        policy: Policy = "every",
        max_queue: int | None = None,
    ) -> bool:
        """Call `handler(event)` for every matching event; False if the id is taken.

        Higher `priority` is offered an event first. `event_types` and `symbols` are a short form of a filter.
        """
        if subscription_id in self._subscriptions:
            return False
        chosen = event_filter or EventFilter(event_types=event_types, symbols=symbols)
        bound = max_queue or self._max_queue
        self._subscriptions[subscription_id] = _Subscription(handler, chosen, priority, policy, bound)
        self._order()
        if self._nursery.is_open:
            self._run(subscription_id)
        return True

    def unsubscribe(self, subscription_id: str) -> bool:
        """End a subscription; False if there is none of that id."""
        subscription = self._subscriptions.pop(subscription_id, None)
        if subscription is None:
            return False
        if subscription.task is not None:
            subscription.task.cancel()
        self._dropped += subscription.dropped + len(subscription.waiting)
        self._retired += subscription.processed
        self._order()
        return True

    def wants(self, event_type: EventType) -> bool:
        """Tell whether any queued subscriber may hear events of this type, so that nobody builds them in vain."""
        return any(
            subscription.event_filter.event_types is None
            or event_type in subscription.event_filter.event_types
            for subscription in self._ordered
        )

    async def publish(self, event: StreamEvent) -> bool:
        """Offer an event to every matching subscriber; False if the bus is not running."""
        return self.publish_nowait(event)

    def publish_nowait(self, event: StreamEvent) -> bool:
        """Offer an event without waiting; False if the bus is not running."""
        if not self._nursery.is_open:
            self._dropped += 1
            return False
        self._published += 1
        self._history.append(event)
        for subscription in self._ordered:
            if subscription.event_filter.matches(event):
                subscription.offer(event)
        return True

    async def publish_price_update(self, symbol: str, data: Mapping[str, Any], source: str = "user") -> bool:
        """Publish a price update; `data` gets the symbol if it lacks one."""
        return self.publish_nowait(self.event(EventType.PRICE_UPDATE, {"symbol": symbol, **data}, source))

    async def publish_portfolio_update(self, data: Mapping[str, Any], source: str = "user") -> bool:
        """Publish a portfolio update."""
        return self.publish_nowait(self.event(EventType.PORTFOLIO_UPDATE, data, source))

    async def publish_alert(self, data: Mapping[str, Any], source: str = "user") -> bool:
        """Publish an alert."""
        return self.publish_nowait(self.event(EventType.ALERT_TRIGGERED, data, source))

    def event(self, event_type: EventType, data: Mapping[str, Any], source: str) -> StreamEvent:
        """Make an event of this instant."""
        at = datetime.fromtimestamp(self._clock.now() / 1e9, UTC)
        return StreamEvent(event_type, data, at, source, f"e{next(self._ids)}")

    def get_bus_stats(self) -> dict[str, int | bool]:
        """Return counts: published, processed, dropped, conflated, subscriptions, waiting, history, running."""
        return {
            "events_published": self._published,
            "events_processed": self._retired + sum(each.processed for each in self._ordered),
            "events_dropped": self._dropped + sum(each.dropped for each in self._ordered),
            "events_conflated": sum(each.conflated for each in self._ordered),
            "active_subscriptions": len(self._subscriptions),
            "queue_size": sum(len(each.waiting) for each in self._ordered),
            "history_size": len(self._history),
            "running": self._nursery.is_open,
        }

    def get_recent_events(self, limit: int = 100, event_type: EventType | None = None) -> list[StreamEvent]:
        """Return up to `limit` of the newest events, oldest first."""
        found = [each for each in self._history if event_type is None or each.event_type == event_type]
        return found[-limit:] if limit > 0 else []

    def _order(self) -> None:
        self._ordered = sorted(self._subscriptions.values(), key=lambda each: -each.priority)

    def _run(self, subscription_id: str) -> None:
        subscription = self._subscriptions[subscription_id]
        subscription.task = self._nursery.spawn(subscription.drain(), name=f"bus {subscription_id}")
