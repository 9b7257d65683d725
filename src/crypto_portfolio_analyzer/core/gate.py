"""What wire text is worth: names, instants, and the exact reason why an element is refused.

Codecs read frames with typed decoders whose field types are the gate: the parser itself refuses a bad number.
Only then is the frame read again as plain text, element by element: the bad one is named, the others live.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, NamedTuple, TypeVar

from msgspec import Meta, ValidationError, convert
from msgspec.json import Decoder

from crypto_portfolio_analyzer.core.market import Fact, Reject, RejectReason
from crypto_portfolio_analyzer.core.numbers import (
    AHEAD_NANOSECONDS,
    EARLIEST,
    MAX_PRICE,
    MAX_QUANTITY,
    MAX_TEXT,
    refuse_number,
    refuse_time,
)
from crypto_portfolio_analyzer.core.venues import Subscription
from crypto_portfolio_analyzer.errors import InvalidSymbol

W = TypeVar("W")

UNREADABLE = (ValueError, RecursionError, InvalidSymbol)
"""What a typed reading may raise (msgspec's errors are ValueErrors); the text says more."""

SMALLEST = 1e-30
"""Nothing is priced or traded in less; such a number is a fault, mostly of its exponent."""
Price = Annotated[float, Meta(gt=SMALLEST, lt=MAX_PRICE)]
Quantity = Annotated[float, Meta(gt=SMALLEST, lt=MAX_QUANTITY)]
Amount = Annotated[float, Meta(ge=0, lt=MAX_QUANTITY)]
"""A number that may be 0."""
Signed = Annotated[float, Meta(gt=-MAX_QUANTITY, lt=MAX_QUANTITY)]
Whole = Annotated[int, Meta(ge=0, lt=1 << 62)]
Levels = tuple[tuple[Price, Amount], ...]
"""Of a book; quantity 0 removes a level."""

SECOND = 10**9
MINUTE = 60 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Instant = Annotated[datetime, Meta(tz=True)]
"""An RFC 3339 text with its zone; venues tell microseconds, and more digits are rounded to them."""

_MAX_NAMES = 20_000
_NUMERIC = bytes(48 if chr(byte) in "0123456789.eE+-" else 32 for byte in range(256))
_LONG = b"0" * (MAX_TEXT + 1)
_TINY = re.compile(rb'["\[:,\s][-+.0-9]+[eE]-')
_SHOWN = 40
_WHOLE = re.compile(r"[0-9]{1,18}")
_SECONDS = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,20}))?")


class Names(dict[str, str]):
    """Venue spellings to canonical symbols; unknown ones are inferred once and, up to a bound, remembered."""

    def __init__(self, known: Mapping[str, str] | None, infer: Callable[[str], str]) -> None:
        super().__init__(known or {})
        self._infer = infer

    def __missing__(self, name: str) -> str:
        symbol = self._infer(name)
        if len(self) < _MAX_NAMES:
            self[name] = symbol
        return symbol


def has_odd_number(frame: bytes) -> bool:
    """Tell whether a number in `frame` may be longer or nearer to 0 than any is; the parsed floats do not show it."""
    if _LONG in frame.translate(_NUMERIC):
        return True
    return (b"e-" in frame or b"E-" in frame) and _TINY.search(frame) is not None


def nanoseconds(instant: datetime) -> int:
    """Return an aware instant as ns UTC."""
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds * 1000


def seconds_text(text: str) -> int:
    """Return decimal epoch seconds as ns, digit by digit; 0 if the text is none."""
    match = _SECONDS.fullmatch(text)
    if match is None:
        return 0
    return int(match[1]) * SECOND + int((match[2] or "")[:9].ljust(9, "0"))


def iso(instant: int) -> str:
    """Return an instant (ns) as ISO 8601 in whole seconds."""
    return datetime.fromtimestamp(instant // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_instant(event_at: int, received_at: int) -> bool:
    """Tell whether a venue's instant can be right."""
    return EARLIEST < event_at < received_at + AHEAD_NANOSECONDS


def known(value: float | None) -> float | None:
    """Return a price, or None for the 0 by which venues say that there is none."""
    return value or None


def believable(value: float) -> float | None:
    """Return a derived number, or None if what it was derived from cannot have been right."""
    return value if abs(value) < MAX_QUANTITY else None


def change_since(price: float, opened: float | None) -> tuple[float | None, float | None]:
    """Return the change since `opened` and the same in percent points; unknown without an opening price."""
    if not opened:
        return None, None
    return price - opened, believable((price - opened) / opened * 100)


def change_of(price: float, percent: float | None) -> float | None:
    """Return the change that a percentage stands for."""
    if percent is None or percent <= -100:
        return None
    return believable(price * percent / (100 + percent))


def worth(volume: float | None, average: float | None) -> float | None:
    """Return a volume in the quote asset, given the average price."""
    return None if volume is None or average is None else believable(volume * average)


Check = Callable[[object, int], RejectReason | None]
"""Judges a value, given the receive time (ns)."""


def price(value: object, _received_at: int) -> RejectReason | None:
    """Judge a price."""
    return refuse_number(value) or _refuse_tiny(value)


def quantity(value: object, _received_at: int) -> RejectReason | None:
    """Judge a traded quantity."""
    return refuse_number(value, limit=MAX_QUANTITY) or _refuse_tiny(value)


def _refuse_tiny(number: object) -> RejectReason | None:
    return RejectReason.RANGE if float(str(number)) <= SMALLEST else None


def amount(value: object, _received_at: int) -> RejectReason | None:
    """Judge a number that may be 0."""
    return refuse_number(value, limit=MAX_QUANTITY, zero_ok=True)


def signed(value: object, _received_at: int) -> RejectReason | None:
    """Judge a number that may be negative."""
    text = value[1:] if isinstance(value, str) and value.startswith("-") else value
    return refuse_number(text, limit=MAX_QUANTITY, zero_ok=True)


def whole(value: object, _received_at: int) -> RejectReason | None:
    """Judge an id or a count."""
    if not isinstance(value, str):
        return RejectReason.TYPE
    if len(value) > _SHOWN:
        return RejectReason.TOO_LONG
    return None if _WHOLE.fullmatch(value) else RejectReason.TYPE


def instant(value: object, received_at: int) -> RejectReason | None:
    """Judge an RFC 3339 text."""
    try:
        return refuse_time(nanoseconds(convert(value, Instant)), received_at)
    except (ValidationError, OverflowError):
        return RejectReason.TIME


def seconds(value: object, received_at: int) -> RejectReason | None:
    """Judge decimal epoch seconds."""
    return refuse_time(seconds_text(value), received_at) if isinstance(value, str) else RejectReason.TIME


def text(value: object, _received_at: int) -> RejectReason | None:
    """Judge a name."""
    return None if isinstance(value, str) else RejectReason.TYPE


def levels(value: object, received_at: int) -> RejectReason | None:
    """Judge `[[price, quantity, …], …]`."""
    if not isinstance(value, list):
        return RejectReason.SHAPE
    for level in value:
        if not isinstance(level, list) or len(level) < 2:
            return RejectReason.SHAPE
        reason = price(level[0], received_at) or amount(level[1], received_at)
        if reason:
            return reason
    return None


def one_of(*choices: str) -> Check:
    """Return a check for a closed set of texts."""
    return lambda value, _received_at: None if value in choices else RejectReason.TYPE


class Field(NamedTuple):
    """A member of a JSON object or array, and what it must be."""

    key: str | int
    check: Check
    optional: bool = False


class Kind(Generic[W]):
    """One kind of message or element: its name, its typed form, and its members for when that form fails."""

    def __init__(self, venue: str, name: str, wire: type[W], fields: Sequence[Field] = ()) -> None:
        self.venue, self.name, self.wire, self.fields = venue, name, wire, tuple(fields)
        self._rows = Decoder(list[wire], strict=False).decode  # type: ignore[valid-type]  # known at run time

    def judge(self, element: object, build: Callable[[W], Fact | None], received_at: int) -> Fact:
        """Return the fact of one element of text, or the reject that names its fault."""
        if isinstance(element, dict):
            element = {key: value for key, value in element.items() if value != ""}
        fault = self._fault(element, received_at)
        if fault:
            return fault
        try:
            fact = build(convert(element, self.wire, strict=False))
        except InvalidSymbol as error:
            return self.reject(RejectReason.SYMBOL, shown(error.text), received_at)
        except ValidationError as error:
            return self.reject(RejectReason.SHAPE, shown(str(error)), received_at)
        return fact or self.reject(RejectReason.SHAPE, "unreadable", received_at)

    def sift(self, elements: object, build: Callable[[W], Fact | None], received_at: int) -> list[Fact]:
        """Return the facts of the good elements and the rejects of the others."""
        if not isinstance(elements, list):
            return [self.reject(RejectReason.SHAPE, f"no list: {shown(elements)}", received_at)]
        return [self.judge(element, build, received_at) for element in elements]

    def read(self, body: bytes, build: Callable[[W], Fact | None], received_at: int) -> list[Fact]:
        """Return the facts and rejects of a JSON array of such elements."""
        try:
            facts = [None] if has_odd_number(body) else [build(row) for row in self._rows(body)]
        except UNREADABLE:
            facts = [None]
        good = [fact for fact in facts if fact is not None]
        if len(good) == len(facts):
            return good
        try:
            return self.sift(as_text(body), build, received_at)
        except ValueError as error:
            return [self.reject(RejectReason.JSON, shown(str(error)), received_at)]

    def read_one(self, body: bytes, build: Callable[[W], Fact | None], received_at: int) -> Fact:
        """Return the fact or the reject of a JSON object."""
        try:
            return self.judge(as_text(body), build, received_at)
        except ValueError as error:
            return self.reject(RejectReason.JSON, shown(str(error)), received_at)

    def reject(self, reason: RejectReason, detail: str, received_at: int) -> Reject:
        """Return a reject that says where it was found."""
        return Reject(self.venue, reason, f"{self.name}: {detail}", received_at)

    def _fault(self, element: object, received_at: int) -> Reject | None:
        for field in self.fields:
            try:
                value = element[field.key]  # type: ignore[index]  # what cannot be indexed is refused below
            except (KeyError, IndexError, TypeError):
                if field.optional and isinstance(element, dict):
                    continue
                return self.reject(RejectReason.SHAPE, f"no {field.key}", received_at)
            if value is None and field.optional:
                continue
            reason = field.check(value, received_at)
            if reason:
                return self.reject(reason, f"{field.key} {shown(value)}", received_at)
        return None


def read_each(elements: object, wire: type[W]) -> list[W]:
    """Return the readable ones of `elements` in their typed form."""
    found = []
    for element in elements if isinstance(elements, list) else ():
        try:
            found.append(convert(element, wire, strict=False))
        except ValidationError:
            continue
    return found


def chunks(subscriptions: Sequence[Subscription], size: int) -> list[Sequence[Subscription]]:
    """Return `subscriptions` in runs of at most `size`."""
    return [subscriptions[at : at + size] for at in range(0, len(subscriptions), size)]


def as_text(frame: bytes) -> object:
    """Return the JSON of `frame` with every number as the text it was; raises ValueError."""
    try:
        return json.loads(frame.decode(), parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def shown(value: object) -> str:
    """Return a short, printable form of a hostile value."""
    if isinstance(value, str):
        return ascii(value[:_SHOWN])
    if isinstance(value, list | dict):
        return f"{type(value).__name__} of {len(value)}"
    return ascii(value)[:_SHOWN]
