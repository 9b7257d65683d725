"""Who may do what: credentials to identities, identities against the policy each route declares."""

import hashlib
from collections.abc import Mapping
from hmac import compare_digest
from http import HTTPStatus
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from crypto_portfolio_analyzer.api.identity import Identity, Policy, Role
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.api.tokens import KEY_BYTES, BadToken, Signer
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.storage.accounts import AccountStore

COOKIE = "analyzer_session"
TICKET_SECONDS = 60.0
MOST_TICKETS = 1000
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Gate:
    """Turns credentials into identities and holds them against policies."""

    def __init__(
        self, *, accounts: AccountStore, signer: Signer, clock: Clock, loopback: bool, auth: bool
    ) -> None:
        if not auth and not loopback:
            message = "auth=off needs a server that only this machine can reach"
            raise ValueError(message)
        self.accounts, self.signer, self.clock = accounts, signer, clock
        self.loopback, self.auth = loopback, auth
        self.local_token = token_urlsafe(32)
        """Lets the owner's own commands in; written to a file only the owner can read."""
        self._tickets: dict[bytes, tuple[float, Identity]] = {}

    async def identify(self, connection: HTTPConnection) -> Identity:
        """Return who asks; anonymous without credentials.

        Raises:
            Problem: 401, credentials were given that prove nothing.

        """
        local = self.loopback and not any(name in connection.headers for name in _FORWARDED)
        if not self.auth:
            return Identity("admin", Role.ADMIN, local=local)
        given = _credential(connection.headers)
        if given is not None:
            return await self._by_token(given, local)
        secret = connection.cookies.get(COOKIE)
        if secret and connection.scope["type"] == "http":
            return await self._by_cookie(connection, secret, local)
        return Identity(None, None, local=local)

    async def admit(self, connection: HTTPConnection, policy: Policy) -> Identity:
        """Return who asks, if `policy` lets them.

        Raises:
            Problem: 401 who are you, 403 not you.

        """
        if policy is Policy.OPEN:
            return Identity(None, None, local=self.loopback)
        who = await self.identify(connection)
        if who.may(policy):
            return who
        if who.name is None:
            raise unauthorised("this needs a login")
        raise Problem(HTTPStatus.FORBIDDEN, "this is for administrators", remedy="ask one")

    def ticket(self, who: Identity) -> str:
        """Return a single-use ticket for a WebSocket, good for a minute."""
        now = self.clock.monotonic()
        self._tickets = {key: held for key, held in self._tickets.items() if held[0] > now}
        if len(self._tickets) >= MOST_TICKETS:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS, "too many unused tickets", headers={"Retry-After": "60"}
            )
        ticket = token_urlsafe(24)
        self._tickets[_digest(ticket)] = (now + TICKET_SECONDS, who)
        return ticket

    def redeem(self, ticket: str) -> Identity:
        """Use up a ticket; raises Problem (401) for one that is unknown, used or too old."""
        until, who = self._tickets.pop(_digest(ticket), (0.0, None))
        if who is None or until <= self.clock.monotonic():
            raise unauthorised("the ticket is unknown, used or too old")
        return who

    def revoke(self, session: str) -> None:
        """Drop the unused tickets of a session that ended."""
        self._tickets = {key: held for key, held in self._tickets.items() if held[1].session != session}

    async def _by_token(self, token: str, local: bool) -> Identity:
        if compare_digest(token.encode(), self.local_token.encode()):
            return Identity("admin", Role.ADMIN, local=local)
        now = self.clock.now()
        try:
            who = self.signer.read(token, now)
        except BadToken as error:
            raise unauthorised(str(error)) from error
        if who.session is None or not await self.accounts.is_alive(who.session, now):
            raise unauthorised("the login has ended")
        return who

    async def _by_cookie(self, connection: HTTPConnection, secret: str, local: bool) -> Identity:
        found = await self.accounts.session(secret, self.clock.now())
        if found is None:
            return Identity(None, None, local=local)  # a stale cookie is no attack: as if there were none
        session, account = found
        # A browser names the page's origin on every change; one that does not is no page of ours
        if connection.scope["method"] not in ("GET", "HEAD") and "origin" not in connection.headers:
            raise Problem(
                HTTPStatus.FORBIDDEN, "a cookie alone changes nothing", remedy="send a bearer token"
            )
        return Identity(account.name, Role(account.role), local=local, by_cookie=True, session=session)


class Requires:
    """The dependency by which a route declares its policy; a route without one does not start."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    async def __call__(self, request: Request) -> Identity:
        """Admit the caller."""
        gate: Gate = request.app.state.doors.gate
        return await gate.admit(request, self.policy)


OPEN, LOCAL, READ, CHANGE, ADMIN = (Depends(Requires(policy)) for policy in Policy)
Anyone = Annotated[Identity, LOCAL]
Reader = Annotated[Identity, READ]
Trader = Annotated[Identity, CHANGE]
Admin = Annotated[Identity, ADMIN]


def signing_key(folder: Path) -> bytes:
    """Return the key kept in `folder`, made on first use, readable by its owner only."""
    path = folder / "signing.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.write_bytes(token_bytes(KEY_BYTES))
    return path.read_bytes()


def unauthorised(detail: str) -> Problem:
    """Return the refusal that asks for credentials."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        detail,
        remedy="log in, or send `Authorization: Bearer …` or `X-API-Key`",
        headers={"WWW-Authenticate": 'Bearer realm="crypto-analyzer"'},
    )


def _credential(headers: Mapping[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorised("the Authorization header is not `Bearer …`")
        return token.strip()
    return headers.get("x-api-key")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
