"""Who may do what: credentials to identities, identities against the policy each route declares."""

from collections.abc import Mapping
from hmac import compare_digest
from http import HTTPStatus
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Annotated

from fastapi import Depends, Request
from msgspec.structs import replace
from starlette.requests import HTTPConnection

from crypto_portfolio_analyzer.api.attempts import Turns
from crypto_portfolio_analyzer.api.identity import Identity, Policy, Role
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.api.tickets import LinkLogins, Tickets, TooManyTickets
from crypto_portfolio_analyzer.api.tokens import KEY_BYTES, BadToken, Signer
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.storage.accounts import AccountStore, ApiToken, User
from crypto_portfolio_analyzer.storage.api_tokens import PREFIX

COOKIE = "analyzer_session"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_REALM = 'Bearer realm="crypto-analyzer"'
_ROLES = {
    Policy.CHANGE: ("readers change nothing", "ask an administrator for the role of a trader"),
    Policy.ADMIN: ("this is for administrators", "ask one"),
}


class Gate:
    """Turns credentials into identities and holds them against policies.

    What an account may do is looked up for every request: a token or a session only says whose it is.
    """

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
        self.tickets, self.links = Tickets(clock), LinkLogins(clock)
        self.turns = Turns()
        """Of those whose passwords are checked."""

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
            return replace(await self._by_token(given), local=local)
        secret = connection.cookies.get(COOKIE)
        if secret and connection.scope["type"] == "http":
            return await self._by_cookie(connection, secret, local)
        return Identity(None, None, local=local)

    async def admit(
        self, connection: HTTPConnection, policy: Policy, area: str = "", *, in_person: bool = False
    ) -> Identity:
        """Return who asks, if `policy` lets them in an area; `in_person` refuses API tokens whatever their scopes.

        Raises:
            Problem: 401 who are you, 403 not you.

        """
        if policy is Policy.OPEN:
            return Identity(None, None, local=self.loopback)
        who = await self.identify(connection)
        if who.token is not None and (in_person or not who.may(policy, area)):
            raise _beyond(who, policy, area, in_person=in_person)
        if who.may(policy, area):
            return who
        if who.name is None:
            raise unauthorised("this needs a login")
        detail, remedy = _ROLES[policy]
        raise Problem(HTTPStatus.FORBIDDEN, detail, remedy=remedy)

    async def standing(self, who: Identity) -> Identity | None:
        """Return an identity as it is by now; None once its session, token or account has ended."""
        now = self.clock.now()
        if who.token is not None:
            kept = [each for each in await self.accounts.tokens.of_user(who.owner) if each.id == who.token]
            alive = [each for each in kept if each.expires_at is None or each.expires_at > now]
            account = await self.accounts.user(who.owner) if alive else None
            is_in = account is not None and account.disabled_at is None
            return _as_token(alive[0], account, who.local) if account is not None and is_in else None
        if who.session is None:
            return who
        account = await self.accounts.holder(who.session, now)
        return None if account is None else replace(who, role=Role(account.role))

    def ticket(self, who: Identity) -> str:
        """Return a single-use ticket for a WebSocket, good for a minute; raises Problem (429)."""
        try:
            return self.tickets.issue(who)
        except TooManyTickets:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS, "too many unused tickets", headers={"Retry-After": "60"}
            ) from None

    async def redeem(self, ticket: str) -> Identity:
        """Use up a ticket; raises Problem (401) for one that is unknown, used or too old, or whose holder is out."""
        held = self.tickets.redeem(ticket)
        who = None if held is None else await self.standing(held)
        if who is None:
            raise unauthorised("the ticket is unknown, used or too old")
        return who

    async def _by_token(self, token: str) -> Identity:
        if compare_digest(token.encode(errors="replace"), self.local_token.encode()):
            return Identity("admin", Role.ADMIN)
        now = self.clock.now()
        if token.startswith(PREFIX):
            found = await self.accounts.tokens.find(token, now)
            if found is None:
                raise unauthorised("the API token is unknown, revoked or too old")
            return _as_token(*found, local=False)
        try:
            who = self.signer.read(token, now)
        except BadToken as error:
            raise unauthorised(str(error)) from error
        account = None if who.session is None else await self.accounts.holder(who.session, now)
        if account is None or account.name != who.name:
            raise unauthorised("the login has ended")
        return replace(who, role=Role(account.role))

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

    def __init__(self, policy: Policy, *, in_person: bool = False) -> None:
        self.policy, self.in_person = policy, in_person

    async def __call__(self, request: Request) -> Identity:
        """Admit the caller."""
        gate: Gate = request.app.state.doors.gate
        tags: list[str] = getattr(request.scope.get("route"), "tags", None) or [""]
        who = await gate.admit(request, self.policy, str(tags[0]), in_person=self.in_person)
        await request.app.state.doors.rates.charge(request.scope, who.name)
        return who


OPEN, LOCAL, READ, CHANGE, ADMIN = (Depends(Requires(policy)) for policy in Policy)
Anyone = Annotated[Identity, LOCAL]
Reader = Annotated[Identity, READ]
Trader = Annotated[Identity, CHANGE]
Admin = Annotated[Identity, ADMIN]
Person = Annotated[Identity, Depends(Requires(Policy.READ, in_person=True))]
"""Somebody who logged in: keys are not changed with keys that can be lost."""


def signing_key(folder: Path) -> bytes:
    """Return the key kept in `folder`, made on first use, readable by its owner only."""
    path = folder / "signing.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.write_bytes(token_bytes(KEY_BYTES))
    return path.read_bytes()


def unauthorised(detail: str, **more: str) -> Problem:
    """Return the refusal that asks for credentials."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        detail,
        remedy="log in, or send `Authorization: Bearer …` or `X-API-Key`",
        headers={"WWW-Authenticate": _REALM},
        **more,
    )


def _beyond(who: Identity, policy: Policy, area: str, *, in_person: bool) -> Problem:
    """Return the refusal of an API token: its scopes, or its owner's role, do not reach that far."""
    if in_person:
        return Problem(HTTPStatus.FORBIDDEN, "no API token may do this", remedy="log in")
    if replace(who, scopes=None).may(policy, area):
        detail = f"the scopes of this token do not reach {area or 'this'}"
        remedy = f"make a token with a scope that does: it has {', '.join(who.scopes or ())}"
    else:
        detail, remedy = _ROLES[policy]
    challenge = {"WWW-Authenticate": f'{_REALM}, error="insufficient_scope"'}
    return Problem(HTTPStatus.FORBIDDEN, detail, remedy=remedy, headers=challenge)


def _as_token(token: ApiToken, account: User, local: bool) -> Identity:
    return Identity(
        account.name,
        Role(account.role),
        local=local,
        until=token.expires_at,
        token=token.id,
        token_name=token.name,
        scopes=token.scopes,
    )


def _credential(headers: Mapping[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorised("the Authorization header is not `Bearer …`")
        return token.strip()
    return headers.get("x-api-key")
