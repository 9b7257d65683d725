"""Indicators: the values of series at each bar, computed by the board that judges and back-tests."""

from collections.abc import Sequence
from math import isfinite

from msgspec import Struct

from crypto_portfolio_analyzer.core.conditions.charted import Charted
from crypto_portfolio_analyzer.core.judging.board import Board, Slot
from crypto_portfolio_analyzer.core.market import Bar

LEVELS: dict[str, tuple[float, ...]] = {
    "rsi": (30, 70),
    "ultosc": (30, 70),
    "stoch": (20, 80),
    "stochrsi": (20, 80),
    "mfi": (20, 80),
    "williams_r": (-80, -20),
    "cci": (-100, 100),
    "adx": (25,),
    "chop": (38.2, 61.8),
    "macd": (0,),
    "mom": (0,),
    "roc": (0,),
    "trix": (0,),
    "tsi": (0,),
    "cmf": (0,),
    "volume_zscore": (0,),
    "volume_ratio": (1,),
    "buy_share": (0.5,),
}
"""Where traders draw a line across an oscillator, by kind of series."""

Point = tuple[int, float | None]


class Line(Struct, frozen=True):
    """One output: its name (empty: the only one) and its value at the start of each bar (ns), None while unknown."""

    name: str
    points: tuple[Point, ...]


class Indicator(Struct, frozen=True):
    """What a text stands for; before the bar at `settled_at` (ns; None: all of them) a judge would not use it yet."""

    charted: Charted
    lines: tuple[Line, ...]
    settled_at: int | None

    @property
    def levels(self) -> tuple[float, ...]:
        """Where traders draw a line across it."""
        return LEVELS.get(self.charted.kind, ())


def needed(symbol: str, wanted: Sequence[Charted], timeframe: str) -> int:
    """Return how many bars the slowest of some series needs until it is settled."""
    board = Board(settle=False, columnar=False)
    return max(slot.needs for slots in _slots(board, symbol, wanted, timeframe) for slot in slots)


def indicators(
    symbol: str, wanted: Sequence[Charted], timeframe: str, bars: Sequence[Bar], count: int
) -> list[Indicator]:
    """Return series at the last `count` of `bars` of one timeframe, oldest first; the last may still be forming.

    The bars before those are for warming up. Values begin with TA-Lib's first one, as in a back-test.
    """
    board = Board(settle=False, columnar=False)
    held = _slots(board, symbol, wanted, timeframe)
    points: list[list[list[Point]]] = [[[] for _ in slots] for slots in held]
    first = len(bars) - count
    for place, bar in enumerate(bars):
        if bar.closed:
            board.close([bar])
        if place < first:
            continue
        for slots, rows in zip(held, points, strict=True):
            for slot, row in zip(slots, rows, strict=True):
                row.append((bar.open_at, _known(slot.value if bar.closed else slot.peek(bar))))
    return [
        Indicator(
            charted,
            tuple(Line(name, tuple(row)) for (name, _), row in zip(charted.lines, rows, strict=True)),
            _settled_at(slots, bars[max(first, 0) :], len(bars)),
        )
        for charted, slots, rows in zip(wanted, held, points, strict=True)
    ]


def _slots(board: Board, symbol: str, wanted: Sequence[Charted], timeframe: str) -> list[list[Slot]]:
    return [[board.want(symbol, value, timeframe) for _name, value in each.lines] for each in wanted]


def _settled_at(slots: Sequence[Slot], shown: Sequence[Bar], given: int) -> int | None:
    """Return the start of the first bar shown at which every line has had the bars it needs."""
    before = given - len(shown)
    place = max(0, max(slot.needs for slot in slots) - 1 - before)
    return shown[place].open_at if place < len(shown) else None


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
