"""Rates: how many requests an address and a user may make, told on every answer, and never a reason to wait."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.datastructures import Headers

from crypto_portfolio_analyzer.api import rates as module
from crypto_portfolio_analyzer.api.identity import Role
from crypto_portfolio_analyzer.api.rates import Rate, Rates, spent
from tests.api.house import House, open_house

TOLD = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")


@asynccontextmanager
async def counted(folder: Path, **rates: Any) -> AsyncIterator[House]:
    """Open a house that counts."""
    async with open_house(folder, **rates) as house:
        yield house


async def test_every_answer_tells_what_is_left(tmp_path: Path) -> None:
    async with counted(tmp_path, address_requests_per_minute=9) as house, house.client() as client:
        answers = [
            await client.get(path)
            for path in ("/health", "/nowhere", "/static/index.html", "/openapi.json", "/api/alerts", "/docs")
        ]
        answers.append(await client.post("/api/auth/login", content=b"{"))

    assert [each.status_code for each in answers] == [200, 404, 200, 200, 401, 200, 415]
    assert [each.headers["ratelimit-remaining"] for each in answers] == list("8765432")
    assert {each.headers["ratelimit-limit"] for each in answers} == {"9"}
    assert all(1 <= int(each.headers["ratelimit-reset"]) <= 60 for each in answers)


async def test_one_request_too_many_is_told_how_long_to_wait(tmp_path: Path) -> None:
    async with counted(tmp_path, address_requests_per_minute=3) as house, house.client() as client:
        answers = [await client.get("/health") for _ in range(5)]
        refused = answers[-1]

    assert [each.status_code for each in answers] == [200, 200, 200, 429, 429]
    assert refused.headers["content-type"] == "application/problem+json"
    wait = refused.headers["retry-after"]
    assert wait == refused.headers["ratelimit-reset"]
    assert refused.json()["remedy"].startswith(f"wait {wait} s")
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert house.server.doors.rates.refused == {"address": 2, "user": 0}


async def test_a_user_is_counted_by_name_whatever_token_is_shown(tmp_path: Path) -> None:
    async with counted(tmp_path, requests_per_minute=4) as house:
        async with await house.member("anna") as one, await house.member("anna") as other:
            first = [await one.get("/api/alerts") for _ in range(2)]
            then = [await other.get("/api/alerts") for _ in range(3)]
        async with await house.member("berta") as berta:
            unaffected = await berta.get("/api/alerts")

    assert [each.status_code for each in first + then] == [200] * 4 + [429]
    assert then[-1].json()["detail"] == "you may ask 4 times a minute"
    assert (unaffected.status_code, unaffected.headers["ratelimit-remaining"]) == (200, "3")


async def test_the_machines_owner_is_not_counted(tmp_path: Path) -> None:
    tight = {"requests_per_minute": 1, "address_requests_per_minute": 1}
    async with counted(tmp_path, **tight) as house:
        async with house.owner() as client, house.client(**{"x-api-key": house.token}) as by_key:
            answers = [await client.get("/api/alerts") for _ in range(4)] + [await by_key.get("/api/alerts")]
        async with house.client(authorization=f"Bearer {house.token}x") as liar:
            lies = [(await liar.get("/api/alerts")).status_code for _ in range(2)]

    assert {each.status_code for each in answers} == {200}
    assert not any(name in each.headers for each in answers for name in TOLD)
    assert lies == [401, 429]


async def test_handshakes_are_counted(tmp_path: Path) -> None:
    async with counted(tmp_path, requests_per_minute=2) as house:
        token = await house.login("anna", Role.TRADER)
        statuses = [await handshake(house, token) for _ in range(3)]
    async with counted(tmp_path, address_requests_per_minute=2) as house:
        more = [await handshake(house, None) for _ in range(3)]

    assert statuses == more == [101, 101, 429]


async def handshake(house: House, token: str | None) -> int:
    """Ask for a WebSocket; return the status of the answer."""
    lines = ["GET /ws HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg=="]
    lines += [f"Authorization: Bearer {token}"] if token else []
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write("\r\n".join([*lines, "", ""]).encode())
    async with asyncio.timeout(5):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    status = int(head.split()[1])
    assert status == 101 or "retry-after" in head.lower()
    return status


async def test_a_flood_takes_nothing_from_somebody_else(tmp_path: Path) -> None:
    async with (
        counted(tmp_path, requests_per_minute=50) as house,
        await house.member("flooder") as flooder,
        await house.member("quiet") as quiet,
    ):
        flood = asyncio.gather(*(flooder.get("/api/alerts") for _ in range(200)))
        calm = [await quiet.get("/api/alerts") for _ in range(20)]
        statuses = [each.status_code for each in await flood]

    assert (statuses.count(200), statuses.count(429)) == (50, 150)
    assert {each.status_code for each in calm} == {200}


def rates(url: str | None = None, **changes: Any) -> Rates:
    return Rates(
        **{"per_address": 10, "per_user": 10, "redis_url": url, "prefix": f"test-{uuid4().hex}", **changes}
    )


async def test_processes_that_share_a_redis_count_together(valkey_url: str) -> None:
    prefix = f"test-{uuid4().hex}"
    one, other = rates(valkey_url, prefix=prefix), rates(valkey_url, prefix=prefix)
    heard = [await each.hit("user", "anna") for each in (one, other, one)]
    for each in (one, other):
        await each.close()

    assert [each.remaining for each in heard] == [9, 8, 7]
    assert all(1 <= each.reset <= 60 for each in heard)
    assert (one.is_shared, other.is_shared) == (True, True)


async def test_a_redis_that_is_gone_is_told_once_and_blocks_nobody(
    caplog: pytest.LogCaptureFixture, unused_tcp_port: int
) -> None:
    counting = rates(f"redis://127.0.0.1:{unused_tcp_port}/0")
    with caplog.at_level(logging.WARNING):
        heard = [(await counting.hit("address", "192.0.2.1")).remaining for _ in range(3)]
    await counting.close()

    assert heard == [9, 8, 7]
    assert (counting.fallbacks, counting.is_shared) == (1, False)
    assert [each.message for each in caplog.records] == ["requests are counted in this process only"]


async def test_a_redis_that_does_not_answer_holds_up_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.02)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        counting = rates(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        heard = [(await counting.hit("user", "anna")).remaining for _ in range(4)]
        await counting.close()

    assert heard == [9, 8, 7, 6]
    assert counting.fallbacks == 1


async def test_a_redis_that_is_back_counts_again(
    valkey_url: str, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AWAY", 0.0)
    host, _, port = valkey_url.removeprefix("redis://").partition("/")[0].partition(":")
    counting = rates(f"redis://127.0.0.1:{unused_tcp_port}/0")
    await counting.hit("user", "anna")
    away = counting.is_shared

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pipe(reader, to_writer), pipe(to_reader, writer))

    async with await asyncio.start_server(forward, "127.0.0.1", unused_tcp_port):
        back = await counting.hit("user", "anna")
        shared = counting.is_shared
        await counting.close()

    assert (away, shared, back.remaining) == (False, True, 9)
    assert counting.fallbacks == 1


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass everything on."""
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "203.0.113.5, 10.0.0.2", "203.0.113.5"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
        ("", "", ""),
    ],
)
async def test_only_trusted_proxies_say_for_whom_they_ask(peer: str, forwarded: str, who: str) -> None:
    counting = rates(proxies=[ip_network("10.0.0.0/8")])
    headers = Headers({"x-forwarded-for": forwarded} if forwarded else {})

    assert counting.address_of(peer, headers) == who


async def test_who_does_not_listen_to_refusals_waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRAG", 3600.0)
    heard = await module.refusal(Rate("user", 5, -module.AT_ONCE, 42))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await module.refusal(Rate("user", 5, -module.AT_ONCE - 1, 42))

    assert heard.status == 429


def test_what_is_left_is_never_below_nothing() -> None:
    rate = Rate("user", 5, -3, 42)

    assert rate.headers()["RateLimit-Remaining"] == "0"
    assert rate.headers()["Retry-After"] == "42"
    assert "Retry-After" not in Rate("user", 5, 0, 42).headers()
    assert (spent(rate).status, spent(rate).more["remedy"]) == (429, "wait 42 s, then ask more slowly")
