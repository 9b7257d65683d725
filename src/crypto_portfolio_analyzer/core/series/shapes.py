"""Shapes: what makes the last swings a chart pattern, each rule with its threshold and its reason.

Every rule scores from 0 (just kept) to 1 (kept fully) and is negative when broken; a shape stands when no rule
is broken, and its quality is the mean score. Prices are measured in heights of the shape, heights in mean bar
ranges, times in bars, so a shape means the same on every symbol and timeframe. Only one way up is written here:
a double bottom is a double top of mirrored prices (`patterns`).

Sources: Bulkowski, Encyclopedia of Chart Patterns, 3rd ed. (2021) for confirmation by a close, touches and
measure rules; Lo, Mamaysky, Wang, Foundations of Technical Analysis, J. Finance 55 (2000) for shapes as
inequalities over consecutive extremes; Edwards, Magee, Technical Analysis of Stock Trends for flags.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.core.series.catalog import UNKNOWN
from crypto_portfolio_analyzer.core.series.swings import HIGH, LOW, Swing

LEG = 2.5
"""A turn smaller than this many mean bar ranges is noise inside a leg, not a leg of its own."""
SPAN = 30
"""A shape is at most this many wings wide: beyond it the swings belong to another scale; bounds the memory."""
HEIGHT = 4.0
"""A shape lower than this many mean bar ranges cannot be told from bars that overlap."""
TOPS_APART = 0.2
"""Two tops are level within this share of the height (Bulkowski: 0–3 % of price where valleys are 10–20 % deep)."""
RISE = 1.0
"""What a top reverses: the way up to it measures at least the height (Bulkowski: price trends upward into it)."""
UNEVEN = 4.0
"""The two halves of a top differ in bars at most by this factor."""
HEAD = 0.15
"""The head stands above both shoulders by this share of its height over the neckline."""
SHOULDER = 0.25
"""Each shoulder stands above the neckline by this share of the head's height."""
SHOULDERS_APART = 0.35
"""The shoulders differ in height by at most this share (Lo et al.: 1.5 % of price)."""
NECK_SLOPE = 0.35
"""The neckline's ends differ by at most this share of the head's height."""
TOUCH = 0.12
"""Each of the five touches (Bulkowski's least) lies within this share of the opening from its line."""
FLAT = 0.2
"""A line is flat when over the whole shape it moves by at most this share of the opening."""
CLEAR = 1.0
"""A close is outside fitted lines, which run through the touches' middle, by this many mean bar ranges."""
SLANT = 0.3
"""A side of a triangle slants when it moves by at least this share."""
CLIMB = 0.6
"""A channel climbs when both lines do so by at least this share, …"""
PARALLEL = 0.25
"""… and they are parallel when their moves differ by at most this share."""
NARROWING = 0.4
"""A wedge's lines approach each other by at least this share."""
POLE = 6.0
"""A flag's pole is at least this many mean bar ranges high (Edwards, Magee: nearly vertical)."""
STEEP = 0.5
"""It rises by at least this many mean bar ranges a bar."""
DIP = 0.12
"""A flag gives back at least this share of its pole; less is a bar's noise, …"""
RETRACED = 0.45
"""… and at most this share; more is a reversal."""
FLAG_RISE = 0.1
"""A bull flag's second top is above the first by at most this share of the pole: flags lean against the trend."""
FLAG_LENGTH = 2.5
"""A flag lasts at most this many times its pole; longer it is a channel."""
FAILED = 0.618
"""A flag is void when this share of the pole is lost."""


class Line(Struct, frozen=True, gc=False):
    """A straight line over bar numbers."""

    price: float
    at: int
    slope: float = 0.0

    def value(self, at: int) -> float:
        """Return the price at a bar."""
        return self.price + self.slope * (at - self.at)

    def moved(self, by: float) -> "Line":
        """Return the line that much higher."""
        return Line(self.price + by, self.at, self.slope)


class Shape(Struct, frozen=True):
    """What stands: its lines, where a close outside leads (NaN: nowhere, it voids the shape), how good it is.

    It spans the bars `start..end` and waits for its break until `expires`.
    """

    above: Line
    below: Line
    goal_up: float
    goal_down: float
    start: int
    end: int
    expires: float
    quality: float


Recognizer = Callable[[Sequence[Swing]], Shape | None]
"""From alternating swings, newest last, to the shape they end in."""


def at_most(value: float, limit: float) -> float:
    """Score a value that must not exceed a limit: 1 at 0, 0 at the limit."""
    return 1 - value / limit


def at_least(value: float, limit: float) -> float:
    """Score a value that must reach a limit: 0 at the limit, 1 from twice the limit on."""
    return min(1.0, value / limit - 1)


def even(first: float, second: float, limit: float) -> float:
    """Score two lengths in bars that differ by at most a factor: 1 if equal."""
    return 1 - (max(first, second) / max(min(first, second), 1) - 1) / (limit - 1)


def noise_of(swings: Sequence[Swing]) -> float:
    """Return the mean bar range around the swings; tiny rather than 0, where no bar has a range."""
    return max(sum(each.noise for each in swings) / len(swings), 1e-300)


def line_through(points: Sequence[Swing]) -> Line:
    """Return the least-squares line through two or more swings.

    It counts bars from the first of them, so that it is the same wherever the counting of bars began.
    """
    origin = points[0].at
    middle = sum(each.at - origin for each in points) / len(points)
    price = sum(each.price for each in points) / len(points)
    steps = [each.at - origin - middle for each in points]
    rises = sum(step * (each.price - price) for step, each in zip(steps, points, strict=True))
    slope = rises / sum(step * step for step in steps)
    return Line(price - slope * middle, origin, slope)


def quality_of(scores: Sequence[float]) -> float | None:
    """Return the mean score, None if a rule is broken."""
    return None if min(scores) < 0 else sum(scores) / len(scores)


def double_top(swings: Sequence[Swing]) -> Shape | None:
    """Find two level tops after a rise; a close below the valley confirms, one height below it is the target."""
    if len(swings) < 4 or swings[-1].side != HIGH:
        return None
    base, left, valley, right = swings[-4:]
    height = (left.price + right.price) / 2 - valley.price
    quality = quality_of(
        (
            at_least(height / noise_of((left, valley, right)), HEIGHT),
            at_most(abs(left.price - right.price) / height, TOPS_APART),
            at_least((left.price - base.price) / height, RISE),
            even(valley.at - left.at, right.at - valley.at, UNEVEN),
        )
    )
    if quality is None:
        return None
    width = right.at - left.at
    above, below = Line(max(left.price, right.price), right.at), Line(valley.price, right.at)
    goal = valley.price - height
    return Shape(above, below, UNKNOWN, goal, left.at, right.at, right.at + width, quality)


def head_and_shoulders(swings: Sequence[Swing]) -> Shape | None:
    """Find three tops, the middle one highest; a close below the neckline confirms, the head's height is the target."""
    if len(swings) < 6 or swings[-1].side != HIGH:
        return None
    base, left, first, head, second, right = swings[-6:]
    neck = line_through((first, second))
    height = head.price - neck.value(head.at)
    if height <= 0:
        return None
    shoulders = (left.price - neck.value(left.at), right.price - neck.value(right.at))
    quality = quality_of(
        (
            at_least(height / noise_of((left, head, right)), HEIGHT),
            at_least((head.price - max(left.price, right.price)) / height, HEAD),
            at_least(min(shoulders) / height, SHOULDER),
            at_most(abs(shoulders[0] - shoulders[1]) / height, SHOULDERS_APART),
            at_most(abs(first.price - second.price) / height, NECK_SLOPE),
            at_least((left.price - base.price) / max(shoulders[0], 1e-300), RISE),
            even(head.at - left.at, right.at - head.at, UNEVEN),
        )
    )
    if quality is None:
        return None
    width = right.at - left.at
    above, goal = Line(head.price, head.at), neck.value(right.at) - height
    return Shape(above, neck, UNKNOWN, goal, left.at, right.at, right.at + width / 2, quality)


class Band(Struct, frozen=True):
    """Five alternating swings between two lines: how far each line moves over the whole, in openings."""

    above: Line
    below: Line
    start: int
    end: int
    opening: float
    noise: float
    up: float
    low: float
    scores: tuple[float, ...]

    @property
    def apex(self) -> float:
        """Return the bar where converging lines meet, or as far ahead as the band is wide, whichever is first."""
        width = self.end - self.start
        closing = self.low - self.up
        return min(self.end + width, self.start + width / closing) if closing > 0 else self.end + width


def band(swings: Sequence[Swing]) -> Band | None:
    """Return the band that the last five swings lie in, if they touch two lines that have not met."""
    if len(swings) < 5:
        return None
    last = swings[-5:]
    above = line_through([each for each in last if each.side == HIGH])
    below = line_through([each for each in last if each.side == LOW])
    start, end = last[0].at, last[-1].at
    opening = above.value(start) - below.value(start)
    if opening <= 0 or above.value(end) <= below.value(end):
        return None
    lines = {HIGH: above, LOW: below}
    missed = max(abs(each.price - lines[each.side].value(each.at)) for each in last)
    noise = noise_of(last)
    scores = (at_least(opening / noise, HEIGHT), at_most(missed / opening, TOUCH))
    up, low = (line.slope * (end - start) / opening for line in (above, below))
    return Band(above, below, start, end, opening, noise, up, low, scores)


def _between(found: Band, goal_up: float, goal_down: float, *scores: float) -> Shape | None:
    quality = quality_of((*found.scores, *scores))
    if quality is None:
        return None
    margin = CLEAR * found.noise
    above, below = found.above.moved(margin), found.below.moved(-margin)
    return Shape(above, below, goal_up, goal_down, found.start, found.end, found.apex, quality)


def ascending_triangle(swings: Sequence[Swing]) -> Shape | None:
    """Find a flat top over rising lows; a close above confirms, the opening added is the target."""
    found = band(swings)
    if found is None:
        return None
    goal = found.above.value(found.end) + found.opening
    return _between(found, goal, UNKNOWN, at_most(abs(found.up), FLAT), at_least(found.low, SLANT))


def symmetric_triangle(swings: Sequence[Swing]) -> Shape | None:
    """Find falling tops over rising lows; a close outside confirms either way, the opening is the target."""
    found = band(swings)
    if found is None:
        return None
    goals = (found.above.value(found.end) + found.opening, found.below.value(found.end) - found.opening)
    return _between(found, *goals, at_least(-found.up, FLAT), at_least(found.low, FLAT))


def rising_channel(swings: Sequence[Swing]) -> Shape | None:
    """Find two rising parallels; a close below confirms the end of the rise, the opening is the target."""
    found = band(swings)
    if found is None:
        return None
    goal = found.below.value(found.end) - found.opening
    scores = (at_least(min(found.up, found.low), CLIMB), at_most(abs(found.up - found.low), PARALLEL))
    return _between(found, UNKNOWN, goal, *scores)


def rising_wedge(swings: Sequence[Swing]) -> Shape | None:
    """Find two rising lines that approach each other; a close below confirms, the wedge's start is the target."""
    found = band(swings)
    if found is None:
        return None
    goal = found.below.value(found.start)
    return _between(found, UNKNOWN, goal, at_least(found.up, FLAT), at_least(found.low - found.up, NARROWING))


def bull_flag(swings: Sequence[Swing]) -> Shape | None:
    """Find a steep pole and a pause leaning against it; a close above confirms, another pole is the target."""
    if len(swings) < 4 or swings[-1].side != HIGH:
        return None
    base, top, dip, last = swings[-4:]
    pole, rise, length = top.price - base.price, top.at - base.at, last.at - top.at
    noise = noise_of((base, top, dip, last))
    quality = quality_of(
        (
            at_least(pole / noise, POLE),
            at_least(pole / noise / max(rise, 1), STEEP),
            at_least((top.price - dip.price) / pole, DIP),
            at_most((top.price - dip.price) / pole, RETRACED),
            at_most(max(0.0, last.price - top.price) / pole, FLAG_RISE),
            at_most(length / max(rise, 1), FLAG_LENGTH),
        )
    )
    if quality is None:
        return None
    above = line_through((top, last)) if last.price < top.price else Line(last.price, last.at)
    below = Line(top.price - FAILED * pole, top.at)
    return Shape(above, below, dip.price + pole, UNKNOWN, base.at, last.at, last.at + length, quality)
