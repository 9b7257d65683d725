"""A sender on core 0: one client, one prebuilt byte stream, as fast as the reader takes it.

usage: blast.py FRAMES SYMBOLS   (prints the port, then waits for the client)
"""

import base64
import hashlib
import os
import socket
import struct
import sys

from frames import Walk, symbols

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CHUNK = 16_384


def frame(payload: bytes) -> bytes:
    """Return an unmasked text frame (RFC 6455)."""
    size = len(payload)
    head = bytes([0x81, size]) if size < 126 else bytes([0x81, 126]) + struct.pack(">H", size)
    return head + payload


def answer(client: socket.socket) -> bool:
    """Accept the client's upgrade; refuse, and return False, if it asks for something else."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += client.recv(4096)
    headers = (line.partition(b":") for line in request.split(b"\r\n"))
    key = next((value.strip() for name, _, value in headers if name.lower() == b"sec-websocket-key"), None)
    if key is None:
        client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        client.close()
        return False
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    client.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )
    return True


def main() -> None:
    """Serve one client."""
    os.sched_setaffinity(0, {0})
    count, names = int(sys.argv[1]), symbols(int(sys.argv[2]))
    stream = memoryview(b"".join(map(frame, Walk(names).aggregate_trades(count))) + b"\x88\x02\x03\xe8")
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    client, _ = server.accept()
    answer(client)
    for begin in range(0, len(stream), CHUNK):
        client.sendall(stream[begin : begin + CHUNK])
    client.settimeout(10)
    try:
        while client.recv(4096):
            pass
    except OSError:
        pass


if __name__ == "__main__":
    main()
