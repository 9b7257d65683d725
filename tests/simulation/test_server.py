"""The venue server: sockets, limits and their punishment."""

import asyncio
import json

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.errors import PortTaken, UnknownName
from crypto_portfolio_analyzer.simulation.limits import Violation
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape
from tests.simulation.client import ask, client, close_code, get, pass_time, say, told


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("binance", tape, clock=clock) as server:
        yield server
        assert server.failed is None


async def test_addresses_are_bases_on_loopback(server):
    assert server.ws_url == f"ws://127.0.0.1:{server.port}"
    assert server.rest_url == f"http://127.0.0.1:{server.port}"


async def test_an_unknown_venue_is_named(tape):
    with pytest.raises(UnknownName, match="binanse"):
        VenueServer("binanse", tape)


async def test_a_taken_port_is_said(server, tape):
    with pytest.raises(PortTaken):
        await VenueServer("kraken", tape, port=server.port).start()


async def test_a_server_can_be_stopped_twice_and_cuts_its_clients(tape, clock):
    server = VenueServer("binance", tape, clock=clock)
    await server.start()
    async with client(server, "/ws") as ws:
        await server.stop()
        await server.stop()

        assert await close_code(ws) == 1006
    assert server.connections == {}


async def test_the_market_moves_on_by_itself():
    clock = ScaledClock(200.0)
    tape = Tape(symbols=("BTC",), start_at=clock.now())
    async with (
        VenueServer("binance", tape, clock=clock) as server,
        client(server, "/ws/btcusdt@aggTrade") as ws,
    ):
        first, second = [json.loads(await asyncio.wait_for(ws.recv(), 2)) for _ in range(2)]

    assert second["a"] == first["a"] + 1


async def test_pings_come_every_20_s_and_whoever_answers_stays(server, clock):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.ws_url + "/ws", autoping=False) as ws,
    ):
        await pass_time(server, clock, 20.0)
        ping = await ws.receive(timeout=2)
        assert ping.type is aiohttp.WSMsgType.PING
        await ws.pong(ping.data)
        await asyncio.sleep(0.05)

        for _ in range(3):
            await pass_time(server, clock, 20.0)
            ping = await ws.receive(timeout=2)
            assert ping.type is aiohttp.WSMsgType.PING
            await ws.pong(ping.data)
            await asyncio.sleep(0.05)
    assert not server.violations


async def test_whoever_owes_a_pong_for_a_minute_is_cut(server, clock):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.ws_url + "/ws", autoping=False) as ws,
    ):
        codes = []
        for _ in range(5):
            await pass_time(server, clock, 20.0)
            codes.append((await ws.receive(timeout=2)).type)

    assert codes == [aiohttp.WSMsgType.PING] * 4 + [aiohttp.WSMsgType.CLOSE]
    assert server.violations == {Violation.PONG: 1}


async def test_the_sixth_message_in_a_second_costs_the_connection(server):
    async with client(server, "/ws") as ws:
        for number in range(6):
            await say(ws, {"method": "LIST_SUBSCRIPTIONS", "id": number})

        assert len(await told(ws)) == 5
        assert await close_code(ws) == 1008
    assert server.violations == {Violation.MESSAGE_RATE: 1}


async def test_pings_of_the_client_count_as_messages_and_are_answered(server, clock):
    async with client(server, "/ws") as ws:
        for _ in range(5):
            await (await ws.ping())
        await clock.advance(1.01)
        for _ in range(5):
            await (await ws.ping())
        await ws.ping()

        assert await close_code(ws) == 1008


async def test_a_connection_ends_after_24_hours(server, clock):
    async with client(server, "/ws") as ws:
        for _ in range(24 * 3600 // 20 - 1):
            await clock.advance(20.0)
            for connection in server.connections.values():
                connection.unanswered_since = None
        await server.turn()
        assert server.connections
        await pass_time(server, clock, 20.0)

        assert await close_code(ws) == 1001
    assert not server.violations


async def test_the_301st_connection_in_five_minutes_is_refused(server):
    for _ in range(300):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(HANDSHAKE)
        assert b" 101 " in await reader.readline()
        writer.close()

    with pytest.raises(InvalidStatus) as refused:
        await connect(server.ws_url + "/ws")

    assert refused.value.response.status_code == 429
    assert server.violations == {Violation.CONNECTIONS: 1}


HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def test_spent_rest_weight_is_told_refused_and_at_last_banned(server, clock):
    _, _, headers = await ask(server, "/api/v3/ticker/24hr")
    assert headers["x-mbx-used-weight-1m"] == "80"
    for _ in range(74):
        await ask(server, "/api/v3/ticker/24hr")

    status, body, headers = await ask(server, "/api/v3/ping")
    assert (status, body["code"], headers["retry-after"]) == (429, -1003, "60")
    for _ in range(5):
        status, body, headers = await ask(server, "/api/v3/ping")

    assert (status, headers["retry-after"]) == (418, "120")
    assert server.violations[Violation.REST_WEIGHT] == 6
    await clock.advance(121)
    assert (await ask(server, "/api/v3/ping"))[0] == 200


async def test_a_banned_address_cannot_connect_either(server):
    for _ in range(6):
        async with client(server, "/ws") as ws:
            for number in range(6):
                await say(ws, {"method": "LIST_SUBSCRIPTIONS", "id": number})
            await close_code(ws)

    with pytest.raises(InvalidStatus) as refused:
        await connect(server.ws_url + "/ws")

    assert refused.value.response.status_code == 418


async def test_requests_are_counted_by_path(server):
    await get(server, "/api/v3/ping")
    await get(server, "/api/v3/ping")

    assert server.requests == {"/api/v3/ping": 2}


async def test_ended_connections_are_remembered(server):
    async with client(server, "/ws/btcusdt@trade") as ws:
        await say(ws, {"method": "LIST_SUBSCRIPTIONS", "id": 1})
        await told(ws)
    await asyncio.sleep(0.05)

    [past] = server.past
    assert (past.path, past.sent, len(past.heard)) == ("/ws/btcusdt@trade", 1, 1)


async def test_whoever_does_not_read_is_cut(server, clock, monkeypatch):
    async with client(server, "/ws") as ws:
        [connection] = server.connections.values()
        monkeypatch.setattr(type(connection), "backlog", server.dialect.limits.backlog_bytes + 1)
        await server.turn()

        assert await close_code(ws) == 1008
    assert server.violations == {Violation.SLOW_CONSUMER: 1}


async def test_the_truth_is_what_was_streamed(server, clock):
    async with client(server, "/ws/ethusdt@aggTrade") as ws:
        await pass_time(server, clock, 10)
        heard = await told(ws)

    truth = server.truth("ETH/USDT", heard[0]["a"], heard[-1]["a"])
    assert [(t.trade_id, t.side) for t in truth] == [(h["a"], "sell" if h["m"] else "buy") for h in heard]
    assert [(float(t.price), float(t.quantity)) for t in truth] == [
        (float(h["p"]), float(h["q"])) for h in heard
    ]
