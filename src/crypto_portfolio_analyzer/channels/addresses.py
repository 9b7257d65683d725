"""Which addresses are public: our own list of everything that is not, for every range with a special meaning.

`ipaddress.is_global` says yes to NAT64 and 6to4 forms of the loopback, to multicast and to site-local addresses, so
it is not asked. Of IPv6 only the global unicast space is public, and of that nothing that carries an IPv4 address.
Source: IANA's special-purpose address registries, and the address spaces' own.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

PUBLIC_PORTS = frozenset((443, 8443))
"""What may be reached at public addresses; the operator's own networks have every port."""

_SPECIAL_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this host: connects to the loopback
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT, and a cloud's metadata
            "127.0.0.0/8",
            "168.63.129.16/32",  # a cloud's host, from every virtual machine
            "169.254.0.0/16",  # link-local, and the clouds' metadata
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
"""Outside of it lie the loopback, mapped and compatible IPv4, both NAT64 prefixes, discard, SRv6, unique local,
link-local, site-local and multicast."""
_SPECIAL_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # Teredo, benchmarking, ORCHID and other protocols
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)


def is_public(address: Address) -> bool:
    """Tell whether an address is somebody's on the open internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    return address in _GLOBAL_6 and not any(address in network for network in _SPECIAL_6)


def is_allowed(address: Address, allowed: Iterable[Network]) -> bool:
    """Tell whether an address lies in the operator's own networks."""
    return any(address in network for network in allowed)


def may_connect(host: object, port: object, allowed: Iterable[Network]) -> bool:
    """Tell whether a socket may be connected: `host` is a literal address, as sockets take it.

    A name, an odd spelling or a path is refused: whoever connects has resolved and checked before.
    """
    try:
        address = ip_address(host if isinstance(host, str) else "")
    except ValueError:
        return False
    return is_allowed(address, allowed) or (port in PUBLIC_PORTS and is_public(address))
