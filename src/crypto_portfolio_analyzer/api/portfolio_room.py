"""The room `portfolio`: every owner's own value, anew when it changed, to nobody else."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crypto_portfolio_analyzer.api.clients import Client
from crypto_portfolio_analyzer.api.envelopes import frame_of
from crypto_portfolio_analyzer.app.portfolios import Worth
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.streaming.portfolio import portfolio_data

Value = Callable[[str], Worth]
"""What an owner's holdings are worth now."""


class Purse:
    """One owner's clients, and what they were last told."""

    def __init__(self, owner: str, value: Value, clock: Clock) -> None:
        self.clients: set[Client] = set()
        self._owner, self._value, self._clock = owner, value, clock
        self._told: Mapping[str, Any] = {}
        self._frame = b""

    def tell(self) -> int:
        """Tell everybody a new value, if it is new; return how many were told."""
        if not self._renew():
            return 0
        for client in self.clients:
            client.offer(self, (self._owner,), self._frame)
        return len(self.clients)

    def frames(self, symbols: Iterable[str], *, snapshot: bool) -> bytes:  # one value is all there is
        """Return what everybody was told last as a whole frame."""
        return self._frame

    def _renew(self) -> bool:
        data = portfolio_message(self._value(self._owner))
        if data == self._told:
            return False
        self._told, self._frame = data, frame_of("portfolio_update", data, self._clock.now())
        return True


class PortfolioRoom:
    """Everybody who looks at the own portfolio."""

    def __init__(self, value: Value, clock: Clock) -> None:
        self._value, self._clock = value, clock
        self._purses: dict[str, Purse] = {}

    def enter(self, client: Client) -> None:
        """Let a client in and show it the value at once."""
        owner = client.identity.owner
        purse = self._purses.setdefault(owner, Purse(owner, self._value, self._clock))
        purse.tell()
        purse.clients.add(client)
        client.offer(purse, (owner,), purse.frames((), snapshot=True))

    def leave(self, client: Client) -> None:
        """Forget a client."""
        owner = client.identity.name or ""
        purse = self._purses.get(owner)
        if purse is None:
            return
        purse.clients.discard(client)
        client.forget(purse)
        if not purse.clients:
            del self._purses[owner]

    def tell(self) -> int:
        """Tell every owner what changed; return the number of messages."""
        return sum(purse.tell() for purse in self._purses.values())


def portfolio_message(worth: Worth) -> dict[str, Any]:
    """Return a value in S1's shape, and whether its prices are stale or simulated."""
    return portfolio_data(worth.value) | {"stale": bool(worth.stale), "simulated": worth.is_simulated}
