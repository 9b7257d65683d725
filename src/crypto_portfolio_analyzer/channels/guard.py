"""Where what users name may not lead: no connection to an address that is not public, whatever its spelling.

Names are resolved once, every address is checked, and the connection goes to a checked address. What the operator
allows (own networks) is exempt, and may use any port and plain HTTP.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

import aiohttp

Network = IPv4Network | IPv6Network


class Guard:
    """Judge of addresses, and maker of HTTP sessions that can reach no other."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def check_url(self, url: str) -> str:
        """Return the URL as it will be used.

        Raises InvalidInput for a form, scheme, port or literal address that is not allowed.
        """
        raise NotImplementedError(url)

    def session(self) -> aiohttp.ClientSession:
        """Return a session whose every connection is checked; no proxy, cookies or redirects."""
        raise NotImplementedError
