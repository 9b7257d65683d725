"""The picture of a back-test: prices, the level asked for, and a ring wherever it would have fired, as SVG text.

It needs nothing from anywhere: no script, no font, no address. Few bars are candles, hollow if they rose and filled
if they fell; many are a line of closes over the band from low to high, so that every firing lies on something.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from math import isfinite
from textwrap import wrap

from msgspec import Struct

from crypto_portfolio_analyzer.charts.axes import Scale, price_marks, time_marks
from crypto_portfolio_analyzer.core.market import Bar

WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT, TOP, BOTTOM = 24, 1088, 120, 570
MOST_CANDLES = 160
MOST_COLUMNS = 532
"""One for two pixels."""
TITLE_LINES, TITLE_LETTERS = 2, 96
LETTERS = 16
"""Height of a line of small words."""
REACH = 0.5
"""How far beyond the prices, in heights of theirs, a level may be and still be drawn to scale."""
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


class Colours(Struct, frozen=True):
    """The colours of one theme."""

    surface: str
    text: str
    quiet: str
    line: str
    price: str
    up: str
    down: str
    alert: str
    simulated: str


LIGHT = Colours(
    surface="#FFFFFF", text="#12161C", quiet="#47515E", line="#D9DEE6", price="#1F5FD0", up="#12706A",
    down="#AD1F12", alert="#8A5A00", simulated="#6B3FC0",
)  # fmt: skip
DARK = Colours(
    surface="#161B22", text="#E8ECF1", quiet="#B4BDC8", line="#2C3541", price="#7DB0FF", up="#4FDCCB",
    down="#FF6147", alert="#F2B84B", simulated="#B79CFF",
)  # fmt: skip


class Mark(Struct, frozen=True):
    """A firing: its instant (ns UTC) and price, None where there was none."""

    at: int
    price: float | None


class _Column(Struct, frozen=True):
    """One or several bars in a row as one."""

    open_at: int
    close_at: int
    open: float
    high: float
    low: float
    close: float


class _Plane(Struct, frozen=True):
    x: Scale
    y: Scale
    level: float | None
    colours: Colours
    write: Callable[[float, int], str]


def backtest_picture(
    bars: Sequence[Bar],
    marks: Sequence[Mark],
    *,
    title: str,
    subtitle: str = "",
    level: float | None = None,
    is_dark: bool = False,
    is_simulated: bool = False,
    write: Callable[[float, int], str] = lambda price, decimals: f"{price:,.{decimals}f}",
) -> str:
    """Draw bars of one symbol, oldest first and at least one, with every firing marked; return an SVG document.

    `title` is what was asked, as a sentence; `level` the one price it asks for, if it does; `write` puts a price
    with so many decimals into words.
    """
    colours = DARK if is_dark else LIGHT
    columns = _columns(bars)
    plane = _plane(bars, columns, level, colours, write)
    parts = [
        _opening(),
        f"<title>{_text(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{colours.surface}"/>',
        *(_watermark(colours) if is_simulated else ()),
        *_heading(title, subtitle, colours),
        *_grid(plane, bars[0].open_at, bars[-1].close_at),
        *(_candles(columns, plane) if len(bars) <= MOST_CANDLES else _line(columns, plane)),
        *_level(plane),
        *_rings(marks, plane),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _opening() -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" font-family="{_FONT}" font-size="14" style="font-variant-numeric:tabular-nums lining-nums">'
    )


def _columns(bars: Sequence[Bar]) -> list[_Column]:
    """Return the bars, several in a row as one where there are many."""
    first, span = bars[0].open_at, bars[-1].close_at - bars[0].open_at
    if len(bars) <= MOST_CANDLES:
        groups: Iterable[list[Bar]] = ([bar] for bar in bars)
    else:
        groups = (
            list(each) for _, each in groupby(bars, lambda bar: (bar.open_at - first) * MOST_COLUMNS // span)
        )
    return [
        _Column(
            open_at=group[0].open_at,
            close_at=group[-1].close_at,
            open=group[0].open,
            high=max(bar.high for bar in group),
            low=min(bar.low for bar in group),
            close=group[-1].close,
        )
        for group in groups
    ]


def _plane(
    bars: Sequence[Bar],
    columns: Sequence[_Column],
    level: float | None,
    colours: Colours,
    write: Callable[[float, int], str],
) -> _Plane:
    low, high = min(each.low for each in columns), max(each.high for each in columns)
    reach = (high - low) * REACH
    if level is not None and low - reach <= level <= high + reach:
        low, high = min(low, level), max(high, level)
    room = (high - low) * 0.04
    return _Plane(
        x=Scale(bars[0].open_at, bars[-1].close_at, LEFT, RIGHT),
        y=Scale(low - room, high + room, BOTTOM, TOP),
        level=level,
        colours=colours,
        write=write,
    )


def _watermark(colours: Colours) -> Iterator[str]:
    x, y = (LEFT + RIGHT) // 2, (TOP + BOTTOM) // 2
    yield (
        f'<text class="watermark" x="{x}" y="{y}" transform="rotate(-18 {x} {y})" text-anchor="middle" '
        f'dominant-baseline="central" font-size="150" font-weight="600" letter-spacing="12" '
        f'fill="{colours.simulated}" fill-opacity="0.16">SIMULATED</text>'
    )


def _heading(title: str, subtitle: str, colours: Colours) -> Iterator[str]:
    lines = wrap(_shown(title), TITLE_LETTERS, max_lines=TITLE_LINES, placeholder=" …")
    for number, line in enumerate(lines):
        yield (
            f'<text class="title" x="{LEFT}" y="{40 + 28 * number}" font-size="20" font-weight="600" '
            f'fill="{colours.text}">{_text(line)}</text>'
        )
    y = 40 + 28 * max(len(lines), 1)
    yield f'<circle cx="{LEFT + 6}" cy="{y - 5}" r="5" fill="none" stroke="{colours.alert}" stroke-width="2.5"/>'
    yield f'<text x="{LEFT + 20}" y="{y}" fill="{colours.quiet}">{_text(subtitle)}</text>'


def _grid(plane: _Plane, first: int, last: int) -> Iterator[str]:
    """Draw a line with its price for each round price, a tick with its time for each round instant."""
    colours, (prices, decimals) = plane.colours, price_marks(plane.y.low, plane.y.high)
    for price in prices:
        y = _place(plane.y, price)
        yield f'<path d="M{LEFT} {y}H{RIGHT}" stroke="{colours.line}"/>'
        if plane.level is not None and abs(plane.y.place(plane.level) - float(y)) < LETTERS:
            continue  # the level's own words are there
        yield (
            f'<text class="price" x="{RIGHT + 10}" y="{y}" dominant-baseline="central" '
            f'fill="{colours.quiet}">{_text(plane.write(price, decimals))}</text>'
        )
    yield f'<path d="M{LEFT} {BOTTOM}H{RIGHT}" stroke="{colours.quiet}"/>'
    for at, words in time_marks(first, last):
        x = _place(plane.x, at)
        anchor = "start" if float(x) < LEFT + 24 else "end" if float(x) > RIGHT - 24 else "middle"
        yield f'<path d="M{x} {BOTTOM}v6" stroke="{colours.quiet}"/>'
        yield (
            f'<text class="time" x="{x}" y="{BOTTOM + 24}" text-anchor="{anchor}" '
            f'fill="{colours.quiet}">{words}</text>'
        )
    yield f'<text x="{RIGHT + 10}" y="{BOTTOM + 24}" fill="{colours.quiet}">UTC</text>'


def _candles(columns: Sequence[_Column], plane: _Plane) -> Iterator[str]:
    """Draw a wick and a body for each bar: hollow if it did not fall, filled if it fell."""
    colours = plane.colours
    for each in columns:
        left, right = plane.x.place(each.open_at), plane.x.place(each.close_at)
        middle, width = (left + right) / 2, max((right - left) * 0.64, 1.0)
        top, bottom = sorted((plane.y.place(each.open), plane.y.place(each.close)))
        has_fallen = each.close < each.open
        colour = colours.down if has_fallen else colours.up
        yield (
            f'<g class="candle" stroke="{colour}" stroke-width="1.5">'
            f'<path d="M{middle:.1f} {_place(plane.y, each.high)}V{_place(plane.y, each.low)}"/>'
            f'<rect x="{middle - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" '
            f'height="{max(bottom - top, 0.5):.1f}" fill="{colour if has_fallen else colours.surface}"/></g>'
        )


def _line(columns: Sequence[_Column], plane: _Plane) -> Iterator[str]:
    """Draw the band from low to high and the closes in it, interrupted where bars are missing."""
    for run in _runs(columns):
        xs = [(plane.x.place(each.open_at) + plane.x.place(each.close_at)) / 2 for each in run]
        upper = [f"{x:.1f} {_place(plane.y, each.high)}" for x, each in zip(xs, run, strict=True)]
        lower = [f"{x:.1f} {_place(plane.y, each.low)}" for x, each in zip(xs, run, strict=True)]
        closes = [f"{x:.1f} {_place(plane.y, each.close)}" for x, each in zip(xs, run, strict=True)]
        band = "L".join([*upper, *reversed(lower)])
        yield f'<path class="band" d="M{band}Z" fill="{plane.colours.price}" fill-opacity="0.22"/>'
        yield (
            f'<path class="closes" d="M{"L".join(closes)}" fill="none" stroke="{plane.colours.price}" '
            'stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/>'
        )


def _runs(columns: Sequence[_Column]) -> Iterator[list[_Column]]:
    """Yield stretches between holes that are wide enough to be seen."""
    visible = (columns[-1].close_at - columns[0].open_at) // MOST_COLUMNS
    run: list[_Column] = []
    for each in columns:
        if run and each.open_at - run[-1].close_at > visible:
            yield run
            run = []
        run.append(each)
    yield run


def _level(plane: _Plane) -> Iterator[str]:
    """Draw the level asked for; one that is far off is only named at the edge beyond which it lies."""
    level = plane.level
    if level is None:
        return
    colours, decimals = plane.colours, price_marks(plane.y.low, plane.y.high)[1]
    words = plane.write(level, max(decimals, _decimals_of(level)))
    if plane.y.low <= level <= plane.y.high:
        y = _place(plane.y, level)
        yield (
            f'<path class="level" d="M{LEFT} {y}H{RIGHT}" stroke="{colours.alert}" stroke-width="1.5" '
            'stroke-dasharray="6 4"/>'
        )
    else:
        is_above = level > plane.y.high
        y = f"{TOP if is_above else BOTTOM - LETTERS}"
        words = f"{'↑' if is_above else '↓'} {words}"
    yield (
        f'<text class="level" x="{RIGHT + 10}" y="{y}" dominant-baseline="central" font-weight="600" '
        f'fill="{colours.alert}">{_text(words)}</text>'
    )


def _decimals_of(level: float) -> int:
    """Return the decimals with which a level was written."""
    written = f"{level:.12g}"
    return len(written.partition(".")[2]) if "e" not in written else 0


def _rings(marks: Iterable[Mark], plane: _Plane) -> Iterator[str]:
    """Draw a ring at each firing, one without a price at the foot, with its instant and price to be pointed at."""
    decimals = price_marks(plane.y.low, plane.y.high)[1]
    for mark in marks:
        price = mark.price if mark.price is not None and isfinite(mark.price) else None
        y = f"{BOTTOM}" if price is None else _place(plane.y, price)
        moment = datetime.fromtimestamp(mark.at / 1e9, UTC)
        words = f"{moment:%Y-%m-%d %H:%M:%S} UTC" + (
            f", {plane.write(price, decimals)}" if price is not None else ""
        )
        yield (
            f'<circle class="mark" cx="{_place(plane.x, mark.at)}" cy="{y}" r="5" fill="{plane.colours.surface}" '
            f'fill-opacity="0.5" stroke="{plane.colours.alert}" stroke-width="2.5">'
            f"<title>{_text(words)}</title></circle>"
        )


def _place(scale: Scale, value: float) -> str:
    return f"{scale.place(value):.1f}"


def _shown(text: str) -> str:
    return _UNSHOWABLE.sub("\ufffd", text)


def _text(text: str) -> str:
    """Return a text as XML takes it, control and direction characters replaced."""
    return escape(_shown(text))
