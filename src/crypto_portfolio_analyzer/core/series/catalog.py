"""What a series is, and the catalogue of them: every family registers its kinds here, one file per family.

A *tick series* (`price`, `bid`, `feed.age`) is read from the newest state of a subject and always live. A *bar
series* (`close`, `rsi(14)`, `candle("hammer")`) has the value of the last closed bar of its timeframe. Unknown
is NaN: warming up, no data, division by zero.
"""

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.registry import Registry

UNKNOWN = math.nan

Argument = float | str
"""A checked argument: a count or number, a duration in seconds, or a name."""
Arguments = Mapping[str, Argument]


class Unit(StrEnum):
    """What a number counts; the checker refuses to compare different ones."""

    PRICE = "price"  # of the subject's quote asset
    QUANTITY = "quantity"  # of its base asset
    NOTIONAL = "notional"  # price × quantity
    PERCENT = "percent"  # points: 5 means 5 %
    RATIO = "ratio"  # 0 to 1, or a plain quotient: 0.7 and 70% mean the same
    INDEX = "index"  # an oscillator on a scale of its own
    COUNT = "count"
    DURATION = "duration"  # seconds
    FLAG = "flag"  # 0 or 1, or signed strength of a pattern
    NUMBER = "number"  # a bare number: fits every unit


class Domain(StrEnum):
    """When a series changes."""

    TICK = "tick"
    BAR = "bar"


class ParameterKind(StrEnum):
    """What may be written for a parameter."""

    COUNT = "count"  # a whole number, usually of bars
    NUMBER = "number"
    DURATION = "duration"
    NAME = "name"  # a text in quotes, one of `choices` if there are any
    SERIES = "series"  # an expression over bar series; left out, it is `close`


class Parameter(Struct, frozen=True):
    """One argument of a series. Without a default it must be written, except a SERIES one, which comes first."""

    name: str
    kind: ParameterKind = ParameterKind.COUNT
    default: Argument | None = None
    least: float = 1
    most: float = 10_000
    choices: tuple[str, ...] = ()


class Output(Struct, frozen=True):
    """One number a series gives: `name` is what stands behind the dot, and bounds say what it can ever be.

    Of a kind with a SERIES parameter, PRICE stands for the unit of that series: `sma(volume, 20)` is a quantity.
    """

    name: str = ""
    unit: Unit = Unit.PRICE
    low: float = -math.inf
    high: float = math.inf


class TickState(Struct):
    """The newest state of one subject; None is unknown, instants are ns UTC."""

    price: float | None = None
    bid: float | None = None
    ask: float | None = None
    open_24h: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None
    volume_24h: float | None = None
    venue: str = ""
    event_at: int = 0
    received_at: int = 0
    heard_at: int = 0
    """When anything of the subject last came, by the judge's clock."""
    gap: bool = False
    """Whether facts may be missing right now."""
    sources: int = 0
    """How many venues deliver the subject."""


class Calculator(Protocol):
    """One bar series of one subject, bar by bar."""

    def update(self, bar: Bar, source: float) -> tuple[float, ...]:
        """Take the next closed bar; return the outputs in the kind's order, NaN while there is none.

        `source` is the value of the kind's SERIES parameter at this bar (its close, if left out).
        """
        ...

    def peek(self, bar: Bar, source: float) -> tuple[float, ...]:
        """Return the outputs as they would be if the forming `bar` closed now; changes nothing."""
        ...


class SeriesKind(Struct, frozen=True):
    """One word of the language: what it takes, gives and needs, and how it is computed.

    `summary` holds its plain-language names by language with `{parameter}` placeholders, for example
    `{"en": "RSI({length})", "de": "RSI({length})"}`, with the German accusative as `de_acc` where it differs;
    `about` one sentence by language.
    `history(arguments)` is how many bars it needs until it is settled, the first value included; `days` how many
    UTC days that must reach back, for what begins anew with the day.
    Bar kinds have `make`, tick kinds `read(state, now)`; `by_time` marks those that change by time alone.
    """

    name: str
    family: str
    domain: Domain
    outputs: tuple[Output, ...]
    summary: Mapping[str, str]
    about: Mapping[str, str]
    parameters: tuple[Parameter, ...] = ()
    history: Callable[[Arguments], int] = lambda _arguments: 1
    make: Callable[[Arguments], Calculator] | None = None
    read: Callable[[TickState, int], float] | None = None
    by_time: bool = False
    days: int = 0

    def output(self, name: str) -> int | None:
        """Return the place of an output by name; the first one answers to no name; None if there is none."""
        if not name:
            return 0
        return next((place for place, each in enumerate(self.outputs) if each.name == name), None)


SERIES: Registry[SeriesKind] = Registry("series", "crypto_portfolio_analyzer.core.series")
"""Every kind by name; `talib:RSI` and its like, written `talib("RSI", …)`, are made on demand."""


def register(kind: SeriesKind) -> SeriesKind:
    """Put a kind into the catalogue under its own name."""
    return SERIES(kind.name)(kind)
