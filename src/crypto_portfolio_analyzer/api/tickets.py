"""What a server remembers of logins while it runs.

Tickets are what a page shows at the WebSocket instead of its cookie: each is good once, for a minute.
"""

import hashlib
from collections.abc import Callable
from secrets import token_urlsafe

from crypto_portfolio_analyzer.api.identity import Identity
from crypto_portfolio_analyzer.clock import Clock

TICKET_SECONDS = 60.0
MOST_TICKETS = 1000
LINK_SECONDS = 15 * 60.0
MOST_OF_ONE = 100
"""Unused tickets of one account: nobody shall use up those of others."""


class TooManyTickets(Exception):
    """More tickets than memory should bear wait to be used."""


class Tickets:
    """The unused tickets, by the hash of each."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[bytes, tuple[float, Identity]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def issue(self, who: Identity) -> str:
        """Return a ticket for `who`; raises TooManyTickets."""
        now = self._clock.monotonic()
        self._held = {key: held for key, held in self._held.items() if held[0] > now}
        own = sum(held[1].name == who.name for held in self._held.values())
        if own >= MOST_OF_ONE or len(self._held) >= MOST_TICKETS:
            raise TooManyTickets
        ticket = token_urlsafe(24)
        self._held[_digest(ticket)] = (now + TICKET_SECONDS, who)
        return ticket

    def redeem(self, ticket: str) -> Identity | None:
        """Use a ticket up; None for one that is unknown, used or too old."""
        until, who = self._held.pop(_digest(ticket), (0.0, None))
        return who if until > self._clock.monotonic() else None

    def void(self, chosen: Callable[[Identity], bool]) -> None:
        """Drop the tickets of those whose rights ended."""
        self._held = {key: held for key, held in self._held.items() if not chosen(held[1])}


class LinkLogins:
    """Sessions that a one-time link opened a moment ago: who comes so may not know the password any more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def add(self, session: str) -> None:
        """Note a session that was opened now."""
        now = self._clock.monotonic()
        self._until = {each: until for each, until in self._until.items() if until > now}
        self._until[session] = now + LINK_SECONDS

    def __contains__(self, session: object) -> bool:
        return isinstance(session, str) and self._until.get(session, 0.0) > self._clock.monotonic()


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode(errors="replace")).digest()
