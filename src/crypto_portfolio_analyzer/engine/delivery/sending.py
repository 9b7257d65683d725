"""Sending one message: paced, composed at the last moment, tried once, and cut off when its time is over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.engine.delivery.pacing import Pacer
from crypto_portfolio_analyzer.engine.delivery.ports import Accepted, ChannelType
from crypto_portfolio_analyzer.engine.delivery.stages.grouping import Message
from crypto_portfolio_analyzer.errors import DeliveryFailed
from crypto_portfolio_analyzer.failpoints import reach

logger = logging.getLogger(__name__)

Compose = Callable[[Message, Channel, int], Awaitable[Notification]]
"""Makes the notification of a message for a channel at an instant (ns)."""


class Result(Struct, frozen=True):
    """How one attempt went, when it began, and how long it took (ns)."""

    at: int
    took: int
    accepted: Accepted | None = None
    failure: DeliveryFailed | None = None


class Flight(Struct, eq=False):
    """A message under way."""

    channel: Channel
    message: Message
    lane: str
    kind: ChannelType
    began_at: int = 0
    """When (ns) the attempt began; 0 while it waits for its turn."""
    deadline: float | None = None
    """When (monotonic seconds) it is cut off."""
    is_overdue: bool = False
    task: asyncio.Task[None] | None = None


class Sender:
    """The hand that sends."""

    def __init__(self, clock: Clock, pacer: Pacer, compose: Compose) -> None:
        self._clock, self._pacer, self._compose = clock, pacer, compose

    async def send(self, flight: Flight) -> Result:
        """Send once and say how that went; only a stop of the house cancels it."""
        await self._pacer.wait(flight.kind.rates(flight.channel), urgent=True)
        flight.began_at = self._clock.now()
        flight.deadline = self._clock.monotonic() + flight.kind.timeout
        answer = await self._attempt(flight)
        flight.deadline = None
        took = self._clock.now() - flight.began_at
        if isinstance(answer, DeliveryFailed):
            return Result(flight.began_at, took, failure=answer)
        if isinstance(answer, BaseException):
            return Result(flight.began_at, took, failure=_unforeseen(flight, answer))
        reach("after_bytes_sent")
        return Result(flight.began_at, took, accepted=answer)

    async def _attempt(self, flight: Flight) -> Accepted | BaseException:
        try:  # gathered, so that whatever a type raises comes back as a value
            [answer] = await asyncio.gather(self._tell(flight), return_exceptions=True)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not flight.is_overdue or task is None:
                raise
            task.uncancel()
            return _timeout(flight)
        return answer

    async def _tell(self, flight: Flight) -> Accepted:
        notification = await self._compose(flight.message, flight.channel, flight.began_at)
        return await flight.kind.send(notification)


def _timeout(flight: Flight) -> DeliveryFailed:
    detail = f"there was no answer within {flight.kind.timeout:g} seconds"
    return DeliveryFailed("timeout", detail, is_unknown=True)


def _unforeseen(flight: Flight, error: BaseException) -> DeliveryFailed:
    """Make a failure of a bug; the text of an error may hold a secret, so only its name is told."""
    name = type(error).__name__
    logger.error(
        "a channel type failed in a way it must not", extra={"type": flight.kind.name, "error": name}
    )
    return DeliveryFailed("internal", f"we could not send it ({name}); this is our fault", is_unknown=True)
