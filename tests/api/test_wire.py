"""The wire below ASGI."""

import asyncio

from crypto_portfolio_analyzer.api.wire import GRACE_SECONDS, text_frame
from tests.api.house import House


def test_a_short_frame_has_two_bytes_before_its_text() -> None:
    assert text_frame(b"hi") == b"\x81\x02hi"


def test_longer_frames_state_their_length() -> None:
    assert text_frame(b"x" * 200)[:4] == b"\x81\x7e\x00\xc8"
    assert text_frame(b"x" * 70_000)[:2] == b"\x81\x7f"


async def test_many_frames_in_one_write_arrive_as_many_messages(house: House) -> None:
    async with house.socket() as socket:
        await socket.hear()
        wire = next(iter(house.server.doors.hub.clients.values())).wire
        wire.write(b"".join(text_frame(b'{"type":"n","data":%d}' % number) for number in range(50)))
        heard = [(await socket.hear())["data"] for _ in range(50)]
        await socket.say(type="ping")
        after = await socket.hear()

    assert heard == list(range(50))
    assert after["type"] == "heartbeat"


async def test_a_goodbye_has_its_code_and_nothing_follows_it(house: House) -> None:
    async with house.socket() as socket:
        await socket.hear()
        wire = next(iter(house.server.doors.hub.clients.values())).wire
        wire.close(1013, "too slow")
        wire.write(text_frame(b"{}"))
        wire.close(1000, "again")
        async with asyncio.timeout(GRACE_SECONDS):
            await socket.connection.wait_closed()

    assert (socket.connection.close_code, socket.connection.close_reason) == (1013, "too slow")
    assert not wire.is_open


async def test_what_was_handed_over_is_counted(house: House) -> None:
    async with house.socket() as socket:
        await socket.hear()
        wire = next(iter(house.server.doors.hub.clients.values())).wire
        before = wire.written
        wire.write(text_frame(b"{}"))
        await socket.hear()

    assert wire.written == before + 4
    assert wire.buffered == 0
