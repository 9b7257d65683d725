"""One client's socket."""

import pytest

from crypto_portfolio_analyzer.simulation.connection import frame_header
from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.simulation.client import client, close_code, pass_time, told


@pytest.mark.parametrize(
    ("size", "header"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (4095, b"\x81\x7e\x0f\xff"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f" + (65_536).to_bytes(8, "big")),
    ],
)
def test_frame_headers_state_the_size_as_short_as_they_can(size, header):
    assert frame_header(size) == header


@pytest.mark.parametrize("size", [0, 125, 126, 5000, 70_000])
async def test_frames_of_any_size_arrive_whole(tape, clock, size):
    async with VenueServer("binance", tape, clock=clock) as server, client(server, "/ws") as ws:
        payload = b'"' + b"x" * size + b'"'

        [connection] = server.connections.values()
        connection.send(payload)
        connection.send(b"1")
        connection.flush()

        assert await told(ws) == ["x" * size, 1]


async def test_a_connection_counts_and_on_wish_keeps_what_it_sent(tape, clock):
    async with (
        VenueServer("binance", tape, clock=clock, keep_frames=True) as server,
        client(server, "/ws/btcusdt@aggTrade") as ws,
    ):
        await pass_time(server, clock, 3)
        heard = await told(ws)

        [connection] = server.connections.values()
        assert connection.sent == len(heard) == len(connection.log or []) > 5


async def test_1006_cuts_without_a_close_frame(tape, clock):
    async with VenueServer("binance", tape, clock=clock) as server, client(server, "/ws") as ws:
        [connection] = server.connections.values()
        await connection.close(1006)

        assert await close_code(ws) == 1006


async def test_a_polite_close_says_what_was_queued_first(tape, clock):
    async with VenueServer("binance", tape, clock=clock) as server, client(server, "/ws") as ws:
        [connection] = server.connections.values()
        connection.send(b"1")
        server.disconnect(connection, 1012, "restart")

        assert await told(ws) == [1]
        assert (await close_code(ws), ws.close_reason) == (1012, "restart")
