"""Addresses to listen on, and who sits there already."""

import errno
import socket
from contextlib import suppress
from pathlib import Path

from crypto_portfolio_analyzer.errors import ConfigError, PortTaken

SEND_BUFFER_BYTES = 128 * 1024
"""What the kernel may hold for one client; the rest waits where it is counted and bounded."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_LISTENING = "0A"
_PROC = Path("/proc")


def listen(host: str, port: int) -> list[socket.socket]:
    """Open every address `host` stands for, on one port (0: a free one).

    Raises:
        PortTaken: another process listens there; names it if the machine tells.
        ConfigError: the host is none of this machine's.

    """
    opened: list[socket.socket] = []
    for family, address in _addresses(host):
        try:
            opened.append(_bound(family, address, opened[0].getsockname()[1] if opened else port))
        except OSError as error:
            if opened and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # `localhost` names ::1 on machines without IPv6 too
            for each in opened:
                each.close()
            raise _reason(error, host, port) from error
    return opened


def free_port(host: str, wanted: int, tries: int = 50) -> int:
    """Return `wanted`, or the next port above it that nobody listens on."""
    for port in range(wanted, min(wanted + tries, 65_536)):
        with suppress(PortTaken):
            for each in listen(host, port):
                each.close()
            return port
    raise PortTaken(host, wanted, f"something, and so are the {tries - 1} ports above it")


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigError("host", f"{host!r} has no address", "use localhost or 0.0.0.0") from error
    # IPv4 first: of `localhost` it is the half that every machine has
    unique = dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found)
    return sorted(unique, key=lambda one: one[0] is not socket.AF_INET)


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    # With the protocol named, asyncio sends small answers at once instead of waiting for the last one to be confirmed
    each = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        if family is socket.AF_INET6:
            each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        each.bind((address, port))
        each.listen(512)
    except OSError:
        each.close()
        raise
    each.setblocking(False)
    return each


def _reason(error: OSError, host: str, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(host, port, owner_of(port))
    if error.errno == errno.EACCES:
        return ConfigError("port", f"{port} needs rights this process has not", "use one above 1023")
    return ConfigError("host", f"cannot listen on {host!r}: {error.strerror}", "use localhost or 0.0.0.0")


def owner_of(port: int) -> str | None:
    """Say which process listens on `port`; None where the machine does not tell."""
    nodes = {node for table in ("tcp", "tcp6") for node in _listening_nodes(table, port)}
    if not nodes:
        return None
    for process in _PROC.iterdir():
        if process.name.isdigit() and _holds(process, nodes):
            return f"{_name(process)} (pid {process.name})"
    return None


def _listening_nodes(table: str, port: int) -> list[str]:
    # "  sl  local_address rem_address   st ... inode": `0: 0100007F:1F40 00000000:0000 0A … 12345`
    with suppress(OSError):
        rows = [line.split() for line in (_PROC / "net" / table).read_text().splitlines()[1:]]
        return [
            f"socket:[{row[9]}]"
            for row in rows
            if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port
        ]
    return []


def _holds(process: Path, nodes: set[str]) -> bool:
    with suppress(OSError):
        for handle in (process / "fd").iterdir():
            with suppress(OSError):
                if str(handle.readlink()) in nodes:
                    return True
    return False


def _name(process: Path) -> str:
    with suppress(OSError):
        words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        shown = " ".join(Path(word).name if index == 0 else word for index, word in enumerate(words[:3]))
        return "".join(letter for letter in shown if letter.isprintable()).strip()[:60] or "a process"
    return "a process"
