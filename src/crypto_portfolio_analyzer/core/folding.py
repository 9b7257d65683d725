"""Longer bars from a file's own, of whatever timeframe those are: nothing is filled in, nothing is bounded."""

from collections.abc import Iterable
from itertools import chain

from crypto_portfolio_analyzer.core.bars import fold
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import Timeframe, parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidInput


class Folding:
    """The longer bars of one symbol; fed with its bars, oldest first.

    A bar whose start the data do not cover never comes to be. One that ended inside a hole is closed by the
    first bar after the hole, APPROXIMATED.
    """

    def __init__(self, source: str, targets: Iterable[str]) -> None:
        """Fold bars of `source` into `targets`; raises InvalidInput for one that it does not divide."""
        self._source = parse_timeframe(source)
        frames = [parse_timeframe(each) for each in dict.fromkeys(targets) if each != self._source.name]
        self._levels = [_Level(frame, self._source) for frame in sorted(frames, key=lambda each: each.length)]

    def ended_before(self, bar: Bar) -> list[Bar]:
        """Return the bars that ended in the hole before the next `bar`, shortest first; ask this before `closed_by`."""
        return list(chain.from_iterable(level.ended_before(bar) for level in self._levels))

    def closed_by(self, bar: Bar) -> list[Bar]:
        """Take the next bar; return the longer ones that end with it, shortest first."""
        return list(chain.from_iterable(level.closed_by(bar) for level in self._levels))

    def forming(self, timeframe: str, part: Bar | None) -> Bar | None:
        """Return the `timeframe` bar as it stands, with `part`, a bar that is not over and was not taken yet."""
        if timeframe == self._source.name:
            return part
        level = next((level for level in self._levels if level.frame.name == timeframe), None)
        return level.forming(part) if level else None


class _Level:
    def __init__(self, frame: Timeframe, source: Timeframe) -> None:
        if not source.divides(frame):
            raise InvalidInput(
                f"bars of {frame.name} cannot be built from bars of {source.name}; "
                f"use a timeframe that {source.name} divides, or shorter bars"
            )
        self.frame = frame
        self._length, self._whole = source.length, frame.length // source.length
        self._close_at = 0
        self._parts: list[Bar] = []
        self._so_far: Bar | None = None
        self._count = 0
        self._is_leading = False

    def ended_before(self, bar: Bar) -> list[Bar]:
        """Return the bar that a hole has ended, and begin the next one where `bar` is the first of it."""
        if bar.open_at < self._close_at:
            return []
        ended = self._take(self._close_at) if self._parts else []
        if not self._close_at:
            self._is_leading = bar.open_at != self.frame.open_of(bar.open_at)
        self._close_at = self.frame.close_of(bar.open_at)
        return ended

    def closed_by(self, bar: Bar) -> list[Bar]:
        """Return the bar that `bar` completes."""
        self._parts.append(bar)
        return self._take(bar.close_at) if bar.close_at == self._close_at else []

    def forming(self, part: Bar | None) -> Bar | None:
        """Return the bar with an unfinished part; None for a leading one, and before its first part."""
        parts = [*self._folded(), *([part] if part else [])]
        if self._is_leading or not parts:
            return None
        last = parts[-1]
        begun = (last.close_at - self.frame.open_of(last.open_at)) // self._length
        whole = begun == len(self._parts) + (part is not None)
        return fold(parts, self.frame, last.received_at, closed=False, whole=whole)

    def _folded(self) -> list[Bar]:
        """Return the parts so far as one bar, so that a forming bar costs the same however long it is."""
        fresh = self._parts[self._count :]
        if fresh:
            known = [self._so_far] if self._so_far is not None and self._count else []
            self._so_far = fold([*known, *fresh], self.frame, fresh[-1].received_at, closed=False, whole=True)
            self._count = len(self._parts)
        return [self._so_far] if self._so_far is not None and self._count else []

    def _take(self, received_at: int) -> list[Bar]:
        parts, self._parts, self._count = self._parts, [], 0
        is_leading, self._is_leading = self._is_leading, False
        if is_leading:
            return []
        whole = len(parts) == self._whole
        return [fold(parts, self.frame, received_at, closed=True, whole=whole)]
