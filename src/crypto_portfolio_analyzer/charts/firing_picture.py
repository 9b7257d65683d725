"""The picture of a firing as it stands in a message: candles, the level, the moment, and what decided, as PNG.

Made for a phone that shows it at a third of its size: type of 36 pixels and more, lines of 4 and more, no emoji.
Everything is drawn twice as large and halved, which is what makes lines smooth.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct
from PIL import Image, ImageDraw

from crypto_portfolio_analyzer.charts.axes import Scale
from crypto_portfolio_analyzer.charts.backtest_picture import DARK, LIGHT, Colours
from crypto_portfolio_analyzer.charts.lettering import Lettering, fitted, width_of, wrapped
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.notices.pictures import Candle, Curve, Pane, PictureOrder

WIDTH, HEIGHT = 960, 720
LETTERS, TITLE, SENTENCE = 36, 50, 44
LINE = 4
"""The thinnest line there is."""
MARGIN, GAP = 20, 14
CANDLES = 64
"""As many fit; fewer are drawn no wider."""
REACH = 1.0
"""How far beyond the candles, in heights of theirs, a level may be and still be drawn to scale."""
_FINE = 2
_SHADES = 64
_LATE = {"en": "LATE", "de": "SPÄT"}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class _Box(Struct, frozen=True):
    """A part of the picture, in its pixels."""

    left: float
    top: float
    right: float
    bottom: float


class _Canvas:
    """Draws in the picture's pixels, finer than they are."""

    def __init__(self, colours: Colours) -> None:
        self.colours = colours
        self._image = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), colours.surface)
        self._draw = ImageDraw.Draw(self._image)
        self._lettering = Lettering(self._draw)

    def line(self, *points: tuple[float, float], colour: str, width: float = LINE) -> None:
        """Draw a line through points."""
        fine = [(x * _FINE, y * _FINE) for x, y in points]
        self._draw.line(fine, colour, round(width * _FINE), joint="curve")

    def dashed(self, left: float, right: float, y: float, colour: str) -> None:
        """Draw a level."""
        x = left
        while x < right:
            self.line((x, y), (min(x + 16, right), y), colour=colour)
            x += 26

    def box(self, box: _Box, colour: str, *, fill: str | None = None, radius: float = 0) -> None:
        """Draw a rectangle with a border."""
        fine = tuple(round(each * _FINE) for each in (box.left, box.top, box.right, box.bottom))
        if radius:
            self._draw.rounded_rectangle(fine, radius * _FINE, fill, colour, LINE * _FINE)
        else:
            self._draw.rectangle(fine, fill, colour, LINE * _FINE)

    def ring(self, x: float, y: float, radius: float, colour: str) -> None:
        """Draw a ring around a point."""
        fine = [each * _FINE for each in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse((fine[0], fine[1], fine[2], fine[3]), None, colour, (LINE + 2) * _FINE)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        colour: str,
        size: float = LETTERS,
        *,
        bold: bool = False,
        anchor: str = "l",
    ) -> None:
        """Write a text on a baseline."""
        self._lettering.write(x * _FINE, y * _FINE, text, size * _FINE, colour, bold=bold, anchor=anchor)

    def png(self) -> bytes:
        """Return the picture."""
        buffer = BytesIO()
        shrunk = self._image.reduce(_FINE).quantize(
            _SHADES, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
        shrunk.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()


def draw(order: PictureOrder) -> bytes:
    """Return the picture of an order with at least one candle as a PNG of 960 × 720."""
    canvas = _Canvas(DARK if order.theme == "dark" else LIGHT)
    _head(canvas, order)
    top_of_words = _words(canvas, order)
    labels = _price_labels(order)
    right = WIDTH - MARGIN - max(width_of(each.text, LETTERS) for each in labels) - 2 * GAP
    bottom = top_of_words - GAP
    main_bottom = bottom if order.pane is None else 132 + (bottom - 132) * 0.62
    main = _Box(MARGIN, 132, right, main_bottom)
    x = _time_scale(order, main)
    y = Scale(*_price_span(order), main.bottom, main.top)
    _prices(canvas, order, main, x, y)
    _beside(canvas, order, main, y, labels)
    if order.pane is not None:
        _second(canvas, order.pane, order, _Box(MARGIN, main_bottom + GAP, right, bottom), x)
    _moment(canvas, order, x, y, bottom)
    return canvas.png()


# --- words --------------------------------------------------------------------------------------------------


def _head(canvas: _Canvas, order: PictureOrder) -> None:
    """Write symbol and marks, then timeframe, venue and time."""
    right: float = WIDTH - MARGIN
    for text, colour in _marks(order, canvas.colours):
        left = right - width_of(text, LETTERS) - 24
        canvas.box(_Box(left, 16, right, 68), colour, radius=8)
        canvas.write(left + 12, 55, text, colour, bold=True)
        right = left - GAP
    title = fitted(order.symbol, TITLE, right - MARGIN - 8)
    canvas.write(MARGIN, 62, title, canvas.colours.text, TITLE, bold=True)
    parts = (order.timeframe, order.venue.capitalize(), _moment_text(order))
    line = fitted(" · ".join(filter(None, parts)), LETTERS, WIDTH - 2 * MARGIN)
    canvas.write(MARGIN, 112, line, canvas.colours.quiet)


def _marks(order: PictureOrder, colours: Colours) -> Iterator[tuple[str, str]]:
    if order.simulated:
        yield "SIM", colours.simulated
    if order.late is not None:
        late = formats.age(order.late, language=order.language)
        yield f"{_LATE[order.language]} +{late}", colours.alert


def _moment_text(order: PictureOrder) -> str:
    try:
        zone = ZoneInfo(order.zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    then = formats.local(order.at, zone)
    day = f"{then:%d.%m.}" if order.language == "de" else f"{then:%d} {_MONTHS[then.month - 1]}"
    return f"{day} {then:%H:%M:%S %Z}"


def _words(canvas: _Canvas, order: PictureOrder) -> float:
    """Write what was asked, at what price, and what decided, from the bottom up; return where they begin."""
    colours, language = canvas.colours, order.language
    room, y = WIDTH - 2 * MARGIN, HEIGHT - 22
    if order.deciding:
        canvas.write(MARGIN, y, fitted(order.deciding, LETTERS, room), colours.quiet)
        y -= 52
    price = formats.price(order.price, order.digits, language=language)
    canvas.write(MARGIN, y, price, colours.text, SENTENCE, bold=True)
    if order.change is not None:
        colour = _direction(order.change, colours)
        text = f"{formats.change(order.change, language=language)} · 24 h"
        canvas.write(MARGIN + width_of(price, SENTENCE) + 28, y, text, colour)
    y -= 60
    lines = wrapped(order.condition, SENTENCE, room, 2)
    for line in reversed(lines):
        canvas.write(MARGIN, y, line, colours.text, SENTENCE)
        y -= 54
    return y + 54 - SENTENCE


def _direction(change: float, colours: Colours) -> str:
    rounded = round(change, 2)
    return colours.quiet if not rounded else colours.up if rounded > 0 else colours.down


# --- prices -------------------------------------------------------------------------------------------------


class _Label(Struct, frozen=True):
    price: float
    text: str
    is_level: bool


def _price_labels(order: PictureOrder) -> list[_Label]:
    """Return what is written beside the candles, at most three: the levels, then the highest and lowest price."""
    chosen = dict.fromkeys([*order.levels, _high(order.candles), _low(order.candles)])
    return [_Label(each, _label(each, order), each in order.levels) for each in list(chosen)[:3]]


def _label(price: float, order: PictureOrder) -> str:
    """Write a price short, with the symbol's own decimals unless it is of another size; one out of sight says where."""
    low, high = _price_span(order)
    digits = order.digits if order.price / 10 < abs(price) < order.price * 10 else None
    mark = formats.UP if price > high else formats.DOWN if price < low else ""
    return mark + formats.price(price, digits, language=order.language, short=True)


def _time_scale(order: PictureOrder, box: _Box) -> Scale:
    """Return where instants lie: the candles fill the width, few of them its right part."""
    last = order.candles[-1].open_at + order.length
    first = min(order.candles[0].open_at, last - CANDLES * order.length)
    return Scale(first, last, box.left, box.right - 6)


def _prices(canvas: _Canvas, order: PictureOrder, box: _Box, x: Scale, y: Scale) -> None:
    for each in (box.top, (box.top + box.bottom) / 2, box.bottom):
        canvas.line((box.left, each), (box.right, each), colour=canvas.colours.line)
    for candle in order.candles:
        _candle(canvas, candle, order.length, x, y)
    for curve in order.curves:
        _curve(canvas, curve, order, x, y)


def _price_span(order: PictureOrder) -> tuple[float, float]:
    """Return the lowest and highest price in sight: the candles', and those of levels and curves not far off."""
    low, high = _low(order.candles), _high(order.candles)
    reach = (high - low) * REACH or abs(high) * 0.01
    asked = [
        *order.levels,
        order.price,
        *(each for curve in order.curves for each in curve.values if each is not None),
    ]
    near = [each for each in asked if low - reach <= each <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    room = (high - low) * 0.06 or abs(high) * 0.001 or 1.0
    return low - room, high + room


def _candle(canvas: _Canvas, candle: Candle, length: int, x: Scale, y: Scale) -> None:
    """Draw a wick and a body: hollow if it did not fall, filled if it fell."""
    left, right = x.place(candle.open_at), x.place(candle.open_at + length)
    middle, half = (left + right) / 2, max((right - left) * 0.43, 5.0)
    has_fallen = candle.close < candle.open
    colour = canvas.colours.down if has_fallen else canvas.colours.up
    top, bottom = sorted((y.place(candle.open), y.place(candle.close)))
    canvas.line((middle, y.place(candle.high)), (middle, y.place(candle.low)), colour=colour)
    body = _Box(middle - half, top - LINE / 2, middle + half, max(bottom, top) + LINE / 2)
    canvas.box(body, colour, fill=colour if has_fallen else canvas.colours.surface)


def _beside(canvas: _Canvas, order: PictureOrder, box: _Box, y: Scale, labels: Sequence[_Label]) -> None:
    """Draw the levels, and beside the candles the labels that do not cover each other, levels first."""
    taken: list[float] = []
    for label in labels:
        if label.is_level and y.low <= label.price <= y.high:
            canvas.dashed(box.left, box.right, y.place(label.price), canvas.colours.alert)
        middle = min(max(y.place(label.price), box.top + 20), box.bottom - 20)
        if all(abs(middle - each) >= LETTERS + 14 for each in taken):
            taken.append(middle)
            _price_label(canvas, box.right, middle, label.text, is_level=label.is_level)


def _price_label(canvas: _Canvas, left: float, middle: float, text: str, *, is_level: bool) -> None:
    """Write a price; that of a level in a box."""
    colours, x = canvas.colours, left + GAP
    if is_level:
        right = x + width_of(text, LETTERS) + 14
        canvas.box(
            _Box(x - 6, middle - 24, right, middle + 24), colours.alert, fill=colours.surface, radius=6
        )
    canvas.write(x + 4, middle + 13, text, colours.alert if is_level else colours.quiet, bold=is_level)


# --- the second pane ----------------------------------------------------------------------------------------


def _second(canvas: _Canvas, pane: Pane, order: PictureOrder, box: _Box, x: Scale) -> None:
    known = [each for curve in pane.curves for each in curve.values if each is not None]
    values = [*known, *pane.levels] or [0.0]
    room = (max(values) - min(values)) * 0.12 or abs(max(values)) * 0.1 or 1.0
    y = Scale(min(values) - room, max(values) + room, box.bottom, box.top)
    canvas.line((box.left, box.bottom), (box.right, box.bottom), colour=canvas.colours.line)
    for level in pane.levels:
        canvas.dashed(box.left, box.right, y.place(level), canvas.colours.alert)
    for curve in pane.curves:
        _curve(canvas, curve, order, x, y)
    if pane.levels:
        text = formats.price(
            pane.levels[0], 0 if pane.levels[0].is_integer() else None, language=order.language
        )
        middle = min(max(y.place(pane.levels[0]), box.top + 24), box.bottom - 24)
        _price_label(canvas, box.right, middle, text, is_level=True)


def _curve(canvas: _Canvas, curve: Curve, order: PictureOrder, x: Scale, y: Scale) -> None:
    """Draw a line through the values in sight, interrupted where one is unknown or a candle is missing."""
    middle = order.length // 2
    for (before, old), (now, new) in pairwise(zip(order.candles, curve.values, strict=True)):
        if old is None or new is None or now.open_at - before.open_at != order.length:
            continue
        if y.low <= min(old, new) and max(old, new) <= y.high:
            start = x.place(before.open_at + middle), y.place(old)
            canvas.line(start, (x.place(now.open_at + middle), y.place(new)), colour=canvas.colours.price)


def _moment(canvas: _Canvas, order: PictureOrder, x: Scale, y: Scale, bottom: float) -> None:
    """Draw the line through all panes and the ring at the price of the firing."""
    at, ring = _at(order, x), min(max(y.place(order.price), y.end), y.start)
    for top, end in ((y.end - 6, ring - 15), (ring + 15, bottom)):
        if end > top:
            canvas.line((at, top), (at, end), colour=canvas.colours.alert)
    canvas.ring(at, ring, 15, canvas.colours.alert)


def _at(order: PictureOrder, x: Scale) -> float:
    """Return where the moment lies, always within sight."""
    return min(max(x.place(order.at), x.start), x.end)


def _low(candles: Sequence[Candle]) -> float:
    return min(each.low for each in candles)


def _high(candles: Sequence[Candle]) -> float:
    return max(each.high for each in candles)
