"""What can go wrong on purpose.

AnalyzerError
├─ ConfigError            start-up: names the key, the value and the remedy
│  └─ ConfigFaults        all of them at once
├─ InvalidInput           the caller's mistake
│  ├─ InvalidSymbol       a text that names no market
│  ├─ InvalidCondition    a condition that cannot be read: the place, the fault, the remedy
│  ├─ InvalidFields       several fields at once, each with its path
│  └─ UnknownName         a name that is not registered; carries the nearest known ones
├─ NotFound               an id that does not exist
├─ FeedError
│  ├─ ConnectionLost*     a venue's connection broke or could not be opened
│  └─ RequestRefused      a venue's REST answer was an error; transient when it says "later"
├─ DeliveryFailed*        a channel could not tell; says whether trying again can help, and when
├─ StorageError
│  └─ StorageUnavailable* the database cannot be reached
└─ PortTaken              an address that another process listens on             (* transient)

`transient` is the only thing a retry loop looks at.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class AnalyzerError(Exception):
    """Base of every error raised on purpose; `transient` says whether trying again can help."""

    transient = False


class ConfigError(AnalyzerError):
    """A setting cannot be used; raised at start-up."""

    def __init__(self, key: str, problem: str, remedy: str) -> None:
        super().__init__(key, problem, remedy)
        self.key, self.problem, self.remedy = key, problem, remedy

    def __str__(self) -> str:
        return f"{self.key}: {self.problem}; {self.remedy}"


class ConfigFaults(ConfigError):
    """Every setting that cannot be used, at once; `faults` holds one error each."""

    def __init__(self, faults: Iterable[ConfigError]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(first.key, first.problem, first.remedy)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


class InvalidInput(AnalyzerError):
    """The caller's mistake; the message says what, which value and what would be right."""


class InvalidSymbol(InvalidInput):
    """A text that names no market."""

    def __init__(self, text: str, remedy: str = "write it like BTC/USDT, BTCUSDT or BTC") -> None:
        super().__init__(text, remedy)
        self.text, self.remedy = text, remedy

    def __str__(self) -> str:
        return f"{self.text[:40]!r} is not a symbol; {self.remedy}"


class InvalidCondition(InvalidInput):
    """A condition that cannot be read or can never be meant.

    `start` and `end` (0-based, end exclusive) are the place in `text`, `fix` a whole condition that would be right,
    where one is known.
    """

    def __init__(self, text: str, start: int, end: int, problem: str, fix: str | None = None) -> None:
        super().__init__(text, start, end, problem, fix)
        self.text, self.start, self.end, self.problem, self.fix = text, start, end, problem, fix

    def __str__(self) -> str:
        line = self.text.replace("\n", " ").replace("\t", " ")
        marks = " " * self.start + "^" * max(1, self.end - self.start)
        return f"{line}\n{marks} {self.problem}"


class Fault(NamedTuple):
    """One field that cannot be used: where it stands, what is wrong, what would be right."""

    path: str
    problem: str
    remedy: str = ""


class InvalidFields(InvalidInput):
    """Fields that cannot be used, all at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        parts = (
            f"{each.path}: {each.problem}" + (f"; {each.remedy}" if each.remedy else "")
            for each in self.faults
        )
        return "\n".join(parts)


class UnknownName(InvalidInput):
    """A name that nothing is registered under."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        super().__init__(kind, name, self.known)

    @property
    def nearest(self) -> str | None:
        """Return the known name closest in spelling, if any is close."""
        by_lower = {name.lower(): name for name in self.known}
        matches = get_close_matches(self.name.lower(), by_lower, n=1)
        return by_lower[matches[0]] if matches else None

    def __str__(self) -> str:
        hint = f"did you mean {self.nearest!r}? " if self.nearest else ""
        return f"unknown {self.kind} {self.name[:40]!r}; {hint}known: {', '.join(self.known) or 'none'}"


class NotFound(AnalyzerError):
    """An id that does not exist."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(kind, name)
        self.kind, self.name = kind, name

    def __str__(self) -> str:
        return f"no {self.kind} {self.name[:80]!r}"


class FeedError(AnalyzerError):
    """Market data could not be had."""


class ConnectionLost(FeedError):
    """A connection to a venue broke or could not be opened."""

    transient = True

    def __init__(self, where: str, why: str, code: int | None = None) -> None:
        super().__init__(where, why, code)
        self.where, self.why, self.code = where, why, code

    def __str__(self) -> str:
        suffix = f" (close code {self.code})" if self.code is not None else ""
        return f"{self.where}: {self.why}{suffix}"


class RequestRefused(FeedError):
    """A venue answered a REST request with an error; transient if it may pass later."""

    def __init__(self, where: str, status: int, text: str, retry_after: float | None = None) -> None:
        super().__init__(where, status, text, retry_after)
        self.where, self.status, self.text, self.retry_after = where, status, text, retry_after
        self.transient = status in (408, 418, 425, 429) or status >= 500

    def __str__(self) -> str:
        return f"{self.where} answered {self.status}: {self.text[:200]}"


class DeliveryFailed(AnalyzerError):
    """A channel could not tell; `transient` unless it is `final`.

    `error` is a closed word for the log of attempts, `detail` a sentence for the owner; neither holds a secret or
    what the other end wrote. `retry_after` is in seconds, and means the whole endpoint. `disables` says that the
    channel can never work again as it is; `is_config` that the owner has something to put right; `is_unknown` that
    the message may have arrived all the same.
    """

    def __init__(
        self,
        error: str,
        detail: str,
        *,
        status: int | None = None,
        final: bool = False,
        disables: bool = False,
        is_config: bool = False,
        is_unknown: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(error, detail, status)
        self.error, self.detail, self.status = error, detail, status
        self.transient = not (final or disables)
        self.disables, self.is_config, self.is_unknown = disables, is_config, is_unknown
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.detail


class StorageError(AnalyzerError):
    """The database could not do what was asked."""


class StorageUnavailable(StorageError):
    """The database cannot be reached."""

    transient = True


class PortTaken(AnalyzerError):
    """Another process listens on the wanted address."""

    def __init__(self, host: str, port: int, owner: str | None = None) -> None:
        super().__init__(host, port, owner)
        self.host, self.port, self.owner = host, port, owner

    def __str__(self) -> str:
        by = f" by {self.owner}" if self.owner else ""
        return f"port {self.port} on {self.host} is taken{by}; choose another with --port"
