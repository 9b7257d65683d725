"""The crowd of `fanout.py`: raw sockets that subscribe, and what they are told counted as cheaply as it goes.

usage: fanout_reader.py PORT TOKEN batch|paced|single|plain CLIENTS STALLED SECONDS
"""

import json
import re
import select
import socket
import sys
import time
from array import array
from itertools import count

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Authorization: Bearer {token}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
EVERYTHING = {"room": "prices", "symbols": ["*"], "snapshot": False}
ASKED = {
    "batch": {**EVERYTHING, "batch": True},
    "paced": {**EVERYTHING, "batch": True, "max_hz": 5},
    "single": EVERYTHING,
    "plain": EVERYTHING,
}
READ_EVERY = 100
"""Of so many clients one is read, the others are counted."""
LOOK_EVERY = 4
"""Of so many chunks of those one is asked for ages."""
WARM_UP = 2.0
SIZE = 1 << 20
PRICE = re.compile(rb'"price":([0-9.]+),')
MARK = b'"price_update"'


def masked(message: object) -> bytes:
    """Return a client's text frame."""
    payload = json.dumps(message).encode()
    return bytes([0x81, 0x80 | 126]) + len(payload).to_bytes(2, "big") + bytes(4) + payload


class Crowd:
    """Clients that read everything at once, and some that never do."""

    def __init__(self, port: int, token: str, form: str) -> None:
        self._at, self._form = (port, token), form
        self._poll = select.epoll()
        self._clients: dict[int, socket.socket] = {}
        self._stalled: list[socket.socket] = []
        self._read: set[int] = set()
        self._tails: dict[int, bytes] = {}
        self._room = bytearray(SIZE)
        self._chunks = count()
        self.bytes = self.sample_bytes = self.sample_prices = 0
        self.ages = array("d")

    def connect(self, *, receive: int | None = None) -> socket.socket:
        """Return a client that has subscribed."""
        port, token = self._at
        client = socket.socket()
        if receive is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        client.connect(("127.0.0.1", port))
        client.sendall(HANDSHAKE.format(port=port, token=token).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        if b" 101 " not in head.partition(b"\r\n")[0]:
            raise RuntimeError(head.decode(errors="replace"))
        client.sendall(masked({"type": "subscribe", "data": ASKED[self._form]}))
        return client

    def join(self, clients: int) -> None:
        """Let readers in."""
        for number in range(clients):
            client = self.connect()
            client.setblocking(False)
            self._clients[client.fileno()] = client
            self._poll.register(client, select.EPOLLIN)
            if number % READ_EVERY == 0:
                self._read.add(client.fileno())
            if number % 20 == 0:
                self.listen(0.0)

    def stall(self, wanted: int) -> None:
        """Let clients in that never read, in place of those that were closed."""
        for client in [each for each in self._stalled if _is_closed(each)]:
            self._stalled.remove(client)
            client.close()
        while len(self._stalled) < wanted:
            self._stalled.append(self.connect(receive=4096))

    def listen(self, seconds: float) -> None:
        """Read what comes for a while."""
        until = time.monotonic() + seconds
        while True:
            for number, _ in self._poll.poll(0.05):
                if number in self._read:
                    self._look(number)
                else:
                    self._count(number)
            if time.monotonic() >= until:
                return

    def _count(self, number: int) -> None:
        size = self._clients[number].recv_into(self._room, SIZE, socket.MSG_TRUNC)
        if not size:
            raise RuntimeError("the server closed a client that reads")
        self.bytes += size

    def _look(self, number: int) -> None:
        chunk = self._clients[number].recv(SIZE)
        at = time.monotonic()
        if not chunk:
            raise RuntimeError("the server closed a client that reads")
        whole = self._tails.get(number, b"") + chunk
        self.bytes += len(chunk)
        self.sample_bytes += len(chunk)
        self.sample_prices += whole.count(MARK)
        self._tails[number] = whole[-len(MARK) + 1 :]
        if next(self._chunks) % LOOK_EVERY == 0:
            self.ages.extend(at - float(each) for each in PRICE.findall(chunk))

    def forget(self) -> None:
        """Begin to measure."""
        self.bytes = self.sample_bytes = self.sample_prices = 0
        del self.ages[:]


def _is_closed(client: socket.socket) -> bool:
    """Tell whether the server has cut a client that does not read."""
    return bool(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) or _state(client) != _ESTABLISHED


_ESTABLISHED = 1


def _state(client: socket.socket) -> int:
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


def main() -> None:
    """Join, wait for the word, measure, print."""
    port, token, form = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    clients, stalled, seconds = int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6])
    crowd = Crowd(port, token, form)
    crowd.join(clients)
    crowd.stall(stalled)
    print("{}", flush=True)
    sys.stdin.readline()
    crowd.listen(WARM_UP)
    print("{}", flush=True)
    crowd.forget()
    began, cpu = time.monotonic(), time.process_time()
    while time.monotonic() < began + seconds:
        crowd.listen(min(1.0, seconds))
        crowd.stall(stalled)
    passed, cpu = time.monotonic() - began, time.process_time() - cpu
    ages = sorted(crowd.ages)
    told = {
        "seconds": passed,
        "bytes": crowd.bytes,
        "prices": crowd.bytes * crowd.sample_prices / crowd.sample_bytes,
        "p50": ages[len(ages) // 2] * 1000,
        "p99": ages[int(len(ages) * 0.99)] * 1000,
        "busy": cpu / passed,
    }
    print(json.dumps(told), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
