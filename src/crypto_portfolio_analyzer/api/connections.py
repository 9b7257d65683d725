"""One HTTP connection: how long it may take to say what it wants, and how many one address may hold."""

import asyncio
import ipaddress
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from crypto_portfolio_analyzer.api.headers import HEADERS
from crypto_portfolio_analyzer.api.problems import answer

HEAD_SECONDS = 10.0
"""How long the head of a request may take, from the connection or its first byte on."""
MOST_HEAD_BYTES = 16 * 1024
MOST_CONNECTIONS = 256
"""Connections of one address, this machine's own aside: a reverse proxy holds everybody's."""


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP protocol with an end to its patience; what it refuses it refuses as a problem."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless its address holds too many."""
        super().connection_made(transport)
        if self._is_one_too_many():
            detail = f"an address may hold {MOST_CONNECTIONS} connections"
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS, detail, "close some, then try again", wait=1)
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; the clock runs until the head of a request is whole."""
        if self.transport.is_closing():
            return
        if self._waiting is None and self.conn.their_state is h11.IDLE:
            self._wait()
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._relax()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._relax()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; uvicorn's own answer would have no headers and no form."""
        self._refuse(HTTPStatus.BAD_REQUEST, "this is not a request of HTTP/1.1", "speak HTTP")

    def _is_one_too_many(self) -> bool:
        address = self.client[0] if self.client else None
        if address is None or is_own(address):
            return False
        peers = (getattr(each, "client", None) for each in self.connections)
        held = sum(peer is not None and peer[0] == address for peer in peers)
        return bool(held > MOST_CONNECTIONS)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _relax(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        detail = f"the request did not come within {HEAD_SECONDS:g} s"
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, detail, "send it at once")

    def _refuse(self, status: HTTPStatus, detail: str, remedy: str, *, wait: int = 0) -> None:
        """Say why, if nothing else is being said, and hang up."""
        self._relax()
        if not self.transport.is_closing() and self.conn.our_state in (
            h11.IDLE,
            h11.SEND_RESPONSE,
            h11.ERROR,
        ):
            more = {"Retry-After": str(wait)} if wait else {}
            response = answer("", status, detail, {**HEADERS, **more, "Connection": "close"}, remedy=remedy)
            head = [f"HTTP/1.1 {int(status)} {status.phrase}".encode()]
            head += [name + b": " + value for name, value in response.raw_headers]
            self.transport.write(b"\r\n".join([*head, b"", bytes(response.body)]))
        self.transport.close()


def is_own(address: str) -> bool:
    """Tell whether an address is one of this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
