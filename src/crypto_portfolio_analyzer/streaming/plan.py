"""The plan: which connection carries which subscription, within the venue's limits.

Wishes are gathered for a moment, then spread over as few connections as the limits allow. A connection that
nears the end of its life, or whose venue announces a shutdown, is replaced first and closed after.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from itertools import count
from random import Random

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.venues import Channel, Exchange, Subscription
from crypto_portfolio_analyzer.streaming.lines import Line
from crypto_portfolio_analyzer.streaming.pacing import MARGIN, Pace
from crypto_portfolio_analyzer.streaming.transport import Closed, OnFrame, Transport
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

GATHER = 0.02
"""Seconds to gather wishes before acting on them."""
BEFORE_CUT = 600.0
"""How long before the venue's cut a connection is replaced."""
READY_WITHIN = 60.0
REFUSED_FOR = 3600.0
"""Seconds until a subscription that the venue declined is asked for again."""
_TICK = 1.0


class Plan:
    """All connections to one venue."""

    def __init__(
        self,
        exchange: Exchange,
        base: str,
        *,
        clock: Clock,
        nursery: Nursery,
        reader: Callable[[Line], OnFrame],
        on_down: Callable[[Line, Closed], None],
        transport: Transport | None,
        random: Random,
    ) -> None:
        self.lines: list[Line] = []
        self._exchange, self._base, self._clock, self._nursery = exchange, base, clock, nursery
        self._reader, self._on_down = reader, on_down
        self._transport, self._random = transport, random
        limits = exchange.limits
        self._connects = Pace(clock, max(1, int(limits.connections * MARGIN)), limits.connections_window)
        self._wanted: dict[Subscription, Line | None] = {}
        self._symbols: Counter[str] = Counter()
        self._refused: dict[Subscription, tuple[str, float]] = {}
        self._changed = asyncio.Event()
        self._replacing: set[Line] = set()
        self._retired_reconnects = 0
        self._retired_frames = 0
        self._numbers = count(1)

    @property
    def size(self) -> int:
        """How many subscriptions are wanted."""
        return len(self._wanted)

    def want(self, subscription: Subscription) -> None:
        """Add a wish."""
        if subscription not in self._wanted:
            self._wanted[subscription] = None
            self._symbols[subscription.symbol] += 1
            self._changed.set()

    def drop(self, subscription: Subscription) -> None:
        """Take a wish back."""
        if subscription not in self._wanted:
            return
        self._symbols[subscription.symbol] -= 1
        if not self._symbols[subscription.symbol]:
            del self._symbols[subscription.symbol]
        self._refused.pop(subscription, None)
        if self._wanted.pop(subscription) is not None:
            for line in self.lines:
                line.remove([subscription])
        self._changed.set()

    def wants_symbol(self, symbol: str) -> bool:
        """Tell whether any channel of `symbol` is wanted."""
        return self._symbols[symbol] > 0

    def refusal(self, symbol: str) -> str | None:
        """Return what the venue said when it declined a symbol; None if it did not."""
        for channel in Channel:
            told = self._refused.get(Subscription(symbol, channel))
            if told is not None:
                return told[0]
        return None

    def line_of(self, subscription: Subscription) -> Line | None:
        """Return the connection that carries a subscription."""
        return self._wanted.get(subscription)

    def is_connected(self, symbol: str) -> bool:
        """Tell whether an open connection carries `symbol`."""
        return any(
            line.stream.is_connected
            for channel in Channel
            if (line := self._wanted.get(Subscription(symbol, channel))) is not None
        )

    def is_carried_elsewhere(self, subscription: Subscription, line: Line) -> bool:
        """Tell whether another open connection carries the subscription too."""
        return any(
            other is not line and other.stream.is_connected and subscription in other.subscriptions
            for other in self.lines
        )

    async def run(self) -> None:
        """Act on wishes as they come."""
        while True:
            await self._changed.wait()
            await self._clock.sleep(GATHER)
            self._changed.clear()
            self._put_aside()
            self._spread()

    async def care(self) -> None:
        """Look after the connections: ask again for what was not answered, replace what is about to be cut."""
        while True:
            await self._clock.sleep(_TICK)
            self._look()

    def _look(self) -> None:
        lifetime = self._exchange.limits.lifetime
        now = self._clock.monotonic()
        due = [each for each, (_why, until) in self._refused.items() if now >= until]
        for each in due:
            del self._refused[each]
            self._changed.set()
        for line in list(self.lines):
            if not line.stream.is_connected:
                continue
            line.check()
            age = self._clock.monotonic() - line.opened_at
            if lifetime is not None and age > lifetime - min(BEFORE_CUT, lifetime / 4):
                self.replace_soon(line)

    def _put_aside(self) -> None:
        """Take what was refused off its connection: a venue cuts one on which nothing was subscribed."""
        until = self._clock.monotonic() + REFUSED_FOR
        for line in self.lines:
            for each, why in line.take_refused().items():
                if each in self._wanted:
                    self._refused[each] = why, until
                    self._wanted[each] = None

    def _spread(self) -> None:
        """Put wishes without a connection onto one with room, and close connections that carry nothing."""
        waiting = [each for each, line in self._wanted.items() if line is None and each not in self._refused]
        for line in self.lines:
            if waiting and line not in self._replacing:
                taken, waiting = waiting[: line.room], waiting[line.room :]
                self._carry(line, taken)
        size = self._exchange.limits.subscriptions_per_connection
        while waiting:
            taken, waiting = waiting[:size], waiting[size:]
            line = self._new_line()
            self._carry(line, taken)
            self._nursery.spawn(line.run(), name=line.name)
        for line in [each for each in self.lines if not each.subscriptions]:
            self._retire(line)

    def _carry(self, line: Line, subscriptions: list[Subscription]) -> None:
        line.add(subscriptions)
        for each in subscriptions:
            self._wanted[each] = line

    def _new_line(self) -> Line:
        line = self.detached(f"{self._exchange.name}-{next(self._numbers)}")
        self.lines.append(line)
        return line

    def detached(self, name: str) -> Line:
        """Return a line that this plan does not run; a replay feeds it by hand."""
        return Line(
            self._exchange,
            name,
            self._base,
            clock=self._clock,
            reader=self._reader,
            on_down=self._on_down,
            connects=self._connects,
            on_refused=self._changed.set,
            transport=self._transport,
            random=self._random,
        )

    def _retire(self, line: Line) -> None:
        self._retired_reconnects += max(0, line.stream.metrics().connection_count - 1)
        self._retired_frames += line.stream.frames
        self.lines.remove(line)
        line.stop()

    def replace_soon(self, line: Line) -> None:
        """Open a second connection with the same subscriptions, switch over, then close the old one."""
        if line not in self._replacing and line in self.lines:
            self._replacing.add(line)
            self._nursery.spawn(self._replace(line), name=f"replace {line.name}")

    async def _replace(self, old: Line) -> None:
        logger.info("replacing connection", extra={"line": old.name})
        new = self._new_line()
        self._carry(new, [each for each, line in self._wanted.items() if line is old])
        self._nursery.spawn(new.run(), name=new.name)
        due = self._clock.monotonic() + READY_WITHIN
        while self._clock.monotonic() < due and not (new.is_ready and new.stream.frames):
            await self._clock.sleep(0.1)
        await self._clock.sleep(1.0)
        self._replacing.discard(old)
        if old in self.lines:
            self._retire(old)

    def status(self) -> str:
        """Return one word for the doors: idle, connected, connecting, reconnecting or error."""
        if not self.lines:
            return "idle"
        statuses = [str(line.stream.status) for line in self.lines if line not in self._replacing]
        for word in ("error", "reconnecting", "disconnected", "connecting"):
            if word in statuses:
                return word
        return "connected"

    def statuses(self) -> Counter[str]:
        """Return how many connections are in each state."""
        return Counter(str(line.stream.status) for line in self.lines)

    def frames(self) -> int:
        """Return how many messages came."""
        return self._retired_frames + sum(line.stream.frames for line in self.lines)

    def reconnects(self) -> int:
        """Return how often connections were made again after a loss."""
        return self._retired_reconnects + sum(line.stream.metrics().reconnection_count for line in self.lines)

    def stop(self) -> None:
        """Close every connection; `run` opens new ones for what is still wanted."""
        for line in list(self.lines):
            self._retire(line)
        self._replacing.clear()
        self._wanted = dict.fromkeys(self._wanted)
        self._changed.set()
