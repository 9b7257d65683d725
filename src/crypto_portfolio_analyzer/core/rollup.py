"""Longer bars from minutes: built at the boundary where they end, never on a tick.

Each timeframe is folded from the longest shorter one that is kept (1m → 5m → 15m → 1h → 1d → 1w), so a bar
costs a handful of parts, and nothing but the series is remembered: a correction is the same fold once more.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.bars import BarSeries, better, fold
from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import HOUR, WEEK, Timeframe, parse_timeframe


class _Level(Struct, frozen=True):
    timeframe: Timeframe
    series: BarSeries
    source: BarSeries

    def build(self, open_at: int, received_at: int) -> Bar | None:
        """Return the closed bar at `open_at`; None if nothing is known, or its start lies before all data."""
        close_at = open_at + self.timeframe.length
        parts = self.source.bars(open_at, close_at)
        if not parts or (parts[0].open_at > open_at and parts[0].open_at == self.source.first_open_at):
            return None
        whole = len(parts) == self.timeframe.length // self.source.timeframe.length
        return fold(parts, self.timeframe, received_at, closed=True, whole=whole)


class RollUp:
    """All bars of one symbol: `series["1m"]`, fed by its owner, and every wanted longer timeframe."""

    def __init__(self, symbol: str, timeframes: Iterable[str] = ()) -> None:
        self.symbol = symbol
        self.minutes = BarSeries(symbol, "1m")
        self.series: dict[str, BarSeries] = {"1m": self.minutes}
        self._levels: list[_Level] = []
        for timeframe in timeframes:
            self.want(timeframe)

    def want(self, text: str) -> BarSeries:
        """Return the series of a timeframe, built from the bars at hand if it is new; raises InvalidInput."""
        timeframe = parse_timeframe(text)
        if timeframe.name not in self.series:
            self._add(timeframe)
        return self.series[timeframe.name]

    def append(self, bar: Bar) -> list[Bar]:
        """Add a closed 1m bar newer than all; return the longer bars it closes, shortest first.

        After a hole, bars that ended inside it are closed too, marked APPROXIMATED. A bar whose start lies
        before all data is never closed.
        """
        told = self._close_before(bar)
        self.minutes.append(bar)
        for level in self._levels:
            if level.timeframe.open_of(bar.close_at) == bar.close_at:
                told += self._close(level, bar.close_at - level.timeframe.length, bar.received_at)
        return told

    def merge(self, bars: Iterable[Bar]) -> list[Bar]:
        """Fill in 1m bars from a file or REST where they know more; return what changed, as `correct`."""
        return self.correct(_improving(self.minutes, bars))

    def correct(self, bars: Sequence[Bar]) -> list[Bar]:
        """Write 1m bars over what is known; return every closed bar of any timeframe that changed by it.

        Those known before are marked `corrected`. Longer bars whose parts are no longer kept stay as they
        are.
        """
        known = {bar.open_at for bar in bars if self.minutes.get(bar.open_at)}
        written = self.minutes.put(bars)
        refilled = [after for bar in written for after in self.minutes.refill(bar.open_at)]
        known.update(bar.open_at for bar in refilled)
        latest = {bar.open_at: bar for bar in [*written, *refilled]}
        told = [replace(latest[at], corrected=at in known) for at in sorted(latest)]
        changed = {"1m": told}
        for level in self._levels:
            changed[level.timeframe.name] = self._rebuild(level, changed[level.source.timeframe.name])
        return [bar for group in changed.values() for bar in group]

    def load(self, timeframe: str, bars: Iterable[Bar]) -> None:
        """Fill in history of any timeframe where it knows more, and build longer bars from it likewise."""
        own = self.want(timeframe)
        changed = {own.timeframe.name: own.put(_improving(own, bars))}
        for level in self._levels:
            parts = changed.get(level.source.timeframe.name, [])
            built = [bar for _, bar in self._built(level, parts)]
            improved = level.series.put(_improving(level.series, built))
            changed.setdefault(level.timeframe.name, []).extend(improved)

    def forming(self, timeframe: str, minute: Bar | None = None) -> Bar | None:
        """Return the bar that is not over yet: its closed parts joined with the forming 1m bar.

        None if neither is known. Computed on reading: O(parts).
        """
        wanted = self.want(timeframe).timeframe
        if wanted.name == "1m":
            return minute
        at = minute.open_at if minute else self.minutes.end
        return self._forming(wanted, at, minute)

    def _add(self, timeframe: Timeframe) -> None:
        if timeframe.length == WEEK:
            self.want("1d")
        elif timeframe.length > HOUR and timeframe.length % HOUR == 0:
            self.want("1h")
        shorter = [own for own in self.series.values() if own.timeframe.divides(timeframe)]
        source = max(shorter, key=lambda own: own.timeframe.length)
        level = _Level(timeframe, BarSeries(self.symbol, timeframe.name), source)
        self.series[timeframe.name] = level.series
        self._levels.append(level)
        self._levels.sort(key=lambda own: own.timeframe.length)
        self._rebuild(level, source.bars())

    def _close_before(self, bar: Bar) -> list[Bar]:
        last = self.minutes.last_open_at
        told: list[Bar] = []
        if last is None or self.minutes.end == bar.open_at:
            return told
        for level in self._levels:
            if level.timeframe.close_of(last) <= bar.open_at:
                told += self._close(level, level.timeframe.open_of(last), bar.received_at)
        return told

    def _close(self, level: _Level, open_at: int, received_at: int) -> list[Bar]:
        newest = level.series.last_open_at
        if newest is not None and newest >= open_at:
            return []
        bar = level.build(open_at, received_at)
        if bar is None:
            return []
        level.series.append(bar)
        return [bar]

    def _rebuild(self, level: _Level, changed: Iterable[Bar]) -> list[Bar]:
        return [
            replace(bar, corrected=known is not None)
            for known, bar in self._built(level, changed)
            if level.series.put([bar])
        ]

    def _built(self, level: _Level, changed: Iterable[Bar]) -> Iterator[tuple[Bar | None, Bar]]:
        """Yield what is known and what is now to be known of each bar that is over and holds a changed one."""
        reached = max(self.minutes.end, level.source.end)
        for open_at in sorted({level.timeframe.open_of(bar.open_at) for bar in changed}):
            close_at = open_at + level.timeframe.length
            bar = level.build(open_at, close_at) if close_at <= reached else None
            known = level.series.get(open_at)
            if bar and not (known and _is_worse(bar, known)):
                yield known, bar

    def _forming(self, timeframe: Timeframe, at: int, minute: Bar | None) -> Bar | None:
        level = next(level for level in self._levels if level.timeframe.name == timeframe.name)
        open_at = timeframe.open_of(at)
        parts = level.source.bars(open_at, open_at + timeframe.length)
        source = level.source.timeframe
        rest = minute if source.name == "1m" else self._forming(source, at, minute)
        if rest:
            parts.append(rest)
        if not parts:
            return None
        reached = source.open_of(at) + (source.length if rest else 0)
        whole = open_at + len(parts) * source.length == reached
        return fold(parts, timeframe, parts[-1].received_at, closed=False, whole=whole)


def _improving(series: BarSeries, bars: Iterable[Bar]) -> list[Bar]:
    """Return those of `bars` that know more than the series does."""
    pairs = ((bar, series.get(bar.open_at)) for bar in bars)
    return [bar for bar, known in pairs if known is None or better(bar, known)]


def _is_worse(bar: Bar, known: Bar) -> bool:
    return bar.kind is BarKind.APPROXIMATED and known.kind is not BarKind.APPROXIMATED
