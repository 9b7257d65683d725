"""Composing: from claimed deliveries to the notification that a channel sends."""

from collections.abc import Callable, Mapping

from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.core.notices.wording import compose
from crypto_portfolio_analyzer.engine.delivery.stages.grouping import Message

Breadth = Callable[[], tuple[int, int]]
"""How many markets rise and how many fall over 24 hours."""
Moves = Callable[[], Mapping[str, float]]
"""By how many percent each symbol has moved over 24 hours."""


class Composer:
    """Knows what is the same for every notification: whether prices are simulated, where people read on."""

    def __init__(
        self, *, simulated: bool, public_url: str, breadth: Breadth | None = None, moves: Moves | None = None
    ) -> None:
        self._simulated, self._public_url = simulated, public_url
        self._breadth, self._moves = breadth, moves

    def __call__(self, message: Message, channel: Channel, at: int) -> Notification:
        """Compose what a message says on a channel at an instant (ns)."""
        first, is_digest = message[0].delivery, len(message) > 1
        return compose(
            message,
            channel,
            at=at,
            attempt=first.attempts + 1,
            is_repeat=any(work.delivery.unsure for work in message),
            simulated=self._simulated,
            public_url=self._public_url,
            breadth=self._breadth() if is_digest and self._breadth is not None else None,
            moves=self._moves() if is_digest and self._moves is not None else None,
        )
