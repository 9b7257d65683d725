"""Pictures: what is drawn of a firing, as plain values that any process can draw.

Which part of the condition deserves ink is read off its tree: constant levels and averages lie over the price,
one other series that held gets a pane of its own. Values of series are computed from the bars by `core.series`.
Instants are ns UTC.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from crypto_portfolio_analyzer.core.alerts import Alert, Evidence, Firing
from crypto_portfolio_analyzer.core.conditions.spelling import spell_value
from crypto_portfolio_analyzer.core.conditions.tree import (
    Comparison,
    Condition,
    Cross,
    Number,
    Question,
    Range,
    RangeEdge,
    Series,
    Value,
    nodes_of,
)
from crypto_portfolio_analyzer.core.formats import Language
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.notices import deciding
from crypto_portfolio_analyzer.core.notices.deciding import condition_of
from crypto_portfolio_analyzer.core.notices.reader import reader_of
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Argument, Domain, ParameterKind, Unit

Theme = Literal["light", "dark"]
Compared: TypeAlias = Comparison | Cross | Range | RangeEdge

MOST_LEVELS, MOST_CURVES = 3, 2
MOST_HISTORY = 500
"""Bars before the first one shown that a series may look back on."""
_DIFFERENCES = frozenset({"atr", "change_24h", "macd", "mom", "spread"})
"""Series whose unit is a price and that are none: they have no place among prices."""


class Candle(Struct, frozen=True):
    """One bar as it is drawn."""

    open_at: int
    open: float
    high: float
    low: float
    close: float


class Curve(Struct, frozen=True):
    """A series over the candles: one value for each, None where it is unknown."""

    values: tuple[float | None, ...]


class Pane(Struct, frozen=True):
    """A second series that decided: its curves, and the constants it is compared with."""

    curves: tuple[Curve, ...]
    levels: tuple[float, ...]


class PictureOrder(Struct, frozen=True, kw_only=True):
    """All that a picture of a firing needs. `length` is a candle's (ns), `digits` the decimals of prices."""

    symbol: str
    timeframe: str
    venue: str
    at: int
    price: float
    digits: int
    length: int
    candles: tuple[Candle, ...]
    condition: str
    levels: tuple[float, ...] = ()
    curves: tuple[Curve, ...] = ()
    pane: Pane | None = None
    deciding: str = ""
    """The series that decided, with its value."""
    change: float | None = None
    """Percent points over 24 h."""
    late: float | None = None
    """Seconds between the event and its detection, if that was late."""
    simulated: bool = False
    language: Language = "en"
    zone: str = "UTC"
    theme: Theme = "light"


class Sight(Struct, frozen=True):
    """What of a condition is worth drawing, and in which timeframe; `history` is how many earlier bars it needs."""

    timeframe: str
    levels: tuple[float, ...] = ()
    curves: tuple[Value, ...] = ()
    pane: tuple[Value, ...] = ()
    history: int = 0


def price_levels(question: Question) -> list[float]:
    """Return the constant prices that a condition compares its own symbol's with, in order, each once."""
    found = (
        level.value
        for compared in _compared_in(question)
        if any(isinstance(each, Series) and _is_price(each) for each in _values(compared))
        for level in _values(compared)
        if isinstance(level, Number)
    )
    return list(dict.fromkeys(found))


def sight_of(condition: Condition, evidence: Evidence) -> Sight:
    """Return what is worth drawing of a condition that has fired."""
    own = None if f" on {condition.timeframe}" in condition.spelling else condition.timeframe
    held = {leaf.left.text for leaf in evidence.leaves if leaf.left is not None and leaf.holds is not False}
    decided = [
        values
        for values in map(_values, _compared_in(condition.question))
        if any(spell_value(value, own) in held for value in values) and all(map(_is_drawable, values))
    ]
    pane = next((values for values in decided if not _is_over_price(values) and _timeframe(values)), ())
    over = [each for values in decided if _is_over_price(values) for each in values if _timeframe([each])]
    timeframe = _timeframe(pane) or _timeframe(over) or condition.timeframe
    curves = tuple(each for each in dict.fromkeys(over) if _timeframe([each]) == timeframe)[:MOST_CURVES]
    return Sight(
        timeframe=timeframe,
        levels=tuple(price_levels(condition.question)[:MOST_LEVELS]),
        curves=curves,
        pane=pane,
        history=max((_history(each) for each in (*curves, *pane)), default=0),
    )


def order_of(
    firing: Firing,
    alert: Alert,
    sight: Sight,
    bars: Sequence[Bar],
    *,
    shown: int,
    digits: int,
    change: float | None,
    simulated: bool,
    options: Mapping[str, object],
) -> PictureOrder:
    """Return the order for a firing's picture: the last `shown` of `bars`, all of one timeframe, oldest first.

    `options` are the channel's: `language`, `zone`, `theme`.
    """
    reader, kept = reader_of(options, firing.detected_at), bars[-shown:]
    return PictureOrder(
        symbol=firing.symbol,
        timeframe=sight.timeframe,
        venue=firing.evidence.venue,
        at=firing.event_at,
        price=firing.price,
        digits=digits,
        length=kept[0].close_at - kept[0].open_at,
        candles=tuple(Candle(each.open_at, each.open, each.high, each.low, each.close) for each in kept),
        condition=condition_of(firing, alert, reader),
        levels=sight.levels,
        curves=tuple(_curve(each, bars, shown) for each in sight.curves),
        pane=_pane(sight, bars, shown) if sight.pane else None,
        deciding=next(deciding.values_of(firing, alert, reader), "") if sight.pane else "",
        change=change,
        late=max(0.0, (firing.detected_at - firing.event_at) / 1e9) if firing.late else None,
        simulated=simulated,
        language=reader.language,
        zone=str(options.get("zone") or "UTC"),
        theme="dark" if options.get("theme") == "dark" else "light",
    )


def values_of(value: Value, bars: Sequence[Bar]) -> tuple[float | None, ...]:
    """Return a value's number at the end of each bar, None where it is unknown."""
    if isinstance(value, Number):
        return (value.value,) * len(bars)
    assert isinstance(value, Series), "only what is drawable is asked for"
    kind = SERIES[value.kind]
    place = kind.output(value.output) or 0
    assert kind.make is not None, "a tick series has no past"
    calculator = kind.make(_arguments(value))
    sources = [bar.close for bar in bars] if value.source is None else values_of(value.source, bars)
    found: list[float | None] = []
    for bar, source in zip(bars, sources, strict=True):
        told = calculator.update(bar, math.nan if source is None else source)[place]
        found.append(told if math.isfinite(told) else None)
    return (*(None,) * min(value.back, len(bars)), *found[: max(0, len(bars) - value.back)])


def _curve(value: Value, bars: Sequence[Bar], shown: int) -> Curve:
    return Curve(values_of(value, bars)[-shown:])


def _pane(sight: Sight, bars: Sequence[Bar], shown: int) -> Pane:
    return Pane(
        curves=tuple(_curve(each, bars, shown) for each in sight.pane if isinstance(each, Series)),
        levels=tuple(each.value for each in sight.pane if isinstance(each, Number)),
    )


def _compared_in(question: Question) -> Iterable[Compared]:
    return (node for node in nodes_of(question) if isinstance(node, Comparison | Cross | Range | RangeEdge))


def _values(compared: Compared) -> tuple[Value, ...]:
    if isinstance(compared, Comparison | Cross):
        return compared.left, compared.right
    return compared.value, compared.low, compared.high


def _is_price(series: Series) -> bool:
    is_difference = series.kind in _DIFFERENCES or series.output == "slope"
    return series.unit is Unit.PRICE and series.subject is None and not is_difference


def _is_over_price(values: Iterable[Value]) -> bool:
    return all(isinstance(each, Number) or (isinstance(each, Series) and _is_price(each)) for each in values)


def _is_drawable(value: Value | None) -> bool:
    """Tell whether a value can be computed from the symbol's own bars, or needs no computing."""
    if not isinstance(value, Series):
        return isinstance(value, Number)
    return value.subject is None and (value.source is None or _is_drawable(value.source))


def _timeframe(values: Iterable[Value]) -> str:
    """Return the timeframe of the first bar series among values, nothing if there is none."""
    found = (each for each in values if isinstance(each, Series) and each.domain is Domain.BAR)
    return next((each.timeframe for each in found if each.timeframe), "")


def _history(value: Value | None) -> int:
    if not isinstance(value, Series) or value.domain is not Domain.BAR:
        return 0
    needs = SERIES[value.kind].history(_arguments(value)) + value.back + _history(value.source)
    return min(needs, MOST_HISTORY)


def _arguments(series: Series) -> dict[str, Argument]:
    own = [each.name for each in SERIES[series.kind].parameters if each.kind is not ParameterKind.SERIES]
    return dict(zip(own, series.arguments, strict=True))
