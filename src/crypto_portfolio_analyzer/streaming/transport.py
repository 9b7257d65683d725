"""The port between a stream and the wire: open a connection, get frames, send texts."""

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.registry import Registry

OnFrame = Callable[[bytes], None]


class Closed(Struct, frozen=True):
    """How a connection ended; `code` is the WebSocket close code, 1006 if the socket just broke."""

    code: int
    reason: str = ""


class Connection(Protocol):
    """An open connection."""

    def send(self, text: str) -> None:
        """Queue a text message."""
        ...

    async def ping(self) -> float:
        """Return the round-trip time of a protocol ping in seconds; waits for ever if no pong comes."""
        ...

    def close(self) -> None:
        """Say goodbye (1000) and end the connection."""
        ...

    def abort(self) -> None:
        """Drop the connection without a word."""
        ...

    async def wait_closed(self) -> Closed:
        """Wait until the connection has ended."""
        ...


class Transport(Protocol):
    """A way to open connections."""

    async def connect(
        self, url: str, on_frame: OnFrame, *, headers: Mapping[str, str], timeout: float, clock: Clock
    ) -> Connection:
        """Open `url`; every text or binary message calls `on_frame`, in order, until the connection closes.

        Raises:
            ConnectionLost: the peer cannot be reached, answers with an error or takes longer than `timeout` s.

        """
        ...


TRANSPORTS: Registry[type[Transport]] = Registry(
    "transport", "crypto_portfolio_analyzer.streaming.transports"
)


def transport_for(url: str, preferred: str = "picows") -> Transport:
    """Return the transport of `url`: the one called like its scheme, for WebSocket addresses the preferred one."""
    scheme = url.partition(":")[0]
    return TRANSPORTS[scheme if scheme in TRANSPORTS else preferred]()
