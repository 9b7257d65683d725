"""What was told lately, as far as the next messages depend on it. Lost with the process, which costs little."""

from collections import OrderedDict

from crypto_portfolio_analyzer.core.alerts import Severity, Silence
from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.engine.delivery.ports import DeliveryStore
from crypto_portfolio_analyzer.engine.delivery.sifting import severity_of, symbol_of
from crypto_portfolio_analyzer.engine.delivery.stages.grouping import Message
from crypto_portfolio_analyzer.engine.delivery.timing import SECOND

REMEMBERED = 20_000
"""Firings whose place of telling is remembered."""


class Memory:
    """Who was told what: for de-duplication and inhibition; and the silences, read at most once a second."""

    def __init__(self, store: DeliveryStore) -> None:
        self._store = store
        self.told: OrderedDict[tuple[str, str], str] = OrderedDict()
        """The delivery by which a firing was first told on a lane."""
        self._critical: dict[str, dict[str, int]] = {}
        self._silences: list[Silence] = []
        self._read_at = 0

    def ready(self, message: Message, lane: str) -> None:
        """Remember that a message is about to be sent."""
        for work in message:
            if work.delivery.firing_id is not None:
                self.told.setdefault((lane, work.delivery.firing_id), work.delivery.id)
        while len(self.told) > REMEMBERED:
            self.told.popitem(last=False)

    def accepted(self, message: Message, channel: Channel, now: int) -> None:
        """Remember that a message has arrived."""
        for work in message:
            if severity_of(work) is Severity.CRITICAL and symbol_of(work):
                self._critical.setdefault(channel.id, {})[symbol_of(work)] = now

    def critical(self, channel: Channel) -> dict[str, int]:
        """Return when a critical firing of each symbol was last told on a channel."""
        return self._critical.get(channel.id, {})

    async def silences(self, now: int) -> list[Silence]:
        """Return the silences in force."""
        if now - self._read_at >= SECOND:
            self._silences, self._read_at = await self._store.silences(None, now), now
        return self._silences
