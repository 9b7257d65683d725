"""Coverage: which stretches of one symbol at one venue were seen, how, and which were missed.

A miss is never silent: from the first wish on, every nanosecond is accounted for by exactly one status.
Intervals are `[from_at, until_at)` in ns UTC.
"""

from bisect import bisect_right
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


class CoverageStatus(StrEnum):
    """How a stretch is known, best first."""

    LIVE = "live"
    BACKFILLED = "backfilled"
    """Every trade was fetched later."""
    APPROXIMATED = "approximated"
    """Only bars were fetched later: high and low are known, the order inside is not."""
    MISSING = "missing"


_RANK = {status: rank for rank, status in enumerate(CoverageStatus)}


class Interval(Struct, frozen=True, gc=False):
    """One stretch of one status."""

    from_at: int
    until_at: int
    status: CoverageStatus


class Changes(Struct, frozen=True):
    """What is to be stored: everything from `from_at` on is replaced by `intervals`."""

    from_at: int
    intervals: tuple[Interval, ...]


class CoverageLedger:
    """The coverage of one symbol at one venue.

    Armed, it is either live (open) or missing (closed); `extend` tells that it was live until an instant.
    Instants that step back are taken as the newest one accounted: the ledger never raises and never overlaps.
    """

    __slots__ = ("_changed_at", "_open_status", "_settled", "_told_until", "live_until", "open_at")

    def __init__(self, intervals: Iterable[Interval] = ()) -> None:
        self._settled = sorted(intervals, key=lambda interval: interval.from_at)
        self._open_status: CoverageStatus | None = None
        self.open_at = self.live_until = self._settled[-1].until_at if self._settled else 0
        self._changed_at: int | None = None
        self._told_until = self.open_at

    @property
    def is_live(self) -> bool:
        """Whether facts arrive."""
        return self._open_status is CoverageStatus.LIVE

    @property
    def is_armed(self) -> bool:
        """Whether somebody wants the symbol, so that time without facts is missing."""
        return self._open_status is not None

    def arm(self, at: int) -> None:
        """Begin accounting at `at`; it is missing until `open_live`."""
        if self._open_status is None:
            self._begin(max(at, self.open_at), CoverageStatus.MISSING)

    def disarm(self, at: int) -> None:
        """End accounting: nobody wants the symbol any more."""
        self._settle(at)
        self._open_status = None

    def open_live(self, at: int) -> None:
        """Say that facts arrive from `at` on; what is armed and unaccounted before is missing."""
        if self.is_live:
            self.extend(at)
            return
        self._settle(at)
        self._begin(max(at, self.open_at), CoverageStatus.LIVE)

    def extend(self, at: int) -> None:
        """Say that the feed was seen alive until `at`; without effect unless live."""
        if at > self.live_until:  # noqa: PLR1730  # runs for every fact; max() costs four times as much
            self.live_until = at

    def close(self, at: int) -> None:
        """Say that the feed was lost: it was live until `at`, which may lie before the last `extend`."""
        if not self.is_live:
            return
        self.live_until = max(at, self.open_at)
        if self.live_until < self._told_until:  # what the store knows as live was not
            self._touch(self.live_until)
        self._settle(at)
        self._begin(self.open_at, CoverageStatus.MISSING)

    def mark(self, from_at: int, until_at: int, status: CoverageStatus) -> None:
        """Set the status of a stretch.

        MISSING replaces any other, since a loss was found there; the others replace only what is worse.
        """
        if from_at >= until_at:
            return
        if self._open_status is not None and until_at > self.open_at:
            if self.is_live:
                self.extend(from_at)
            self._settle_for(until_at)
        self._overlay(Interval(from_at, until_at, status))
        self._touch(from_at)

    def intervals(self, from_at: int | None = None, until_at: int | None = None) -> list[Interval]:
        """Return what is accounted in `[from_at, until_at)`; without an end, until the last change."""
        known = self._settled + self._open_part(until_at)
        clipped = (
            Interval(
                interval.from_at if from_at is None else max(interval.from_at, from_at),
                interval.until_at if until_at is None else min(interval.until_at, until_at),
                interval.status,
            )
            for interval in known
        )
        return _joined(interval for interval in clipped if interval.from_at < interval.until_at)

    def totals(self, at: int) -> dict[CoverageStatus, int]:
        """Return the accounted ns by status until `at`; their sum is the armed time known by then."""
        totals = dict.fromkeys(CoverageStatus, 0)
        for interval in self.intervals(until_at=at):
            totals[interval.status] += interval.until_at - interval.from_at
        return totals

    def covered(self, from_at: int, until_at: int) -> dict[CoverageStatus, float]:
        """Return the share of each status in `[from_at, until_at)`; what is unaccounted counts as missing."""
        spans = dict.fromkeys(CoverageStatus, 0)
        for interval in self.intervals(from_at, until_at):
            spans[interval.status] += interval.until_at - interval.from_at
        length = max(until_at - from_at, 1)
        spans[CoverageStatus.MISSING] = length - sum(spans.values()) + spans[CoverageStatus.MISSING]
        return {status: span / length for status, span in spans.items()}

    def gaps(self, from_at: int, until_at: int) -> list[tuple[int, int]]:
        """Return the stretches of `[from_at, until_at)` that are missing or unaccounted."""
        gaps = []
        reached = from_at
        for interval in self.intervals(from_at, until_at):
            if interval.status is CoverageStatus.MISSING:
                continue
            if interval.from_at > reached:
                gaps.append((reached, interval.from_at))
            reached = interval.until_at
        return [*gaps, (reached, until_at)] if reached < until_at else gaps

    def take_changes(self) -> Changes | None:
        """Return what changed since the last call, for the store; None if nothing did."""
        if self.is_live and self.live_until > max(self.open_at, self._told_until):
            self._touch(self.open_at)
        if self._changed_at is None:
            return None
        at, self._changed_at, self._told_until = self._changed_at, None, self.live_until
        whole = [interval for interval in self.intervals() if interval.until_at >= at]
        return Changes(min(whole[0].from_at, at) if whole else at, tuple(whole))

    def prune(self, before: int) -> None:
        """Forget the intervals that ended before an instant."""
        self._settled = [interval for interval in self._settled if interval.until_at >= before]

    def _begin(self, at: int, status: CoverageStatus) -> None:
        self._open_status = status
        self.open_at = self.live_until = at

    def _settle(self, at: int) -> None:
        if self._open_status is None:
            return
        until_at = self.live_until if self.is_live else at
        if until_at > self.open_at:
            settled = Interval(self.open_at, until_at, self._open_status)
            self._settled[-1:] = _joined([*self._settled[-1:], settled])
            self._touch(self.open_at)
            self.open_at = until_at

    def _settle_for(self, until_at: int) -> None:
        self._settle(until_at)
        self.open_at = max(self.open_at, until_at)
        self.live_until = max(self.live_until, self.open_at)

    def _open_part(self, until_at: int | None) -> list[Interval]:
        if self._open_status is None:
            return []
        end = self.live_until if self.is_live else until_at
        if end is None or end <= self.open_at:
            return []
        return [Interval(self.open_at, end, self._open_status)]

    def _overlay(self, mark: Interval) -> None:
        low = bisect_right(self._settled, mark.from_at, key=lambda interval: interval.until_at)
        high = low
        pieces = []
        reached = mark.from_at
        while high < len(self._settled) and self._settled[high].from_at < mark.until_at:
            pieces += _split(self._settled[high], mark, reached)
            reached = self._settled[high].until_at
            high += 1
        if reached < mark.until_at:
            pieces.append(Interval(reached, mark.until_at, mark.status))
        # the neighbours too: a mark may join them
        start, stop = max(low - 1, 0), high + 1
        self._settled[start:stop] = _joined([*self._settled[start:low], *pieces, *self._settled[high:stop]])

    def _touch(self, at: int) -> None:
        self._changed_at = at if self._changed_at is None else min(self._changed_at, at)


def _split(known: Interval, mark: Interval, reached: int) -> list[Interval]:
    """Return `known` with the part under `mark` resolved, preceded by the unaccounted part of the mark."""
    from_at, until_at = max(known.from_at, mark.from_at), min(known.until_at, mark.until_at)
    is_missing = mark.status is CoverageStatus.MISSING
    replaces = is_missing or _RANK[mark.status] < _RANK[known.status]
    pieces = [
        Interval(reached, known.from_at, mark.status),
        Interval(known.from_at, from_at, known.status),
        Interval(from_at, until_at, mark.status if replaces else known.status),
        Interval(until_at, known.until_at, known.status),
    ]
    return [piece for piece in pieces if piece.from_at < piece.until_at]


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for interval in intervals:
        last = joined[-1] if joined else None
        if last and last.status is interval.status and last.until_at == interval.from_at:
            joined[-1] = Interval(last.from_at, interval.until_at, interval.status)
        else:
            joined.append(interval)
    return joined
