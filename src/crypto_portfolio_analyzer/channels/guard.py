"""Where what users name may not lead: no connection to an address that is not public, whatever its spelling.

Names are resolved once, every address is checked, and the connection goes to a checked address. What the operator
allows (own networks) is exempt, and may use any port and plain HTTP.

Three gates, each of which would do alone for what it sees: the URL's form and scheme before each request, every
address that a name has, and the address that a socket is about to be made for.
"""

import re
import socket
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from crypto_portfolio_analyzer.channels.addresses import (
    PUBLIC_PORTS,
    Address,
    Network,
    is_allowed,
    is_public,
    may_connect,
)
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidInput

MAX_URL = 2048
KEEP_ALIVE = 1.5
"""Seconds a connection is kept for the next request: less than any common server does, so that none of its hanging
up is met by a message."""
_CONNECTIONS = 1000
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"(\d+|0x[0-9a-f]*)", re.ASCII)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\\]")
"""What no URL is written with: white space, controls, what cannot be seen, and backslashes."""


class Blocked(OSError):
    """A connection was about to be opened to an address that is not allowed."""


class Guard:
    """Judge of addresses, and maker of HTTP sessions that can reach no other.

    `resolver` stands in for the system's, `trust` for its certificates.
    """

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        *,
        resolver: AbstractResolver | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.allowed = tuple(allowed)
        self._resolver, self._trust = resolver, trust

    def check_url(self, url: str) -> str:
        """Return the URL as it will be used.

        Raises InvalidInput for a form, scheme, port or literal address that is not allowed.
        """
        if len(url) > MAX_URL:
            raise InvalidInput(f"the URL has {len(url)} characters; at most {MAX_URL} are right")
        if _UNSEEN.search(url.strip()):
            raise InvalidInput(
                "the URL holds white space, a control character or a backslash; leave them out"
            )
        try:
            parsed = URL(url.strip()).with_fragment(None)
        except ValueError:
            raise InvalidInput("this is not a URL; write it like https://example.com/path") from None
        self._check(parsed)
        return str(parsed)

    def is_own(self, url: str) -> bool:
        """Tell whether a checked URL can only lead into the operator's own networks, by its address or port."""
        parsed = URL(url)
        address = _literal(parsed.raw_host or "")
        if address is None:
            return parsed.port not in PUBLIC_PORTS
        return is_allowed(address, self.allowed)

    def session(self) -> aiohttp.ClientSession:
        """Return a session whose every connection is checked; no proxy, cookies or redirects."""
        connector = aiohttp.TCPConnector(
            resolver=_CheckedResolver(self._resolver or aiohttp.ThreadedResolver(), self.allowed),
            use_dns_cache=False,
            socket_factory=self._socket,
            ssl=self._trust or True,
            limit=_CONNECTIONS,
            keepalive_timeout=KEEP_ALIVE,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(self._gate,),
            auto_decompress=False,
            trust_env=False,
        )

    def _check(self, url: URL) -> None:
        if url.scheme not in ("http", "https") or not url.raw_host:
            raise InvalidInput("only web addresses can be reached; write it like https://example.com/path")
        if url.raw_user is not None or url.raw_password is not None:
            raise InvalidInput("the URL holds a user or a password; put it into a header instead")
        address = _literal(url.raw_host)
        if address is not None and is_allowed(address, self.allowed):
            return
        if address is not None and not is_public(address):
            raise InvalidInput("this address is not public; the operator can allow own networks")
        secure = url.scheme == "https" and url.explicit_port in (None, *PUBLIC_PORTS)
        lenient = address is None and bool(self.allowed) and (url.port not in PUBLIC_PORTS)
        if not (
            secure or lenient
        ):  # of a name, the socket's gate tells whether it is one of our own networks
            raise InvalidInput(
                "this is plain http or an unusual port; write https on port 443 or 8443, as anything else is for "
                "networks the operator allows"
            )

    async def _gate(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        try:
            self._check(request.url)
        except InvalidInput as error:
            reason = str(error)
        else:
            response = await handler(request)
            if not 300 <= response.status < 400:
                return response
            response.close()
            raise DeliveryFailed(
                "status", f"it answered {response.status}; redirects are not followed", status=response.status
            )
        raise blocked(reason)

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _name, where = info
        if not may_connect(where[0], where[1], self.allowed):
            raise Blocked("not a public address")
        return socket.socket(family=family, type=kind, proto=protocol)


OPERATORS = Guard((IPv4Network("0.0.0.0/0"), IPv6Network("::/0")))
"""For what the operator has set up: it may stand anywhere, in the operator's own network too."""


class _CheckedResolver(AbstractResolver):
    """Resolves as another does, and refuses a name if any of its addresses is refused."""

    def __init__(self, resolver: AbstractResolver, allowed: Sequence[Network]) -> None:
        self._resolver, self._allowed = resolver, allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(may_connect(each["host"], each["port"], self._allowed) for each in found):
            raise Blocked("not a public address")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def blocked(reason: str) -> DeliveryFailed:
    """Return the failure of what may not be reached: the owner or the operator has to change something."""
    return DeliveryFailed("blocked", reason, final=True, is_config=True)


def _literal(host: str) -> Address | None:
    """Return the address that a host is, None for a name; raises InvalidInput for what could be read as either."""
    if ":" not in host:
        if _NAME.fullmatch(host) is None or len(host) > 253:
            raise InvalidInput(
                "the URL's host is neither a name nor an address; write it plainly, without a last dot"
            )
        if _NUMBER.fullmatch(host.rpartition(".")[2]) is None:
            return None
    try:
        if "%" in host:
            raise ValueError
        return ip_address(host)
    except ValueError:
        raise InvalidInput("the URL's host is an oddly written address; write it like 203.0.114.7") from None
