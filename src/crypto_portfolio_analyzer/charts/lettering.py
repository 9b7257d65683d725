"""Lettering: text on a raster picture without any font of the system's.

Pillow carries one scalable face, of ASCII only. What our sentences and numbers need beyond it – umlauts, ß, dashes,
signs, triangles, subscripts – is drawn by paths in the face's own measures. What cannot be drawn is a box, so that
foreign text keeps its length and can do nothing else.
"""

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from msgspec import Struct
from PIL import ImageDraw, ImageFont

BOLD = 0.022
"""Of the size: how far strokes grow on each side to look bold."""
STROKE = 0.075
"""Of the size: the width of the face's strokes."""
X_HEIGHT, CAP_HEIGHT, AXIS = 0.52, 0.7, 0.34
"""Of the size, above the baseline: small letters, capitals, the middle of signs."""
FIGURE = 0.59
"""Of the size: the width of a digit, the same for all."""
SMALL = 0.62
"""Of the size: a subscript."""

_SPELT = {
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "\n": " ", "\u2026": "...",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2018": "'", "\u2019": "'", "\u201a": ",",
}  # fmt: skip
"""Spaces, three points and quotation marks, as the face can write them."""
_DIGITS = {chr(0x2080 + digit): str(digit) for digit in range(10)}
_DOTTED = "äöüÄÖÜ"


class Pen(Struct, frozen=True):
    """Where a glyph goes: its left end on the baseline, and the measures it is drawn in, in pixels."""

    draw: ImageDraw.ImageDraw
    x: float
    y: float
    size: float
    stroke: float
    colour: str

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place given in sizes, to the right of the left end and above the baseline."""
        return self.x + x * self.size, self.y - y * self.size

    def line(self, *points: tuple[float, float]) -> None:
        """Draw a stroke along points given in sizes."""
        self.draw.line([self.at(*point) for point in points], self.colour, round(self.stroke), joint="curve")

    def dot(self, x: float, y: float, radius: float) -> None:
        """Draw a disc around a point, all in sizes."""
        (left, top), (right, bottom) = self.at(x - radius, y + radius), self.at(x + radius, y - radius)
        self.draw.ellipse((left, top, right, bottom), self.colour)

    def shape(self, *points: tuple[float, float]) -> None:
        """Fill a polygon given in sizes."""
        self.draw.polygon([self.at(*point) for point in points], self.colour)


class Glyph(Struct, frozen=True):
    """A drawn character: its width in sizes, and how it is drawn."""

    width: float
    paint: Callable[[Pen], None]


def _bar(width: float) -> Glyph:
    return Glyph(width, lambda pen: pen.line((0.05, AXIS), (width - 0.05, AXIS)))


def _times(pen: Pen) -> None:
    low, high = AXIS - 0.17, AXIS + 0.17
    pen.line((0.125, low), (0.465, high))
    pen.line((0.125, high), (0.465, low))


def _divided(pen: Pen) -> None:
    pen.line((0.05, AXIS), (0.54, AXIS))
    pen.dot(0.295, AXIS + 0.19, STROKE * 0.75)
    pen.dot(0.295, AXIS - 0.19, STROKE * 0.75)


def _plus_minus(pen: Pen) -> None:
    pen.line((0.05, 0.42), (0.54, 0.42))
    pen.line((0.295, 0.18), (0.295, 0.66))
    pen.line((0.05, 0.03), (0.54, 0.03))


def _compared(tip: float, back: float) -> Callable[[Pen], None]:
    def paint(pen: Pen) -> None:
        pen.line((back, 0.62), (tip, 0.4), (back, 0.18))
        pen.line((0.08, 0.03), (0.51, 0.03))

    return paint


def _degree(pen: Pen) -> None:
    (left, top), (right, bottom) = pen.at(0.05, 0.74), pen.at(0.31, 0.48)
    pen.draw.ellipse((left, top, right, bottom), None, pen.colour, round(pen.stroke * 0.85))


def _sharp_s(pen: Pen) -> None:
    points = (
        (0.11, 0.0), (0.11, 0.52), (0.13, 0.63), (0.19, 0.7), (0.28, 0.725), (0.37, 0.7), (0.42, 0.63), (0.42, 0.55),
        (0.38, 0.48), (0.31, 0.42), (0.31, 0.36), (0.37, 0.31), (0.45, 0.25), (0.48, 0.17), (0.45, 0.08),
        (0.37, 0.025), (0.28, 0.025), (0.22, 0.05),
    )  # fmt: skip
    pen.line(*points)


def _arrow(pen: Pen) -> None:
    pen.line((0.05, AXIS), (0.72, AXIS))
    pen.line((0.5, AXIS + 0.18), (0.72, AXIS), (0.5, AXIS - 0.18))


def _box(pen: Pen) -> None:
    pen.line((0.08, 0.0), (0.08, CAP_HEIGHT), (0.5, CAP_HEIGHT), (0.5, 0.0), (0.08, 0.0))


BOX = Glyph(0.58, _box)
_DRAWN = {
    "–": _bar(0.56),
    "−": _bar(FIGURE),
    "—": _bar(0.9),
    "×": Glyph(FIGURE, _times),
    "÷": Glyph(FIGURE, _divided),
    "±": Glyph(FIGURE, _plus_minus),
    "≥": Glyph(FIGURE, _compared(0.5, 0.09)),
    "≤": Glyph(FIGURE, _compared(0.09, 0.5)),
    "°": Glyph(0.36, _degree),
    "·": Glyph(0.26, lambda pen: pen.dot(0.13, AXIS, STROKE * 0.8)),
    "ß": Glyph(0.54, _sharp_s),
    "▲": Glyph(0.72, lambda pen: pen.shape((0.04, 0.02), (0.36, 0.66), (0.68, 0.02))),
    "▼": Glyph(0.72, lambda pen: pen.shape((0.04, 0.66), (0.36, 0.02), (0.68, 0.66))),
    "→": Glyph(0.8, _arrow),
}


class Lettering:
    """Writes on one picture; sizes and places are in its pixels, `y` is the baseline."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        anchor: str = "l",
    ) -> None:
        """Write a text; `anchor` is what `x` names of it: its `l`eft, `m`iddle or `r`ight."""
        if anchor != "l":
            x -= width_of(text, size) * (0.5 if anchor == "m" else 1)
        extra = BOLD * size if bold else 0.0
        stroke = STROKE * size + 2 * extra
        for piece in _pieces(text):
            if isinstance(piece, Glyph):
                piece.paint(Pen(self._draw, x, y, size, stroke, colour))
                x += piece.width * size
                continue
            own = size * (SMALL if piece.is_small else 1)
            base = y + (size * 0.12 if piece.is_small else 0)
            self._draw.text(
                (x, base), piece.text, colour, face(round(own)), anchor="ls", stroke_width=round(extra)
            )
            width = _width(piece, size)
            if piece.is_dotted:
                _dots(Pen(self._draw, x, y, size, stroke, colour), width / size, piece.text)
            x += width


class _Run(Struct, frozen=True):
    """Characters that the face has itself."""

    text: str
    is_small: bool = False
    is_dotted: bool = False


def width_of(text: str, size: float) -> float:
    """Return how wide a text is, in pixels."""
    return sum(_width(piece, size) for piece in _pieces(text))


def fitted(text: str, size: float, room: float) -> str:
    """Return a text cut, with three points, to what fits into so many pixels."""
    if width_of(text, size) <= room:
        return text
    kept = text
    while kept and width_of(kept + "...", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "..."


def wrapped(text: str, size: float, room: float, lines: int) -> list[str]:
    """Return a text in at most so many lines of so many pixels, broken between words and cut at the end."""
    done: list[str] = []
    words = text.split()
    while words and len(done) < lines - 1:
        line = words.pop(0)
        while words and width_of(f"{line} {words[0]}", size) <= room:
            line = f"{line} {words.pop(0)}"
        done.append(fitted(line, size, room))
    if words:
        done.append(fitted(" ".join(words), size, room))
    return done


@lru_cache(maxsize=32)
def face(size: int) -> ImageFont.FreeTypeFont:
    """Return Pillow's own face in a size."""
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return found


def _width(piece: Glyph | _Run, size: float) -> float:
    if isinstance(piece, Glyph):
        return piece.width * size
    return face(round(size * (SMALL if piece.is_small else 1))).getlength(piece.text)


def _pieces(text: str) -> Iterator[Glyph | _Run]:
    """Yield a text as runs of the face's own characters and glyphs of ours."""
    run = ""
    for letter in unicodedata.normalize("NFC", text):
        own = _SPELT.get(letter, letter)
        if own.isascii() and own.isprintable():
            run += own
            continue
        if run:
            yield _Run(run)
            run = ""
        yield _piece(letter)
    if run:
        yield _Run(run)


def _piece(letter: str) -> Glyph | _Run:
    if letter in _DOTTED:
        return _Run(unicodedata.normalize("NFD", letter)[0], is_dotted=True)
    if letter in _DIGITS:
        return _Run(_DIGITS[letter], is_small=True)
    bare = unicodedata.normalize("NFD", letter)[0]
    if bare.isascii() and bare.isprintable():
        return _Run(bare)
    return _DRAWN.get(letter, BOX)


def _dots(pen: Pen, width: float, letter: str) -> None:
    """Put the two dots of an umlaut above its letter."""
    height = (CAP_HEIGHT if letter.isupper() else X_HEIGHT) + 0.14
    for side in (-0.12, 0.12):
        pen.dot(width / 2 + side, height, STROKE * 0.75)
