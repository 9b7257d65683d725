"""Placeholders: every name a template may use, what it means, and where its value comes from.

Numbers are exact and instants ISO 8601 UTC, the same in every language, so that programs can read them; `told.*`
is worded for people. A value that is not known is None.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct

from crypto_portfolio_analyzer.core.alerts import Alert, Firing
from crypto_portfolio_analyzer.core.gate import iso as whole_seconds
from crypto_portfolio_analyzer.core.notices.deciding import condition_of, price_before, values_of
from crypto_portfolio_analyzer.core.notices.exact import decimal_text, iso
from crypto_portfolio_analyzer.core.notices.markup import clean, one_line
from crypto_portfolio_analyzer.core.notices.reader import Reader
from crypto_portfolio_analyzer.core.symbols import parse_symbol

PLOTS = 20
NAMED = ("plot", "why.value", "why.before")
"""Names that take one text: the canonical spelling of a value of the condition."""
_MILLISECOND = 10**6


class Told(Struct, frozen=True, kw_only=True):
    """What a message is made from: a firing with the alert as it was then, for a reader, by a channel."""

    firing: Firing
    alert: Alert
    reader: Reader
    key: str = ""
    channel: str = ""
    attempt: int = 1
    simulated: bool = False
    url: str = ""
    note: str = ""
    """The alert's own message, filled in."""


class Placeholder(Struct, frozen=True):
    """What a name means, and how its value is had."""

    about: str
    value: Callable[[Told], str | None]


Table: TypeAlias = dict[str, Placeholder]


def values_for(keys: Iterable[str], told: Told) -> dict[str, str | None]:
    """Return the values of the keys of a template."""
    return {key: _value(key, told) for key in keys}


def _value(key: str, told: Told) -> str | None:
    if key in PLACEHOLDERS:
        return PLACEHOLDERS[key].value(told)
    name, _, rest = key.partition('("')
    evidence = told.firing.evidence
    source = evidence.before if name == "why.before" else evidence.values
    return decimal_text(source.get(rest.removesuffix('")')))


def _plot(number: int) -> Callable[[Told], str | None]:
    def value(told: Told) -> str | None:
        values = tuple(told.firing.evidence.values.values())
        return decimal_text(values[number]) if number < len(values) else None

    return value


def _of_bar(field: str) -> Callable[[Told], str | None]:
    """Return the reader of a field of the bar, known if the condition looks at it."""

    def value(told: Told) -> str | None:
        values = told.firing.evidence.values
        found = (number for name, number in values.items() if name.split(" on ")[0] == field)
        return decimal_text(next(found, None))

    return value


def interval(timeframe: str) -> str:
    """Write a timeframe as TradingView does: minutes as a bare number, 1D, 1W."""
    count, unit = int(timeframe[:-1]), timeframe[-1]
    return str(count * {"m": 1, "h": 60}[unit]) if unit in "mh" else f"{count}{unit.upper()}"


def _flag(is_so: bool) -> str:
    return "true" if is_so else "false"


def _quote(told: Told) -> str | None:
    return parse_symbol(told.firing.symbol).quote


def _bar_time(told: Told) -> str:
    bar = told.firing.evidence.bar_open_at
    return whole_seconds(told.firing.event_at if bar is None else bar)


def _distance(told: Told) -> str | None:
    """Return how far past its nearest boundary the condition is."""
    known = [leaf.distance for leaf in told.firing.evidence.leaves if leaf.distance is not None]
    return decimal_text(min(known, key=abs, default=None))


TRADINGVIEW: Table = {
    "ticker": Placeholder("Symbol without separator: BTCUSDT.", lambda told: _ticker(told.firing.symbol)),
    "exchange": Placeholder("Venue in capitals: BINANCE.", lambda told: told.firing.evidence.venue.upper()),
    "open": Placeholder("Open of the bar, if the condition looks at it.", _of_bar("open")),
    "high": Placeholder("High of the bar, if the condition looks at it.", _of_bar("high")),
    "low": Placeholder("Low of the bar, if the condition looks at it.", _of_bar("low")),
    "close": Placeholder("Price at the firing.", lambda told: decimal_text(told.firing.price)),
    "volume": Placeholder("Volume of the bar, if the condition looks at it.", _of_bar("volume")),
    "time": Placeholder("Open of the bar that decided, else the instant of the trade.", _bar_time),
    "timenow": Placeholder("When the firing was found.", lambda told: whole_seconds(told.firing.detected_at)),
    "interval": Placeholder(
        "Timeframe of the alert: minutes, 1D, 1W.", lambda told: interval(told.alert.timeframe)
    ),
    **{
        f"plot_{number}": Placeholder(f"Value {number + 1} of the condition, in its order.", _plot(number))
        for number in range(PLOTS)
    },
    "syminfo.currency": Placeholder("Quote asset: USDT.", _quote),
    "syminfo.basecurrency": Placeholder(
        "Base asset: BTC.", lambda told: parse_symbol(told.firing.symbol).base
    ),
}

ALERT: Table = {
    "alert.id": Placeholder("Id of the alert.", lambda told: told.alert.id),
    "alert.name": Placeholder("Its name.", lambda told: clean(told.alert.name, "name")),
    "alert.symbol": Placeholder("Symbol that fired: BTC/USDT.", lambda told: told.firing.symbol),
    "alert.condition": Placeholder("Its condition as written.", lambda told: one_line(told.alert.condition)),
    "alert.timeframe": Placeholder("Its timeframe.", lambda told: told.alert.timeframe),
    "alert.trigger": Placeholder("When it fires: once, every_time, …", lambda told: told.alert.trigger.value),
    "alert.severity": Placeholder("info, warning or critical.", lambda told: told.alert.severity.value),
    "alert.revision": Placeholder("Revision that fired.", lambda told: str(told.firing.revision)),
    "alert.tags": Placeholder(
        "Its tags, separated by commas.", lambda told: one_line(", ".join(told.alert.tags))
    ),
    "alert.message": Placeholder("Its own message, filled in.", lambda told: told.note),
    "alert.url": Placeholder("Where to read on; empty without a public address.", lambda told: told.url),
}

WHY: Table = {
    "why.price": Placeholder("Price at the firing.", lambda told: decimal_text(told.firing.price)),
    "why.before": Placeholder(
        "Price before it, if the condition asks for it.",
        lambda told: decimal_text(price_before(told.firing)),
    ),
    "why.distance": Placeholder("How far the nearest value is past its boundary.", _distance),
    "why.sentence": Placeholder("The evidence in one line.", lambda told: told.firing.evidence.sentence),
    "why.venue": Placeholder("Venue that said so: binance.", lambda told: told.firing.evidence.venue),
    "why.late": Placeholder(
        "true or false: found later than it happened.", lambda told: _flag(told.firing.late)
    ),
    "why.cause": Placeholder("live, gap_backfill, restart, …", lambda told: told.firing.cause.value),
    "why.approximated": Placeholder(
        "true or false: known to the bar only, not to the trade.",
        lambda told: _flag(told.firing.approximated),
    ),
    "why.simulated": Placeholder("true or false: no real market.", lambda told: _flag(told.simulated)),
    "why.age": Placeholder(
        "Milliseconds from the event to its being found.",
        lambda told: str(max(0, told.firing.detected_at - told.firing.event_at) // _MILLISECOND),
    ),
}

FIRING: Table = {
    "firing.id": Placeholder("Id of the firing.", lambda told: told.firing.id),
    "firing.event_at": Placeholder("When it happened.", lambda told: iso(told.firing.event_at)),
    "firing.received_at": Placeholder("When we heard of it.", lambda told: iso(told.firing.received_at)),
    "firing.detected_at": Placeholder("When it was found.", lambda told: iso(told.firing.detected_at)),
    "firing.stored_at": Placeholder("When it was stored.", lambda told: iso(told.firing.stored_at)),
    "delivery.key": Placeholder("Key of the message, the same over all attempts.", lambda told: told.key),
    "delivery.channel": Placeholder("Name of the channel.", lambda told: clean(told.channel, "name")),
    "delivery.attempt": Placeholder("Attempt, from 1.", lambda told: str(told.attempt)),
}

TOLD: Table = {
    "told.price": Placeholder(
        "Price as people read it: 65,012.40.", lambda told: told.reader.price(told.firing.price)
    ),
    "told.condition": Placeholder(
        "The condition as a sentence, without the symbol.",
        lambda told: condition_of(told.firing, told.alert, told.reader),
    ),
    "told.values": Placeholder(
        "What decided: RSI(14) on 1h 71.2 > 70.",
        lambda told: " · ".join(values_of(told.firing, told.alert, told.reader)),
    ),
    "told.time": Placeholder(
        "When it happened, in the channel's zone.", lambda told: told.reader.moment(told.firing.event_at)
    ),
    "told.age": Placeholder(
        "How long after the event it was found: 23 ms.",
        lambda told: told.reader.span(told.firing.detected_at - told.firing.event_at),
    ),
}

PLACEHOLDERS: Mapping[str, Placeholder] = {**TRADINGVIEW, **ALERT, **WHY, **FIRING, **TOLD}


def _ticker(symbol: str) -> str:
    return symbol.partition(":")[0].replace("/", "")
