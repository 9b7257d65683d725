"""Lines: one venue connection each, with the subscriptions it carries and what became of them."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import partial
from itertools import count
from random import Random

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.market import Control, ControlKind
from crypto_portfolio_analyzer.core.venues import Exchange, Message, Subscription
from crypto_portfolio_analyzer.streaming.pacing import Pace
from crypto_portfolio_analyzer.streaming.streams import Stream, StreamConfig
from crypto_portfolio_analyzer.streaming.transport import Closed, OnFrame, Transport

SPACING = 2.0
"""Messages go out this many times further apart than the venue's limit: pongs count too, and queues squeeze them."""
ACK_WITHIN = 10.0
"""Seconds a venue may take to acknowledge before the request is sent again, once, and then the line dropped."""


class Request(Enum):
    """What became of the wish for a subscription."""

    WANTED = "wanted"
    SENT = "sent"
    ACKED = "acked"
    REFUSED = "refused"


class Line:
    """A connection to a venue that opens its subscriptions anew after each connect, within the venue's limits."""

    def __init__(
        self,
        exchange: Exchange,
        name: str,
        base: str,
        *,
        clock: Clock,
        reader: Callable[["Line"], OnFrame],
        on_down: Callable[["Line", Closed], None],
        connects: Pace,
        on_refused: Callable[[], None] | None = None,
        transport: Transport | None = None,
        random: Random | None = None,
    ) -> None:
        self.exchange, self.name, self._base, self._clock = exchange, name, base, clock
        self.subscriptions: dict[Subscription, Request] = {}
        self.refusals: dict[Subscription, str] = {}
        self._on_refused = on_refused
        self.decoder = exchange.decoder()
        self.opened_at = 0.0
        self._in_url: set[Subscription] = set()
        self._asked: dict[int, tuple[tuple[Subscription, ...], float, int]] = {}
        self._next_request = 1
        self._unnumbered = count(-1, -1)
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._pace = Pace(clock, 1, SPACING / exchange.limits.messages_per_second)
        config = StreamConfig(stream_id=name, url=base)
        self.stream = Stream(
            config,
            lambda _stream: reader(self),
            clock=clock,
            transport=transport,
            address=self._address,
            on_open=self._opened,
            on_down=partial(on_down, self),
            connects=connects,
            silence=exchange.limits.silence,
            random=random,
        )

    @property
    def room(self) -> int:
        """How many more subscriptions fit."""
        return self.exchange.limits.subscriptions_per_connection - len(self.subscriptions)

    @property
    def is_ready(self) -> bool:
        """Whether the connection is open and every subscription was answered."""
        return self.stream.is_connected and not any(
            state in (Request.WANTED, Request.SENT) for state in self.subscriptions.values()
        )

    def add(self, subscriptions: Iterable[Subscription]) -> None:
        """Carry these too."""
        added = [each for each in subscriptions if each not in self.subscriptions]
        for each in added:
            self.subscriptions[each] = Request.WANTED
        if self.stream.is_connected:
            self._ask(added)

    def remove(self, subscriptions: Iterable[Subscription]) -> None:
        """Carry these no longer."""
        removed = [each for each in subscriptions if self.subscriptions.pop(each, None) is not None]
        for each in removed:
            self.refusals.pop(each, None)
        if removed and self.stream.is_connected:
            self._queue(self.exchange.unsubscribe(removed, self._next_request))

    def again(self, subscription: Subscription) -> None:
        """End and open one subscription: it was acknowledged, yet is silent."""
        self._queue(self.exchange.unsubscribe([subscription], self._next_request))
        self.subscriptions[subscription] = Request.WANTED
        self._ask([subscription])

    def control(self, control: Control) -> None:
        """Note what the venue answered."""
        if control.kind is ControlKind.ACK:
            for each in self._answered(control):
                if each in self.subscriptions:
                    self.subscriptions[each] = Request.ACKED
        elif control.kind is ControlKind.REFUSED:
            self._refuse(control)

    def _answered(self, control: Control) -> Sequence[Subscription]:
        asked = None if control.request_id is None else self._asked.pop(control.request_id, None)
        if asked is None:
            named = set(control.names)
            return [
                each
                for each in self.subscriptions
                if each.symbol == control.symbol
                or (named and self.exchange.venue_symbol(each.symbol) in named)
            ]
        subscriptions, due, tries = asked
        if control.symbol is None:
            return subscriptions
        rest = tuple(each for each in subscriptions if each.symbol != control.symbol)
        if rest and control.request_id is not None:  # the others are answered one by one
            self._asked[control.request_id] = rest, due, tries
        return [each for each in subscriptions if each.symbol == control.symbol]

    def _refuse(self, control: Control) -> None:
        """Note a refusal; where one bad symbol cost others their request too, ask for those again."""
        again: list[Subscription] = []
        if control.request_id is None:
            again = self._refused_with(control.symbol)
        refused = [each for each in self._answered(control) if each in self.subscriptions]
        if control.symbol is None and not control.names:
            refused, again = refused or again, []
            if len(refused) > 1:  # the venue does not say which: halve until it is found
                half = len(refused) // 2
                self._ask(refused[:half])
                self._ask(refused[half:])
                return
        for each in refused:
            self.subscriptions[each] = Request.REFUSED
            self.refusals[each] = control.text
        self._ask([each for each in again if self.subscriptions.get(each) is Request.SENT])
        if refused and self._on_refused is not None:
            self._on_refused()

    def _refused_with(self, symbol: str | None) -> list[Subscription]:
        """Return what the oldest request unnamed by its answer asked for: that of `symbol`, if one is given."""
        for number, (subscriptions, _due, _tries) in self._asked.items():
            waiting = [each for each in subscriptions if self.subscriptions.get(each) is Request.SENT]
            names_it = symbol is None or any(each.symbol == symbol for each in waiting)
            if number < 0 and waiting and names_it:
                del self._asked[number]
                return waiting
        return []

    def take_refused(self) -> dict[Subscription, str]:
        """Carry what was refused no longer; return it with the venue's words."""
        taken = {
            each: self.refusals.pop(each, "")
            for each, state in self.subscriptions.items()
            if state is Request.REFUSED
        }
        for each in taken:
            del self.subscriptions[each]
        return taken

    def heard(self, subscription: Subscription) -> None:
        """Note that data came: as good as an acknowledgement."""
        if self.subscriptions.get(subscription, Request.ACKED) is not Request.ACKED:
            self.subscriptions[subscription] = Request.ACKED

    def check(self) -> None:
        """Ask again for what was not answered in time; after the second time drop the connection."""
        now = self._clock.monotonic()
        for request_id, (subscriptions, due, tries) in list(self._asked.items()):
            if now < due:
                continue
            del self._asked[request_id]
            waiting = [each for each in subscriptions if self.subscriptions.get(each) is Request.SENT]
            if waiting and tries > 1:
                self.stream.drop()
                return
            if waiting:
                self._ask(waiting, tries=tries + 1)

    async def run(self) -> None:
        """Connect, stay connected and send what is to be sent at the venue's pace."""
        async with asyncio.TaskGroup() as group:
            sender = group.create_task(self._send())
            try:
                await self.stream.run()
            finally:
                sender.cancel()

    async def _send(self) -> None:
        while True:
            message = await self._outbox.get()
            await self._pace.spend()
            await self.stream.send(message.text)

    def stop(self) -> None:
        """Close for good."""
        self.stream.stop()

    def _address(self) -> str:
        self.decoder = self.exchange.decoder()
        wanted = list(self.subscriptions)
        self._in_url = set(wanted[: self.exchange.in_url(wanted)])
        return self.exchange.url(self._base, wanted)

    def _opened(self) -> None:
        self.opened_at = self._clock.monotonic()
        while not self._outbox.empty():
            self._outbox.get_nowait()
        self._asked.clear()
        for each in self.subscriptions:
            self.subscriptions[each] = Request.ACKED if each in self._in_url else Request.WANTED
        self._ask([each for each in self.subscriptions if each not in self._in_url])

    def _ask(self, subscriptions: Sequence[Subscription], tries: int = 1) -> None:
        if not subscriptions:
            return
        messages = self.exchange.subscribe(subscriptions, self._next_request)
        self._queue(messages)
        due = (
            self._clock.monotonic()
            + ACK_WITHIN
            + self._outbox.qsize() * SPACING / self.exchange.limits.messages_per_second
        )
        for message in messages:
            for each in message.subscriptions:
                self.subscriptions[each] = Request.SENT
            number = next(self._unnumbered) if message.request_id is None else message.request_id
            self._asked[number] = (message.subscriptions, due, tries)

    def _queue(self, messages: Sequence[Message]) -> None:
        for message in messages:
            if message.request_id is not None:
                self._next_request = max(self._next_request, message.request_id + 1)
            self._outbox.put_nowait(message)
