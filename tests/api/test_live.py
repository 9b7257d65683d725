"""The hub: patience with clients that do not read, and everybody else's indifference to them."""

import asyncio
import json
import socket as sockets
import time
from contextlib import suppress
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from crypto_portfolio_analyzer.api.clients import MOST_BYTES
from crypto_portfolio_analyzer.api.live import MOST_CLIENTS, ROOMS
from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.metrics import ROOMS as MEASURED_ROOMS
from tests.api.house import PATIENCE, House, Socket, open_house

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
STOPPED = 10
SYMBOLS = tuple(f"S{number}/USDT" for number in range(400))


def test_every_room_is_measured() -> None:
    assert set(ROOMS) == set(MEASURED_ROOMS)


async def stopped_client(house: House) -> sockets.socket:
    """Connect a client that subscribes and never reads again, with a small receive buffer."""
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", house.server.port))
    await loop.sock_sendall(raw, HANDSHAKE.format(port=house.server.port).encode())
    await loop.sock_recv(raw, 1024)
    await loop.sock_sendall(raw, masked({"type": "join_room", "room": "prices"}))
    return raw


def masked(message: dict[str, str]) -> bytes:
    payload = json.dumps(message).encode()
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload


async def unsent_until_alone(house: House) -> list[int]:
    """Push every symbol 20 times a second until all but one client are gone; return the unsent bytes seen."""
    hub, unsent = house.server.doors.hub, []
    async with asyncio.timeout(30):
        while len(hub.clients) > 1:
            for symbol in SYMBOLS:
                house.tick(symbol, time.monotonic())
            unsent += [client.wire.buffered for client in hub.clients.values()]
            await asyncio.sleep(0.05)
    return unsent


async def test_ten_stopped_clients_are_bounded_and_closed_while_others_are_told(tmp_path: Path) -> None:
    heard: list[float] = []

    async def read(reader: Socket) -> None:
        while True:
            message = json.loads(await reader.connection.recv())
            if message["type"] == "batch":
                heard.extend(each["data"]["price"] for each in message["data"])

    opening = open_house(tmp_path, clock=ScaledClock(4), symbols=SYMBOLS)
    async with opening as house, house.socket() as reader, asyncio.TaskGroup() as group:
        await reader.say(type="subscribe", data={"room": "prices", "batch": True})
        reading = group.create_task(read(reader))
        raws = [await stopped_client(house) for _ in range(STOPPED)]
        unsent = await unsent_until_alone(house)
        closed = dict(house.server.doors.hub.closed)
        house.tick(SYMBOLS[0], 7.0)
        async with asyncio.timeout(PATIENCE):
            while 7.0 not in heard[-len(SYMBOLS) :]:
                await asyncio.sleep(0.01)
        reading.cancel()
        for raw in raws:
            raw.close()

    assert closed == {"slow": STOPPED}
    assert max(unsent) > 100_000, "the stopped ones were really behind"
    assert max(unsent) <= MOST_BYTES
    assert len(heard) > 2 * len(SYMBOLS), "the other one was told all the while"


async def test_a_slow_client_gets_the_latest_only_and_stays(tmp_path: Path) -> None:
    async with open_house(tmp_path, symbols=SYMBOLS) as house:
        raw = await stopped_client(house)
        for step in range(30):
            for symbol in SYMBOLS:
                house.tick(symbol, float(step + 1))
            await asyncio.sleep(0.04)
        client = next(iter(house.server.doors.hub.clients.values()))
        was_behind = client.is_behind
        prices = await read_all(raw)
        raw.close()

    assert was_behind
    assert len(prices) < 30 * len(SYMBOLS) * 0.8, "what was not read was replaced by the latest"
    assert prices[-1] == 30.0


async def read_all(raw: sockets.socket) -> list[float]:
    """Read whatever comes until half a second of silence; return the prices in order."""
    loop, heard = asyncio.get_running_loop(), bytearray()
    with suppress(TimeoutError):
        while True:
            async with asyncio.timeout(0.5):
                heard += await loop.sock_recv(raw, 65536)
    texts = bytes(heard).split(b'"price":')[1:]
    return [float(text.partition(b",")[0]) for text in texts]


async def test_heartbeats_come_every_30_seconds(tmp_path: Path) -> None:
    async with open_house(tmp_path, clock=ScaledClock(100)) as house, house.socket() as socket:
        await socket.hear_of("heartbeat")
        started = time.monotonic()
        beat = await socket.hear_of("heartbeat")
        waited = (time.monotonic() - started) * 100

    assert 15 <= waited <= 60
    assert set(beat["data"]) == {"server_time", "build"}


async def test_a_price_that_goes_stale_is_told(tmp_path: Path) -> None:
    async with open_house(tmp_path, clock=ScaledClock(20)) as house, house.socket() as socket:
        house.tick("BTC/USDT", 1.0)
        await socket.say(type="join_room", room="prices")
        fresh = await socket.hear_of("price_update")
        stale = await socket.hear_of("price_update")

    assert (fresh["data"]["stale"], stale["data"]["stale"]) == (False, True)


async def test_a_socket_ends_with_its_login(tmp_path: Path) -> None:
    async with open_house(tmp_path, clock=ScaledClock(300)) as house, house.socket_of("anna") as socket:
        welcome = await socket.hear()
        ends = [client.identity.until for client in house.server.doors.hub.clients.values()]
        await socket.hear_all()
        ended_at = house.app.clock.now()

    assert welcome["data"]["status"] == "connected"
    assert (socket.connection.close_code, socket.connection.close_reason) == (1008, "the login has run out")
    assert ends[0] is not None
    assert ended_at >= ends[0]


async def test_only_those_whose_rights_ended_are_put_out(house: House) -> None:
    async with house.socket_of("anna") as anna, house.socket_of("ben") as ben:
        await anna.hear()
        await ben.hear()
        house.server.doors.hub.dismiss(lambda who: who.name == "anna", "the account has changed")
        await anna.hear_all()
        await ben.say(type="ping")
        answer = await ben.hear()

    assert (anna.connection.close_code, anna.connection.close_reason) == (1008, "the account has changed")
    assert answer["type"] == "heartbeat"


async def test_a_full_house_sends_newcomers_away(house: House) -> None:
    hub = house.server.doors.hub
    async with house.socket() as first:
        await first.hear()
        guest = next(iter(hub.clients.values()))
        hub.clients.update({f"x{number}": guest for number in range(MOST_CLIENTS)})
        async with house.socket() as second:
            with suppress(ConnectionClosed):
                await second.hear()
        for number in range(MOST_CLIENTS):
            del hub.clients[f"x{number}"]

    assert second.connection.close_code == 1013
