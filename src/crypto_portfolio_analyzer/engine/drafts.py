"""Drafts: the fields of `POST /api/alerts`, from a program, a page or a YAML file, read with every fault at once."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from crypto_portfolio_analyzer.core.alerts import (
    DEFAULT_COOLDOWN,
    EVERY_SYMBOL,
    Alert,
    AlertDraft,
    Rearm,
    Severity,
    Trigger,
)
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.errors import Fault, InvalidCondition, InvalidFields, InvalidInput

SECOND = 10**9
NAME_LENGTH, MESSAGE_LENGTH, WORD_LENGTH = 100, 1000, 64
MOST_SYMBOLS, MOST_WORDS, MOST_TRIGGERS = 1000, 50, 10**9
LONGEST = 3660 * 24 * 3600.0
"""No cooldown is longer and no expiry further away, in seconds."""
FIELDS = (
    "name", "symbol", "symbols", "watchlist", "condition", "timeframe", "trigger", "cooldown_seconds", "cooldown",
    "rearm", "expires_at", "max_triggers", "severity", "message", "channels", "tags", "fresh", "enabled",
)  # fmt: skip
SUBJECTS = ("symbol", "symbols", "watchlist")

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps: NUL, and halves of characters."""
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_A_DURATION = "write a duration like 30s, 15m, 4h or 1d"
_AN_INSTANT = "write an instant like 2030-01-31T12:00:00Z, or a duration from now like 4h"
_Read = TypeVar("_Read")
_Named = TypeVar("_Named", bound=StrEnum)


def draft_of(fields: Mapping[str, Any], *, now: int, path: str = "", source: str = "api") -> AlertDraft:
    """Read what somebody asks for; the condition comes back in its canonical spelling.

    `now` (ns) is where durations begin, `path` stands before the names of fields in what is said of them. What is
    None was not given.

    Raises:
        InvalidCondition: nothing but the condition is wrong, and there is no path to tell.
        InvalidFields: everything that is wrong.

    """
    reading = _Reading({name: value for name, value in fields.items() if value is not None}, path, now)
    draft = reading.draft(source)
    if reading.condition_error is not None and len(reading.faults) == 1 and not path:
        raise reading.condition_error
    if reading.faults:
        raise InvalidFields(reading.faults)
    return draft


def fields_of(alert: Alert) -> dict[str, Any]:
    """Return the fields that `draft_of` makes the same alert from."""
    fields: dict[str, Any] = {"name": alert.name}
    if alert.watchlist is not None:
        fields["watchlist"] = alert.watchlist
    elif len(alert.symbols) == 1:
        fields["symbol"] = alert.symbols[0]
    else:
        fields["symbols"] = list(alert.symbols)
    fields |= {
        "condition": alert.condition,
        "timeframe": alert.timeframe,
        "trigger": str(alert.trigger),
        "cooldown_seconds": _shortest(alert.cooldown / SECOND),
    }
    if alert.rearm is not None:
        name = "level" if alert.rearm.level is not None else "percent"
        fields["rearm"] = {name: getattr(alert.rearm, name)}
    if alert.expires_at is not None:
        fields["expires_at"] = _written(alert.expires_at)
    if alert.max_triggers is not None:
        fields["max_triggers"] = alert.max_triggers
    return fields | {
        "severity": str(alert.severity),
        "message": alert.message,
        "channels": list(alert.channels),
        "tags": list(alert.tags),
        "fresh": alert.fresh,
        "enabled": alert.enabled,
    }


def duration_of(value: object) -> int:
    """Read `30s`, `15m`, `4h`, `1d`, `1w`, or a number of seconds, as ns; raises InvalidInput."""
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    seconds = float(match[1]) * _SECONDS[match[2]] if match else _number(value, _A_DURATION)
    if not 0 <= seconds <= LONGEST:
        raise _Wrong(f"{_shown(value)} is not between 0 s and ten years", _A_DURATION)
    return round(seconds * SECOND)


class _Wrong(InvalidInput):
    """A value that cannot be used, and what would be right."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem, self.remedy = problem, remedy

    def __str__(self) -> str:
        return f"{self.problem}; {self.remedy}"


class _Reading:
    """The given fields, and the faults met on the way."""

    def __init__(self, given: Mapping[str, Any], path: str, now: int) -> None:
        self._given, self._path, self._now = given, path, now
        self.faults: list[Fault] = []
        self.condition_error: InvalidCondition | None = None

    def draft(self, source: str) -> AlertDraft:
        """Return what could be read; worth something only without faults."""
        self._refuse_unknown()
        timeframe = self._read("timeframe", lambda value: parse_timeframe(_text(value, 16)).name, "1m")
        symbols = self._symbols()
        return AlertDraft(
            name=self._need(
                "name", lambda value: _text(value, NAME_LENGTH), "give a name, unique among yours"
            ),
            condition=self._condition(timeframe),
            symbols=symbols,
            watchlist=self._read("watchlist", lambda value: _text(value, WORD_LENGTH), None),
            timeframe=timeframe,
            trigger=self._read("trigger", _one_of(Trigger), Trigger.ONCE),
            cooldown=self._cooldown(),
            rearm=self._read("rearm", _rearm, None),
            fresh=self._read("fresh", _flag, False),
            expires_at=self._read("expires_at", self._instant, None),
            max_triggers=self._read("max_triggers", _count, None),
            severity=self._read("severity", _one_of(Severity), Severity.INFO),
            message=self._read("message", lambda value: _text(value, MESSAGE_LENGTH, is_needed=False), ""),
            channels=self._read("channels", _words, ()),
            tags=self._read("tags", _words, ()),
            enabled=self._read("enabled", _flag, True),
            source=source,
        )

    def _read(self, name: str, read: Callable[[Any], _Read], default: _Read) -> _Read:
        if name not in self._given:
            return default
        try:
            return read(self._given[name])
        except _Wrong as error:
            self._fault(name, error.problem, error.remedy)
        except InvalidInput as error:
            problem, _, remedy = str(error).partition("; ")
            self._fault(name, problem, remedy)
        return default

    def _need(self, name: str, read: Callable[[Any], str], remedy: str) -> str:
        if name not in self._given:
            self._fault(name, "is missing", remedy)
        return self._read(name, read, "")

    def _fault(self, name: str, problem: str, remedy: str) -> None:
        self.faults.append(Fault(self._path + name, problem, remedy))

    def _refuse_unknown(self) -> None:
        for name in self._given:
            if name not in FIELDS:
                near = get_close_matches(str(name), FIELDS, n=1)
                known = f"did you mean {near[0]!r}?" if near else f"the fields are {', '.join(FIELDS)}"
                self._fault(_NO_TEXT.sub("?", str(name)[:40]), "is no field of an alert", known)

    def _condition(self, timeframe: str) -> str:
        text = self._need("condition", lambda value: _text(value, 10_000), "write one like: price > 50000")
        if not text:
            return ""
        try:
            return read_condition(text, timeframe).spelling
        except InvalidCondition as error:
            self.condition_error = error
            self._fault("condition", str(error), f"write: {error.fix}" if error.fix else "")
        return ""

    def _symbols(self) -> tuple[str, ...]:
        given = [name for name in SUBJECTS if name in self._given]
        if len(given) != 1:
            problem = "is missing" if not given else f"are {len(given)} subjects where one must do"
            self._fault(" and ".join(given) or "symbol", problem, "give one of symbol, symbols and watchlist")
            return ()
        return self._read(given[0], _SUBJECTS[given[0]], ())

    def _cooldown(self) -> int:
        if "cooldown" in self._given and "cooldown_seconds" in self._given:
            self._fault("cooldown", "is given twice", "keep one of cooldown and cooldown_seconds")
        seconds = self._read("cooldown_seconds", lambda value: duration_of(_number(value)), DEFAULT_COOLDOWN)
        return self._read("cooldown", duration_of, seconds)

    def _instant(self, value: object) -> int:
        at = _instant(value, self._now)
        if at <= self._now:
            raise _Wrong(f"{_shown(value)} is over", _AN_INSTANT)
        if at > self._now + LONGEST * SECOND:
            raise _Wrong(
                f"{_shown(value)} is more than ten years away", "leave it out for an alert without end"
            )
        return at


def _text(value: object, longest: int, *, is_needed: bool = True) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"{_shown(value)} is no text", "put it in quotes")
    text = value.strip()
    if is_needed and not text:
        raise _Wrong("is empty", "write something")
    if len(text) > longest:
        raise _Wrong(f"is {len(text)} characters long", f"at most {longest} will do")
    odd = _NO_TEXT.search(text)
    if odd is not None:
        raise _Wrong(f"holds {odd[0]!a} at position {odd.start() + 1}", "leave that character out")
    return text


def _number(value: object, remedy: str = "write a plain number like 0.5") -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _Wrong(f"{_shown(value)} is no number", remedy)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise _Wrong(f"{_shown(value)} is no number", remedy) from None
    if not math.isfinite(number):
        raise _Wrong(f"{_shown(value)} is no finite number", remedy)
    return number


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_TRIGGERS:
        raise _Wrong(f"{_shown(value)} is no count", "write a whole number from 1 on")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"{_shown(value)} is neither true nor false", "write true or false")
    return value


def _words(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_text(each, WORD_LENGTH) for each in _list(value, MOST_WORDS)))


def _list(value: object, most: int) -> list[object]:
    if not isinstance(value, list | tuple):
        raise _Wrong(f"{_shown(value)} is no list", "write a list like [one, another]")
    if len(value) > most:
        raise _Wrong(f"holds {len(value)} entries", f"at most {most} will do")
    return list(value)


def _one_symbol(value: object) -> tuple[str, ...]:
    text = _text(value, 1000)
    if text != EVERY_SYMBOL:
        parse_symbol(text)
    return (text,)


def _many_symbols(value: object) -> tuple[str, ...]:
    if value == EVERY_SYMBOL:
        return (EVERY_SYMBOL,)
    texts = [_one_symbol(each)[0] for each in _list(value, MOST_SYMBOLS)]
    if not texts or (EVERY_SYMBOL in texts and len(texts) > 1):
        raise _Wrong("is empty" if not texts else "holds '*' and others", "name some, or '*' alone for all")
    return tuple(dict.fromkeys(texts))


_SUBJECTS: Mapping[str, Callable[[Any], tuple[str, ...]]] = {
    "symbol": _one_symbol,
    "symbols": _many_symbols,
    "watchlist": lambda _value: (),
}


def _one_of(kind: type[_Named]) -> Callable[[object], _Named]:
    def read(value: object) -> _Named:
        known = [str(each) for each in kind]
        if value not in known:
            near = get_close_matches(str(value), known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise _Wrong(f"{_shown(value)} is unknown", f"{hint}known: {', '.join(known)}")
        return kind(value)

    return read


def _rearm(value: object) -> Rearm:
    right = "write {level: 64000} or {percent: 0.2}"
    if not isinstance(value, Mapping):
        raise _Wrong(f"{_shown(value)} is no rule to arm again", right)
    given = {name: number for name, number in value.items() if number is not None}
    if len(given) != 1 or not given.keys() <= {"level", "percent"}:
        raise _Wrong(f"holds {', '.join(map(str, given)) or 'nothing'}"[:80], right)
    name, number = next(iter(given.items()))
    if name == "level":
        return Rearm(level=_number(number, right))
    percent = _number(number, right)
    if not 0 < percent <= 100:
        raise _Wrong(f"{_shown(number)} percent is not between 0 and 100", right)
    return Rearm(percent=percent)


def _instant(value: object, now: int) -> int:
    if isinstance(value, str) and _DURATION.fullmatch(value.strip()):
        return now + duration_of(value)
    try:
        at = value if isinstance(value, date) else datetime.fromisoformat(_text(value, WORD_LENGTH))
    except ValueError:
        raise _Wrong(f"{_shown(value)} is no instant", _AN_INSTANT) from None
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=UTC)
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    whole = int(aware.replace(microsecond=0).timestamp())
    return whole * SECOND + aware.microsecond * 1000


def _written(at: int) -> str:
    """Write an instant (ns) as ISO text, to the microsecond."""
    whole = datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND // 1000)
    return whole.isoformat().replace("+00:00", "Z")


def _shortest(number: float) -> float:
    return int(number) if number.is_integer() else number


def _shown(value: object) -> str:
    return repr(value)[:60]
