"""What can be made to go wrong at a simulated venue, and the short text people write it in."""

import re
from enum import StrEnum

from msgspec import Struct

from crypto_portfolio_analyzer.errors import InvalidInput, UnknownName
from crypto_portfolio_analyzer.simulation.venue import VENUES


class FaultKind(StrEnum):
    """Ways to fail; the text in parentheses is what the fault's value means."""

    CLOSE = "close"
    """Every connection is closed (code; 1006 cuts without a close frame)."""
    SILENCE = "silence"
    """Half open: sockets stay, nothing comes any more (`pongs` are still answered, or `deaf`)."""
    MUTE = "mute"
    """A subscription is acknowledged and silent (name of the stream, product or symbol)."""
    SHUTDOWN = "shutdown"
    """The venue announces its shutdown where it can, then closes (seconds between both)."""
    OUTAGE = "outage"
    """All connections are cut and new ones reset, REST too (how long)."""
    REST = "rest"
    """REST answers an error (HTTP status)."""
    SLOW = "slow"
    """REST answers late (seconds)."""
    GARBAGE = "garbage"
    """Malformed and hostile frames come between the valid ones (how many)."""
    DUPLICATE = "duplicate"
    """Frames come twice (share)."""
    REORDER = "reorder"
    """Frames come late, so that others overtake them (seconds at most; `share` of them)."""
    SKIP = "skip"
    """Trades are never sent (how many)."""
    SKEW = "skew"
    """The venue's clock is wrong (seconds ahead)."""


class Fault(Struct, frozen=True):
    """One scripted fault. Seconds are the server's clock's, `at` from its start; `lasts` None means see FaultKind.

    Without `lasts`, faults of connections and subscriptions hit those that exist, the others stay on.
    """

    kind: FaultKind
    value: float = 0.0
    name: str = ""
    at: float = 0.0
    lasts: float | None = None
    every: float | None = None
    """Repeat after so many seconds."""
    times: int = 1
    share: float = 1.0
    retry_after: float = 5.0
    venue: str | None = None
    """Only this venue; None means any."""


_DEFAULT_VALUE = {
    FaultKind.CLOSE: "1006",
    FaultKind.SILENCE: "pongs",
    FaultKind.SHUTDOWN: "10s",
    FaultKind.OUTAGE: "30s",
    FaultKind.REST: "503",
    FaultKind.SLOW: "5s",
    FaultKind.GARBAGE: "100",
    FaultKind.DUPLICATE: "5%",
    FaultKind.REORDER: "2s",
    FaultKind.SKIP: "1",
    FaultKind.SKEW: "5s",
}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "%": 0.01, "": 1.0}
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(ms|s|m|h|d|%|)")
_OPTIONS = {"at": "at", "for": "lasts", "every": "every", "share": "share", "retry": "retry_after"}
_WORDS = (*FaultKind, *_OPTIONS, "times", "venue")
_CLOSE_CODES = range(1000, 5000)
_STATUSES = range(400, 600)


def parse_fault(text: str) -> Fault:
    """Read a fault such as `at=30s close=1006` or `at=1m mute=btcusdt@aggTrade for=45s`.

    Raises:
        InvalidInput: a word or value cannot be understood; the message names it.
        UnknownName: a word or venue is none we know; the message names the nearest.

    """
    kind: FaultKind | None = None
    fields: dict[str, float | int | str] = {}
    for word in text.split():
        key, _, value = word.partition("=")
        if key not in _WORDS:
            raise UnknownName("word in a fault", key, sorted(map(str, _WORDS)))
        if key in _OPTIONS:
            fields[_OPTIONS[key]] = _number(word, value)
        elif key == "times":
            fields["times"] = int(_number(word, value))
        elif key == "venue":
            fields["venue"] = VENUES[value].name
        elif kind is not None:
            message = f"fault {text!r} names two kinds, {kind} and {key}; one is right"
            raise InvalidInput(message)
        else:
            kind = FaultKind(key)
            fields |= _value(kind, word, value)
    if kind is None:
        message = f"fault {text!r} names no kind; write for example 'at=30s close=1006'"
        raise InvalidInput(message)
    return Fault(kind, **fields)  # type: ignore[arg-type]  # each field was read by its own rule above


def _value(kind: FaultKind, word: str, text: str) -> dict[str, float | str]:
    text = text or _DEFAULT_VALUE.get(kind, "")
    if kind is FaultKind.MUTE:
        return {"name": _required(text, word, "the name of a stream or symbol")}
    if kind is FaultKind.SILENCE:
        if text not in ("pongs", "deaf"):
            message = f"{word!r} in a fault: silence=pongs or silence=deaf is right"
            raise InvalidInput(message)
        return {"name": text}
    number = _number(word, text)
    allowed = {FaultKind.CLOSE: _CLOSE_CODES, FaultKind.REST: _STATUSES}.get(kind)
    if allowed and number not in allowed:
        message = f"{word!r} in a fault: a code from {allowed.start} to {allowed.stop - 1} is right"
        raise InvalidInput(message)
    if kind is FaultKind.OUTAGE:
        return {"lasts": number}
    if kind is FaultKind.DUPLICATE:
        return {"share": number}
    return {"value": number}


def _number(word: str, text: str) -> float:
    match = _NUMBER.fullmatch(text)
    if match is None:
        message = f"{word!r} in a fault: a number such as 30s, 2m, 5% or 1006 is right"
        raise InvalidInput(message)
    return float(match[1]) * _SECONDS[match[2]]


def _required(text: str, word: str, what: str) -> str:
    if not text:
        message = f"{word!r} in a fault needs {what}"
        raise InvalidInput(message)
    return text
