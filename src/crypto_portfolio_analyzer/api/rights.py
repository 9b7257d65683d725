"""Rights that end while a socket is open, whoever ends them: the house itself closes at once, this sees the others.

A command line or another process changes the database only; so everybody connected is looked up again and again.
"""

import logging

from crypto_portfolio_analyzer.api.doors import Doors
from crypto_portfolio_analyzer.api.identity import Identity
from crypto_portfolio_analyzer.errors import NotFound, StorageError
from crypto_portfolio_analyzer.storage.accounts import User

EVERY = 2.0
"""Seconds from one look to the next."""

logger = logging.getLogger(__name__)


async def keep_rights(house: Doors) -> None:
    """Close the sockets of those whose session, token or account has ended or changed, for ever."""
    while True:
        await house.clock.sleep(EVERY)
        try:
            await look_again(house)
        except StorageError as error:
            logger.warning("rights cannot be looked up", extra={"reason": str(error)})


async def look_again(house: Doors) -> None:
    """Look up everybody connected once; three questions to the database for each account."""
    connected = {client.identity for client in house.hub.clients.values()}
    for name in {who.name for who in connected if who.session is not None or who.token is not None}:
        standing = await _Standing.of(house, name or "")
        gone = {who for who in connected if who.name == name and not standing.lets(who)}
        if gone:
            house.hub.dismiss(gone.__contains__, "the login has ended or changed")


class _Standing:
    """What an account is by now, with its sessions and tokens."""

    def __init__(self, account: User | None, sessions: set[str], tokens: set[str]) -> None:
        self._account, self._sessions, self._tokens = account, sessions, tokens

    @classmethod
    async def of(cls, house: Doors, name: str) -> "_Standing":
        accounts = house.gate.accounts
        try:
            account = await accounts.user(name)
        except NotFound:
            return cls(None, set(), set())
        sessions = {each.id for each in await accounts.sessions_of(name, house.clock.now())}
        return cls(account, sessions, {each.id for each in await accounts.tokens.of_user(name)})

    def lets(self, who: Identity) -> bool:
        """Tell whether a socket may stay open; one that only runs out is closed by the hub."""
        if who.session is None and who.token is None:
            return True
        if self._account is None or self._account.disabled_at is not None or self._account.role != who.role:
            return False
        return who.token in self._tokens if who.token is not None else who.session in self._sessions
