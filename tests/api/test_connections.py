"""Connections: nobody takes for ever to say what they want, and no address holds too many."""

import asyncio
import json
from typing import Any

import pytest

from crypto_portfolio_analyzer.api import connections
from crypto_portfolio_analyzer.api.connections import is_own
from tests.api.house import House

SHORT = 0.3


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let patience end soon."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", SHORT)


async def raw(house: House, *parts: bytes) -> bytes:
    """Send parts, each soon after the other, and return all that comes back until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)

    async def say() -> None:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(SHORT / 2)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        saying = group.create_task(say())
        heard = await reader.read(1)
        saying.cancel()  # whoever goes on talking to a closed door hears nothing more
        heard += await reader.read()
    writer.close()
    return heard


def problem(heard: bytes) -> tuple[int, dict[str, Any], bytes]:
    """Return the status, the body and the head of the last answer."""
    head, _, body = heard[heard.rindex(b"HTTP/1.1 ") :].partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body), head.lower()


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"GET /health HTTP/1.1\r\n"],
        [bytes([letter]) for letter in b"GET /health HTTP/1.1\r\nHost: localhost\r\n"],
        [b"GET /health HTTP/1.1\r\nHost: localhost\r\n", *[b"X-A: b\r\n"] * 20],
    ],
    ids=["silent", "half", "byte by byte", "header by header"],
)
@pytest.mark.usefixtures("hasty")
async def test_a_head_that_never_ends_is_given_up(house: House, parts: list[bytes]) -> None:
    status, told, head = problem(await raw(house, *parts))

    assert status == 408
    assert told["remedy"] == "send it at once"
    assert b"application/problem+json" in head
    assert b"x-content-type-options: nosniff" in head


@pytest.mark.usefixtures("hasty")
async def test_slow_ones_do_not_stop_others_and_sockets_are_left_alone(house: House) -> None:
    idle = [await asyncio.open_connection("127.0.0.1", house.server.port) for _ in range(50)]
    async with house.owner() as client, house.socket() as socket:
        answer = await client.get("/api/alerts")
        await asyncio.gather(*(reader.read() for reader, _ in idle))
        await socket.say(type="ping")
        beat = await socket.hear_of("heartbeat")
    for _, writer in idle:
        writer.close()

    assert answer.status_code == 200
    assert beat["data"]["server_time"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 20_000,
    ],
    ids=["TLS", "no path", "length", "long head"],
)
async def test_what_is_no_http_is_refused_as_a_problem(house: House, sent: bytes) -> None:
    status, told, head = problem(await raw(house, sent))

    assert status in (400, 413)
    assert told["title"]
    assert b"content-security-policy" in head


async def test_an_address_holds_so_many_connections(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(connections, "is_own", lambda _: False)
    held = [await asyncio.open_connection("127.0.0.1", house.server.port) for _ in range(3)]
    status, told, head = problem(await raw(house))
    for _, writer in held:
        writer.close()

    assert status == 429
    assert b"retry-after: 1" in head
    assert "3 connections" in told["detail"]


@pytest.mark.parametrize(
    ("address", "own"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("192.0.2.1", False), ("", False)],
)
def test_this_machine_is_not_bound(address: str, own: bool) -> None:
    assert is_own(address) is own
