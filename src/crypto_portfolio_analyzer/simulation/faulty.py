"""Runs a venue's faults: begins them when they are due and ends them when they are over."""

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Protocol

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.simulation.connection import Connection, Mangle
from crypto_portfolio_analyzer.simulation.faults import Fault, FaultKind
from crypto_portfolio_analyzer.simulation.mangles import Duplicate, Garbage, Reorder, Skip
from crypto_portfolio_analyzer.simulation.venue import Dialect
from crypto_portfolio_analyzer.simulation.wording import SECOND


class Target(Protocol):
    """The server that faults happen to."""

    @property
    def name(self) -> str:
        """The venue's name."""
        ...

    @property
    def clock(self) -> Clock:
        """What `at` and `lasts` are measured with."""
        ...

    @property
    def dialect(self) -> Dialect:
        """The venue's protocol."""
        ...

    @property
    def connections(self) -> Mapping[int, Connection]:
        """The open connections."""
        ...

    def disconnect(self, connection: Connection, code: int, reason: str = "") -> None:
        """Close a connection."""
        ...


class Faults:
    """The faults of one server, planned and going on."""

    def __init__(self, server: Target, *, seed: int) -> None:
        self._server = server
        self._random = Random(seed)
        self._plan: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        self._mangles: dict[Fault, Mangle] = {}
        self._going_on: list[Fault] = []
        self.injected: Counter[FaultKind] = Counter()
        """How often a fault began, or how many frames it touched."""

    @property
    def outage(self) -> bool:
        """Whether nobody may connect or ask."""
        return any(fault.kind is FaultKind.OUTAGE for fault in self._going_on)

    @property
    def rest_delay(self) -> float:
        """By how many seconds REST answers late."""
        return sum(fault.value for fault in self._going_on if fault.kind is FaultKind.SLOW)

    @property
    def mangles(self) -> Sequence[Mangle]:
        """What happens to frames on their way out."""
        return tuple(self._mangles.values())

    def refuse_rest(self) -> tuple[int, float] | None:
        """Return the HTTP status and the wait of a REST error that is going on."""
        for fault in self._going_on:
            if fault.kind is FaultKind.REST:
                self.injected[FaultKind.REST] += 1
                return int(fault.value), fault.retry_after
        return None

    def schedule(self, script: Sequence[Fault], now: float) -> None:
        """Plan the faults of this venue; `at` counts from `now`."""
        for fault in script:
            if fault.venue in (None, self._server.name):
                for turn in range(max(1, fault.times)):
                    self._at(now + fault.at + turn * (fault.every or 0.0), partial(self._begin, fault))

    def inject(self, fault: Fault, now: float) -> None:
        """Let `fault` begin now."""
        self._at(now, partial(self._begin, fault))
        self.advance(now)

    def advance(self, now: float) -> None:
        """Begin and end what is due."""
        while self._plan and self._plan[0][0] <= now:
            heapq.heappop(self._plan)[2]()

    def greet(self, connection: Connection) -> None:
        """Let a new connection have its share of a lasting silence."""
        for fault in self._going_on:
            if fault.kind is FaultKind.SILENCE:
                _freeze(connection, fault)

    def _at(self, when: float, act: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._plan, (when, self._order, act))

    def _begin(self, fault: Fault) -> None:
        if fault.kind not in (FaultKind.GARBAGE, FaultKind.DUPLICATE, FaultKind.REORDER, FaultKind.SKIP):
            self.injected[fault.kind] += 1
        lasting = fault.lasts is not None or fault.kind in _STAYING
        if lasting and fault not in self._going_on:
            self._going_on.append(fault)
        {
            FaultKind.CLOSE: self._close,
            FaultKind.SILENCE: self._silence,
            FaultKind.MUTE: self._mute,
            FaultKind.SHUTDOWN: self._shut_down,
            FaultKind.OUTAGE: self._cut_all,
            FaultKind.REST: _nothing,
            FaultKind.SLOW: _nothing,
            FaultKind.SKEW: self._skew,
        }.get(fault.kind, self._mangle)(fault)
        if fault.lasts is not None:
            self._at(self._server.clock.monotonic() + fault.lasts, partial(self._end, fault))

    def _end(self, fault: Fault) -> None:
        if fault in self._going_on:
            self._going_on.remove(fault)
        mangle = self._mangles.pop(fault, None)
        if isinstance(mangle, Reorder):
            for connection in self._server.connections.values():
                mangle.release(connection)
        if fault.kind is FaultKind.MUTE:
            self._server.dialect.unmute(fault.name)
        elif fault.kind is FaultKind.SKEW:
            self._server.dialect.market.skew -= int(fault.value * SECOND)
        elif fault.kind is FaultKind.SILENCE:
            for connection in self._server.connections.values():
                connection.frozen = connection.deaf = False

    def _close(self, fault: Fault) -> None:
        for connection in list(self._server.connections.values()):
            self._server.disconnect(connection, int(fault.value) or 1006, "scripted")

    def _silence(self, fault: Fault) -> None:
        for connection in self._server.connections.values():
            _freeze(connection, fault)

    def _mute(self, fault: Fault) -> None:
        self._server.dialect.mute(fault.name, lasting=fault.lasts is not None)

    def _shut_down(self, fault: Fault) -> None:
        now = self._server.clock
        doomed = list(self._server.connections.values())
        for connection in doomed:
            notice = self._server.dialect.shutdown_notice(connection, now.now())
            if notice:
                connection.send(notice)

        def close() -> None:
            for connection in doomed:
                self._server.disconnect(connection, 1001, "shutdown")

        self._at(now.monotonic() + fault.value, close)

    def _cut_all(self, fault: Fault) -> None:
        for connection in self._server.connections.values():
            connection.abort()

    def _skew(self, fault: Fault) -> None:
        self._server.dialect.market.skew += int(fault.value * SECOND)

    def _chosen(self, fault: Fault) -> frozenset[int] | None:
        """Return the connections there are, unless the fault lasts and so hits any."""
        return frozenset(self._server.connections) if fault.lasts is None else None

    def _mangle(self, fault: Fault) -> None:
        if fault.kind is FaultKind.DUPLICATE:
            self._mangles[fault] = Duplicate(fault, self._random, self.injected)
        elif fault.kind is FaultKind.REORDER:
            self._mangles[fault] = Reorder(fault, self._random, self.injected, self._server.clock.monotonic)
        elif fault.kind is FaultKind.SKIP:
            self._mangles[fault] = Skip(
                fault, self.injected, self._server.dialect.is_trade, self._chosen(fault)
            )
        else:
            self._mangles[fault] = Garbage(fault, self._random, self.injected)


_STAYING = frozenset({FaultKind.REST, FaultKind.SLOW, FaultKind.SKEW, FaultKind.OUTAGE})
"""Stay on if no end is given."""


def _freeze(connection: Connection, fault: Fault) -> None:
    connection.frozen, connection.deaf = True, fault.name == "deaf"


def _nothing(fault: Fault) -> None:
    """Begin a fault that only has to be going on."""
