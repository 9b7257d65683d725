"""Sleepers: rules of one comparison that only wait for a tick series to reach their level; columns, not objects.

A million alerts "price above X" are a million Python objects that the garbage collector walks through, if every
one is a case. Here each is one row of parallel columns, sorted by level, and becomes a case when it wakes: when
its trigger may come. Asleep, a level is false, and a crossing knows the side it came from by the series' own value.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Standing, Trigger
from crypto_portfolio_analyzer.core.conditions.tree import Comparison, Condition, Cross, Number, Series
from crypto_portfolio_analyzer.core.judging.comparing import OPERATORS, SIDES, side_of
from crypto_portfolio_analyzer.core.judging.thresholds import around, reached
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Domain

_PLACE = "\x00"
"""Stands for the level in a shape's spelling."""


class Shape(Struct, frozen=True):
    """Conditions that are alike but for their level: parsed and kept once."""

    question: Comparison | Cross
    spelling: str
    timeframe: str

    def condition(self, level: float) -> Condition:
        """Return the condition with its level."""
        text = _text(level)
        assert isinstance(self.question.right, Number)
        number = replace(self.question.right, value=level, text=text)
        spelling = self.spelling.replace(_PLACE, text)
        return Condition(replace(self.question, right=number), spelling, self.timeframe)

    @property
    def series(self) -> Series:
        """The tick series it compares."""
        assert isinstance(self.question.left, Series)
        return self.question.left

    def wakes(self, came_from: int, value: float, level: float) -> bool:
        """Tell whether the trigger may come: the level holds, or the wanted side is reached from the other one."""
        question = self.question
        if isinstance(question, Comparison):
            return OPERATORS[question.operator](value, level)
        side = side_of(value, level)
        return bool(side and came_from) and side != came_from and side in SIDES[question.direction]


def shape_of(alert: Alert, condition: Condition) -> tuple[Shape, float] | None:
    """Return what an alert has in common with many and its level, if it is of the kind that can sleep."""
    question = condition.question
    if not isinstance(question, Comparison | Cross) or not isinstance(question.right, Number):
        return None
    left, right = question.left, question.right
    if not isinstance(left, Series) or left.domain is not Domain.TICK or left.subject is not None:
        return None
    text = _text(right.value)
    if right.text != text or condition.spelling.count(text) != 1 or condition.cautions:
        return None
    if not _can_sleep(alert) or SERIES[left.kind].by_time:
        return None
    bare = replace(question, right=replace(right, value=0.0, text=_PLACE))
    return Shape(bare, condition.spelling.replace(text, _PLACE), condition.timeframe), right.value


def _can_sleep(alert: Alert) -> bool:
    """Tell whether nothing but the level can change an alert's state."""
    is_plain = alert.enabled and not alert.fresh and alert.expires_at is None
    return is_plain and alert.trigger is not Trigger.ONCE_PER_BAR_CLOSE


def is_unused(standing: Standing) -> bool:
    """Tell whether a standing remembers nothing that a row has no column for."""
    is_new = standing.state is AlertState.ARMED and standing.epoch == 1 and not standing.memory
    return is_new and not standing.fired and not standing.suppressed and standing.key is None


def _text(level: float) -> str:
    """Return a number as people write it, without exponent."""
    text = repr(level)
    return format(Decimal(text), "f").removesuffix(".0") if "e" in text else text.removesuffix(".0")


class Row(Struct, frozen=True):
    """One sleeper, woken: what is needed to make a case of it."""

    alert: Alert
    shape: Shape
    level: float
    since: int
    came_from: int

    def standing(self, symbol: str) -> Standing:
        """Return its standing: armed, and nothing has come of it yet."""
        alert = self.alert
        return Standing(
            alert_id=alert.id,
            symbol=symbol,
            revision=alert.revision,
            state=AlertState.ARMED,
            reason="armed",
            since=self.since,
        )


class Sleepers:
    """The sleeping rules of one series, by level.

    `_sides` is where a crossing came from while the value is exactly on its level or unknown; 0 for not known.
    `_kinds` are places in `_shapes`.
    """

    __slots__ = ("_alerts", "_kinds", "_levels", "_shapes", "_sides", "_since")

    def __init__(self) -> None:
        self._levels = array("d")
        self._sides = array("b")
        self._since = array("q")
        self._kinds = array("H")
        self._alerts: list[Alert] = []
        self._shapes: list[Shape] = []

    def __len__(self) -> int:
        return len(self._levels)

    def add(self, alert: Alert, shape: Shape, level: float, since: int) -> None:
        """Let an alert sleep."""
        place = bisect_right(self._levels, level)
        self._levels.insert(place, level)
        self._sides.insert(place, 0)
        self._since.insert(place, since)
        self._alerts.insert(place, alert)
        if shape not in self._shapes:
            self._shapes.append(shape)
        self._kinds.insert(place, self._shapes.index(shape))

    def rows(self, value: float, alert_id: str | None = None) -> Iterator[tuple[int, Row]]:
        """Yield the sleepers with their places, all or those of one alert; `value` is the series' own."""
        for place, alert in enumerate(self._alerts):
            if alert_id is None or alert.id == alert_id:
                yield place, self._row(place, value)

    def take(self, places: Iterable[int]) -> None:
        """Take rows out."""
        for place in sorted(places, reverse=True):
            for column in (self._levels, self._sides, self._since, self._kinds, self._alerts):
                del column[place]

    def woken(self, old: float, new: float) -> list[tuple[int, Row]]:
        """Return the sleepers whose trigger may come when the series moves from `old` to `new`, with their places."""
        rows = []
        for place in range(*reached(self._levels, old, new)):
            level = self._levels[place]
            came_from = side_of(old, level) or self._sides[place]
            if self._shapes[self._kinds[place]].wakes(came_from, new, level):
                rows.append((place, self._row(place, old)))
        return rows

    def move(self, old: float, new: float) -> None:
        """Note where crossings came from whose level the series stands on now; elsewhere its value tells."""
        for place in range(*reached(self._levels, new, new)):
            level = self._levels[place]
            self._sides[place] = side_of(new, level) or side_of(old, level) or self._sides[place]

    def forget(self) -> None:
        """Let crossings have no side to come from: another venue's values are to come."""
        self._sides = array("b", bytes(len(self._sides)))

    def around(self, value: float) -> tuple[float, float]:
        """Return the interval around a value in which nothing wakes."""
        return around(self._levels, value)

    def _row(self, place: int, value: float) -> Row:
        level = self._levels[place]
        came_from = side_of(value, level) or self._sides[place]
        return Row(
            self._alerts[place], self._shapes[self._kinds[place]], level, self._since[place], came_from
        )
