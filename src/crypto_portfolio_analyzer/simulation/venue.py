"""What a simulated venue is: a dialect over the tape. Sockets, limits and faults are the server's."""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import msgspec
from msgspec import Struct

from crypto_portfolio_analyzer.registry import Registry
from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.limits import VenueLimits, Violation
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Tape


class Reply(Struct, frozen=True):
    """A REST answer."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = {}


def reply(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return `document` as a JSON answer."""
    return Reply(msgspec.json.encode(document), status, headers or {})


class Punish(Exception):
    """A client broke a limit of its connection: count it and close with `code`."""

    def __init__(self, violation: Violation, reason: str, code: int = 1008) -> None:
        super().__init__(violation, reason)
        self.violation, self.reason, self.code = violation, reason, code


class Dialect(Protocol):
    """One venue's protocol; instants are ns of the server's clock."""

    name: ClassVar[str]
    label: ClassVar[str]
    limits: ClassVar[VenueLimits]
    market: Market
    complaints: list[Violation]
    """Broken limits that cost the client nothing but an error message; the server counts and clears them."""

    def __init__(self, tape: Tape) -> None: ...

    def opened(self, connection: Connection, now: int) -> None:
        """Greet a new connection, and subscribe it to what its address names; may raise Punish."""
        ...

    def received(self, connection: Connection, text: str, now: int) -> None:
        """Act on a client's message; may raise Punish."""
        ...

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        ...

    def advance(self, now: int) -> None:
        """Queue everything that became due up to `now`."""
        ...

    def mute(self, text: str, *, lasting: bool) -> int:
        """Silence subscriptions whose name or symbol is `text`, later ones too if `lasting`; return how many."""
        ...

    def unmute(self, text: str) -> None:
        """End a lasting silence; the subscriptions it silenced come back to life."""
        ...

    def is_trade(self, payload: bytes) -> bool:
        """Tell whether a payload is a trade."""
        ...

    def shutdown_notice(self, connection: Connection, now: int) -> bytes | None:
        """Return what the venue says before it goes down, if it says anything."""
        ...

    def weight(self, path: str, query: Mapping[str, str]) -> int:
        """Return what a REST request costs."""
        ...

    def answer(self, path: str, query: Mapping[str, str], now: int) -> Reply:
        """Answer a REST request."""
        ...

    def refusal(self, status: int, wait: float) -> Reply:
        """Return the venue's words for a refused request."""
        ...

    def budget_headers(self, used: int) -> Mapping[str, str]:
        """Return the headers that tell the spent weight."""
        ...


VENUES: Registry[type[Dialect]] = Registry("simulated venue", "crypto_portfolio_analyzer.simulation")
