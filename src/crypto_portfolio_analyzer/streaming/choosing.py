"""Choosing: which venue serves a watch now.

The first choice serves while it is well. It is left when it is silent, disconnected or plainly wrong and
another is well; it gets the watch back after it has been well for a while, longer each time it flaps.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from msgspec import Struct

from crypto_portfolio_analyzer.core.symbols import Symbol, same_market
from crypto_portfolio_analyzer.streaming.views import WatchState, WatchView

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.streaming.seats import Seat
    from crypto_portfolio_analyzer.streaming.venue import VenueFeed

NANO = 1_000_000_000
SOONEST, LATEST = 5.0, 30.0
"""Seconds of silence after which a symbol counts as stale: ten of its usual intervals within these bounds."""
QUIET = 120.0
"""The same for a symbol of which REST said again and again that nothing happened."""
INTERVALS = 10
WRONG_BY = log(1.03)
"""Prices of one asset further apart than this (3 %) cannot both be right for long."""
WRONG_FOR = 5.0
BACK_AFTER, BACK_LATEST = 10.0, 600.0
FLAP_MEMORY = 900.0


class Candidate(Struct, frozen=True):
    """A venue's feed and the market there that may serve a watch."""

    feed: VenueFeed
    symbol: str

    def __hash__(self) -> int:
        return hash((id(self.feed), self.symbol))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Candidate) and other.feed is self.feed and other.symbol == self.symbol

    @property
    def name(self) -> str:
        """The venue's name."""
        return self.feed.exchange.name

    @property
    def seat(self) -> Seat | None:
        """What the venue knows of the symbol."""
        return self.feed.seats.get(self.symbol)

    def patience(self, now: int) -> float:
        """Return after how many seconds of silence the symbol is stale here."""
        seat = self.seat
        if seat is None:
            return SOONEST
        usual = min(LATEST, max(SOONEST, INTERVALS * seat.interval(now)))
        return min(QUIET, usual * float(2**seat.quiet_checks))

    def is_well(self, now: int) -> bool:
        """Tell whether fresh facts come."""
        seat = self.seat
        if seat is None or not seat.heard_at or seat.dead_checks:
            return False
        if not self.feed.plan.is_connected(self.symbol):
            return False
        return now - seat.heard_at < self.patience(now) * NANO


class Watch:
    """One wanted symbol, `asked` as somebody spelled it first."""

    def __init__(self, asked: str, now: int) -> None:
        self.asked = asked
        self.wishes = 0
        self.candidates: list[Candidate] = []
        self.active: Candidate | None = None
        self.reason = ""
        self._since = now
        self._well_since: int | None = None
        self._wrong_since: int | None = None
        self._left: list[int] = []

    def answers(self, asked: Symbol) -> bool:
        """Tell whether this watch's market is what another spelling asks for."""
        return self.active is not None and same_market(asked, self.active.symbol)

    def choose(self, candidate: Candidate, now: int, reason: str) -> None:
        """Note who serves from now on, and why."""
        if self.active is not None and candidate is not self.candidates[0]:
            self._left.append(now)
        self.active, self.reason, self._since = candidate, reason, now
        self._well_since = self._wrong_since = None

    def decide(self, now: int) -> tuple[Candidate, str] | None:
        """Return who should take over and why; None if all stays as it is."""
        active = self.active
        if active is None or len(self.candidates) < 2:  # no choice
            return None
        others = [each for each in self.candidates if each is not active and each.is_well(now)]
        if not active.is_well(now):
            started = now - self._since > SOONEST * NANO
            return (others[0], f"{active.name} is silent") if others and started else None
        if self._is_wrong(active, others, now):
            return others[0], f"{active.name} is far from the others"
        return self._give_back(active, now)

    def _is_wrong(self, active: Candidate, others: list[Candidate], now: int) -> bool:
        """Tell whether the active price has stood alone for too long; a fallback only if the others are at one."""
        told = [each for each in others if each.seat is not None and each.seat.price > 0]
        is_alone = bool(told) and not any(self._agrees(active, each) for each in told)
        if is_alone and active is not self.candidates[0]:
            is_alone = len(told) > 1 and all(self._agrees(told[0], each) for each in told[1:])
        if not is_alone or active.seat is None or active.seat.price <= 0:
            self._wrong_since = None
            return False
        if self._wrong_since is None:
            self._wrong_since = now
        return now - self._wrong_since > WRONG_FOR * NANO

    def _give_back(self, active: Candidate, now: int) -> tuple[Candidate, str] | None:
        first = self.candidates[0]
        if first is active:
            return None
        if not first.is_well(now) or not self._agrees(first, active):
            self._well_since = None
            return None
        if self._well_since is None:
            self._well_since = now
        self._left = [at for at in self._left if now - at < FLAP_MEMORY * NANO]
        wait = min(BACK_LATEST, BACK_AFTER * 2 ** max(0, len(self._left) - 1))
        if now - self._well_since < wait * NANO:
            return None
        return first, f"{first.name} is well again"

    @staticmethod
    def _agrees(one: Candidate, other: Candidate) -> bool:
        first, second = one.seat, other.seat
        if first is None or second is None or first.price <= 0 or second.price <= 0:
            return False
        return abs(log(first.price / second.price)) <= WRONG_BY

    def is_served(self, now: int) -> bool:
        """Tell whether any stream delivers fresh facts."""
        return any(each.is_well(now) for each in self.candidates)

    def view(self, now: int) -> WatchView:
        """Return a snapshot for the doors."""
        active = self.active
        seat = active.seat if active else None
        heard = seat.heard_at if seat else 0
        return WatchView(
            asked=self.asked,
            symbol=active.symbol if active else self.asked,
            source=active.name if active else None,
            state=self._state(now),
            wishes=self.wishes,
            age_seconds=(now - heard) / NANO if heard else None,
            expected_interval=seat.interval(now) if seat else None,
            reason=self._words(),
        )

    def _words(self) -> str:
        if self.active is not None and self.active is not self.candidates[0]:
            return self.reason
        return self._why() if self._is_refused() else ""

    def _is_refused(self) -> bool:
        """Tell whether nobody will ever serve this."""
        return all(each.feed.refusal(each.symbol) is not None for each in self.candidates)

    def _state(self, now: int) -> WatchState:
        active = self.active
        if active is None or active.seat is None:
            return WatchState.WAITING
        if active.is_well(now):
            return WatchState.LIVE if active is self.candidates[0] else WatchState.FALLBACK
        if self._is_refused():
            return WatchState.REFUSED
        if active.feed.market.is_polled(active.symbol):
            return WatchState.POLLED
        return WatchState.STALE if active.seat.heard_at else WatchState.WAITING

    def _why(self) -> str:
        refusals = [
            f"{each.name}: {why}"
            for each in self.candidates
            if (why := each.feed.refusal(each.symbol)) is not None
        ]
        return "; ".join(refusals)
