"""Composing: from claimed deliveries to the notification that a channel sends."""

import asyncio
from collections.abc import Callable
from functools import partial

from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.core.notices.wording import compose
from crypto_portfolio_analyzer.engine.delivery.stages.grouping import Message

Breadth = Callable[[], tuple[int, int]]
"""How many markets rise and how many fall over 24 hours."""
Move = Callable[[str], float | None]
"""By how many percent a symbol has moved over 24 hours; None where that is not known."""
MANY = 30
"""Deliveries above which composing takes so long that nothing else should wait for it."""


class Composer:
    """Knows what is the same for every notification: whether prices are simulated, where people read on."""

    def __init__(
        self, *, simulated: bool, public_url: str, breadth: Breadth | None = None, move: Move | None = None
    ) -> None:
        self._simulated, self._public_url = simulated, public_url
        self._breadth, self._move = breadth, move

    async def __call__(self, message: Message, channel: Channel, at: int) -> Notification:
        """Compose what a message says on a channel at an instant (ns); a large digest in another thread."""
        first, is_digest = message[0].delivery, len(message) > 1
        composing = partial(
            compose,
            message,
            channel,
            at=at,
            attempt=first.attempts + 1,
            is_repeat=any(work.delivery.unsure for work in message),
            simulated=self._simulated,
            public_url=self._public_url,
            breadth=self._breadth() if is_digest and self._breadth is not None else None,
            moves=self._moves(message),
        )
        return await asyncio.to_thread(composing) if len(message) > MANY else composing()

    def _moves(self, message: Message) -> dict[str, float]:
        """Look up how far the symbols of a message have moved."""
        symbols = {work.firing.symbol for work in message if work.firing is not None}
        move = self._move
        found = {} if move is None else {symbol: move(symbol) for symbol in symbols}
        return {symbol: percent for symbol, percent in found.items() if percent is not None}
