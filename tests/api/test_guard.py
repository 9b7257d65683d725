"""Host, origin and body of every request."""

import asyncio

import pytest

from tests.api.house import House, open_house

FOREIGN = [
    "null",
    "http://evil.example",
    "https://127.0.0.1",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "file://",
    "",
]
CHANGES = ["POST", "PUT", "DELETE", "PATCH"]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", CHANGES)
async def test_foreign_pages_change_nothing(house: House, method: str, origin: str) -> None:
    async with house.owner() as client:
        answer = await client.request(method, "/api/symbols/SOL/watch", headers={"origin": origin})

    assert answer.status_code == 403
    assert house.app.feeds.find("SOL") is None


async def test_no_origin_and_our_own_pass(house: House) -> None:
    async with house.owner() as client:
        without = await client.put("/api/symbols/SOL/watch")
        own = await client.put("/api/symbols/ADA/watch", headers={"origin": house.url})

    assert (without.status_code, own.status_code) == (201, 201)


async def test_reading_is_not_a_matter_of_origin(house: House) -> None:
    async with house.client(origin="http://evil.example") as client:
        answer = await client.get("/health")

    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example", "[::1].evil"]
)
async def test_names_that_merely_resolve_here_are_refused(house: House, host: str) -> None:
    async with house.client(host=host) as client:
        answer = await client.get("/status")

    assert answer.status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "[::1]:8000", "192.0.2.7:8000"])
async def test_addresses_and_names_of_this_machine_pass(house: House, host: str) -> None:
    async with house.client(host=host) as client:
        answer = await client.get("/health")

    assert answer.status_code == 200


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 204), (64 * 1024 + 1, 413), (1_000_000, 413)])
async def test_bodies_are_bounded(house: House, size: int, status: int) -> None:
    async with house.client() as client:
        answer = await client.post("/api/csp-reports", content=b"x" * size)

    assert answer.status_code == status


async def test_bodies_of_unstated_length_are_bounded(house: House) -> None:
    async def endless() -> object:
        for _ in range(200):
            yield b"x" * 1024

    async with house.client() as client:
        answer = await client.post("/api/csp-reports", content=endless())  # type: ignore[arg-type]

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_never_comes_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crypto_portfolio_analyzer.api.bodies.BODY_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write(b"POST /api/csp-reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
    async with asyncio.timeout(3):
        answer = await reader.readuntil(b"\r\n")
    writer.close()
    await writer.wait_closed()

    assert b"408" in answer


async def test_stated_names_and_origins_pass(tmp_path: object) -> None:
    async with open_house(tmp_path) as house:  # type: ignore[arg-type]
        guarded = type(house.server)(
            house.app, host="127.0.0.1", port=0, hosts=["market.example"], origins=["https://front.example"]
        )
        async with guarded, house.client() as client:
            named = await client.get(f"{guarded.url}/health", headers={"host": "market.example"})
            headers = {
                "authorization": f"Bearer {guarded.doors.gate.local_token}",
                "origin": "https://front.example",
            }
            front = await client.put(f"{guarded.url}/api/symbols/SOL/watch", headers=headers)

    assert (named.status_code, front.status_code) == (200, 201)
